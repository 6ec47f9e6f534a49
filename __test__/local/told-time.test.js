/**
 * A store whose owner tells the time: expiry, sweeps and events by that clock.
 *
 * Must not wait: time moves by hand.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { MemoryStore } = require('../../index.js');
const { MemoryStore: AsyncStore } = require('../../lib/adapters/drop-ins/memory-store.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HOUR_MS = 3_600_000;

/** A clock that is moved by hand, and a store that follows it. */
function told(options = {}, startMs = 0) {
  const clock = { ms: startMs };
  return { clock, store: new MemoryStore({ ...options, now: () => clock.ms }) };
}

describe('an entry expires when the clock says so', () => {
  for (const [name, options, startMs] of [
    ['from 0', {}, 0],
    ['from an epoch', {}, Date.now()],
    ['in a bounded store', { maxEntries: 10 }, 5],
    ['by a fraction of a millisecond', {}, 0.25],
  ]) {
    test(name, () => {
      const { clock, store } = told(options, startMs);
      store.set('key', 'value', { ttl: HOUR_MS });
      store.set('other', 'kept');
      assert.equal(store.ttl('key'), HOUR_MS);
      clock.ms = startMs + HOUR_MS - 1;
      // Read until it is in the near cache, too.
      for (let read = 0; read < 20; read += 1) assert.equal(store.get('key'), 'value');
      assert.equal(store.ttl('key'), 1);
      assert.equal(store.size(), 2);
      clock.ms = startMs + HOUR_MS;
      assert.equal(store.get('key'), undefined);
      assert.equal(store.has('key'), false);
      assert.equal(store.ttl('key'), undefined);
      assert.equal(store.size(), 1);
      assert.deepEqual(store.keys(), ['other']);
      assert.equal(store.add('key', 'again', { ttl: 1 }), true);
    });
  }
});

test('no time is left that was not given, whatever fraction of a millisecond it is', () => {
  const { clock, store } = told();
  // Numbers are less exact from each power of two on: a lifetime that reaches across it shows it.
  for (let round = 0; round < 6400; round += 1) {
    clock.ms = 2 ** (7 + Math.floor(round / 200)) - 49.5 + (round % 200) * 0.137;
    store.set('key', 'value', { ttl: 50 });
    assert.equal(store.ttl('key'), 50, `at ${clock.ms}`);
    assert.equal(store.getEntry('key').ttl, 50);
    clock.ms += 0.001;
    assert.equal(store.ttl('key'), 50, 'what has begun is whole');
  }
  store.close();
});

test('all that is due has gone when the time is moved far', () => {
  const { clock, store } = told();
  for (let key = 1; key <= 1000; key += 1) store.set(key, key, { ttl: key * 1000 });
  clock.ms = 500_000;
  assert.equal(store.size(), 500);
  assert.equal([...store.entries()].length, 500);
  clock.ms = 2 ** 40;
  assert.equal(store.size(), 0);
});

test('touch, update, counters and the default time count from the clock', () => {
  const { clock, store } = told({ ttl: 100 });
  store.set('touched', 1);
  store.set('updated', 1);
  clock.ms = 60;
  store.touch('touched', 100);
  store.update('updated', (value) => value + 1);
  assert.deepEqual(store.hit('hits', 1, { ttl: 50 }), { value: 1, ttl: 50 });
  clock.ms = 100;
  assert.equal(store.get('touched'), 1);
  assert.equal(store.has('updated'), false);
  assert.deepEqual(store.hit('hits', 1, { ttl: 50 }), { value: 2, ttl: 10 });
});

test('a stale value is renewed by the clock', async () => {
  const { clock, store } = told();
  let made = 0;
  const load = () => store.getOrSet('key', () => ++made, { ttl: 100, staleMs: 100 });
  assert.equal(await load(), 1);
  clock.ms = 99;
  assert.equal(await load(), 1);
  clock.ms = 100;
  assert.equal(await load(), 1);
  await waitUntil(() => store.get('key') === 2, 'the renewal has come');
  clock.ms = 400;
  assert.equal(await load(), 3);
});

