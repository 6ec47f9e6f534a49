/**
 * What fails between a store and its server: no server, a killed or stopped one, wrong words.
 *
 * Must not know a client. Invariant tested: every call ends within the store's time, and a write
 * that may have been done is never told as one that was not.
 */
const assert = require('node:assert/strict');
const net = require('node:net');
const { test } = require('node:test');
const { createClient } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { reasonOf } = require('../../lib/errors/fleet-errors.js');
const { deferred } = require('../helpers/deferred.js');
const { PATIENCE_MS, fleetTest } = require('../helpers/fleet.js');
const { heldFactory } = require('../helpers/flight.js');
const { Lane } = require('../../lib/fleet/connection/sentinel-lane.js');
const { OwnClient } = require('../../lib/fleet/connection/own-client.js');
const { Kind, withProxy } = require('../helpers/fleet-proxy.js');
const { command, missing, sharedServer, startServer } = require('../helpers/servers.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');
const { freePort } = require('../helpers/web-servers.js');

const how = { ...SLOW, skip: missing };
const HOUR_MS = 3_600_000;

/** Whether a call is done, in its time. */
const done = (call) =>
  call.then(
    () => true,
    () => false,
  );

/** Runs `body` with a server of its own. */
async function withServer(more, body) {
  const server = startServer(more);
  try {
    await body(server);
  } finally {
    server.stop();
  }
}

test('without a server every verb says so, at once', SLOW, async () => {
  const store = new FleetStore({ name: 'none', url: `redis://127.0.0.1:${await freePort()}` });
  const away = { name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' };
  await assert.rejects(store.get('a'), away);
  await assert.rejects(store.set('a', 1), away);
  await assert.rejects(
    store.getOrSet('a', () => assert.fail('no claim')),
    away,
  );
  await assert.rejects(store.size(), away);
  await store.close();
  await assert.rejects(store.get('a'), { code: 'ERR_STORE_CLOSED' });
});

test('a server that accepts and says nothing is given up in time', SLOW, async () => {
  const silent = net.createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const url = `redis://127.0.0.1:${silent.address().port}`;
  const store = new FleetStore({ name: 'silent', url, timeout: 200 });
  await assert.rejects(store.set('a', 1), { code: 'ERR_STORE_UNAVAILABLE' });
  await store.close();
  silent.close();
});

test('a connection that is never greeted is given up for the next', how, async () => {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (sockets.size > 1) {
      const onward = net.connect({ port: sharedServer().port, host: '127.0.0.1' });
      onward.on('error', () => {});
      socket.on('close', () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `redis://127.0.0.1:${server.address().port}`;
  const store = new FleetStore({ name: 'greeted', url, timeout: 500 });
  await waitUntil(() => done(store.get('a')), 'it is asked over another');
  await store.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a connection that falls silent is given up for the next', how, async () => {
  await withProxy(sharedServer().port, async (proxy) => {
    const store = new FleetStore({ name: 'quiet', url: proxy.url, timeout: 500 });
    await waitUntil(() => done(store.set('a', 1)), 'it is connected');
    proxy.holdThose(Kind.DATA);
    await waitUntil(() => done(store.get('a')), 'it is asked over another');
    assert.equal(proxy.heldBytes(), 0, 'the first is closed');
    await store.close();
  });
});

test('a connection that falls silent behind an answer is closed, too', how, async () => {
  await withProxy(sharedServer().port, async (proxy) => {
    const client = new OwnClient(proxy.url, 500);
    await waitUntil(() => done(client.connect()), 'it is connected');
    const before = client.heard;
    await client.send(['PING']);
    proxy.holdThose(Kind.DATA);
    const ping = client.send(['PING']);
    // As if that had been sent before the other was answered.
    client.late(before);
    await assert.rejects(ping);
    client.close();
  });
});

test('a store that is closed waits no longer than its calls do', how, async () => {
  await withProxy(sharedServer().port, async (proxy) => {
    const store = new FleetStore({ name: 'closed', url: proxy.url, timeout: 500 });
    await waitUntil(() => done(store.set('a', 1)), 'it is connected');
    proxy.hold(Kind.DATA);
    const read = done(store.get('a'));
    await waitUntil(() => proxy.heldBytes() > 0, 'the answer is on its way');
    await store.close();
    assert.equal(await read, false);
    await waitUntil(() => proxy.heldBytes() === 0, 'the connection is closed');
  });
});

test('an error of a client that has no text is told by its class', () => {
  class TimeoutError extends Error {}
  assert.equal(reasonOf(new TimeoutError()), 'TimeoutError');
  assert.equal(reasonOf(new TimeoutError('late')), 'late');
  assert.equal(reasonOf(undefined), 'undefined');
});

test('who waits for a connection of a sentinel that cannot be had fails at once', async () => {
  const connecting = deferred();
  let asked = 0;
  const _execute = () => {
    asked += 1;
    return connecting.promise;
  };
  const lane = Lane.of({ _execute });
  const call = () =>
    assert.rejects(
      lane.run(() => assert.fail('there is none')),
      /no master/,
    );
  const calls = [call(), call(), call()];
  connecting.reject(new Error('no master'));
  await Promise.all(calls);
  assert.equal(asked, 1);
  await call();
  assert.equal(asked, 2, 'the next one tries');
});

test('a wrong password is told as such', how, async () => {
  await withServer(['--requirepass', 'secret'], async ({ port }) => {
    for (const user of ['', ':wrong@']) {
      const store = new FleetStore({ name: 'x', url: `redis://${user}127.0.0.1:${port}` });
      await assert.rejects(store.get('a'), { code: 'ERR_STORE_FORBIDDEN' });
      await store.close();
    }
    const url = `redis://:secret@127.0.0.1:${port}`;
    const store = new FleetStore({ name: 'x', url, timeout: 60_000 });
    assert.equal(await store.set('a', 1), true);
    await store.close();
  });
});

test('a server that is too old is refused, with what would do', how, async () => {
  // The server is a new one: what it says of itself is changed on its way.
  const old = net.createServer((socket) => {
    const onward = net.connect({ port: sharedServer().port, host: '127.0.0.1' });
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ]) {
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => {
        const said = chunk.toString('latin1').replace(/(redis_version:)\d/, '$16');
        to.write(said.replace(/valkey_version/, 'valkey_verzion'), 'latin1');
      });
    }
  });
  old.listen(0, '127.0.0.1');
  await new Promise((resolve) => old.once('listening', resolve));
  const url = `redis://127.0.0.1:${old.address().port}`;
  const store = new FleetStore({ name: 'old', url, timeout: PATIENCE_MS });
  const unsupported = { code: 'ERR_SERVER_UNSUPPORTED', message: /got Redis 6\..*do not tell/ };
  await assert.rejects(store.get('a'), unsupported);
  await assert.rejects(store.set('a', 1), unsupported);
  await store.close();
  old.close();
});

