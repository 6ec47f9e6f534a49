/**
 * Near copies and watchers over a pool, a sentinel and a cluster, whose masters change meanwhile.
 *
 * Must not know how masters are found. Invariant tested: what the masters that there are have
 * acknowledged is seen, whoever was one before, and at rest a near copy is what they have.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
const { createClientPool, createCluster, createSentinel } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { PATIENCE_MS, fleetTest } = require('../helpers/fleet.js');
const { NEARS } = require('../helpers/fleet-near.js');
const { handOver, isFollowing, isMaster, untilWatched } = require('../helpers/masters.js');
const servers = require('../helpers/servers.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');

const { answerOf, command, missing, sharedServer } = servers;
const how = { ...SLOW, skip: missing };
const KEYS = Array.from({ length: 30 }, (_, number) => `key ${number}`);
const SENTINEL_GROUP = 'main';
/** Slots of the first master that have some of these keys. */
const SLOTS = ['43', '291', '423'];
/** A master of a cluster counts as gone after so long; less would take busy ones for gone. */
const NODE_TIMEOUT_MS = 3000;

/** Two stores over clients of their own: one with near copies, and one without. */
async function withStores(clientOf, near, body, timeout = PATIENCE_MS) {
  const clients = [clientOf(), clientOf()];
  const stores = [];
  try {
    for (const client of clients) {
      client.on('error', () => {});
      await client.connect();
    }
    const name = `near-${process.pid}`;
    const [client, otherClient] = clients;
    stores.push(new FleetStore({ name, client, timeout, near }));
    stores.push(new FleetStore({ name, client: otherClient, timeout }));
    await body(...stores);
  } finally {
    for (const store of stores) await store.close();
    for (const client of clients) await client.destroy();
  }
}

/** Whatever another writes is seen, wherever its key lies. */
async function assertSeen(store, other, value) {
  await other.setMany(KEYS.map((key) => [key, value]));
  for (const key of KEYS) await warm(store, key);
  await other.setMany(KEYS.map((key) => [key, `${value} again`]));
  for (const key of KEYS) {
    await waitUntil(async () => (await store.get(key)) === `${value} again`, `${key} is new`);
    await warm(store, key);
    assert.equal(store.near(key), `${value} again`);
  }
}

/** The same of tags and namespaces, whose versions lie in a slot of their own. */
async function assertMarksSeen(store, other) {
  const view = [store, other].map((one) => one.namespace('view'));
  for (const key of KEYS) {
    await other.set(key, 1, { tags: [key] });
    await view[1].set(key, 2);
    await warm(store, key);
  }
  for (const key of KEYS) await other.invalidateTag(key);
  await view[1].clear();
  for (const key of KEYS) {
    await waitUntil(async () => (await store.get(key)) === undefined, `${key} is gone`);
    await waitUntil(async () => (await view[0].get(key)) === undefined, `${key} is gone`);
  }
}

/** Watches and subscribes; gives what was told, and waits until a change and a message are. */
async function watching(store) {
  const told = { changes: [], messages: [] };
  await store.watch({ prefix: '' }, ({ type, key }) => told.changes.push(key ?? type));
  await store.watch({ tag: 'tag' }, ({ type }) => told.changes.push(type));
  await store.subscribe('news', (value, { type }) => told.messages.push(value ?? type));
  return told;
}

/** What another writes is told; all of it again if some may have been missed. */
async function assertTold(told, other) {
  let isWhole;
  for (let round = 0; !isWhole; round += 1) {
    const [changes, messages] = [told.changes.length, told.messages.length];
    for (const key of KEYS) await other.set(key, 'watched', { tags: ['tag'] });
    await other.invalidateTag('tag');
    await other.publish('news', round);
    await waitUntil(() => {
      const [last, said] = [told.changes.slice(changes), told.messages.slice(messages)];
      isWhole = said.includes(round) && [...KEYS, 'invalidate'].every((one) => last.includes(one));
      return isWhole || last.includes('overflow');
    }, 'all is told');
  }
}

for (const [scope, withNear] of Object.entries(NEARS)) {
  test(`${scope}: near copies over a cluster`, how, async () => {
    const { urls, stop } = servers.startCluster(3);
    const clientOf = () => createCluster({ rootNodes: [{ url: urls[0] }] });
    try {
      await withNear((near) => {
        return withStores(clientOf, near, async (store, other) => {
          await assertSeen(store, other, 'one');
          await assertMarksSeen(store, other);
          const told = await watching(store);
          await assertTold(told, other);
        });
      });
    } finally {
      stop();
    }
  });
}

test('near copies over a cluster whose slots move to a master that had none', how, async () => {
  const { servers: all, urls, stop } = servers.startCluster(3);
  /** @type {ReturnType<typeof servers.startServer> | undefined} */
  let added;
  const clientOf = () => createCluster({ rootNodes: [{ url: urls[0] }] });
  try {
    await NEARS.process((near) => {
      return withStores(clientOf, { ...near, maxStaleMs: 1000 }, async (store, other) => {
        await assertSeen(store, other, 'before');
        const told = await watching(store);
        added = await servers.addMaster(all);
        const [from] = all;
        for (const slot of SLOTS) await servers.moveSlot(slot, from, added, [added, ...all]);
        await assertSeen(store, other, 'after');
        await waitUntil(() => told.changes.includes('overflow'), 'it follows the new one');
        await assertTold(told, other);
      });
    });
  } finally {
    added?.stop();
    stop();
  }
});

