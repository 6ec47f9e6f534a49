/**
 * Another client carries the commands of a fleet store: ioredis, as docs/api.md says.
 *
 * Must not know the package `redis`. Needs a server that can be started here.
 */
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { test } = require('node:test');
const { Redis } = require('ioredis');
const { FleetStore } = require('shared-memory-store/fleet');
const { freePort } = require('./web-servers.js');

const PATIENCE_MS = 60_000;
const missing = spawnSync('redis-server', ['--version']).status !== 0;
const skip = missing && 'no redis-server is installed';
const VALUES = [
  'text',
  '\ud800',
  5,
  null,
  { list: [1, new Map([[1, 2]])] },
  Buffer.from([0xff, 0]),
];

test('ioredis carries every kind of verb', { skip, timeout: 4 * PATIENCE_MS }, async () => {
  const port = await freePort();
  const server = spawn('redis-server', ['--port', port, '--save', '', '--bind', '127.0.0.1']);
  const sendOnce = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 };
  const redis = new Redis({ port, host: '127.0.0.1', ...sendOnce });
  // Until the server listens, each attempt says that it does not.
  redis.on('error', () => {});
  const send = ([verb, ...words]) => redis.callBuffer(verb, ...words);
  const client = { send, masters: async () => [send], connect: async () => {}, close: () => {} };
  const store = new FleetStore({ name: 'shop', client, timeout: PATIENCE_MS });
  try {
    // `once` would take the first of those errors for its answer.
    await new Promise((resolve) => redis.on('ready', resolve));
    for (const value of VALUES) {
      await store.set('k', value, { tags: ['t'] });
      assert.deepEqual(await store.get('k'), value);
    }
    await store.invalidateTag('t');
    assert.equal(await store.get('k'), undefined);
    await store.setMany(Array.from({ length: 300 }, (_, at) => [`key ${at}`, at]));
    assert.equal(await store.size(), 300);
    assert.equal(await store.increment('n', 2), 2);
    assert.equal(await store.getOrSet('g', () => 'made', { ttl: 60_000 }), 'made');
    await store.withLock('k', (lock) => store.set('k', 1, { fence: lock }));
    assert.equal(await store.get('k'), 1);
    const view = store.namespace('view');
    await view.set('a', 1);
    await view.clear();
    assert.equal(await view.get('a'), undefined);
    await store.clear();
    assert.equal(await store.size(), 0);
  } finally {
    await store.close();
    redis.disconnect();
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
});