test('without tracking there are no near copies, and all else works', how, async () => {
  await withServer([], async (server) => {
    const may = ['on', '>secret', '~*', '&*', '+@all', '-client|tracking'];
    command(server, 'acl', 'setuser', 'limited', ...may);
    const url = server.url.replace('//', '//limited:secret@');
    const near = { scope: 'process', maxStaleMs: 100 };
    const store = new FleetStore({ name: 'x', url, timeout: PATIENCE_MS, near });
    await store.set('a', 1);
    for (let read = 0; read < 20; read += 1) {
      assert.equal(await store.get('a'), 1);
      assert.equal(store.near('a'), undefined);
    }
    await assert.rejects(
      store.watch('a', () => {}),
      { code: 'ERR_STORE_FORBIDDEN' },
    );
    const heard = [];
    const stop = await store.subscribe('news', (value) => heard.push(value));
    await store.publish('news', 1);
    await waitUntil(() => heard.length === 1);
    stop();
    await store.close();
  });
});

/** What a user has to be allowed, as docs/fleet.md says. */
const NEEDED = ['~x{*', ...['read', 'write', 'scripting', 'connection'].map((it) => `+@${it}`)];
const FOR_MESSAGES = ['&x{*', '+@pubsub'];

test('a user who may do what is documented has all verbs', how, async () => {
  await withServer([], async (server) => {
    const allowed = [...NEEDED, '+time', ...FOR_MESSAGES, '+info'];
    command(server, 'acl', 'setuser', 'limited', 'reset', 'on', '>secret', ...allowed);
    const url = server.url.replace('//', '//limited:secret@');
    const near = { scope: 'process', maxStaleMs: 10_000 };
    const store = new FleetStore({ name: 'x', url, timeout: PATIENCE_MS, near });
    const told = [];
    await store.watch({ prefix: '' }, ({ key }) => told.push(key));
    await store.watch({ tag: 't' }, ({ type }) => told.push(type));
    await store.subscribe('news', (value) => told.push(value));
    await store.set('a', 1, { tags: ['t'] });
    assert.equal(await store.increment('a'), 2);
    assert.equal(await store.touch('a', HOUR_MS), true);
    assert.equal(await warm(store, 'a'), 2);
    assert.deepEqual(await store.keys(), ['a']);
    await store.invalidateTag('t');
    assert.equal(await store.getOrSet('a', () => 'made', { tags: ['t'] }), 'made');
    assert.equal(await store.take('a'), 'made');
    assert.equal((await store.limit('b', { rate: 1, per: HOUR_MS })).allowed, true);
    assert.equal(await store.withLock('c', (lock) => store.set('c', 1, { fence: lock })), true);
    const view = store.namespace('n');
    await view.set('d', 1);
    await view.clear();
    assert.equal(await view.get('d'), undefined);
    await store.publish('news', 'message');
    await waitUntil(() => ['a', 'invalidate', 'message'].every((one) => told.includes(one)));
    await store.clear();
    await store.close();
  });
});

