/**
 * `getMany`, `setMany`, `deleteMany`: one call for many keys.
 *
 * Must not know how a call goes through its entries. Invariant tested: a call of many is that of
 * each in order, and `setMany` is all or nothing.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm, warm } = require('../helpers/hot-path.js');
const { snapshot } = require('../helpers/snapshot.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

function filled(heat = () => {}) {
  const store = open();
  for (const [index, key] of [...'abcd'].entries()) {
    store.set(key, index, index % 2 === 0 ? HOUR_MS : undefined);
    heat(store, key);
  }
  return store;
}

/** The same things as each kind of iterable. */
const iterables = {
  'an array': (...things) => things,
  'a Set': (...things) => new Set(things),
  'a generator': function* generate(...things) {
    yield* things;
  },
  'an iterator of an array': (...things) => things.values(),
  'an object of its own kind': (...things) => ({ [Symbol.iterator]: () => things.values() }),
};

for (const [what, iterable] of Object.entries(iterables)) {
  describe(`given ${what},`, () => {
    testColdAndWarm('getMany gives the values in the order of the keys', (heat) => {
      const store = filled(heat);
      assert.deepEqual(store.getMany(iterable('d', 'absent', 'a', 'b')), [3, undefined, 0, 1]);
    });

    testColdAndWarm('setMany stores in order', (heat) => {
      const store = filled(heat);
      assert.equal(store.setMany(iterable(['x', 1], ['b', 'again'], ['y', 2])), true);
      assert.deepEqual(
        [...store],
        [
          ['a', 0],
          ['b', 'again'],
          ['c', 2],
          ['d', 3],
          ['x', 1],
          ['y', 2],
        ],
      );
    });

    testColdAndWarm('deleteMany says how many there were', (heat) => {
      const store = filled(heat);
      assert.equal(store.deleteMany(iterable('d', 'absent', 'a')), 2);
      assert.deepEqual(store.keys(), ['b', 'c']);
    });

    test('nothing in it is nothing to do', () => {
      const store = filled();
      assert.deepEqual(store.getMany(iterable()), []);
      assert.equal(store.setMany(iterable()), true);
      assert.equal(store.deleteMany(iterable()), 0);
      assert.equal(store.size(), 4);
    });
  });
}

test('a key that comes twice is read twice', () => {
  assert.deepEqual(filled().getMany(['b', 'b', 'c', 'b']), [1, 1, 2, 1]);
});

test('a key that comes twice has its last value and its first place', () => {
  const store = open();
  store.setMany([
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['a', 4, HOUR_MS],
  ]);
  assert.deepEqual(
    [...store],
    [
      ['a', 4],
      ['b', 2],
    ],
  );
  assert.notEqual(store.ttl('a'), Infinity);
});

test('a key that comes twice is deleted once', () => {
  assert.equal(filled().deleteMany(['b', 'b', 'c', 'b']), 2);
});

test('setMany takes a Map', () => {
  const store = open();
  store.setMany(
    new Map([
      ['a', 1],
      [7, 2],
    ]),
  );
  assert.deepEqual(store.getKeys(), ['a', 7]);
  assert.deepEqual(store.all(), [1, 2]);
});

test('setMany takes another store', () => {
  const store = open();
  store.setMany(filled());
  assert.deepEqual([...store], [...filled()]);
});

test('setMany takes the store itself', () => {
  const store = filled();
  store.setMany(store, HOUR_MS);
  assert.deepEqual([...store], [...filled()]);
  assert.ok(store.keys().every((key) => store.ttl(key) !== Infinity));
});

test('getMany and deleteMany take the keys of the store itself', () => {
  const store = filled();
  assert.deepEqual(store.getMany(store.keys()), [0, 1, 2, 3]);
  assert.equal(store.deleteMany(store.keys()), 4);
  assert.equal(store.size(), 0);
});

