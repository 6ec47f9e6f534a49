/**
 * A store with `clock: 'coarse'`: entries are never gone too early, and gone soon.
 *
 * Must not know who counts milliseconds. Invariant tested: a hit is judged by a time that goes on
 * by itself, also in a loop that lets nothing else run, and when nobody has asked for a while.
 */
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { describe, test } = require('node:test');
const { Worker } = require('node:worker_threads');
const MemoryStore = require('../../index.js');
const { CoarseTable } = require('../../lib/local/table/coarse-table.js');
const { time } = require('../../lib/native/clock.js');
const { ticks } = require('../../lib/native/loader.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const TTL_MS = 30;
/** Longer than anybody counts for nobody. */
const LONG_MS = 150;
/** Reads after which a key is hot. */
const READS = 50;

const LOOKS = {
  get: (store) => store.get('key') !== undefined,
  has: (store) => store.has('key'),
};

/** A store with a hot entry, and when it was set. */
function withHot(options, ttlMs = TTL_MS) {
  const store = new MemoryStore({ clock: 'coarse', ...options });
  const setAtMs = performance.now();
  store.set('key', 'value', { ttl: ttlMs });
  for (let read = 0; read < READS; read += 1) store.get('key');
  return { store, setAtMs };
}

function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('an entry is gone after its deadline and not before', () => {
  for (const options of [{}, { maxEntries: 10 }]) {
    for (const [name, isThere] of Object.entries(LOOKS)) {
      test(
        `${name}, in a loop that lets nothing else run, ${JSON.stringify(options)}`,
        SLOW,
        () => {
          const { store, setAtMs } = withHot(options);
          // Ends: with the entry.
          while (isThere(store));
          assert.ok(performance.now() - setAtMs >= TTL_MS);
          assert.equal(store.ttl('key'), undefined);
          store.close();
        },
      );

      test(`${name}, after a rest, ${JSON.stringify(options)}`, SLOW, () => {
        for (let round = 0; round < 3; round += 1) {
          const { store } = withHot(options, LONG_MS);
          block(LONG_MS + 1);
          while (isThere(store));
          const { store: other } = withHot(options, HOUR_MS);
          block(LONG_MS);
          assert.equal(isThere(other), true);
          store.close();
          other.close();
        }
      });
    }
  }

  test('in a worker, while this thread looks as well', SLOW, async () => {
    const { store } = withHot({}, HOUR_MS);
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const MemoryStore = require(workerData);
      const store = new MemoryStore({ clock: 'coarse' });
      const setAtMs = performance.now();
      store.set('key', 'value', { ttl: ${TTL_MS} });
      while (store.get('key') !== undefined);
      parentPort.postMessage(performance.now() - setAtMs);`;
    const workerData = path.join(__dirname, '..', '..', 'index.js');
    const worker = new Worker(code, { eval: true, workerData });
    let tookMs;
    const ended = new Promise((resolve, reject) => {
      worker.on('message', (message) => (tookMs = message));
      worker.on('error', reject);
      worker.on('exit', resolve);
    });
    await waitUntil(() => LOOKS.get(store) && tookMs !== undefined, 'the entry of the worker ends');
    await ended;
    assert.ok(tookMs >= TTL_MS, `${tookMs} ms`);
    assert.equal(store.get('key'), 'value');
    store.close();
  });
});

test('what says a time is exact', () => {
  const { store } = withHot({}, HOUR_MS);
  store.touch('key', 1000);
  const leftMs = store.ttl('key');
  assert.ok(leftMs <= 1000 && leftMs > 0, `${leftMs}`);
  assert.deepEqual(store.getEntry('key').value, 'value');
  store.set('key', 'other', { expiresAt: Date.now() - 1 });
  assert.equal(store.get('key'), undefined);
  store.close();
});

describe('what is found by a time that is a little old is written to at once:', () => {
  const { moment } = CoarseTable.prototype;
  const calls = {
    update: (store) => {
      const seen = [];
      store.update('key', (value) => {
        seen.push(value);
        return 'changed';
      });
      assert.deepEqual(seen, ['value']);
    },
    compareAndSet: (store) => assert.equal(store.compareAndSet('key', 'value', 'changed'), true),
    'compareAndSet of none': (store) => {
      assert.equal(store.compareAndSet('key', undefined, 'other'), false);
    },
    getEntry: (store) => {
      assert.deepEqual(store.getEntry('key'), { value: 'value', ttl: 1, tags: [] });
    },
    ttl: (store) => assert.equal(store.ttl('key'), 1),
  };
  for (const options of [{}, { maxEntries: 10 }]) {
    for (const [name, call] of Object.entries(calls)) {
      test(`${name}, ${JSON.stringify(options)}`, () => {
        const { store } = withHot(options);
        const nowMs = time();
        CoarseTable.prototype.moment = () => nowMs;
        try {
          block(TTL_MS + 1);
          assert.equal(store.has('key'), true);
          call(store);
        } finally {
          CoarseTable.prototype.moment = moment;
        }
        store.close();
      });
    }
  }
});

test('writes, events and counters are those of any store', SLOW, async () => {
  const { store } = withHot({}, TTL_MS);
  const told = [];
  store.on('expire', (key) => told.push(key));
  assert.equal(store.increment('count', 1, { ttl: HOUR_MS }), 1);
  for (let read = 0; read < READS; read += 1) assert.equal(store.get('count'), 1);
  assert.equal(store.increment('count'), 2);
  assert.equal(store.get('count'), 2);
  assert.equal(store.delete('count'), true);
  assert.equal(store.get('count'), undefined);
  await waitUntil(() => told.length > 0, 'the listener is told');
  assert.deepEqual(told, ['key']);
  store.close();
});

/** Only there the thread that sends itself a signal is surely the one that gets it. */
const WAKES =
  process.platform === 'linux' && ticks !== undefined ? SLOW : { skip: 'cannot be seen' };

test('a time that was read before the process was stopped is old when it goes on', WAKES, () => {
  const { store } = withHot({}, HOUR_MS);
  for (let round = 0; round < READS; round += 1) {
    while (ticks[0] === 0) store.get('key');
    const { 0: count } = ticks;
    // The signal by which it goes on; a count of the next millisecond would be another, too.
    process.kill(process.pid, 'SIGCONT');
    assert.notEqual(ticks[0], count);
  }
  store.close();
});

test('a process that has looked ends by itself', SLOW, () => {
  const index = path.join(__dirname, '..', '..', 'index.js');
  const program = `
    const MemoryStore = require(${JSON.stringify(index)});
    const store = new MemoryStore({ clock: 'coarse' });
    store.set('key', 'value', { ttl: 60_000 });
    for (let read = 0; read < ${READS}; read += 1) store.get('key');
    console.log(store.get('key'));`;
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  assert.equal(
    execFileSync(process.execPath, ['-e', program], { env, encoding: 'utf8' }),
    'value\n',
  );
});

describe('the option is refused', () => {
  for (const [code, options] of [
    ['ERR_INVALID_ARG_VALUE', { clock: 'fast' }],
    ['ERR_INVALID_ARG_TYPE', { clock: true }],
    ['ERR_INVALID_ARG_TYPE', { clock: null }],
    ['ERR_INVALID_ARG_VALUE', { clock: 'coarse', now: () => 0 }],
    ['ERR_INVALID_ARG_VALUE', { clock: 'exact', now: () => 0 }],
  ]) {
    test(JSON.stringify({ ...options, now: typeof options.now }), () => {
      assert.throws(() => new MemoryStore(options), { name: 'TypeError', code, message: /clock/ });
    });
  }
  test('but not what says the default', () => {
    for (const clock of ['exact', undefined]) new MemoryStore({ clock }).close();
    new MemoryStore({ clock: undefined, now: () => 0 }).close();
  });
});
