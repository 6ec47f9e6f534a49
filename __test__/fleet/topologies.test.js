/**
 * Stores over the other kinds of clients: a pool, a cluster, a sentinel whose master dies.
 *
 * Must not know how commands are carried. Invariant tested: what is promised over one server holds
 * over many, and a write whose master died is told as such, or was kept by the next.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setImmediate: turn, setTimeout } = require('node:timers/promises');
const { createClientPool, createCluster, createSentinel } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { PATIENCE_MS } = require('../helpers/fleet.js');
const { Kind, withProxy } = require('../helpers/fleet-proxy.js');
const { isMaster, untilWatched } = require('../helpers/masters.js');
const {
  beginMove,
  beside,
  command,
  endMove,
  missing,
  sharedServer,
  startCluster,
  startSentinel,
} = require('../helpers/servers.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const how = { ...SLOW, skip: missing };
const KEYS = Array.from({ length: 300 }, (_, number) => `key ${number}`);
const HOUR_MS = 3_600_000;
const MANY = 5000;

/** Runs `body` with a store over a client that is connected, and closes both. */
async function withStore(client, name, body, more = {}) {
  // It tells here of what its calls tell, too.
  client.on('error', () => {});
  await client.connect();
  const store = new FleetStore({ name, client, timeout: PATIENCE_MS, ...more });
  try {
    await body(store);
  } finally {
    await store.close();
    await client.destroy();
  }
}

/** Every kind of verb, over keys that lie on all servers there are. */
async function assertWorks(store) {
  assert.equal(await store.setMany(KEYS.map((key, at) => [key, at])), true);
  assert.deepEqual(await store.getMany(KEYS), [...KEYS.keys()]);
  assert.equal(await store.size(), KEYS.length);
  assert.deepEqual((await store.keys()).toSorted(), KEYS.toSorted());
  assert.equal(await store.count({ match: 'key ?' }), 10);
  const scanned = [];
  for await (const [key] of store.scan({ prefix: 'key 1' })) scanned.push(key);
  assert.equal(scanned.length, 111);

  const counted = await Promise.all(KEYS.map(() => store.increment('count')));
  assert.deepEqual(counted.toSorted((one, other) => one - other).at(-1), KEYS.length);
  assert.equal(await store.update('count', (count) => count + 1), KEYS.length + 1);
  let made = 0;
  const make = async () => {
    made += 1;
    return 'made';
  };
  const answers = await Promise.all(KEYS.map(() => store.getOrSet('load', make)));
  assert.deepEqual(new Set(answers), new Set(['made']));
  assert.equal(made, 1);
  const { value, ttl } = await store.hit('hits', 1, { ttl: HOUR_MS });
  assert.equal(value, 1);
  assert.ok(ttl > HOUR_MS / 2 && ttl <= HOUR_MS);
  const rate = { rate: 2, per: HOUR_MS };
  const limits = await Promise.all(KEYS.map(() => store.limit('limited', rate)));
  assert.equal(limits.filter(({ allowed }) => allowed).length, 2);
  const tokens = [];
  for (const key of KEYS.slice(0, 5)) {
    await store.withLock(key, async (lock) => {
      tokens.push(lock.token);
      await store.set(key, 'locked', { fence: lock });
    });
    assert.equal(await store.get(key), 'locked');
  }
  assert.equal(tokens.length, 5);

  const view = store.namespace('view');
  await view.setMany(KEYS.map((key) => [key, 'of the view']));
  assert.equal(await view.size(), KEYS.length);
  await view.clear();
  assert.equal(await view.size(), 0);
  assert.equal(await store.deleteWhere({ prefix: 'key ' }), KEYS.length);
  await store.clear();
  assert.deepEqual(await store.keys(), []);
}

test('a pool of clients', how, async () => {
  const client = createClientPool({ url: sharedServer().url });
  await withStore(client, `pool-${process.pid}`, assertWorks);
});

test('a cluster of three masters', how, async () => {
  const { urls, stop } = startCluster(3);
  try {
    const client = createCluster({ rootNodes: urls.map((url) => ({ url })) });
    await withStore(client, 'cluster', assertWorks);
  } finally {
    stop();
  }
});

