/**
 * The sum of sizes over hundreds of thousands of random operations.
 *
 * Must not know which entry is evicted; it is told. Invariant tested: the sum that a store says is
 * that of the sizes of exactly the entries that it holds, and within the bound at every moment.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { effort } = require('../helpers/effort.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { SLOW } = require('../helpers/test-timeout.js');

const STEPS = effort(75_000, 150_000);
const AUDIT_STEPS = 2000;

/** Sizes of live entries by key, in a store that tells of each eviction. */
class Sizes extends Map {
  total = 0;

  put(key, size) {
    this.drop(key);
    this.total += size;
    this.set(key, size);
  }

  drop(key) {
    this.total -= this.get(key) ?? 0;
    return this.delete(key);
  }
}

const operations = {
  set({ store, sizes, key, size }) {
    store.set(key, size, { size });
    sizes.put(key, size);
  },
  'set with a deadline'({ store, sizes, key, size }) {
    store.set(key, size, { size, ttl: HOUR_MS });
    sizes.put(key, size);
  },
  'set by sizeOf'({ store, sizes, key, size }) {
    store.set(key, size);
    sizes.put(key, size);
  },
  'set of what is too large'({ store, key, maxSize }) {
    assert.throws(() => store.set(key, 1, { size: maxSize + 1 }), { code: 'ERR_OUT_OF_RANGE' });
  },
  read({ store, sizes, key }) {
    for (let read = 0; read < 6; read += 1) store.get(key);
    assert.equal(store.has(key), sizes.has(key));
  },
  add({ store, sizes, key, size }) {
    if (store.add(key, size, { size })) sizes.put(key, size);
  },
  replace({ store, sizes, key, size }) {
    if (store.replace(key, size, { size })) sizes.put(key, size);
  },
  increment({ store, sizes, key, size }) {
    const isThere = store.has(key);
    store.increment(key, size);
    if (!isThere) sizes.put(key, size);
  },
  delete: ({ store, sizes, key }) => assert.equal(store.delete(key), sizes.drop(key)),
  take: ({ store, sizes, key }) => assert.equal(store.take(key) !== undefined, sizes.drop(key)),
  touch: ({ store, sizes, key }) => assert.equal(store.touch(key, HOUR_MS), sizes.has(key)),
  rename({ store, sizes, key, other }) {
    const size = sizes.get(key);
    const isTaken = sizes.has(other);
    store.createKey(key).value = other;
    if (size === undefined || isTaken) return;
    sizes.drop(key);
    sizes.put(other, size);
  },
  expire({ store, sizes, key, draw }) {
    if (draw(30) > 0) return;
    store.touch(key, 1);
    passDeadline(1);
    assert.equal(store.has(key), false);
    sizes.drop(key);
  },
};
const names = Object.keys(operations);

const bounds = [
  { maxSize: 1, largest: 1 },
  { maxSize: 100, largest: 100 },
  { maxSize: 1000, largest: 30 },
  { maxSize: 1000, largest: 400, maxEntries: 10 },
  { maxSize: 2 ** 40, largest: 2 ** 30 },
  { maxSize: Number.MAX_SAFE_INTEGER, largest: 2 ** 31 - 1 },
];

for (const { maxSize, largest, maxEntries } of bounds) {
  const what = `maxSize ${maxSize}, sizes up to ${largest}, maxEntries ${maxEntries}`;
  test(`the sum of sizes is exact: ${what}`, SLOW, () => {
    const draw = randomFrom(printedSeed(what));
    const sizeOf = (value) => value;
    const store = new MemoryStore({ maxSize, maxEntries, sizeOf, autoStartCleanup: false });
    const sizes = new Sizes();
    store.on('evict', (key) => sizes.drop(key));
    for (let step = 1; step <= STEPS; step += 1) {
      const [key, other] = [`key ${draw(60)}`, `key ${draw(60)}`];
      const size = draw(4) === 0 ? draw(largest + 1) : draw(Math.min(largest, 20) + 1);
      operations[names[draw(names.length)]]({ store, sizes, key, other, size, draw, maxSize });
      const said = store.stats().size;
      assert.equal(said, sizes.total);
      assert.ok(said <= maxSize);
      if (step % AUDIT_STEPS === 0) {
        assert.deepEqual(new Set(store.keys()), new Set(sizes.keys()));
        assert.equal(store.size(), sizes.size);
      }
    }
  });
}
