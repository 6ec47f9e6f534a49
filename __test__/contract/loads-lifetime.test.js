/**
 * How long a load of `getOrSet` lives: to its factory's end, its time, or when all have left.
 *
 * Must not know how a load is ended. Invariant tested: nobody waits for what never comes, and the
 * next caller's factory runs.
 */
const assert = require('node:assert/strict');
const { assertLate, heldFactory, outcomes, turn } = require('../helpers/flight.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { HOUR_MS, passDeadline, property } = require('./contract.js');

const notNeeded = () => assert.fail('the factory is not needed');
const TOO_LATE = 'ERR_FACTORY_TIMEOUT';
const STALE = { ttl: 1, staleMs: HOUR_MS };

property('a factory that takes too long ends for all who wait', async (store) => {
  const { factory, runs } = heldFactory();
  const options = { factoryTimeoutMs: 20 };
  const all = [1, 2, 3].map(() => store.getOrSet('a', factory, options));
  for (const { reason } of await outcomes(all)) {
    assert.equal(reason.code, TOO_LATE);
    assert.match(reason.message, /"a".* 20 ms/);
  }
  assert.equal(runs.length, 1);
  assert.equal(runs[0].signal.aborted, true);
  assert.equal(runs[0].signal.reason.code, TOO_LATE);
  assert.equal(await store.getOrSet('a', () => 'next'), 'next');
  runs[0].resolve('late');
  await turn();
  assert.equal(await store.get('a'), 'next');
  assert.equal((await store.stats()).loadErrors, 1);
});

property('what comes too late is not stored', async (store) => {
  const { factory, runs } = heldFactory();
  await assertLate(store.getOrSet('a', factory, { factoryTimeoutMs: 1 }));
  runs[0].resolve('late');
  await turn();
  assert.equal(await store.has('a'), false);
});

property('a factory that answers at once, or in time, is never late', async (store) => {
  for (const make of [() => 'made', async () => 'made', () => ({ made: true })]) {
    await store.delete('a');
    const value = await store.getOrSet('a', make, { factoryTimeoutMs: 1 });
    assert.deepEqual(value, await make());
    passDeadline(2);
    await turn();
    assert.deepEqual(await store.get('a'), value);
  }
  assert.equal((await store.stats()).loadErrors, 0);
});

property('without a limit a factory may take for ever', { needs: ['at hand'] }, async (store) => {
  const { factory, runs } = heldFactory();
  const loading = store.getOrSet('a', factory, { factoryTimeoutMs: Infinity });
  await turn();
  runs[0].resolve('made');
  assert.equal(await loading, 'made');
});

property('a factory that hangs after a newer write ends for who waits', async (store) => {
  const { factory } = heldFactory();
  const loading = store.getOrSet('a', factory, { factoryTimeoutMs: 20 });
  const expected = assertLate(loading);
  await turn();
  await store.set('a', 'newer');
  await expected;
  assert.equal(await store.get('a'), 'newer');
});

property('a renewal that hangs loses no key', async (store) => {
  const { factory, runs } = heldFactory();
  await store.getOrSet('a', () => 'old', STALE);
  passDeadline(1);
  const hanging = { ...STALE, factoryTimeoutMs: 20, retryMs: 0 };
  assert.equal(await store.getOrSet('a', factory, hanging), 'old');
  await waitUntil(() => runs[0]?.signal.aborted, 'the renewal is ended');
  assert.equal(await store.getOrSet('a', () => 'new', hanging), 'old');
  await waitUntil(async () => (await store.get('a')) === 'new', 'another renewal is stored');
});

property('who joins a renewal that hangs is told', async (store) => {
  const { factory } = heldFactory();
  const tooLate = () => {
    throw new Error('it had ended by then');
  };
  let joined;
  for (let hangsMs = 40; hangsMs < 60_000; hangsMs *= 4) {
    await store.delete('a');
    await store.getOrSet('a', () => 'old', STALE);
    passDeadline(1);
    await store.getOrSet('a', factory, { ...STALE, factoryTimeoutMs: hangsMs });
    // Its entry ends before it does.
    await store.touch('a', 1);
    passDeadline(1);
    [joined] = await outcomes([store.getOrSet('a', tooLate, { factoryTimeoutMs: HOUR_MS })]);
    // On a busy machine the renewal may have ended before somebody joins.
    if (joined.reason?.message !== 'it had ended by then') break;
  }
  assert.equal(joined.reason?.code, 'ERR_FACTORY_TIMEOUT');
  assert.equal(await store.getOrSet('a', () => 'next'), 'next');
});

property(
  'a load that all have left goes on to its end where that is wanted',
  { needs: ['at hand'] },
  async (store) => {
    const { factory, runs } = heldFactory();
    const options = { whenAbandoned: 'finish' };
    const aborts = [new AbortController(), new AbortController()];
    const all = aborts.map(({ signal }) => store.getOrSet('a', factory, { ...options, signal }));
    await turn();
    for (const abort of aborts) abort.abort();
    for (const { reason } of await outcomes(all)) assert.equal(reason.name, 'AbortError');
    assert.equal(runs[0].signal.aborted, false);
    const joined = store.getOrSet('a', notNeeded);
    runs[0].resolve('made');
    assert.equal(await joined, 'made');
    assert.equal(await store.get('a'), 'made');
  },
);

property(
  'a source that is slower than all who ask is stored in the end',
  { needs: ['at hand'] },
  async (store) => {
    const { factory, runs } = heldFactory();
    for (let round = 0; round < 5; round += 1) {
      const abort = new AbortController();
      const options = { whenAbandoned: 'finish', signal: abort.signal };
      const asked = [1, 2].map(() => store.getOrSet('a', factory, options));
      abort.abort();
      await outcomes(asked);
    }
    assert.equal(runs.length, 1);
    runs[0].resolve('made');
    await waitUntil(async () => store.has('a'), 'it is stored');
    assert.equal(await store.getOrSet('a', notNeeded), 'made');
  },
);

property(
  'a load that was left ends by its time all the same',
  { needs: ['at hand'] },
  async (store) => {
    const { factory, runs } = heldFactory();
    const abort = new AbortController();
    const options = { whenAbandoned: 'finish', factoryTimeoutMs: 20, signal: abort.signal };
    const loading = store.getOrSet('a', factory, options);
    await turn();
    abort.abort();
    await assert.rejects(loading, { name: 'AbortError' });
    await waitUntil(() => runs[0].signal.aborted, 'it is ended');
    assert.equal(await store.getOrSet('a', () => 'next'), 'next');
  },
);

/** A signal of another make: one that says no reason. */
function foreignSignal() {
  const listeners = new Set();
  const signal = {
    aborted: false,
    addEventListener: (_name, listener) => listeners.add(listener),
    removeEventListener: (_name, listener) => listeners.delete(listener),
  };
  const abort = () => {
    signal.aborted = true;
    for (const listener of [...listeners]) listener({ type: 'abort' });
  };
  return { signal, abort, listeners };
}

property('a signal of another make ends the wait', { needs: ['at hand'] }, async (store) => {
  const { factory, runs } = heldFactory();
  const { signal, abort, listeners } = foreignSignal();
  const loading = store.getOrSet('a', factory, { signal });
  await turn();
  abort();
  await assert.rejects(loading, { name: 'AbortError' });
  assert.equal(runs[0].signal.aborted, true);
  await assert.rejects(store.getOrSet('a', notNeeded, { signal }), { name: 'AbortError' });
  const other = foreignSignal();
  assert.equal(await store.getOrSet('a', async () => 'made', { signal: other.signal }), 'made');
  assert.equal(listeners.size <= 1 && other.listeners.size === 0, true);
});

property(
  'three thousand keys at once are each made once',
  { needs: ['at hand'] },
  async (store) => {
    const keys = Array.from({ length: 3000 }, (_, index) => `k${index}`);
    const runs = new Map();
    const gate = {};
    const opened = new Promise((resolve) => Object.assign(gate, { resolve }));
    const factory = async (key) => {
      runs.set(key, (runs.get(key) ?? 0) + 1);
      await opened;
      return key;
    };
    const all = [...keys, ...keys].map((key) => store.getOrSet(key, factory));
    await turn();
    assert.equal(runs.size, keys.length);
    gate.resolve();
    assert.deepEqual(await Promise.all(all), [...keys, ...keys]);
    assert.deepEqual(new Set(runs.values()), new Set([1]));
    assert.equal(await store.size(), keys.length);
    // No claim is left behind.
    for (const key of keys) await store.delete(key);
    assert.deepEqual(
      await Promise.all(keys.map((key) => store.getOrSet(key, () => 1))),
      keys.map(() => 1),
    );
  },
);