test('an entry with tags in a cluster comes once, and its versions', how, async () => {
  const { servers, urls, stop } = startCluster(3);
  try {
    const client = createCluster({ rootNodes: urls.map((url) => ({ url })) });
    await withStore(client, 'tagged', async (store) => {
      const value = 'x'.repeat(100_000);
      await store.set('a', value, { tags: ['t'], ttl: HOUR_MS });
      const isLeft = (ttl) => ttl > HOUR_MS / 2 && ttl <= HOUR_MS;
      const READS = {
        get: async () => assert.equal(await store.get('a'), value),
        getEntry: async () => assert.ok(isLeft((await store.getEntry('a')).ttl)),
        getOrSet: async () => assert.equal(await store.getOrSet('a', assert.fail), value),
        has: async () => assert.equal(await store.has('a'), true),
        ttl: async () => assert.ok(isLeft(await store.ttl('a'))),
      };
      for (const [what, read] of Object.entries(READS)) {
        for (const server of servers) command(server, 'config', 'resetstat');
        await read();
        const said = servers.map((server) => command(server, 'info', 'all'));
        assert.equal(sum(said, /^cmdstat_evalsha(?:_ro)?:calls=(\d+)/gm), 2, what);
        assert.ok(sum(said, /^total_net_input_bytes:(\d+)/gm) < value.length, what);
      }
      await store.invalidateTag('t');
      for (const read of ['get', 'getEntry', 'ttl'])
        assert.equal(await store[read]('a'), undefined);
      assert.equal(await store.has('a'), false);
      assert.equal(await store.getOrSet('a', () => 'made'), 'made');
    });
  } finally {
    stop();
  }
});

test('a cluster whose slots move while they are written', how, async () => {
  const { servers, urls, stop } = startCluster(3);
  try {
    const client = createCluster({ rootNodes: urls.map((url) => ({ url })) });
    await withStore(client, 'moving', async (store) => {
      let isMoving = true;
      const written = new Map();
      const writers = [0, 1, 2, 3].map(async (writer) => {
        for (let at = 1; isMoving; at += 1) {
          const key = `${writer}:${at % 100}`;
          await store.set(key, at);
          written.set(key, at);
          assert.equal(await store.increment(`count ${writer}`), at);
        }
      });
      const [from, to] = servers.map((server) => command(server, 'cluster', 'myid').trim());
      const slots = ['--cluster-slots', '500', '--cluster-yes'];
      const move = ['--cluster', 'reshard', `127.0.0.1:${servers[0].port}`];
      await beside(...move, '--cluster-from', from, '--cluster-to', to, ...slots);
      isMoving = false;
      await Promise.all(writers);
      for (const [key, value] of written) assert.equal(await store.get(key), value, key);
    });
  } finally {
    stop();
  }
});

test('a write to a slot that is being handed over waits for that, or is told', how, async () => {
  const { servers, urls, stop } = startCluster(3);
  try {
    const client = createCluster({ rootNodes: urls.map((url) => ({ url })) });
    await withStore(client, 'handed', async (store) => {
      await store.set('key', 1);
      const slot = command(servers[0], 'cluster', 'keyslot', 'handed{key}').trim();
      const from = servers.find((server) => keysOf(server, slot) === 1);
      const to = servers.find((server) => server !== from);
      beginMove(slot, from, to);
      // Some of the keys of a write are there, others are not: a server can say neither.
      const hasty = new FleetStore({ name: 'handed', client, timeout: 1000 });
      const beganMs = performance.now();
      // On a busy machine the last answer may come too late.
      const told = { code: /^ERR_(?:STORE_UNAVAILABLE|OUTCOME_UNKNOWN)$/ };
      await assert.rejects(hasty.set('key', 2), told);
      assert.ok(performance.now() - beganMs > 500, 'it was tried for the time that it has');
      assert.equal(await store.get('key'), 1);

      const sets = [3, 4, 5].map((value) => store.set('key', value));
      await setTimeout(100);
      command(from, 'migrate', '127.0.0.1', `${to.port}`, 'handed{key}', '0', '5000');
      endMove(slot, to, servers);
      assert.deepEqual(await Promise.all(sets), [true, true, true]);
      assert.equal(await store.get('key'), 5);
    });
  } finally {
    stop();
  }
});

