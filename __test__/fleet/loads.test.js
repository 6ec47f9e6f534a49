/**
 * Loads of a store that machines share: one factory for all objects, and what overtakes it.
 *
 * Must not know how a claim is kept. Invariant tested: what was made before a write to the key is
 * never there after it.
 */
const assert = require('node:assert/strict');
const { fleetTest } = require('../helpers/fleet.js');
const { heldFactory } = require('../helpers/flight.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HOUR_MS = 3_600_000;

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
