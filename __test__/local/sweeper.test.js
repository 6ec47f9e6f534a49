/**
 * The background sweep: what starting and stopping it answers, and that it harms no entry.
 *
 * Must not know when a sweep runs. Invariant tested: a sweep takes expired entries alone, and
 * expiry does not depend on it.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

const manual = () => new MemoryStore({ autoStartCleanup: false });
const automatic = () => new MemoryStore({ autoStartCleanup: true, cleanupInterval: 5 });

function withDeadline(store) {
  store.set('key', 'value', HOUR_MS);
  return store;
}

const run = {
  start: (store) => store.startCleanupTask(),
  'start 5': (store) => store.startCleanupTask(5),
  stop: (store) => store.stopCleanupTask(),
  'set with ttl': (store) => store.set('key', 'value', HOUR_MS),
};

/** `[the store, calls in order, their answers]`. */
const answers = [
  [manual, ['stop'], [false]],
  [manual, ['start'], [true]],
  [manual, ['start 5'], [true]],
  [manual, ['start', 'start'], [true, false]],
  [manual, ['start', 'start 5', 'start'], [true, false, false]],
  [manual, ['start', 'stop'], [true, true]],
  [manual, ['start', 'stop', 'stop'], [true, true, false]],
  [manual, ['start', 'stop', 'start', 'start', 'stop'], [true, true, true, false, true]],
  [manual, ['set with ttl', 'stop'], [true, false]],
  [manual, ['set with ttl', 'start', 'start', 'stop'], [true, true, false, true]],
  [automatic, ['start'], [true]],
  [automatic, ['start', 'start'], [true, false]],
  [automatic, ['set with ttl', 'start'], [true, true]],
  [automatic, ['set with ttl', 'start', 'start'], [true, true, false]],
  [automatic, ['set with ttl', 'stop', 'stop'], [true, true, false]],
  [automatic, ['set with ttl', 'start', 'stop', 'stop'], [true, true, true, false]],
  [automatic, ['set with ttl', 'stop', 'start', 'start'], [true, true, true, false]],
  [automatic, ['set with ttl', 'stop', 'set with ttl', 'stop'], [true, true, true, false]],
];

describe('the sweeper answers', () => {
  for (const [open, calls, expected] of answers) {
    test(`${open.name}: ${calls.join(', ')} → ${expected.join(', ')}`, () => {
      const store = open();
      assert.deepEqual(
        calls.map((call) => run[call](store)),
        expected,
      );
    });
  }
});

describe('a start with a bad interval is refused and starts nothing:', () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const bad = [
    [0, range],
    [-0, range],
    [-1, range],
    [1.5, range],
    [Number.NaN, range],
    [Infinity, range],
    [2 ** 31, range],
    [2 ** 32 + 5, range],
    [null, type],
    ['5', type],
    [5n, type],
    [true, type],
    [{}, type],
    [Symbol('5'), type],
  ];
  for (const [interval, expected] of bad) {
    test(`${typeof interval} ${String(interval)}`, () => {
      const store = manual();
      assert.throws(() => store.startCleanupTask(interval), expected);
      assert.equal(store.stopCleanupTask(), false);
      assert.equal(store.startCleanupTask(5), true);
      assert.throws(() => store.startCleanupTask(interval), expected);
      assert.equal(store.stopCleanupTask(), true);
    });
  }
});

test('the shortest and the longest interval are accepted', () => {
  for (const interval of [1, 2 ** 31 - 1]) {
    assert.equal(manual().startCleanupTask(interval), true);
  }
});

test('each store has a sweeper of its own', () => {
  const [one, other] = [manual(), manual()];
  assert.equal(one.startCleanupTask(5), true);
  assert.equal(other.startCleanupTask(5), true);
  assert.equal(one.stopCleanupTask(), true);
  assert.equal(other.stopCleanupTask(), true);
});

test('after a stop expiry is still exact', () => {
  const store = withDeadline(manual());
  store.startCleanupTask(5);
  store.stopCleanupTask();
  setExpired(store, 'short');
  assert.equal(store.has('short'), false);
  assert.equal(store.size(), 1);
});

test('a sweep leaves live entries alone', SLOW, async () => {
  const store = new MemoryStore({ cleanupInterval: 1 });
  const swept = weakly((index) => {
    const value = { index };
    store.set(`short ${index}`, value, 1);
    return value;
  });
  for (let index = 0; index < 5000; index += 1) {
    store.set(`permanent ${index}`, index);
    store.set(`long ${index}`, index, HOUR_MS);
  }
  await untilCollected(swept);
  assert.equal(store.size(), 10_000);
  for (let index = 0; index < 5000; index += 1) {
    assert.equal(store.get(`permanent ${index}`), index);
    assert.equal(store.get(`long ${index}`), index);
  }
});

test('reads, writes and renames amid a busy sweep are right', SLOW, async () => {
  const store = new MemoryStore({ cleanupInterval: 1 });
  const key = store.createKey('renamed 0');
  store.set(key, 'renamed', HOUR_MS);
  for (let round = 1; round <= 100; round += 1) {
    for (let index = 0; index < 200; index += 1) {
      store.set(`${round}:${index}`, index, 1 + (index % 4));
      store.set(`lasting ${index}`, round);
    }
    key.value = `renamed ${round}`;
    assert.equal(store.get(key), 'renamed');
    assert.equal(store.get('lasting 7'), round);
    await new Promise((resolve) => setImmediate(resolve));
  }
  passDeadline(4);
  assert.equal(store.size(), 201);
  assert.equal(store.get('renamed 100'), 'renamed');
});

test('a sweep of 300,000 entries leaves the rest in place', SLOW, async () => {
  const store = new MemoryStore({ cleanupInterval: 1 });
  for (let index = 0; index < 300_000; index += 1) store.set(`short ${index}`, index, 20);
  for (let index = 0; index < 1000; index += 1) store.set(`lasting ${index}`, index);
  passDeadline(20);
  let checked = 0;
  await waitUntil(() => {
    const index = (checked * 7) % 1000;
    assert.equal(store.get(`lasting ${index}`), index);
    assert.equal(store.has(`short ${(checked * 1009) % 300_000}`), false);
    checked += 1;
    return checked === 200;
  }, '200 checks are done');
  assert.equal(store.size(), 1000);
});