test('a sentinel whose master dies: the replica goes on with what it has', how, async () => {
  const { master, replica, sentinel, stop } = startSentinel('main');
  try {
    await untilWatched({ replica, sentinel });
    const client = createSentinel(placeOf(sentinel));
    await withStore(client, 'sentinel', async (store) => {
      await assertWorks(store);
      await store.set('kept', 'value');
      await waitUntil(() => command(master, 'wait', '1', '1000').trim() === '1', 'it was copied');
      process.kill(master.pid, 'SIGKILL');
      // One that does not wait for the dead for long.
      const brief = new FleetStore({ name: 'sentinel', client, timeout: 2000 });
      const setAgain = async () => {
        try {
          return await brief.set('after', 1);
        } catch (error) {
          assert.match(error.code, /^ERR_(?:STORE_UNAVAILABLE|OUTCOME_UNKNOWN)$/);
          return false;
        }
      };
      await waitUntil(setAgain, 'there is a master again');
      await brief.close();
      assert.ok(isMaster(replica));
      assert.equal(await store.get('kept'), 'value');
    });
  } finally {
    stop();
  }
});

test('a write over a sentinel whose answer is lost is told so, and sent once', how, async () => {
  const { master, sentinel, stop } = startSentinel('main');
  try {
    await withProxy(master.port, async (proxy) => {
      const through = { host: '127.0.0.1', port: Number(new URL(proxy.url).port) };
      const nodeAddressMap = { [`127.0.0.1:${master.port}`]: through };
      const client = createSentinel({ ...placeOf(sentinel), nodeAddressMap });
      await withStore(client, 'lost', async (store) => {
        assert.equal(await store.increment('a'), 1);
        proxy.hold(Kind.DATA);
        const lost = assert.rejects(store.increment('a'), { code: 'ERR_OUTCOME_UNKNOWN' });
        await waitUntil(() => proxy.heldBytes() > 0, 'it is answered');
        proxy.drop(Kind.DATA);
        proxy.release();
        await lost;
        assert.equal(await store.get('a'), 2);
      });
    });
  } finally {
    stop();
  }
});

test(
  'calls over a client of sentinels keep their order, and none waits for later ones',
  how,
  async () => {
    const { sentinel, stop } = startSentinel('main');
    try {
      const client = createSentinel(placeOf(sentinel));
      await withStore(client, 'ordered', async (store) => {
        const other = new FleetStore({ name: 'ordered', client, timeout: PATIENCE_MS });
        await Promise.all([store.size(), other.size()]);
        for (let round = 0; round < 20; round += 1) {
          const sets = [store.set('a', 1), other.set('a', 2)];
          await turn();
          sets.push(store.set('a', 3));
          await Promise.all(sets);
          assert.equal(await store.get('a'), 3);
        }
        let isAnswered = false;
        const second = [store.get('a'), store.set('b', 1)].at(-1).then(() => {
          isAnswered = true;
        });
        await turn();
        let reads = 0;
        const readers = [1, 2, 3].map(async () => {
          for (; !isAnswered && reads < MANY; reads += 1) await store.get('a');
        });
        await Promise.all([second, ...readers]);
        assert.ok(reads < MANY, 'it waits for those who came later');
        await other.close();
      });
    } finally {
      stop();
    }
  },
);

/** The sum of all numbers that servers say so. */
function sum(said, pattern) {
  const numbers = said.flatMap((text) => [...text.matchAll(pattern)].map(([, number]) => +number));
  return numbers.reduce((one, other) => one + other, 0);
}

/** How a client finds the master that a sentinel watches. */
function placeOf({ port }) {
  return { name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port }] };
}

/** How many keys of a slot a server has. */
function keysOf(server, slot) {
  return Number(command(server, 'cluster', 'countkeysinslot', slot));
}
