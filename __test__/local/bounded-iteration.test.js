/**
 * Iteration over a bounded store while entries are evicted.
 *
 * Must not know which entry is evicted; it is told. Invariant tested: an iterator visits what is
 * there when it comes by, once, in order, and ends.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { StoreModel } = require('../helpers/store-model.js');
const { SLOW } = require('../helpers/test-timeout.js');

const BOUNDS = [1, 2, 3, 10, 100];
const WALKS = 8;
const STEPS = 30_000;

function full(maxEntries) {
  const store = new MemoryStore({ maxEntries, autoStartCleanup: false });
  for (let index = 0; index < maxEntries; index += 1) store.set(`old ${index}`, `old ${index}`);
  return store;
}

for (const bound of BOUNDS) {
  describe(`in a store of ${bound}`, () => {
    test('a loop that sets as it goes visits no entry twice, and none that is gone', () => {
      const store = full(bound);
      const gone = new Set();
      const visited = new Set();
      store.on('evict', (key) => gone.add(key));
      let count = 0;
      for (const [key, value] of store) {
        assert.equal(value, key);
        assert.ok(!gone.has(key), `${key} was evicted before it was visited`);
        assert.ok(!visited.has(key), `${key} is visited once`);
        visited.add(key);
        for (let more = 0; more < 3 && count < 300; more += 1) {
          store.set(`new ${count}`, `new ${count}`);
          count += 1;
        }
      }
      assert.equal(count, 300, 'the loop reached what was set meanwhile');
      for (const key of store.keys()) assert.ok(visited.has(key), `${key} was visited`);
    });

    test('forEach goes on when the visited entry is evicted', () => {
      const store = full(bound);
      const visited = [];
      store.forEach((value, key) => {
        assert.equal(value, key);
        visited.push(key);
        if (visited.length > 50) return;
        for (let more = 0; more < bound; more += 1) {
          store.set(`${visited.length} ${more}`, `${visited.length} ${more}`);
        }
      });
      assert.ok(visited.length > 50);
      assert.equal(new Set(visited).size, visited.length);
    });

    test('an iterator whose next entries are all evicted goes on with what is there', () => {
      const store = full(bound);
      const entries = store.entries();
      entries.next();
      for (let index = 0; index < bound * 20; index += 1) store.set(`new ${index}`, index);
      const left = new Map(store);
      for (const [key, value] of entries) assert.equal(left.get(key), value);
    });

    test(`${WALKS} iterators walk as over a list that is told of evictions`, SLOW, () => {
      const draw = randomFrom(printedSeed(`walks of a store of ${bound}`));
      const store = new MemoryStore({ maxEntries: bound, autoStartCleanup: false });
      const model = new StoreModel();
      store.on('evict', (key) => model.delete(key));
      const walks = [];
      for (let step = 0; step < STEPS; step += 1) {
        const key = `key ${draw(bound * 3)}`;
        const walk = walks[draw(WALKS)];
        if (walk === undefined || draw(40) === 0) {
          walks[draw(WALKS)] = { ours: store.entries(), theirs: model.walk() };
        } else if (draw(3) > 0) {
          const { done, value } = walk.ours.next();
          assert.deepEqual(done ? undefined : value, walk.theirs.next());
        } else if (draw(10) === 0) {
          assert.equal(store.delete(key), model.delete(key));
        } else {
          store.set(key, step, draw(2) === 0 ? HOUR_MS : undefined);
          model.set(key, { plain: key }, step, false);
        }
      }
      assert.deepEqual(store.keys(), model.keys());
    });
  });
}