test('a script that does what its user may not is told as such', how, async () => {
  await withServer([], async (server) => {
    command(server, 'acl', 'setuser', 'limited', 'on', '>secret', ...NEEDED);
    const url = server.url.replace('//', '//limited:secret@');
    const store = new FleetStore({ name: 'x', url, timeout: PATIENCE_MS });
    await assert.rejects(store.set('a', 1, { tags: ['t'] }), { code: 'ERR_STORE_FORBIDDEN' });
    const other = new FleetStore({ name: 'y', url, timeout: PATIENCE_MS });
    await assert.rejects(other.get('a'), { code: 'ERR_STORE_FORBIDDEN' });
    await other.close();
    await store.close();
  });
});

test('a user who may not ask what a server is has all verbs', how, async () => {
  await withServer([], async (server) => {
    command(server, 'acl', 'setuser', 'limited', 'on', '>secret', '~*', '+@all', '-info');
    const url = server.url.replace('//', '//limited:secret@');
    const store = new FleetStore({ name: 'x', url, timeout: PATIENCE_MS });
    await store.set('a', 1, { tags: ['t'] });
    assert.equal(await store.increment('a'), 2);
    await store.invalidateTag('t');
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.size(), 0);
    await store.close();
  });
});

test('a killed server is told, and the next at its place is used', how, async () => {
  const first = startServer();
  const { port, url } = first;
  const store = new FleetStore({ name: 'x', url, timeout: 60_000 });
  await store.set('a', 1);
  process.kill(first.pid, 'SIGKILL');
  await waitUntil(async () => {
    const codes = ['ERR_STORE_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN'];
    const error = await store.set('a', 2).then(
      () => undefined,
      (reason) => reason,
    );
    if (error !== undefined) assert.ok(codes.includes(error.code), error.code);
    return error?.code === 'ERR_STORE_UNAVAILABLE';
  });
  first.stop();
  const second = startServer([], port);
  try {
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.increment('a', 5), 5);
  } finally {
    await store.close();
    second.stop();
  }
});

test('a stopped server: reads are late, the outcome of writes is unknown', how, async () => {
  await withServer([], async ({ url, pid }) => {
    const patient = new FleetStore({ name: 'x', url, timeout: 60_000 });
    await patient.set('a', 1);
    const store = new FleetStore({ name: 'x', url, timeout: 3000 });
    await waitUntil(() => store.get('a').then(Boolean, () => false));
    process.kill(pid, 'SIGSTOP');
    const made = store.getOrSet('b', () => 1);
    const results = await Promise.allSettled([store.get('a'), made, store.set('a', 2)]);
    process.kill(pid, 'SIGCONT');
    assert.deepEqual(
      results.map(({ reason }) => reason?.code),
      ['ERR_STORE_UNAVAILABLE', 'ERR_STORE_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN'],
    );
    // It was sent, and it is done when the server goes on.
    await waitUntil(async () => (await patient.get('a')) === 2);
    await store.close();
    await patient.close();
  });
});

test('a server without room refuses writes, and reads go on', how, async () => {
  await withServer(['--maxmemory', '3mb'], async ({ url }) => {
    const store = new FleetStore({ name: 'x', url, timeout: 60_000 });
    await store.set('a', 1);
    const fill = async () => {
      for (let index = 0; index < 100; index += 1) await store.set(index, 'x'.repeat(100_000));
    };
    await assert.rejects(fill(), { code: 'ERR_STORE_FULL' });
    assert.equal(await store.get('a'), 1);
    await store.close();
  });
});

