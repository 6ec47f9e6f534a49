/**
 * Loads of a store that machines share: one factory for all objects, and what overtakes it.
 *
 * Must not know how a claim is kept. Invariant tested: what was made before a write to the key is
 * never there after it.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { PATIENCE_MS, carrierOf, claimOf, fleetTest, withClient } = require('../helpers/fleet.js');
const { heldFactory } = require('../helpers/flight.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HOUR_MS = 3_600_000;
/** Longer than it takes until a claim is renewed, shorter than it lasts. */
const LATE_MS = 1200;

fleetTest('one factory runs for all objects that ask', async (open) => {
  const stores = [open(), open(), open()];
  const { factory, runs } = heldFactory();
  const all = stores.flatMap((store) => {
    return Array.from({ length: 10 }, () => store.getOrSet('a', factory));
  });
  await waitUntil(() => runs.length === 1);
  runs[0].resolve({ made: 1 });
  for (const value of await Promise.all(all)) assert.deepEqual(value, { made: 1 });
  assert.equal(runs.length, 1);
});

const OVERTAKING = {
  set: (store) => store.set('a', 'newer'),
  delete: (store) => store.delete('a'),
  clear: (store) => store.clear(),
  increment: (store) => store.increment('a'),
  compareAndSet: (store) => store.compareAndSet('a', undefined, 'newer'),
};
for (const [what, overtake] of Object.entries(OVERTAKING)) {
  fleetTest(`${what} of another object overtakes a load`, async (open) => {
    const [one, other] = [open(), open()];
    const { factory, runs } = heldFactory();
    const made = one.getOrSet('a', factory);
    await waitUntil(() => runs.length === 1);
    await overtake(other);
    const left = await other.get('a');
    runs[0].resolve('older');
    assert.equal(await made, 'older');
    assert.equal(await one.get('a'), left);
    assert.notEqual(left, 'older');
  });
}

fleetTest('who asks after a delete does not wait for the load before it', async (open) => {
  const [one, other] = [open(), open()];
  const { factory, runs } = heldFactory();
  const old = one.getOrSet('a', factory);
  await waitUntil(() => runs.length === 1);
  await other.delete('a');
  assert.equal(await one.getOrSet('a', () => 'new'), 'new');
  runs[0].resolve('old');
  assert.equal(await old, 'old');
  assert.equal(await other.get('a'), 'new');
});

const REMOVING = {
  delete: (store) => store.delete('a'),
  invalidateTag: (store) => store.invalidateTag('t'),
};
for (const [what, remove] of Object.entries(REMOVING)) {
  fleetTest(`who asks after ${what} gets what others make since then`, async (open) => {
    const [one, other] = [open(), open()];
    const { factory, runs } = heldFactory();
    const options = { tags: ['t'] };
    const old = one.getOrSet('a', factory, options);
    await waitUntil(() => runs.length === 1);
    await remove(other);
    const since = other.getOrSet('a', factory, options);
    await waitUntil(() => runs.length === 2);
    const later = one.getOrSet('a', () => assert.fail('others make it'), options);
    // Answered behind it, over the same connection.
    await one.has('b');
    runs[0].resolve('old');
    assert.equal(await old, 'old');
    runs[1].resolve('new');
    assert.deepEqual(await Promise.all([since, later]), ['new', 'new']);
    assert.equal(await one.get('a'), 'new');
  });
}

fleetTest('a load that fails lets the next make the value', async (open) => {
  const [one, other] = [open(), open()];
  const { factory, runs } = heldFactory();
  const failing = one.getOrSet('a', factory);
  await waitUntil(() => runs.length === 1);
  const waiting = other.getOrSet('a', () => 'made');
  runs[0].reject(new Error('no source'));
  await assert.rejects(failing, /no source/);
  assert.equal(await waiting, 'made');
});

fleetTest('a stale value is given while one object renews it', async (open) => {
  const stores = [open(), open()];
  const how = { ttl: 1, staleMs: HOUR_MS };
  assert.equal(await stores[0].getOrSet('a', () => 1, how), 1);
  const { factory, runs } = heldFactory();
  await waitUntil(async () => {
    for (const store of stores) assert.equal(await store.getOrSet('a', factory, how), 1);
    return runs.length > 0;
  });
  for (const store of stores) assert.equal(await store.getOrSet('a', factory, how), 1);
  assert.equal(runs.length, 1);
  runs[0].resolve(2);
  await waitUntil(async () => (await stores[1].get('a')) === 2);
});

fleetTest('who is not patient makes the value himself, and leaves nothing', async (open) => {
  const [one, other] = [open(), open()];
  const { factory, runs } = heldFactory();
  const slow = one.getOrSet('a', factory);
  await waitUntil(() => runs.length === 1);
  assert.equal(await other.getOrSet('a', () => 'own', { factoryTimeoutMs: 50 }), 'own');
  assert.equal(await other.has('a'), false);
  runs[0].resolve('slow');
  assert.equal(await slow, 'slow');
  assert.equal(await other.get('a'), 'slow');
});

