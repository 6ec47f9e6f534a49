/**
 * Locks of a fleet: one holder at a time, leases, and numbers that refuse the writes of old.
 *
 * Must not know how a lease is renewed. Invariant tested: the numbers of a key rise with each
 * holder.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { deferred } = require('../helpers/deferred.js');
const { fleetTest, withClient } = require('../helpers/fleet.js');
const { waitUntil } = require('../helpers/wait-until.js');

const LONG = { timeout: 60_000 };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

fleetTest('tasks of all objects run one after another', async (open) => {
  const stores = [open(), open(), open()];
  let running = 0;
  const tokens = [];
  const task = async ({ token }) => {
    running += 1;
    assert.equal(running, 1);
    tokens.push(token);
    await pause(1);
    running -= 1;
    return token;
  };
  const tasks = stores.flatMap((store) => {
    return Array.from({ length: 5 }, () => store.withLock('a', task, LONG));
  });
  assert.equal(new Set(await Promise.all(tasks)).size, 15);
  assert.deepEqual(
    tokens,
    tokens.toSorted((one, other) => one - other),
  );
});

fleetTest('who waits too long is told, and a signal ends the wait', async (open) => {
  const [one, other] = [open(), open()];
  const gate = deferred();
  const entered = deferred();
  const held = one.withLock('a', () => {
    entered.resolve();
    return gate.promise;
  });
  await entered.promise;
  const never = () => assert.fail('not its turn');
  await assert.rejects(other.withLock('a', never, 20), { code: 'ERR_LOCK_TIMEOUT' });
  const controller = new AbortController();
  const waiting = other.withLock('a', never, { ...LONG, signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(await other.withLock('b', () => 'another key'), 'another key');
  gate.resolve('done');
  assert.equal(await held, 'done');
  assert.equal(await other.withLock('a', () => 'mine', LONG), 'mine');
});

fleetTest('what a task throws is told, and the lock is free', async (open) => {
  const store = open();
  const failing = store.withLock('a', () => {
    throw new Error('failed');
  });
  await assert.rejects(failing, /failed/);
  assert.equal(await store.withLock('a', () => 'next'), 'next');
});

const WRITES = {
  set: (store, fence) => store.set('a', 2, { fence }),
  add: (store, fence) => store.add('a', 2, { fence }),
  replace: (store, fence) => store.replace('a', 2, { fence }),
  update: (store, fence) => store.update('a', () => 2, { fence }),
  compareAndSet: (store, fence) => store.compareAndSet('a', 1, 2, { fence }),
  increment: (store, fence) => store.increment('a', 1, { fence }),
  hit: (store, fence) => store.hit('a', 1, { fence }),
  setMany: (store, fence) => store.setMany([['a', 2]], { fence }),
};
for (const [what, write] of Object.entries(WRITES)) {
  fleetTest(`${what} of a holder of old is refused`, async (open) => {
    const store = open();
    const old = await store.withLock('a', (lock) => lock);
    await store.withLock('a', (lock) => store.set('a', 1, { fence: lock }));
    await assert.rejects(write(store, old), { name: 'StoreError', code: 'ERR_FENCED' });
    assert.equal(await store.get('a'), 1);
    await store.withLock('a', (lock) => write(store, lock));
  });
}

fleetTest('a fence outlives the key', async (open) => {
  const store = open();
  const old = await store.withLock('a', (lock) => lock);
  await store.withLock('a', (lock) => store.set('a', 1, { fence: lock }));
  await store.delete('a');
  await store.clear();
  await assert.rejects(store.set('a', 0, { fence: old }), { code: 'ERR_FENCED' });
});

fleetTest('a lock that is renewed keeps its fence, too', (open) => {
  return withClient(async (client) => {
    const store = open();
    const fence = `${store.name}{a}f`;
    const task = async (lock) => {
      // As if the task had run for a day.
      await client.pExpire(fence, MINUTE_MS);
      await waitUntil(async () => (await client.pTTL(fence)) > HOUR_MS, 'it lives on');
      return lock;
    };
    const old = await store.withLock('a', task, { leaseMs: 3000 });
    assert.equal(await store.withLock('a', ({ token }) => token), old.token + 1);
  });
});

fleetTest('a task that takes longer than its lease keeps the lock', async (open) => {
  const [one, other] = [open(), open()];
  const gate = deferred();
  const entered = deferred();
  const held = one.withLock(
    'a',
    async (lock) => {
      entered.resolve();
      await gate.promise;
      return lock.signal.aborted;
    },
    { leaseMs: 3000 },
  );
  await entered.promise;
  await assert.rejects(
    other.withLock('a', () => assert.fail('held'), 4500),
    { code: 'ERR_LOCK_TIMEOUT' },
  );
  gate.resolve();
  assert.equal(await held, false);
});

fleetTest('a lease that is lost is told by the signal', async (open) => {
  const [one, other] = [open(), open()];
  await one.withLock(
    'a',
    async ({ signal }) => {
      await withClient((client) => client.del(`${one.name}{a}l`));
      await waitUntil(() => signal.aborted);
      assert.equal(signal.reason.code, 'ERR_LOCK_LOST');
    },
    { leaseMs: 200 },
  );
  assert.equal(await other.withLock('a', () => 'free', LONG), 'free');
});

fleetTest('bad options are refused', async (open) => {
  const store = open();
  await assert.rejects(store.withLock('a'), { code: 'ERR_MISSING_ARGS' });
  await assert.rejects(store.withLock('a', 1), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(
    store.withLock('a', () => {}, { leaseMs: 1 }),
    { code: 'ERR_OUT_OF_RANGE' },
  );
  await assert.rejects(
    store.withLock('a', () => {}, { lease: 1 }),
    { code: 'ERR_UNKNOWN_OPTION' },
  );
  await assert.rejects(store.set('a', 1, { fence: 7 }), { code: 'ERR_INVALID_ARG_TYPE' });
});