test('a server without room for claims: values are made, given, and not stored', how, async () => {
  await withServer([], async (server) => {
    const store = new FleetStore({ name: 'x', url: server.url, timeout: PATIENCE_MS });
    const told = [];
    store.on('error', ({ code }, key) => told.push(`${key} ${code}`));
    await store.set('a', 1);
    const stale = { ttl: 1, staleMs: HOUR_MS };
    await store.getOrSet('stale', () => 'old', stale);
    command(server, 'config', 'set', 'maxmemory', '1');
    const never = () => assert.fail('it is there');
    assert.equal(await store.getOrSet('a', never), 1);
    assert.equal(await store.getOrSet('stale', never, stale), 'old');
    for (const options of [{}, { tags: ['t'] }]) {
      const { factory, runs } = heldFactory();
      const made = [1, 2, 3].map(() => store.getOrSet('b', factory, options));
      await waitUntil(() => runs.length === 1);
      runs[0].resolve('made');
      assert.deepEqual(await Promise.all(made), ['made', 'made', 'made']);
      assert.equal(await store.get('b'), undefined);
    }
    await waitUntil(() => told.length === 2);
    assert.deepEqual(told, ['b ERR_STORE_FULL', 'b ERR_STORE_FULL']);
    await store.close();
  });
});

test('a value that finds no room leaves no claim', how, async () => {
  await withServer([], async (server) => {
    const store = new FleetStore({ name: 'x', url: server.url, timeout: PATIENCE_MS });
    const factory = () => {
      // It does not end by itself.
      command(server, 'persist', 'x{a}c');
      command(server, 'config', 'set', 'maxmemory', '1');
      return 'made';
    };
    assert.equal(await store.getOrSet('a', factory), 'made');
    const isGone = () => command(server, 'exists', 'x{a}c').trim() === '0';
    await waitUntil(isGone, 'the claim is given up');
    await store.close();
  });
});

fleetTest('values of another writer are refused, and can be deleted', async (open) => {
  const store = open();
  const client = createClient({ url: sharedServer().url });
  await client.connect();
  const foreign = { name: 'StoreError', code: 'ERR_FOREIGN_VALUE' };
  const put = {
    text: (name) => client.set(name, 'text'),
    nothing: (name) => client.set(name, ''),
    list: (name) => client.lPush(name, 'x'),
  };
  for (const [key, write] of Object.entries(put)) {
    await write(`${store.name}{${key}}`);
    await assert.rejects(store.get(key), foreign);
    await assert.rejects(store.getEntry(key), foreign);
    await assert.rejects(store.increment(key), foreign);
    await assert.rejects(store.take(key), foreign);
    await assert.rejects(
      store.update(key, () => 1),
      foreign,
    );
    assert.equal(await store.has(key), true);
    assert.equal(await store.delete(key), true);
    assert.equal(await store.get(key), undefined);
  }
  await client.close();
});

fleetTest('a client of its owner carries commands, and stays open', async (open) => {
  const client = createClient({ url: sharedServer().url });
  await client.connect();
  const store = open({ client });
  await store.set('a', { n: 1 });
  assert.deepEqual(await open().get('a'), { n: 1 });
  assert.equal(await store.size(), 1);
  await store.close();
  await assert.rejects(store.get('a'), { code: 'ERR_STORE_CLOSED' });
  assert.equal(await client.ping(), 'PONG');
  await client.close();
});

fleetTest('scripts that the server has forgotten are sent again', async (open) => {
  const store = open();
  await store.set('a', 1);
  const client = createClient({ url: sharedServer().url });
  await client.connect();
  await client.sendCommand(['SCRIPT', 'FLUSH']);
  assert.equal(await store.increment('a'), 2);
  assert.deepEqual(await store.getEntry('a'), { value: 2, ttl: Infinity, tags: [] });
  await client.close();
});

test('bad options are refused', () => {
  const sendCommand = () => {};
  const refused = [
    [undefined, 'ERR_MISSING_ARGS'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ name: '' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a{b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a', url: 'http://a' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a', url: 'redis://u:100%@a' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a', url: 'redis://a/abc' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a', url: 'redis://a/1.5' }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a', url: 'redis://a', client: {} }, 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a', client: { sendCommand, callBuffer() {} } }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: 'a', client: {} }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: 'a', client: { sendCommand, getSentinelNode() {} } }, 'ERR_INVALID_ARG_TYPE'],
    [{ name: 'a', timeout: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ name: 'a', ttl: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ name: 'a', uri: 'x' }, 'ERR_UNKNOWN_OPTION'],
  ];
  for (const [options, code] of refused) {
    assert.throws(() => new FleetStore(options), { code }, JSON.stringify(options));
  }
  const adapted = { message: /send, masters, connect and close/ };
  assert.throws(() => new FleetStore({ name: 'a', client: {} }), adapted);
  assert.throws(() => FleetStore({ name: 'a' }), { code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
});
