/**
 * The order of entries: insertion order, as in `Map`.
 *
 * Must not know live iteration. Invariant tested: `keys`, `getKeys`, `all`, `entries`, `values` and
 * `forEach` agree on one order.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');

function assertOrder(store, keys) {
  const values = keys.map((key) => store.get(key));
  assert.deepEqual(store.keys(), keys, 'keys');
  assert.deepEqual(store.getKeys().map(String), keys, 'getKeys');
  assert.deepEqual(store.all(), values, 'all');
  assert.deepEqual(
    [...store.entries()],
    keys.map((key, index) => [key, values[index]]),
    'entries',
  );
  assert.deepEqual([...store.values()], values, 'values');
  const visited = [];
  store.forEach((value, key) => {
    visited.push([key, value]);
  });
  assert.deepEqual(visited, [...store], 'forEach');
}

function filled(heat = () => {}) {
  const store = new MemoryStore({ autoStartCleanup: false });
  for (const key of ['a', 'b', 'c', 'd']) {
    store.set(key, `value of ${key}`);
    heat(store, key);
  }
  return store;
}

test('entries come in the order in which they were set', () => {
  assertOrder(filled(), ['a', 'b', 'c', 'd']);
});

test('numbers do not come first', () => {
  const store = new MemoryStore();
  for (const key of ['b', 10, 'a', 2, 1]) store.set(key, key);
  assertOrder(store, ['b', '10', 'a', '2', '1']);
});

const changes = {
  'a key that is set again keeps its place': [(store) => store.set('b', 2), 'a b c d'],
  'a key that is set again with a deadline keeps its place': [
    (store) => store.set('b', 2, HOUR_MS),
    'a b c d',
  ],
  'an expiring key that becomes permanent keeps its place': [
    (store) => {
      store.set('a', 1, HOUR_MS);
      store.set('a', 1);
    },
    'a b c d',
  ],
  'a touched key keeps its place': [(store) => store.touch('b', HOUR_MS), 'a b c d'],
  'a key that is read keeps its place': [(store) => store.get('a'), 'a b c d'],
  'a deleted key that is set again comes last': [
    (store) => {
      store.delete('b');
      store.set('b', 2);
    },
    'a c d b',
  ],
  'an expired key that is set again comes last': [
    (store) => {
      setExpired(store, 'b');
      store.set('b', 2);
    },
    'a c d b',
  ],
  'a deleted key leaves the others in order': [(store) => store.delete('c'), 'a b d'],
  'an expired key leaves the others in order': [(store) => setExpired(store, 'a'), 'b c d'],
  'a key that takes the room of a deleted one comes last': [
    (store) => {
      store.delete('a');
      store.set('e', 5);
    },
    'b c d e',
  ],
  'a renamed key keeps its place': [
    (store) => {
      store.createKey('b').value = 'z';
    },
    'a z c d',
  ],
  'a key that is renamed there and back keeps its place': [
    (store) => {
      const key = store.createKey('b');
      key.value = 'z';
      key.value = 'b';
    },
    'a b c d',
  ],
  'a rename to a taken name changes no order': [
    (store) => {
      store.createKey('a').value = 'd';
    },
    'a b c d',
  ],
  'a name that was renamed away comes last when it is set again': [
    (store) => {
      store.createKey('a').value = 'z';
      store.set('a', 1);
    },
    'z b c d a',
  ],
  'after clear the order starts anew': [
    (store) => {
      store.clear();
      store.set('d', 4);
      store.set('a', 1);
    },
    'd a',
  ],
};

describe('order:', () => {
  for (const [name, [change, order]] of Object.entries(changes)) {
    testColdAndWarm(name, (heat) => {
      const store = filled(heat);
      change(store);
      assertOrder(store, order.split(' '));
    });
  }
});

test('the order is that of a Map after many random changes', () => {
  const seed = printedSeed('order');
  const draw = randomFrom(seed);
  const store = new MemoryStore();
  const map = new Map();
  for (let step = 0; step < 50_000; step += 1) {
    const key = `key ${draw(1000)}`;
    if (draw(3) === 0) {
      assert.equal(store.delete(key), map.delete(key));
    } else {
      store.set(key, step);
      map.set(key, step);
    }
  }
  assert.deepEqual(store.keys(), [...map.keys()], `SEED=${seed}`);
  assert.deepEqual(store.all(), [...map.values()], `SEED=${seed}`);
  assert.deepEqual([...store], [...map], `SEED=${seed}`);
});
