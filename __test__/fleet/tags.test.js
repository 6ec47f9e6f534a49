/**
 * Tags and namespaces of a fleet: versions at the server, their loss, near copies, and a cluster.
 *
 * Must not know how a version is kept. Invariant tested: nothing that was invalidated comes back,
 * whatever the server has lost, and wherever a copy of it lies.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { createCluster } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { deferred } = require('../helpers/deferred.js');
const { PATIENCE_MS, fleetTest, withClient } = require('../helpers/fleet.js');
const { NEARS } = require('../helpers/fleet-near.js');
const { missing, startCluster } = require('../helpers/servers.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HOUR_MS = 3_600_000;
const KEYS = Array.from({ length: 60 }, (_, number) => `key ${number}`);

const namesOf = (client, store) => client.keys(`${store.name}{*`);
/** The names of versions; the first is the count by which they rise. */
const versionsOf = async (client, store) => {
  return (await namesOf(client, store)).filter((name) => name.includes('{%}t')).sort();
};

fleetTest('who has lost the version of a tag has lost what has the tag', async (open) => {
  const store = open();
  await withClient(async (client) => {
    await store.set('a', 1, { tags: ['x'] });
    await store.set('b', 2, { tags: ['x', 'y'] });
    await store.set('c', 3, { tags: ['y'] });
    const [, version] = await versionsOf(client, store);
    assert.equal(await client.del(version), 1);
    assert.deepEqual(await store.getMany(['a', 'b', 'c']), [undefined, undefined, 3]);
    await store.set('d', 4, { tags: ['x'] });
    assert.deepEqual(await store.getMany(['a', 'b', 'c', 'd']), [undefined, undefined, 3, 4]);
    // The count goes as well: what comes later is later, all the same.
    const names = await versionsOf(client, store);
    await client.del(names);
    await store.set('e', 5, { tags: ['x', 'y'] });
    assert.deepEqual(await store.getMany(['a', 'b', 'c', 'd', 'e']), [
      ...Array(4).fill(undefined),
      5,
    ]);
  });
});

fleetTest('a version lives as long as what has it, and then goes', async (open) => {
  const store = open();
  await withClient(async (client) => {
    await store.set('a', 1, { tags: ['x'], ttl: HOUR_MS });
    const [, version] = await versionsOf(client, store);
    const isKept = async (ms) => (await client.pTTL(version)) >= ms;
    assert.ok(await isKept(HOUR_MS / 2));
    await store.touch('a', 10 * HOUR_MS);
    assert.ok(await isKept(9 * HOUR_MS));
    await store.set('b', 1, { tags: ['x'], ttl: 100 * HOUR_MS });
    assert.ok(await isKept(99 * HOUR_MS));
    await store.update('b', (value) => value + 1, { ttl: 1000 * HOUR_MS });
    assert.ok(await isKept(999 * HOUR_MS));
    await store.touch('a', Infinity);
    assert.equal(await client.pTTL(version), -1);
    await store.invalidateTag('x');
    assert.ok((await client.pTTL(version)) > 0);
    await store.clear();
    assert.deepEqual(await versionsOf(client, store), [version.slice(0, -1)]);
  });
});

fleetTest('what was invalidated is removed where it is met', async (open) => {
  const store = open();
  await withClient(async (client) => {
    const values = async () => (await namesOf(client, store)).filter((name) => name.endsWith('}'));
    await store.set('a', 1, { tags: ['x'] });
    await store.set('b', 1, { tags: ['x'] });
    await store.set('c', 1);
    await store.invalidateTag('x');
    assert.equal(await store.get('a'), undefined);
    await waitUntil(async () => (await values()).length === 2);
    assert.equal(await store.size(), 1);
    assert.equal((await values()).length, 1);
    const view = store.namespace('n');
    await view.setMany(KEYS.map((key) => [key, 1]));
    await view.clear();
    await waitUntil(async () => (await values()).length === 1);
  });
});

async function invalidatesNear(open, near) {
  const [store, other] = [open({ near }), open()];
  const view = store.namespace('n');
  const fill = async () => {
    await other.set('a', { n: 1 }, { tags: ['x', 'y'] });
    await other.set('b', 2, { tags: ['z'] });
    await other.namespace('n').set('c', 3);
  };
  const isNear = async (key) => {
    await store.get(key);
    return store.near(key) !== undefined;
  };
  for (const [invalidate, own] of [
    [() => other.invalidateTag('y'), false],
    [() => store.invalidateTag(['x', 'never']), true],
    [() => other.clear(), false],
  ]) {
    await fill();
    await waitUntil(async () => (await isNear('a')) && (await isNear('b')));
    await invalidate();
    if (!own) await waitUntil(() => store.near('a') === undefined);
    assert.equal(store.near('a'), undefined);
    assert.equal(await store.get('a'), undefined);
  }
  await fill();
  await waitUntil(async () => (await isNear('b')) && (await view.get('c')) === 3);
  await store.namespace('n').clear();
  assert.equal(await view.get('c'), undefined);
  assert.equal(await store.get('b'), 2);
}

for (const [scope, withNear] of Object.entries(NEARS)) {
  fleetTest(`${scope}: near copies of what was invalidated are not given`, (open) => {
    return withNear((near) => invalidatesNear(open, near));
  });
}