fleetTest('a signal ends the wait for others', async (open) => {
  const [one, other] = [open(), open()];
  const { factory, runs } = heldFactory();
  const slow = one.getOrSet('a', factory);
  await waitUntil(() => runs.length === 1);
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = other.getOrSet('a', () => assert.fail('not its turn'), { signal });
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  runs[0].resolve(1);
  assert.equal(await slow, 1);
});

fleetTest('who gives up before his load begins leaves no claim', (open) => {
  return withClient(async (client) => {
    const controller = new AbortController();
    const { signal } = controller;
    const carrier = carrierOf(client, async (send) => {
      const answer = await send();
      // Its lease does not end by itself.
      if (await client.persist(claimOf(far))) controller.abort(new Error('enough'));
      return answer;
    });
    const [far, other] = [open({ client: carrier }), open()];
    const loading = far.getOrSet('a', () => assert.fail('nobody waits'), { signal });
    await assert.rejects(loading, /enough/);
    await waitUntil(async () => !(await client.exists(claimOf(far))));
    assert.equal(await other.getOrSet('a', () => 'made'), 'made');
  });
});

fleetTest('a claim that comes while a renewal runs is left to others', (open) => {
  return withClient(async (client) => {
    const carrier = carrierOf(client, async (send) => {
      const answer = await send();
      await client.persist(claimOf(store));
      return answer;
    });
    const store = open({ client: carrier });
    const how = { ttl: 1, staleMs: HOUR_MS };
    await store.getOrSet('a', () => 1, how);
    const { factory, runs } = heldFactory();
    await waitUntil(async () => {
      assert.equal(await store.getOrSet('a', factory, how), 1);
      return runs.length === 1;
    });
    // As a write of others does, or a lease that is over.
    await client.del(claimOf(store));
    assert.equal(await store.getOrSet('a', factory, how), 1);
    await waitUntil(async () => !(await client.exists(claimOf(store))));
    assert.deepEqual([runs.length, runs[0].signal.aborted], [1, false]);
    runs[0].resolve(2);
  });
});

fleetTest('a load whose claim is told late makes its value all the same', (open) => {
  return withClient(async (client) => {
    let isLate = false;
    const carrier = carrierOf(client, async (send) => {
      const answer = await send();
      if (isLate) await pause(LATE_MS);
      return answer;
    });
    const [far, other] = [open({ client: carrier }), open()];
    await far.get('a');
    isLate = true;
    const how = { factoryTimeoutMs: PATIENCE_MS };
    assert.equal(await far.getOrSet('a', () => 'made', how), 'made');
    assert.equal(await other.get('a'), 'made', 'it had the claim');
  });
});

fleetTest('a load that all give up while it asks for its claim is not begun', (open) => {
  return withClient(async (client) => {
    const controller = new AbortController();
    const { factory, runs } = heldFactory();
    let asked = 0;
    const carrier = carrierOf(client, async (send) => {
      asked += 1;
      // The first found that others make the value; they fail before the second asks.
      if (asked !== 2) return send();
      runs[0].reject(new Error('no source'));
      await waitUntil(async () => !(await client.exists(claimOf(far))));
      const answer = await send();
      controller.abort(new Error('enough'));
      return answer;
    });
    const [far, other] = [open({ client: carrier }), open()];
    await far.get('b');
    const failing = assert.rejects(other.getOrSet('a', factory), /no source/);
    await waitUntil(() => runs.length === 1);
    asked = 0;
    const { signal } = controller;
    let began = 0;
    const begin = () => {
      began += 1;
    };
    await assert.rejects(far.getOrSet('a', begin, { signal }), /enough/);
    await failing;
    await waitUntil(async () => !(await client.exists(claimOf(far))));
    assert.equal(began, 0);
  });
});

fleetTest('what was made of a stale value is not what a failed renewal leaves', async (open) => {
  const [one, other] = [open(), open()];
  const options = { ttl: 1, staleMs: HOUR_MS, retryMs: HOUR_MS };
  await one.getOrSet('a', () => ({ list: [1] }), options);
  const { factory, runs } = heldFactory();
  let stale;
  await waitUntil(async () => {
    stale = await one.getOrSet('a', factory, options);
    return runs.length === 1;
  });
  stale.list.push(2);
  const told = [];
  one.on('error', (error) => told.push(error));
  runs[0].reject(new Error('of the factory'));
  await waitUntil(() => told.length === 1);
  // It is fresh again, once the failure has been noted.
  await waitUntil(async () => {
    const before = runs.length;
    const value = await other.getOrSet('a', factory, options);
    assert.deepEqual(value, { list: [1] });
    runs[before]?.reject(new Error('of the factory'));
    return runs.length === before;
  });
});
