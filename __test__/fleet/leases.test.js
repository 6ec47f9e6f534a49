/**
 * Leases at the server that nobody has the use of: of answers that are lost, of closed stores, of
 * callers that have given up.
 *
 * Must not know how a lease is kept. Invariant tested: it is given up long before it would end.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { deferred } = require('../helpers/deferred.js');
const { PATIENCE_MS, carrierOf, claimOf, fleetTest, withClient } = require('../helpers/fleet.js');
const { heldFactory } = require('../helpers/flight.js');
const { waitUntil } = require('../helpers/wait-until.js');

const never = () => assert.fail('nobody waits for it');

/** Lets a claim stand until somebody ends it. */
async function kept(client, store) {
  await waitUntil(async () => (await client.persist(claimOf(store))) === 1, 'it is claimed');
}

async function gone(client, store) {
  await waitUntil(async () => !(await client.exists(claimOf(store))), 'the claim is given up');
}

/** The name of the lock of key `a`. */
function lockOf({ name }) {
  return `${name}{a}l`;
}

/** A carrier that keeps answers back from `hold()` until `tell()`. */
function holdingCarrier(client) {
  const told = deferred();
  let isHeld = false;
  const carrier = carrierOf(client, async (send) => {
    const answer = await send();
    if (isHeld) await told.promise;
    return answer;
  });
  const hold = () => {
    isHeld = true;
  };
  const tell = () => {
    isHeld = false;
    told.resolve();
  };
  return { carrier, hold, tell };
}

fleetTest('a lock that too few servers know of is given up', async (open) => {
  // Replicas are waited for half of that.
  const [strict, other] = [open({ waitReplicas: 1, timeout: 8000 }), open()];
  await assert.rejects(strict.withLock('a', never), { code: 'ERR_NOT_REPLICATED' });
  assert.equal(await other.withLock('a', () => 'free', 2000), 'free');
});

fleetTest('a claim whose answer is lost is given up', (open) => {
  return withClient(async (client) => {
    const carrier = carrierOf(client, async (send) => {
      const answer = await send();
      if (await client.persist(claimOf(far))) throw new Error('the line is cut');
      return answer;
    });
    const [far, other] = [open({ client: carrier }), open()];
    await assert.rejects(far.getOrSet('a', never), { code: 'ERR_STORE_UNAVAILABLE' });
    await gone(client, far);
    assert.equal(await other.getOrSet('a', () => 'made'), 'made');
  });
});

fleetTest('of two claims that are told at once the first is over', (open) => {
  return withClient(async (client) => {
    const [dropped, both] = [deferred(), deferred()];
    let asked = Number.NEGATIVE_INFINITY;
    let sent = 0;
    const carrier = carrierOf(client, async (send) => {
      sent += 1;
      const answer = await send();
      asked += 1;
      if (asked === 1) {
        // As a write of others does.
        await client.del(claimOf(far));
        dropped.resolve();
      }
      if (asked === 2) both.resolve();
      if (asked === 1 || asked === 2) await both.promise;
      return answer;
    });
    const far = open({ client: carrier });
    await far.get('b');
    asked = 0;
    const { factory, runs } = heldFactory();
    const first = far.getOrSet('a', factory);
    await dropped.promise;
    const second = far.getOrSet('a', factory);
    await waitUntil(() => runs.length === 1);
    runs[0].resolve('made');
    assert.deepEqual(await Promise.all([first, second]), ['made', 'made']);
    const before = sent;
    await far.close();
    assert.equal(sent, before, 'no claim is left to be ended');
  });
});

fleetTest('a store that is closed gives up the claims of its loads', (open) => {
  return withClient(async (client) => {
    const [one, other] = [open(), open()];
    const { factory, runs } = heldFactory();
    const loading = one.getOrSet('a', factory);
    await waitUntil(() => runs.length === 1);
    await kept(client, one);
    await one.close();
    await gone(client, one);
    assert.equal(await other.getOrSet('a', () => 'made'), 'made');
    runs[0].resolve('late');
    assert.equal(await loading, 'late');
    assert.equal(await other.get('a'), 'made');
  });
});

fleetTest('it gives up its locks, too, and tells their tasks', (open) => {
  return withClient(async (client) => {
    const [one, other] = [open(), open()];
    const task = async ({ signal }) => {
      assert.equal(await client.persist(lockOf(one)), 1);
      await one.close();
      assert.equal(signal.aborted, true);
      assert.equal(signal.reason.code, 'ERR_LOCK_LOST');
      await waitUntil(async () => !(await client.exists(lockOf(one))), 'it is given up');
    };
    await one.withLock('a', task);
    assert.equal(await other.withLock('a', () => 'free'), 'free');
  });
});

fleetTest('a lock that was lost is given up with its task', (open) => {
  return withClient(async (client) => {
    const told = deferred();
    let isHeld = false;
    const carrier = carrierOf(client, async (send) => {
      const answer = await send();
      // As if each renewal had just been done.
      await client.persist(lockOf(far));
      if (isHeld) await told.promise;
      return answer;
    });
    const far = open({ client: carrier });
    const task = async ({ signal }) => {
      isHeld = true;
      await waitUntil(() => signal.aborted, 'no renewal is answered');
      assert.equal(await client.exists(lockOf(far)), 1);
      isHeld = false;
      told.resolve();
    };
    await far.withLock('a', task, { leaseMs: 500 });
    await waitUntil(async () => !(await client.exists(lockOf(far))), 'it is given up');
  });
});

fleetTest('so does one that has not been told that it has them', (open) => {
  return withClient(async (client) => {
    const { carrier, hold, tell } = holdingCarrier(client);
    const far = open({ client: carrier });
    await far.get('a');
    hold();
    const loading = far.getOrSet('a', never);
    const locking = far.withLock('a', never);
    await kept(client, far);
    await far.close();
    await gone(client, far);
    tell();
    for (const asked of [loading, locking]) {
      await assert.rejects(asked, { code: 'ERR_STORE_CLOSED' });
    }
    assert.equal(await open().withLock('a', () => 'free', 2000), 'free');
  });
});

fleetTest('a signal ends what asks the server, and leaves nothing there', (open) => {
  return withClient(async (client) => {
    const { carrier, hold, tell } = holdingCarrier(client);
    const [far, other] = [open({ client: carrier }), open()];
    await far.get('a');
    hold();
    const controller = new AbortController();
    const { signal } = controller;
    const asked = [far.getOrSet('a', never, { signal }), far.withLock('a', never, { signal })];
    await kept(client, far);
    controller.abort(new Error('enough'));
    for (const one of asked) await assert.rejects(one, /enough/);
    tell();
    await gone(client, far);
    assert.equal(await other.withLock('a', () => 'free', 2000), 'free');
  });
});

fleetTest('nobody waits in vain for the same claim again', async (open) => {
  const [one, other] = [open(), open()];
  const { factory, runs } = heldFactory();
  const hanging = one.getOrSet('a', factory, { factoryTimeoutMs: Infinity });
  await waitUntil(() => runs.length === 1);
  assert.equal(await other.getOrSet('a', () => 'own', { factoryTimeoutMs: 200 }), 'own');
  const again = other.getOrSet('a', () => 'again', { factoryTimeoutMs: 2 * PATIENCE_MS });
  assert.equal(
    await Promise.race([again, pause(PATIENCE_MS, 'it waits', { ref: false })]),
    'again',
  );
  // Until that has ended.
  runs[0].resolve('made');
  assert.equal(await hanging, 'made');
  assert.equal(await other.getOrSet('a', never), 'made');
});
