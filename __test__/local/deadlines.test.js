/**
 * Deadlines: how they are given, changed and asked for.
 *
 * Must not know the sweeper: it is off here. Invariant tested: the last call that gave a deadline,
 * or took it away, decides.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, ROUNDING_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

const expires = {
  'a number': 1,
  ttl: { ttl: 1 },
  'isPermanent false and maxAgeMs': { isPermanent: false, maxAgeMs: 1 },
  'ttl and isPermanent true': { ttl: 1, isPermanent: true },
  'ttl and a long maxAgeMs': { ttl: 1, isPermanent: false, maxAgeMs: HOUR_MS },
  'ttl and maxAgeMs 0': { ttl: 1, isPermanent: false, maxAgeMs: 0 },
  'ttl and the rest undefined': { ttl: 1, isPermanent: undefined, maxAgeMs: undefined },
};

const stays = {
  'no options': undefined,
  'empty options': {},
  'undefined options': { ttl: undefined, isPermanent: undefined, maxAgeMs: undefined },
  'isPermanent true': { isPermanent: true },
  'isPermanent false alone': { isPermanent: false },
  'isPermanent false and maxAgeMs 0': { isPermanent: false, maxAgeMs: 0 },
  'isPermanent true and maxAgeMs': { isPermanent: true, maxAgeMs: 1 },
  'maxAgeMs 0 alone': { maxAgeMs: 0 },
};

describe('the entry expires with', () => {
  for (const [what, options] of Object.entries(expires)) {
    testColdAndWarm(what, (heat) => {
      const store = open();
      store.set('key', 'old');
      heat(store, 'key');
      assert.equal(store.set('key', 'value', options), true);
      passDeadline(1);
      assert.equal(store.get('key'), undefined);
    });
  }
});

describe('the entry stays with', () => {
  for (const [what, options] of Object.entries(stays)) {
    testColdAndWarm(what, (heat) => {
      const store = open();
      store.set('key', 'old', HOUR_MS);
      heat(store, 'key');
      store.set('key', 'old', 20);
      assert.equal(store.set('key', 'value', options), true);
      assert.equal(store.ttl('key'), Infinity);
      passDeadline(20);
      assert.equal(store.get('key'), 'value');
    });
  }
});

/** What floats beyond 2^53 are apart: once for the deadline, once for what is left. */
const FLOAT_MS = 4;

describe('a long time to live is long:', () => {
  const DAY_MS = 24 * HOUR_MS;
  const lives = {
    'an hour': HOUR_MS,
    '24.8 days, 2^31 - 1 ms': 2 ** 31 - 1,
    '2^31 ms': 2 ** 31,
    '25 days': 25 * DAY_MS,
    '2^32 - 1 ms': 2 ** 32 - 1,
    '2^32 ms': 2 ** 32,
    '2^32 + 30 ms': 2 ** 32 + 30,
    'a year': 365 * DAY_MS,
    '2^42 ms': 2 ** 42,
    '2^53 - 1 ms': 2 ** 53 - 1,
    '2^53 ms': 2 ** 53,
  };
  for (const [what, ttl] of Object.entries(lives)) {
    testColdAndWarm(what, (heat) => {
      const store = open();
      for (const options of [{ ttl }, ttl, { isPermanent: false, maxAgeMs: ttl }]) {
        const before = performance.now();
        store.set('key', 'value', options);
        heat(store, 'key');
        passDeadline(31);
        const left = store.ttl('key');
        const passed = performance.now() - before;
        assert.ok(left <= ttl && left >= ttl - passed - FLOAT_MS, `${left} of ${ttl} ms left`);
        assert.equal(store.get('key'), 'value');
        assert.equal(store.size(), 1);
      }
    });
  }
});

describe('ttl', () => {
  test('is Infinity for an entry that never expires', () => {
    const store = open();
    store.set('key', 'value');
    assert.equal(store.ttl('key'), Infinity);
  });

  test('is undefined for an absent key', () => {
    assert.equal(open().ttl('key'), undefined);
  });

  test('is undefined for an expired key', () => {
    const store = open();
    setExpired(store, 'key');
    assert.equal(store.ttl('key'), undefined);
  });

  test('is what was given, right after it was given', () => {
    const store = open();
    const before = performance.now();
    store.set('key', 'value', 10_000);
    const left = store.ttl('key');
    assert.ok(left <= 10_000 && left >= 10_000 - (performance.now() - before) - ROUNDING_MS);
  });

  test('is a whole number, at least 1, that never grows, while the entry lives', () => {
    const store = open();
    store.set('key', 'value', 30);
    let last = 30;
    for (let left = store.ttl('key'); left !== undefined; left = store.ttl('key')) {
      assert.ok(Number.isInteger(left) && left >= 1 && left <= last, `${left} after ${last}`);
      last = left;
    }
    assert.equal(store.has('key'), false);
  });
});

describe('touch', () => {
  testColdAndWarm('gives a live entry a later deadline', (heat) => {
    const store = open();
    // Until the touch comes in time, should the machine pause between the two calls.
    while (!store.touch('key', HOUR_MS)) store.set('key', 'value', 20);
    heat(store, 'key');
    passDeadline(20);
    assert.equal(store.get('key'), 'value');
  });

  testColdAndWarm('gives a live entry an earlier deadline', (heat) => {
    const store = open();
    store.set('key', 'value', HOUR_MS);
    heat(store, 'key');
    assert.equal(store.touch('key', 1), true);
    passDeadline(1);
    assert.equal(store.get('key'), undefined);
  });

  testColdAndWarm('gives a permanent entry a deadline', (heat) => {
    const store = open();
    store.set('key', 'value');
    heat(store, 'key');
    assert.equal(store.touch('key', 1), true);
    passDeadline(1);
    assert.equal(store.has('key'), false);
  });

  test('leaves value, key and place alone', () => {
    const store = open();
    store.set(1, 'one');
    store.set('two', 'two');
    store.touch(1, HOUR_MS);
    assert.deepEqual(store.getKeys(), [1, 'two']);
    assert.deepEqual(store.all(), ['one', 'two']);
  });

  test('answers false for an absent key and makes no entry', () => {
    const store = open();
    assert.equal(store.touch('key', HOUR_MS), false);
    assert.equal(store.size(), 0);
  });

  test('does not bring an expired entry back', () => {
    const store = open();
    setExpired(store, 'key');
    assert.equal(store.touch('key', HOUR_MS), false);
    assert.equal(store.get('key'), undefined);
  });
});

testColdAndWarm('an entry may change between permanent and expiring many times', (heat) => {
  const store = open();
  for (let round = 0; round < 50; round += 1) {
    store.set('key', round, { ttl: 1 });
    store.set('key', round);
    heat(store, 'key');
    passDeadline(1);
    assert.equal(store.get('key'), round);
    assert.equal(store.ttl('key'), Infinity);
  }
  assert.equal(store.size(), 1);
});