describe('setMany with options', () => {
  const cases = {
    'a number for all': [
      HOUR_MS,
      [
        ['a', 1],
        ['b', 2],
      ],
      [true, true],
    ],
    'ttl for all': [
      { ttl: HOUR_MS },
      [
        ['a', 1],
        ['b', 2],
      ],
      [true, true],
    ],
    'none at all': [
      undefined,
      [
        ['a', 1],
        ['b', 2],
      ],
      [false, false],
    ],
    'a number for one': [
      undefined,
      [
        ['a', 1, HOUR_MS],
        ['b', 2],
      ],
      [true, false],
    ],
    'ttl for one': [
      undefined,
      [
        ['a', 1],
        ['b', 2, { ttl: HOUR_MS }],
      ],
      [false, true],
    ],
    'those of an entry instead of those for all': [
      HOUR_MS,
      [
        ['a', 1, {}],
        ['b', 2],
      ],
      [false, true],
    ],
    'undefined for one, which brings none': [
      HOUR_MS,
      [
        ['a', 1, undefined],
        ['b', 2],
      ],
      [true, true],
    ],
    'isPermanent for one': [
      HOUR_MS,
      [
        ['a', 1, { isPermanent: true }],
        ['b', 2],
      ],
      [false, true],
    ],
  };
  for (const [name, [options, entries, timed]] of Object.entries(cases)) {
    testColdAndWarm(name, (heat) => {
      const store = open();
      store.set('a', 0);
      heat(store, 'a');
      store.setMany(entries, options);
      assert.deepEqual(snapshot(store), [
        ['a', 'a', 1, timed[0]],
        ['b', 'b', 2, timed[1]],
      ]);
    });
  }
});

testColdAndWarm('what has expired is absent for getMany and deleteMany', (heat) => {
  const store = filled(heat);
  setExpired(store, 'b');
  assert.deepEqual(store.getMany(['a', 'b']), [0, undefined]);
  setExpired(store, 'b');
  assert.equal(store.deleteMany(['a', 'b']), 1);
});

test('entries that setMany stored expire at their deadlines', () => {
  const store = open();
  store.setMany(
    [
      ['a', 1],
      ['b', 2, HOUR_MS],
      ['c', 3, {}],
    ],
    1,
  );
  passDeadline(1);
  assert.deepEqual(store.keys(), ['b', 'c']);
});

test('a stored undefined is a value like others', () => {
  const store = open();
  store.setMany([['a', undefined]]);
  assert.equal(store.has('a'), true);
  assert.deepEqual(store.getMany(['a']), [undefined]);
  assert.equal(store.deleteMany(['a']), 1);
});

test('keys may have any form', () => {
  const store = open();
  const key = store.createKey('m');
  const keys = [7, 8n, null, undefined, true, { id: 1 }, () => {}, key];
  store.setMany(keys.map((it, index) => [it, index]));
  assert.deepEqual(store.getMany(keys), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.ok(store.getKeys().every((it, index) => Object.is(it, keys[index])));
  assert.equal(store.deleteMany(keys), keys.length);
});

test('hot keys are as right in many as in one', () => {
  const store = filled(warm);
  for (let round = 0; round < 200; round += 1) {
    store.setMany([
      ['a', round],
      ['b', -round, round % 2 === 0 ? HOUR_MS : undefined],
    ]);
    assert.deepEqual(store.getMany(['a', 'b']), [round, -round]);
    assert.deepEqual([store.get('a'), store.get('b')], [round, -round]);
    if (round % 10 === 0) assert.equal(store.deleteMany(['a', 'b']), 2);
  }
});

test('a hundred thousand entries go in and out', () => {
  const store = open();
  const keys = Array.from({ length: 100_000 }, (_, index) => `key ${index}`);
  store.setMany(keys.map((key, index) => [key, index]));
  assert.equal(store.size(), keys.length);
  assert.ok(store.getMany(keys).every((value, index) => value === index));
  assert.equal(store.deleteMany(keys), keys.length);
  assert.equal(store.size(), 0);
});
