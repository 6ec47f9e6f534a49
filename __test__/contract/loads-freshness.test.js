/**
 * When an entry is stale: what made it says so, and it is kept with the entry.
 *
 * Must not know where that is kept. Invariant tested: what was set is fresh to its deadline,
 * whatever a later call says, and what a load made is stale after its ttl.
 */
const assert = require('node:assert/strict');
const { heldFactory, turn } = require('../helpers/flight.js');
const { withFile } = require('../helpers/snapshot-files.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { HOUR_MS, passDeadline, property, propertyColdAndWarm } = require('./contract.js');

const STALE = { ttl: 1, staleMs: HOUR_MS };
const notNeeded = () => assert.fail('the factory is not needed');

/** Asserts that no call renews what is there. */
async function assertFresh(store, key, value) {
  for (const options of [STALE, { staleMs: 10 * HOUR_MS }, { ttl: HOUR_MS, staleMs: 2 ** 53 }]) {
    assert.deepEqual(await store.getOrSet(key, notNeeded, options), value);
    await turn();
  }
}

/** Asserts that a call renews what is there. */
async function assertStale(store, key, value) {
  const { factory, runs } = heldFactory();
  assert.deepEqual(await store.getOrSet(key, factory, { ...STALE, retryMs: 0 }), value);
  assert.equal(runs.length, 1, 'it is renewed');
  runs[0].reject(new Error('another time'));
  await turn();
}

async function setStale(store, key, value = 'old') {
  await store.getOrSet(key, () => value, STALE);
  passDeadline(1);
}

propertyColdAndWarm('what was set is fresh to its deadline', async (store, _scope, heat) => {
  await store.set('a', 'set', HOUR_MS);
  await store.add('b', 'added', HOUR_MS);
  await store.setMany([['c', 'many']], HOUR_MS);
  await store.hit('d', 1, HOUR_MS);
  await store.set('ever', 'set');
  await heat(store, 'a', 'b', 'c', 'd', 'ever');
  const all = { a: 'set', b: 'added', c: 'many', d: 1, ever: 'set' };
  for (const [key, value] of Object.entries(all)) await assertFresh(store, key, value);
});

propertyColdAndWarm('what a load made is stale after its ttl', async (store, _scope, heat) => {
  await store.getOrSet('fresh', () => 'made', { ttl: HOUR_MS, staleMs: 2 * HOUR_MS });
  await store.getOrSet('plain', () => 'made', { ttl: HOUR_MS });
  await setStale(store, 'a', { n: [1] });
  await setStale(store, 'number', 7);
  await heat(store, 'fresh', 'plain', 'a', 'number');
  await assertFresh(store, 'fresh', 'made');
  await assertFresh(store, 'plain', 'made');
  await assertStale(store, 'a', { n: [1] });
  await assertStale(store, 'number', 7);
  // Who asks for no renewal gets what is there.
  assert.deepEqual(await store.getOrSet('a', notNeeded), { n: [1] });
});

property('a point in time may be when it turns stale', async (store) => {
  const expiresAt = new Date(Date.now() - HOUR_MS);
  await store.getOrSet('a', () => 'made', { expiresAt, staleMs: 2 * HOUR_MS });
  await assertStale(store, 'a', 'made');
});

/** Writes that give an entry another deadline: it is fresh until that. */
const FRESHENS = {
  set: (store) => store.set('a', 'new', HOUR_MS),
  'set of the same value': (store) => store.set('a', 'old', HOUR_MS),
  touch: (store) => store.touch('a', HOUR_MS),
  replace: (store) => store.replace('a', 'new', HOUR_MS),
  'delete and set': async (store) => {
    await store.delete('a');
    await store.set('a', 'new', HOUR_MS);
  },
  'clear and set': async (store) => {
    await store.clear();
    await store.set('a', 'new', HOUR_MS);
  },
  'update with a ttl': (store) => store.update('a', () => 'new', { ttl: HOUR_MS }),
  compareAndSet: (store) => store.compareAndSet('a', 'old', 'new', HOUR_MS),
};
for (const [what, write] of Object.entries(FRESHENS)) {
  property(`${what} makes it fresh`, async (store) => {
    await setStale(store, 'a');
    await write(store);
    await assertFresh(store, 'a', await store.get('a'));
  });
}

/** Writes that keep the deadline: it is as stale as before. */
const KEEPS = {
  update: (store) => store.update('a', () => 'new'),
  'set with the ttl kept': (store) => store.set('a', 'new', { ttl: 'keep' }),
};
for (const [what, write] of Object.entries(KEEPS)) {
  property(`${what} leaves it stale`, async (store) => {
    await setStale(store, 'a');
    await write(store);
    await assertStale(store, 'a', 'new');
  });
}

property('a counter leaves it stale', async (store) => {
  await setStale(store, 'a', 5);
  await store.increment('a');
  await assertStale(store, 'a', 6);
});

property('a key in the place of one that was stale is fresh', async (store) => {
  for (let round = 0; round < 20; round += 1) {
    await setStale(store, 'a');
    await store.delete('a');
    await store.set('b', 'set', HOUR_MS);
    await assertFresh(store, 'b', 'set');
    await store.delete('b');
  }
});

property('after a renewal that fails the next comes after retryMs', async (store) => {
  await setStale(store, 'a');
  let runs = 0;
  const fail = async () => {
    runs += 1;
    throw new Error('on purpose');
  };
  assert.equal(await store.getOrSet('a', fail, { ...STALE, retryMs: 1 }), 'old');
  await turn();
  assert.equal(await store.getOrSet('a', fail, { ...STALE, retryMs: HOUR_MS }), 'old');
  // By then the first pause is over.
  await waitUntil(async () => {
    await store.getOrSet('a', fail, { ...STALE, retryMs: HOUR_MS });
    return runs === 2;
  }, 'it is tried again');
  await turn();
  for (let round = 0; round < 100; round += 1) {
    assert.equal(await store.getOrSet('a', fail, STALE), 'old');
    await turn();
  }
  assert.equal(runs, 2);
});

property(
  'a renewal that failed is tried again by nobody',
  { needs: ['shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    await setStale(store, 'a');
    const fail = () => Promise.reject(new Error('on purpose'));
    await store.getOrSet('a', fail, { ...STALE, retryMs: HOUR_MS });
    await turn();
    assert.equal(await other.getOrSet('a', notNeeded, STALE), 'old');
    other.close();
  },
);

property('a renewal makes it fresh once more', async (store) => {
  await setStale(store, 'a');
  await store.getOrSet('a', () => 'new', { ttl: HOUR_MS, staleMs: HOUR_MS });
  await waitUntil(async () => (await store.get('a')) === 'new', 'it is renewed');
  await assertFresh(store, 'a', 'new');
});

property(
  'an update by two objects keeps it',
  { needs: ['at hand', 'shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    await setStale(store, 'a', 'x'.repeat(200_000));
    other.update('a', (value) => value.slice(1));
    await assertStale(store, 'a', 'x'.repeat(199_999));
    other.close();
  },
);

property('a snapshot carries it', { needs: ['snapshot'] }, async (store, scope) => {
  await store.set('set', 'set', HOUR_MS);
  await store.getOrSet('fresh', () => 'made', { ttl: HOUR_MS, staleMs: 2 * HOUR_MS });
  await setStale(store, 'a', { n: 1 });
  await withFile(async (file) => {
    await store.snapshot(file);
    await store.clear();
    await store.restore(file);
    const since = await store.ttl('fresh');
    assert.ok(since > 2 * HOUR_MS);
    await scope.with({}, async (other) => {
      await other.restore(file);
      await assertStale(other, 'a', { n: 1 });
      await assertFresh(other, 'fresh', 'made');
    });
  });
  await assertFresh(store, 'set', 'set');
  await assertFresh(store, 'fresh', 'made');
  await assertStale(store, 'a', { n: 1 });
});
