/**
 * `increment` and `decrement`: counters, whose window begins with the first call.
 *
 * Must not know how numbers are stored. Invariant tested: a counter is the sum of what was added,
 * and its deadline is that of its first call.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { assertRefused } = require('../helpers/snapshot.js');
const { SLOW } = require('../helpers/test-timeout.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

testColdAndWarm('a counter that is not there starts at what is added', (heat) => {
  for (const [call, number] of [
    [(store) => store.increment('count'), 1],
    [(store) => store.increment('count', undefined), 1],
    [(store) => store.increment('count', 5), 5],
    [(store) => store.increment('count', -5), -5],
    [(store) => store.increment('count', 0), 0],
    [(store) => store.increment('count', -0), -0],
    [(store) => store.increment('count', 0.5), 0.5],
    [(store) => store.increment('count', Number.MAX_VALUE), Number.MAX_VALUE],
    [(store) => store.increment('count', Number.MIN_VALUE), Number.MIN_VALUE],
    [(store) => store.decrement('count'), -1],
    [(store) => store.decrement('count', 5), -5],
    [(store) => store.decrement('count', -2.5), 2.5],
  ]) {
    const store = open();
    heat(store, 'count');
    assert.ok(Object.is(call(store), number));
    assert.ok(Object.is(store.get('count'), number));
    assert.equal(store.ttl('count'), Infinity);
  }
});

for (const [life, options] of Object.entries({ permanent: undefined, timed: HOUR_MS })) {
  testColdAndWarm(`a ${life} counter gives the sum, and holds it`, (heat) => {
    const store = open();
    store.set('count', 10, options);
    heat(store, 'count');
    for (const [method, by, sum] of [
      ['increment', undefined, 11],
      ['increment', 4, 15],
      ['increment', -20, -5],
      ['decrement', undefined, -6],
      ['decrement', -7.5, 1.5],
      ['increment', 0.25, 1.75],
      ['decrement', 1.75, 0],
      ['increment', 2 ** 31, 2 ** 31],
      ['increment', 2 ** 52, 2 ** 52 + 2 ** 31],
    ]) {
      assert.equal(store[method]('count', by), sum);
      assert.equal(store.get('count'), sum);
    }
    assert.equal(store.size(), 1);
  });

  testColdAndWarm(`a ${life} counter keeps its deadline, whatever the options say`, (heat) => {
    const store = open();
    store.set('count', 0, options);
    heat(store, 'count');
    store.increment('count');
    store.increment('count', 1, 1);
    store.increment('count', 1, { ttl: 1 });
    store.decrement('count', 1, { isPermanent: false, maxAgeMs: 1 });
    passDeadline(1);
    assert.equal(store.get('count'), 2);
    assert.equal(store.ttl('count') === Infinity, options === undefined);
  });
}

test('the time to live counts from the first call', () => {
  const store = open();
  store.increment('hits', 1, { ttl: HOUR_MS });
  const left = store.ttl('hits');
  for (let count = 0; count < 20; count += 1) {
    passDeadline(1);
    store.increment('hits', 1, { ttl: 2 * HOUR_MS });
  }
  assert.ok(store.ttl('hits') <= left - 20);
});

describe('a counter is made with', () => {
  const lives = {
    'a number': 1,
    ttl: { ttl: 1 },
    maxAgeMs: { isPermanent: false, maxAgeMs: 1 },
  };
  for (const [name, options] of Object.entries(lives)) {
    for (const method of ['increment', 'decrement']) {
      test(`${name}, by ${method}`, () => {
        const store = open();
        store[method]('count', 1, options);
        passDeadline(1);
        assert.equal(store.has('count'), false);
      });
    }
  }
});

testColdAndWarm('an expired counter starts anew, with a deadline of its own', (heat) => {
  const store = open();
  store.set('count', 100, HOUR_MS);
  heat(store, 'count');
  setExpired(store, 'count', 100);
  assert.equal(store.increment('count', 2, HOUR_MS), 2);
  assert.notEqual(store.ttl('count'), Infinity);
  setExpired(store, 'count', 100);
  assert.equal(store.increment('count', 3), 3);
  assert.equal(store.ttl('count'), Infinity);
});

testColdAndWarm('a counter that was deleted starts anew', (heat) => {
  const store = open();
  for (let round = 0; round < 20; round += 1) {
    assert.equal(store.increment('count'), 1);
    heat(store, 'count');
    assert.equal(store.increment('count'), 2);
    store.delete('count');
  }
});

describe('a value that is no number is refused, and stays:', () => {
  const values = {
    'a string of digits': '5',
    'the empty string': '',
    'a bigint': 5n,
    'a boolean': true,
    null: null,
    undefined: undefined,
    'a boxed number': Object(5),
    'an object with valueOf': { valueOf: () => 5 },
    'an array': [5],
    'a date': new Date(5),
    'a symbol': Symbol('5'),
    'a function': () => 5,
  };
  for (const [name, value] of Object.entries(values)) {
    for (const method of ['increment', 'decrement']) {
      for (const options of [undefined, HOUR_MS]) {
        testColdAndWarm(`${name}${options ? ', timed' : ''}, by ${method}`, (heat) => {
          const store = open();
          store.set('count', value, options);
          heat(store, 'count');
          const expected = { name: 'TypeError', code: 'ERR_NOT_A_NUMBER' };
          assertRefused(store, () => store[method]('count', 1), expected);
        });
      }
    }
  }
});

describe('what cannot be added is refused, and nothing changes:', () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const bad = [
    [Number.NaN, range],
    [Infinity, range],
    [-Infinity, range],
    ['1', type],
    [null, type],
    [1n, type],
    [true, type],
    [{}, type],
    [{ ttl: 5 }, type],
    [Object(1), type],
    [Symbol('1'), type],
  ];
  for (const [by, expected] of bad) {
    for (const method of ['increment', 'decrement']) {
      for (const key of ['count', 'absent']) {
        testColdAndWarm(`${method}('${key}', ${typeof by} ${String(by)})`, (heat) => {
          const store = open();
          store.set('count', 1);
          heat(store, key);
          assertRefused(store, () => store[method](key, by), expected);
        });
      }
    }
  }
});

describe('a sum that is not finite is refused, and the number stays:', () => {
  const expected = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const sums = [
    [Number.MAX_VALUE, 'increment', Number.MAX_VALUE],
    [-Number.MAX_VALUE, 'decrement', Number.MAX_VALUE],
    [Number.NaN, 'increment', 1],
    [Infinity, 'increment', 1],
    [-Infinity, 'decrement', 1],
  ];
  for (const [number, method, by] of sums) {
    testColdAndWarm(`${number} ${method} ${by}`, (heat) => {
      const store = open();
      store.set('count', number);
      heat(store, 'count');
      assert.throws(() => store[method]('count', by), expected);
      assert.ok(Object.is(store.get('count'), number));
    });
  }
});

test('a million additions by a thousand callers in turns are all counted', SLOW, async () => {
  const store = open();
  const seen = new Set();
  async function call(caller) {
    for (let round = 0; round < 1000; round += 1) {
      const sum = store.increment('count', 1, HOUR_MS);
      if (round === caller) seen.add(sum);
      await undefined;
    }
  }
  await Promise.all(Array.from({ length: 1000 }, (_, caller) => call(caller)));
  assert.equal(store.get('count'), 1_000_000);
  assert.equal(seen.size, 1000, 'no two callers get the same number');
});

test('a hundred counters count each its own', () => {
  const store = open();
  for (let round = 0; round < 300; round += 1) {
    for (let index = 0; index < 100; index += 1) {
      store.increment(`count ${index}`, index, index % 2 === 0 ? HOUR_MS : undefined);
    }
  }
  for (let index = 0; index < 100; index += 1) {
    assert.equal(store.get(`count ${index}`), 300 * index);
  }
});

test('a counter counts under keys of every form', () => {
  const store = open();
  for (const key of [7, 8n, null, undefined, true, { id: 1 }, () => {}, store.createKey('m')]) {
    assert.equal(store.increment(key, 2), 2);
    assert.equal(store.increment(key, 2), 4);
    assert.equal(store.get(key), 4);
  }
});

test('a counter moves with its mutable key', () => {
  const store = open();
  const key = store.createKey('a');
  store.increment(key, 3);
  key.value = 'b';
  assert.equal(store.increment('b', 1), 4);
  assert.equal(store.increment('a', 1), 1);
});

test('the window of a rate limit ends by itself', () => {
  const store = open();
  const isAllowed = () => store.increment('client', 1, { ttl: 30 }) <= 3;
  const start = performance.now();
  const answers = [isAllowed(), isAllowed(), isAllowed(), isAllowed()];
  if (performance.now() - start < 30) assert.deepEqual(answers, [true, true, true, false]);
  passDeadline(30);
  assert.equal(isAllowed(), true);
});