test('near copies over a cluster one of whose masters dies', how, async () => {
  const more = ['--cluster-node-timeout', `${NODE_TIMEOUT_MS}`];
  const { servers: all, urls, stop } = servers.startCluster(3, more);
  const replica = servers.startServer([...servers.CLUSTER, ...more]);
  const clientOf = () => createCluster({ rootNodes: urls.map((url) => ({ url })) });
  const [first] = all;
  const place = `127.0.0.1:${first.port}`;
  try {
    const of = ['--cluster-slave', '--cluster-master-id', command(first, 'cluster', 'myid').trim()];
    await servers.beside('--cluster', 'add-node', `127.0.0.1:${replica.port}`, place, ...of);
    await waitUntil(() => isFollowing(replica), 'it follows');
    const agree = () => servers.beside('--cluster', 'check', place).catch(() => false);
    await waitUntil(agree, 'all agree');
    await NEARS.machine((given) => {
      const near = { ...given, maxStaleMs: 1000 };
      const body = async (store, other) => {
        await assertSeen(store, other, 'before');
        const told = await watching(store);
        await assertTold(told, other);
        process.kill(first.pid, 'SIGKILL');
        await persist(() => other.setMany(KEYS.map((key) => [key, 'new'])));
        for (const key of KEYS) {
          const isNew = async () => (await persist(() => store.get(key))) === 'new';
          await waitUntil(isNew, `${key} is new`);
        }
        await assertSeen(store, other, 'after');
        await assertTold(told, other);
      };
      return withStores(clientOf, near, body, 2000);
    });
  } finally {
    replica.stop();
    stop();
  }
});

/** Runs `body` with two stores over a sentinel with a master and a replica. */
async function withSentinel(near, body) {
  const group = servers.startSentinel(SENTINEL_GROUP);
  const { sentinel } = group;
  try {
    await untilWatched(group);
    const place = { host: '127.0.0.1', port: sentinel.port };
    const clientOf = () => createSentinel({ name: SENTINEL_GROUP, sentinelRootNodes: [place] });
    await withStores(clientOf, near, (...stores) => body(group, ...stores), 2000);
  } finally {
    group.stop();
  }
}

/** Does it again until it is done. */
async function persist(act) {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      assert.match(error.code, /^ERR_(?:STORE_UNAVAILABLE|OUTCOME_UNKNOWN|SERVER_REFUSED)$/);
      await pause(20);
    }
  }
}

const FAILOVERS = {
  'is killed': ({ master }) => process.kill(master.pid, 'SIGKILL'),
  'hands over': ({ sentinel }) => handOver(sentinel, SENTINEL_GROUP),
  'stops for a while': async ({ master, replica }) => {
    process.kill(master.pid, 'SIGSTOP');
    await waitUntil(() => isMaster(replica), 'the replica goes on');
    process.kill(master.pid, 'SIGCONT');
  },
};
for (const [what, failOver] of Object.entries(FAILOVERS)) {
  test(`near copies over a sentinel whose master ${what}`, how, async () => {
    await NEARS.machine((given) => {
      const near = { ...given, maxStaleMs: 1000 };
      return withSentinel(near, async (group, store, other) => {
        await assertSeen(store, other, 'before');
        const told = await watching(store);
        await assertTold(told, other);
        await failOver(group);
        await waitUntil(() => isMaster(group.replica), 'the replica goes on');
        // What is read meanwhile may be what the old one says, and is not to stay.
        const isNext = async () => {
          await store.get(KEYS[0]).catch(() => {});
          await persist(() => other.set('next', 1));
          return answerOf(group.replica, 'exists', `${store.name}{next}`).trim() === '1';
        };
        await waitUntil(isNext, 'the next master is written to');
        await persist(() => other.setMany(KEYS.map((key) => [key, 'new'])));
        for (const key of KEYS) {
          const isNew = async () => (await persist(() => store.get(key))) === 'new';
          await waitUntil(isNew, `${key} is new`);
        }
        await waitUntil(() => told.changes.includes('overflow'), 'the next is followed');
        await assertSeen(store, other, 'after');
        await assertTold(told, other);
      });
    });
  });
}

fleetTest('a pool that is told where its server is has near copies', async (open) => {
  const client = createClientPool({ url: sharedServer().url });
  client.on('error', () => {});
  await client.connect();
  try {
    const near = { scope: 'process', maxStaleMs: 10_000 };
    const [store, other] = [open({ client, url: sharedServer().url, near }), open()];
    await assertSeen(store, other, 'one');
    const told = await watching(store);
    await assertTold(told, other);
  } finally {
    await client.destroy();
  }
});

test('a url of one server of a cluster will do for a client of another kind', how, async () => {
  const { urls, stop } = servers.startCluster(3);
  const cluster = createCluster({ rootNodes: [{ url: urls[1] }] });
  await cluster.connect();
  const other = new FleetStore({ name: 'carried', client: cluster, timeout: PATIENCE_MS });
  const carrier = {
    send: (words, key) => cluster.sendCommand(key, false, words, { typeMapping: { 36: Buffer } }),
    masters: async () => [],
    connect: async () => {},
    close() {},
  };
  const near = { scope: 'process', maxStaleMs: 10_000 };
  const given = { name: 'carried', client: carrier, url: urls[0], timeout: PATIENCE_MS, near };
  const store = new FleetStore(given);
  try {
    // The first that asks finds out that there are others.
    const told = await watching(store);
    await assertTold(told, other);
    await assertSeen(store, other, 'one');
  } finally {
    await store.close();
    await other.close();
    await cluster.destroy();
    stop();
  }
});
