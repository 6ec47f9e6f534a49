/**
 * Sizes that are refused, missing, or unknown to the store.
 *
 * Must not know eviction. Invariant tested: a write whose size is not right changes nothing, not
 * even what it would have evicted.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { assertRefused } = require('../helpers/snapshot.js');

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };

const open = (maxSize, more) => new MemoryStore({ maxSize, autoStartCleanup: false, ...more });
const sizeOf = (store) => store.stats().size;

/** Three entries of 10 each, in a store of 30. */
function full(heat = () => {}) {
  const store = open(30);
  for (const key of ['a', 'b', 'c']) {
    store.set(key, `value of ${key}`, { size: 10 });
    heat(store, key);
  }
  return store;
}

describe('an entry that is larger than the bound is refused:', () => {
  const calls = {
    'set of a new key': (store) => store.set('new', 1, { size: 31 }),
    'set of a key that is there': (store) => store.set('a', 1, { size: 31 }),
    'set with a deadline': (store) => store.set('a', 1, { size: 31, ttl: HOUR_MS }),
    add: (store) => store.add('new', 1, { size: 31 }),
    replace: (store) => store.replace('a', 1, { size: 31 }),
    increment: (store) => store.increment('new', 1, { size: 31 }),
    setMany: (store) =>
      store.setMany(
        [
          ['x', 1],
          ['a', 1],
          ['y', 1, { size: 31 }],
        ],
        { size: 1 },
      ),
    'a size of 2^53-1': (store) => store.set('a', 1, { size: Number.MAX_SAFE_INTEGER }),
  };
  for (const [name, call] of Object.entries(calls)) {
    testColdAndWarm(name, (heat) => {
      const store = full(heat);
      assertRefused(store, () => call(store), range);
      assert.equal(sizeOf(store), 30);
    });
  }
});

const notSizes = [-1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, -0.5];
const notNumbers = ['5', null, true, 5n, {}, [], () => 5, Symbol('5')];

describe('a size is refused that is', () => {
  const calls = {
    set: (store, size) => store.set('a', 1, { size }),
    add: (store, size) => store.add('new', 1, { size }),
    replace: (store, size) => store.replace('a', 1, { size }),
    increment: (store, size) => store.increment('new', 1, { size }),
    setMany: (store, size) =>
      store.setMany([
        ['a', 1, { size: 1 }],
        ['b', 1, { size }],
      ]),
    'setMany for all': (store, size) => store.setMany([['a', 1]], { size }),
    'a sizeOf': (_store, size) => open(30, { sizeOf: () => size }).set('a', 1),
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const [sizes, expected] of [
      [notSizes, range],
      [notNumbers, type],
    ]) {
      for (const size of sizes) {
        const shown = typeof size === 'object' ? JSON.stringify(size) : String(size);
        test(`${typeof size} ${shown}, by ${name}`, () => {
          const store = full();
          assertRefused(store, () => call(store, size), expected);
          assert.equal(sizeOf(store), 30);
        });
      }
    }
  }
});

describe('an entry without a size is refused in a store without sizeOf:', () => {
  const calls = {
    set: (store) => store.set('a', 1),
    'set of a new key': (store) => store.set('new', 1),
    'set with a number': (store) => store.set('a', 1, HOUR_MS),
    'set with a deadline': (store) => store.set('a', 1, { ttl: HOUR_MS }),
    'set with size undefined': (store) => store.set('a', 1, { size: undefined }),
    add: (store) => store.add('new', 1),
    replace: (store) => store.replace('a', 1),
    increment: (store) => store.increment('new'),
    setMany: (store) =>
      store.setMany([
        ['x', 1, { size: 1 }],
        ['a', 1],
      ]),
  };
  for (const [name, call] of Object.entries(calls)) {
    testColdAndWarm(name, (heat) => {
      const store = full(heat);
      assertRefused(store, () => call(store), type);
      assert.equal(sizeOf(store), 30);
    });
  }

  test('getOrSet gives what was made, and tells', async () => {
    const store = full();
    const told = [];
    store.on('error', ({ code }, key) => told.push([code, key]));
    assert.equal(await store.getOrSet('new', () => 1), 1);
    assert.deepEqual(told, [[type.code, 'new']]);
    assert.equal(store.has('new'), false);
  });
});

describe('in a store without maxSize the option size is unknown to', () => {
  const calls = {
    set: (store) => store.set('a', 9, { size: 1 }),
    add: (store) => store.add('new', 9, { size: 1 }),
    replace: (store) => store.replace('a', 9, { size: 1 }),
    increment: (store) => store.increment('new', 1, { size: 1 }),
    setMany: (store) => store.setMany([['a', 9]], { size: 1 }),
    'an entry of setMany': (store) => store.setMany([['a', 9, { size: 1 }]]),
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const bound of [undefined, 10]) {
      testColdAndWarm(`${name}, maxEntries: ${bound}`, (heat) => {
        const store = new MemoryStore({ maxEntries: bound });
        store.set('a', 1);
        heat(store, 'a');
        assertRefused(store, () => call(store), unknown);
      });
    }
  }

  test('getOrSet', async () => {
    const store = new MemoryStore();
    await assert.rejects(
      store.getOrSet('a', () => 1, { size: 1 }),
      unknown,
    );
  });
});