fleetTest('an invalidation by others ends what is being made, of them and of us', async (open) => {
  const [store, other] = [open(), open()];
  for (const tags of [['x'], () => ['x']]) {
    const [old, begun] = [deferred(), deferred()];
    const first = store.getOrSet(
      'a',
      () => {
        begun.resolve();
        return old.promise;
      },
      { tags },
    );
    await begun.promise;
    await other.invalidateTag('x');
    assert.equal(await store.getOrSet('a', () => 'new', { tags }), 'new');
    assert.equal(await other.getOrSet('a', () => 'newer', { tags }), 'new');
    old.resolve('old');
    assert.equal(await first, 'old');
    assert.equal(await other.get('a'), 'new');
    await other.delete('a');
  }
});

fleetTest('a renewal of what was invalidated is not stored', async (open) => {
  const store = open();
  const how = { ttl: 1, staleMs: HOUR_MS, tags: ['x'] };
  await store.getOrSet('a', () => 'old', how);
  const made = deferred();
  let hasBegun = false;
  const renew = () => {
    hasBegun = true;
    return made.promise;
  };
  await waitUntil(async () => {
    assert.equal(await store.getOrSet('a', renew, how), 'old');
    return hasBegun;
  });
  await store.invalidateTag('x');
  made.resolve('renewed');
  assert.equal(await store.getOrSet('a', () => 'new', how), 'new');
  assert.equal(await store.get('a'), 'new');
});

test('a cluster: versions lie elsewhere', { ...SLOW, skip: missing }, async () => {
  const { urls, stop } = startCluster(3);
  const client = createCluster({ rootNodes: urls.map((url) => ({ url })) });
  client.on('error', () => {});
  try {
    await client.connect();
    const store = new FleetStore({ name: 'tags', client, timeout: PATIENCE_MS });
    await assertTags(store);
    await assertTags(store.namespace('view').namespace('inner'));
    await store.close();
  } finally {
    await client.destroy();
    stop();
  }
});

/** Every verb over entries of which some were invalidated. */
async function assertTags(store) {
  const isOdd = (_key, at) => at % 2 === 1;
  const odd = KEYS.filter(isOdd);
  const even = KEYS.filter((key, at) => !isOdd(key, at));
  const fill = () => {
    const tagsOf = (at) => (at % 2 === 1 ? ['odd', 'all'] : ['all']);
    return Promise.all(KEYS.map((key, at) => store.set(key, at, { tags: tagsOf(at) })));
  };
  await fill();
  assert.deepEqual((await store.getEntry('key 1')).tags, ['odd', 'all']);
  await store.invalidateTag('odd');
  assert.equal(await store.size(), even.length);
  assert.deepEqual((await store.keys()).sort(), [...even].sort());
  assert.deepEqual(
    await store.getMany(odd),
    odd.map(() => undefined),
  );
  assert.equal(await store.has('key 1'), false);
  assert.equal(await store.ttl('key 3'), undefined);
  assert.equal(await store.delete('key 5'), false);
  assert.equal(await store.take('key 7'), undefined);
  assert.equal(await store.touch('key 9', HOUR_MS), false);
  assert.equal(await store.replace('key 11', 1), false);
  assert.equal(await store.add('key 13', 1, { tags: ['odd'] }), true);
  assert.equal(await store.increment('key 15', 1, { tags: ['odd'] }), 1);
  assert.equal(await store.increment('key 15'), 2);
  assert.equal(await store.compareAndSet('key 17', 17, 1), false);
  assert.equal(await store.update('key 19', (value) => value ?? 'new'), 'new');
  assert.equal(await store.getOrSet('key 21', () => 'made', { tags: ['odd'] }), 'made');
  assert.equal((await store.limit('key 23', { rate: 1, per: HOUR_MS })).allowed, true);
  assert.equal(await store.touch('key 2', HOUR_MS), true);
  assert.equal(await store.update('key 4', (value) => value + 1), 5);
  assert.deepEqual((await store.getEntry('key 4')).tags, ['all']);
  await store.invalidateTag(['odd', 'all']);
  assert.deepEqual((await store.keys()).sort(), ['key 19', 'key 23']);

  const made = deferred();
  const begun = deferred();
  const old = store.getOrSet(
    'load',
    () => {
      begun.resolve();
      return made.promise;
    },
    { tags: () => ['late'] },
  );
  await begun.promise;
  await store.invalidateTag('late');
  assert.equal(await store.getOrSet('load', () => 'new', { tags: ['late'] }), 'new');
  made.resolve('old');
  assert.equal(await old, 'old');
  assert.equal(await store.get('load'), 'new');

  // What was invalidated between the look at it and the change of it.
  await store.set('seen', 1, { tags: ['late'] });
  const change = async (value) => {
    if (value === 1) await store.invalidateTag('late');
    return (value ?? 10) + 1;
  };
  assert.equal(await store.update('seen', change), 11);
  await store.delete('seen');

  await fill();
  assert.equal(await store.deleteWhere({ prefix: 'key 1' }), 11);
  await store.clear();
  assert.equal(await store.size(), 0);
  await fill();
  assert.equal(await store.size(), KEYS.length);
  await store.clear();
}