test('who listens is told by the timers that there are', () => {
  const { setTimeout: own, clearTimeout: ownClear } = globalThis;
  const due = new Set();
  globalThis.setTimeout = (act, delayMs) => {
    const timer = { act, delayMs };
    due.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => due.delete(timer);
  try {
    const { clock, store } = told();
    const expired = [];
    store.on('expire', (key, value) => expired.push([key, value]));
    store.set('key', 'value', { ttl: 50 });
    for (const timer of [...due]) {
      // As timers are: not before they are due.
      clock.ms += timer.delayMs;
      due.delete(timer);
      timer.act();
    }
    assert.deepEqual(expired, [['key', 'value']]);
    // No timer takes a longer delay.
    store.set('key', 'value', { ttl: 1000 * HOUR_MS });
    assert.deepEqual(
      [...due].map(({ delayMs }) => delayMs),
      [2 ** 31 - 1],
    );
    store.close();
  } finally {
    Object.assign(globalThis, { setTimeout: own, clearTimeout: ownClear });
  }
});

describe('what keeps a deadline is gone when that passes, at whichever look of the call', () => {
  const increased = (value) => (value === undefined ? undefined : value + 1);
  for (const [name, write] of [
    ['update', (store) => store.update('key', increased)],
    ['replace', (store) => store.replace('key', 2, { ttl: 'keep' })],
    ['compareAndSet', (store) => store.compareAndSet('key', 1, 2, { ttl: 'keep' })],
    ['increment', (store) => store.increment('key', 1, { ifPresent: true })],
    ['touch', (store) => store.touch('key', 'keep')],
  ]) {
    for (const options of [{}, { maxEntries: 10 }]) {
      test(`${name}, ${JSON.stringify(options)}`, () => {
        for (let looks = 0; looks < 30; looks += 1) {
          let left = Number.POSITIVE_INFINITY;
          const now = () => {
            left -= 1;
            return left < 0 ? 10 : 9;
          };
          const store = new MemoryStore({ ...options, now });
          store.set('key', 1, { ttl: 1 });
          left = looks;
          write(store);
          left = 0;
          assert.equal(store.get('key'), undefined, `${looks} looks before`);
          assert.equal(store.size(), 0);
        }
      });
    }
  }
});

test('a clock that goes back stands still', () => {
  const { clock, store } = told({}, 1000);
  store.set('key', 1, { ttl: 10 });
  clock.ms = 0;
  assert.equal(store.ttl('key'), 10);
  clock.ms = 1005;
  assert.equal(store.ttl('key'), 5);
});

test('a clock may use stores, and close its own', () => {
  const other = new MemoryStore();
  let store;
  const now = () => {
    other.set('looks', (other.get('looks') ?? 0) + 1, { ttl: 7 * HOUR_MS });
    return 1;
  };
  store = new MemoryStore({ now });
  store.set('key', 'value', { ttl: HOUR_MS });
  assert.equal(store.ttl('key'), HOUR_MS);
  assert.ok(other.get('looks') > 1);
  let isEnd = false;
  store = new MemoryStore({
    now: () => {
      if (isEnd) store.close();
      return 1;
    },
  });
  store.set('key', 1, { ttl: 1 });
  isEnd = true;
  assert.throws(() => store.size(), { code: 'ERR_STORE_CLOSED' });
});

test('a clock that reads what is being removed brings nothing back', () => {
  const removals = {
    delete: (store) => store.delete('key'),
    take: (store) => store.take('key'),
    deleteMany: (store) => store.deleteMany(['key']),
    deleteWhere: (store) => store.deleteWhere({ prefix: 'key' }),
  };
  for (const [name, remove] of Object.entries(removals)) {
    let store;
    let reads = 0;
    const now = () => {
      for (; reads > 0; reads -= 1) store.get('key');
      return 1;
    };
    store = new MemoryStore({ now, autoStartCleanup: false });
    store.set('key', 'value', { ttl: HOUR_MS });
    for (let read = 0; read < 16; read += 1) store.get('key');
    reads = 16;
    remove(store);
    assert.equal(store.has('key'), false, name);
    assert.equal(store.get('key'), undefined, name);
  }
});

test('a deadline outlives a change that a wrong time has ended', () => {
  const changes = {
    touch: (store) => store.touch('key', 5000),
    set: (store) => store.set('key', 2, { ttl: 5000 }),
    setMany: (store) => store.setMany([['key', 2]], { ttl: 5000 }),
  };
  for (const [name, change] of Object.entries(changes)) {
    const clock = { ms: 1000, wrong: 0 };
    const now = () => (clock.wrong-- > 0 ? Number.NaN : clock.ms);
    const store = new MemoryStore({ now, autoStartCleanup: false });
    store.set('key', 1, { ttl: 1000 });
    clock.wrong = 1;
    assert.throws(() => change(store), { code: 'ERR_OUT_OF_RANGE' }, name);
    clock.wrong = 0;
    assert.equal(store.ttl('key'), 1000, name);
    assert.equal(store.getEntry('key').value, 1, name);
    assert.equal(
      store.update('key', (value) => value + 1),
      2,
      name,
    );
  }
});

test('what is no time is refused, and changes nothing', () => {
  assert.throws(() => new MemoryStore({ now: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const [ms, code] of [
    ['5', 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    [-1, 'ERR_OUT_OF_RANGE'],
    [Number.POSITIVE_INFINITY, 'ERR_OUT_OF_RANGE'],
  ]) {
    assert.throws(() => new MemoryStore({ now: () => ms }), { code });
    const { clock, store } = told();
    store.set('key', 'value', { ttl: 10 });
    clock.ms = ms;
    assert.throws(() => store.set('key', 'other'), { code });
    clock.ms = 1;
    assert.equal(store.get('key'), 'value');
  }
});

test('the async store follows it, too', async () => {
  const clock = { ms: 0 };
  const store = new AsyncStore({ now: () => clock.ms });
  await store.set('key', 'value', { ttl: 10 });
  clock.ms = 9;
  assert.equal(await store.get('key'), 'value');
  clock.ms = 10;
  assert.equal(await store.get('key'), undefined);
});
