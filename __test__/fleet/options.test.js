/**
 * Options and events of a fleet store: fresh reads, replicas that have a write, outages, many keys.
 *
 * Must not know how a command is sent.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { createClientPool, createSentinel } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { PATIENCE_MS, fleetTest } = require('../helpers/fleet.js');
const { isFollowing } = require('../helpers/masters.js');
const { NO_PERMISSIONS, PERMISSION, runToExit } = require('../helpers/run-program.js');
const { command, missing, startServer } = require('../helpers/servers.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const how = { ...SLOW, skip: missing };
const near = { scope: 'process', maxStaleMs: 10_000 };
const MANY = 5000;

fleetTest('a fresh read asks the server, and what it gives is near', async (open) => {
  const [store, other] = [open({ near }), open()];
  await other.set('a', 1);
  await waitUntil(async () => (await store.get('a')) === 1 && store.near('a') === 1);
  const { nearHits } = await store.stats();
  await other.set('a', 2);
  // Whether the push has come or not.
  assert.equal(await store.get('a', { fresh: true }), 2);
  assert.equal(await store.get('a', { fresh: true }), 2);
  assert.equal((await store.stats()).nearHits, nearHits);
  assert.equal(await store.get('a', { fresh: false }), 2);
  assert.equal(await store.get('a', {}), 2);
  await assert.rejects(async () => store.get('a', { fresh: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(async () => store.get('a', { fres: true }), { code: 'ERR_UNKNOWN_OPTION' });
  await assert.rejects(async () => store.get(), { code: 'ERR_MISSING_ARGS' });
});

fleetTest('thousands of keys in one call', async (open) => {
  const store = open();
  const entries = Array.from({ length: MANY }, (_, at) => [`key ${at}`, at]);
  const keys = entries.map(([key]) => key);
  assert.equal(await store.setMany(entries), true);
  assert.deepEqual(await store.getMany(keys), [...keys.keys()]);
  assert.equal((await store.stats()).sets, MANY);
  assert.equal(await store.deleteMany(keys), MANY);
  assert.equal(await store.size(), 0);
});

test('a write waits for its replicas, or says that they have not got it', how, async () => {
  const master = startServer();
  const replica = startServer(['--replicaof', `127.0.0.1 ${master.port}`]);
  const open = (waitReplicas, timeout = PATIENCE_MS) => {
    return new FleetStore({ name: 'x', url: master.url, timeout, waitReplicas });
  };
  const [store, demanding] = [open(1), open(2, 2000)];
  try {
    await waitUntil(() => isFollowing(replica), 'it follows');
    assert.equal(await store.set('a', 1, { tags: ['x'] }), true);
    assert.equal(await store.increment('a'), 2);
    assert.equal(await store.add('a', 1), false);
    assert.equal(command(replica, 'exists', 'x{a}').trim(), '1');
    await store.invalidateTag('x');
    assert.equal(await store.get('a'), undefined);
    const lacking = { name: 'StoreError', code: 'ERR_NOT_REPLICATED' };
    await assert.rejects(demanding.set('b', 5), lacking);
    assert.equal(await store.get('b'), 5);
  } finally {
    await store.close();
    await demanding.close();
    replica.stop();
    master.stop();
  }
});

test('a pool cannot say what its replicas have', () => {
  const sentinelRootNodes = [{ host: '127.0.0.1', port: 1 }];
  const clients = [
    createClientPool({ url: 'redis://127.0.0.1:1' }),
    createSentinel({ name: 'main', sentinelRootNodes, masterPoolSize: 2 }),
  ];
  for (const client of clients) {
    const given = { name: 'x', client, waitReplicas: 1 };
    assert.throws(() => new FleetStore(given), { code: 'ERR_INVALID_ARG_VALUE' });
  }
  for (const [waitReplicas, code] of [
    [-1, 'ERR_OUT_OF_RANGE'],
    ['1', 'ERR_INVALID_ARG_TYPE'],
  ]) {
    assert.throws(() => new FleetStore({ name: 'x', waitReplicas }), { code });
  }
});

test('an outage is told once, and its end', how, async () => {
  const first = startServer();
  const store = new FleetStore({ name: 'x', url: first.url, timeout: PATIENCE_MS });
  const told = [];
  store.on('up', () => told.push('up'));
  store.on('down', (reason) => told.push(reason.code));
  await store.set('a', 1);
  await store.set('a', 2);
  assert.deepEqual(told, ['up']);
  process.kill(first.pid, 'SIGKILL');
  const fails = () =>
    store.get('a').then(
      () => false,
      () => true,
    );
  await waitUntil(fails);
  await fails();
  first.stop();
  assert.deepEqual(told, ['up', 'ERR_STORE_UNAVAILABLE']);
  const second = startServer([], first.port);
  try {
    await waitUntil(async () => !(await fails()));
    assert.deepEqual(told, ['up', 'ERR_STORE_UNAVAILABLE', 'up']);
  } finally {
    await store.close();
    second.stop();
  }
});

fleetTest('a closed store tells of no outage', async (open) => {
  const store = open();
  const told = [];
  store.on('down', (reason) => told.push(reason));
  await store.get('a');
  const late = store.get('a').catch(() => {});
  await store.close();
  await late;
  assert.deepEqual(told, []);
});

const mayNot = { ...SLOW, skip: NO_PERMISSIONS };

test('a process that may start no thread is told so, and nothing is left', mayNot, () => {
  return withFolder(async (folder) => {
    const nodeFlags = [PERMISSION, '--allow-addons', '--allow-fs-read=*', '--allow-fs-write=*'];
    const program = 'fleet-without-threads.js';
    const { stdout } = await runToExit(0, program, [folder], { nodeFlags });
    const { message, ...told } = JSON.parse(stdout);
    const wanted = { code: 'ERR_LISTENER_REFUSED', cause: 'ERR_ACCESS_DENIED', isMapped: false };
    assert.deepEqual(told, wanted);
    assert.match(message, /--allow-worker.*scope: 'none'/);
  });
});
