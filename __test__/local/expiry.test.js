/**
 * Expiry: an entry whose deadline has passed is absent, swept or not.
 *
 * Must not know the sweeper: it is off here. Invariant tested: an entry is there until its
 * deadline and by no way of looking after it.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, ROUNDING_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

const looks = {
  get: (store) => assert.equal(store.get('key'), undefined),
  has: (store) => assert.equal(store.has('key'), false),
  delete: (store) => assert.equal(store.delete('key'), false),
  ttl: (store) => assert.equal(store.ttl('key'), undefined),
  touch: (store) => assert.equal(store.touch('key', HOUR_MS), false),
  size: (store) => assert.equal(store.size(), 0),
  keys: (store) => assert.deepEqual(store.keys(), []),
  getKeys: (store) => assert.deepEqual(store.getKeys(), []),
  all: (store) => assert.deepEqual(store.all(), []),
  entries: (store) => assert.deepEqual([...store.entries()], []),
  values: (store) => assert.deepEqual([...store.values()], []),
  'the iterator': (store) => assert.deepEqual([...store], []),
  forEach: (store) =>
    store.forEach(() => {
      assert.fail('an expired entry was visited');
    }),
  'get by a mutable key': (store) => assert.equal(store.get(store.createKey('key')), undefined),
};

describe('an expired entry is absent before the sweep, seen by', () => {
  for (const [name, look] of Object.entries(looks)) {
    testColdAndWarm(name, (heat) => {
      const store = open();
      store.set('key', 'value', { ttl: HOUR_MS });
      heat(store, 'key');
      assert.equal(store.touch('key', 1), true);
      passDeadline(1);
      look(store);
      look(store);
      assert.equal(store.get('key'), undefined, 'and stays absent');
    });
  }
});

describe('an expired entry leaves the live ones in sight of', () => {
  const views = {
    size: (store) => assert.equal(store.size(), 2),
    keys: (store) => assert.deepEqual(store.keys(), ['before', 'after']),
    getKeys: (store) => assert.deepEqual(store.getKeys(), ['before', 'after']),
    all: (store) => assert.deepEqual(store.all(), [1, 3]),
    entries: (store) => assert.deepEqual(Object.fromEntries(store), { before: 1, after: 3 }),
  };
  for (const [name, view] of Object.entries(views)) {
    test(name, () => {
      const store = open();
      store.set('before', 1);
      store.set('key', 2, { ttl: 1 });
      store.set('after', 3, { ttl: HOUR_MS });
      passDeadline(1);
      view(store);
    });
  }
});

describe('an entry lives exactly as long as its time to live of', () => {
  for (const ttl of [1, 2, 5, 20, 50]) {
    test(`${ttl} ms`, () => {
      const store = open();
      const before = performance.now();
      store.set('key', 'value', { ttl });
      const after = performance.now();
      for (let asked = after; asked - after < ttl + 2 * ROUNDING_MS; ) {
        asked = performance.now();
        const present = store.has('key') && store.get('key') === 'value';
        const answered = performance.now();
        if (answered - before <= ttl - ROUNDING_MS) {
          assert.ok(present, `gone after ${answered - before} of ${ttl} ms`);
        }
        if (asked - after >= ttl + ROUNDING_MS) {
          assert.ok(!present, `there after ${asked - after} of ${ttl} ms`);
        }
      }
      assert.equal(store.size(), 0);
    });
  }
});

test('entries with different deadlines expire each at its own', () => {
  const store = open();
  for (let ttl = 1; ttl <= 40; ttl += 1) store.set(`short ${ttl}`, ttl, { ttl });
  for (let index = 0; index < 40; index += 1) store.set(`long ${index}`, index, HOUR_MS);
  passDeadline(20);
  for (let ttl = 1; ttl <= 20; ttl += 1) assert.equal(store.has(`short ${ttl}`), false);
  passDeadline(20);
  assert.deepEqual(
    store.keys(),
    Array.from({ length: 40 }, (_, index) => `long ${index}`),
  );
});

testColdAndWarm('an expired key can be set anew', (heat) => {
  const store = open();
  setExpired(store, 'key');
  store.set('key', 'new');
  heat(store, 'key');
  assert.equal(store.get('key'), 'new');
  assert.equal(store.ttl('key'), Infinity);
  assert.equal(store.size(), 1);
});

testColdAndWarm(
  'a key that expires and is set again a hundred times is right each time',
  (heat) => {
    const store = open();
    for (let round = 0; round < 100; round += 1) {
      store.set('key', round, HOUR_MS);
      heat(store, 'key');
      assert.equal(store.get('key'), round);
      setExpired(store, 'key', round);
      assert.equal(store.get('key'), undefined);
    }
  },
);

test('deleting an expired entry answers false and the entry is gone', () => {
  const store = open();
  setExpired(store, 'key');
  assert.equal(store.delete('key'), false);
  assert.equal(store.size(), 0);
});

test('an expired entry is not deleted twice by clear', () => {
  const store = open();
  setExpired(store, 'key');
  assert.equal(store.clear(), true);
  assert.equal(store.size(), 0);
});

test('the deadline counts from the set that gave it', () => {
  const store = open();
  store.set('key', 'first', { ttl: 30 });
  passDeadline(20);
  store.set('key', 'second', { ttl: 30_000 });
  passDeadline(10);
  assert.equal(store.get('key'), 'second');
});

test('reading does not prolong a life', () => {
  const store = open();
  store.set('key', 'value', { ttl: 20 });
  const set = performance.now();
  while (performance.now() - set < 20 + ROUNDING_MS) {
    store.get('key');
    store.has('key');
    store.ttl('key');
  }
  assert.equal(store.get('key'), undefined);
});

test('a hundred thousand entries expire together', () => {
  const store = open();
  for (let index = 0; index < 100_000; index += 1) store.set(`key ${index}`, index, { ttl: 1 });
  store.set('stays', true);
  passDeadline(1);
  assert.equal(store.size(), 1);
  assert.deepEqual(store.keys(), ['stays']);
});
