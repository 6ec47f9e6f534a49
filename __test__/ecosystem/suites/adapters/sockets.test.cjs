/**
 * Servers of socket.io over one store, as their clients see them: three in this process, and one in
 * a process of its own, which is killed.
 */
const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { after, afterEach, before, test } = require('node:test');
const { setTimeout: delay } = require('node:timers/promises');
const { Server } = require('socket.io');
const { io: connect } = require('socket.io-client');
const { SharedStore } = require('shared-memory-store');
const createAdapter = require('shared-memory-store/socket.io');

const isChild = process.argv[2] === 'server';
const NAME = isChild ? process.argv[3] : `sockets-${process.pid}`;
const PLACE = Object.freeze({ name: NAME, maxBytes: 2 ** 24 });
/** So that a server that was killed is missed soon. */
const HEARTBEAT = Object.freeze({ heartbeatInterval: 100, heartbeatTimeout: 4000 });
const SERVERS = 3;

/** @type {{ io: Server, socket: import('socket.io').Socket, client: any }[]} */
const all = [];

async function server(options = {}) {
  const io = new Server(createServer().listen(0), {
    adapter: createAdapter({ ...PLACE, ...HEARTBEAT }),
    ...options,
  });
  await once(io.httpServer, 'listening');
  return { io, url: `http://localhost:${io.httpServer.address().port}` };
}

/** Waits until `check` holds. */
async function until(check) {
  while (!(await check())) await delay(5);
}

if (isChild) {
  server().then(({ io }) => {
    io.on('where', (answer) => answer(process.pid));
    process.send('up');
  });
} else {
  before(async () => {
    for (let index = 0; index < SERVERS; index += 1) {
      const { io, url } = await server();
      const connected = once(io, 'connection');
      const client = connect(url, { transports: ['websocket'], forceNew: true });
      const [socket] = await connected;
      all.push({ io, socket, client });
      await until(() => client.connected);
    }
    await until(async () => {
      const counts = await Promise.all(all.map(({ io }) => io.of('/').adapter.serverCount()));
      return counts.every((count) => count === SERVERS);
    });
  });
  afterEach(() => {
    for (const { io, client } of all) {
      io.removeAllListeners();
      client.removeAllListeners();
    }
  });
  after(async () => {
    for (const { io, client } of all) {
      client.close();
      await io.close();
    }
    SharedStore.remove(PLACE.name);
  });

  /** What each client is told under the name `event`, once all of `who` were told. */
  const told = (event, who = all) => Promise.all(who.map(({ client }) => once(client, event)));

  test('a broadcast reaches the clients of all servers, the same to each', async () => {
    const at = new Date(0);
    const bytes = Buffer.from([1, 2, 3]);
    const heard = told('news');
    all[0].io.emit(
      'news',
      1,
      at,
      { bytes },
      undefined,
      { toJSON: () => 'json' },
      new Uint8Array(2),
    );
    const [first, ...others] = await heard;
    assert.deepEqual(first.slice(0, 2), [1, at.toJSON()]);
    assert.deepEqual(first[2].bytes, bytes);
    assert.deepEqual(first.slice(3), [null, 'json', Buffer.alloc(2)]);
    for (const other of others) assert.deepEqual(other, first);
  });

  test('a message may be larger than what is published', async () => {
    const long = 'x'.repeat(2 ** 21);
    const heard = told('long');
    all[1].io.emit('long', long, Buffer.alloc(2 ** 20, 7));
    for (const [text, bytes] of await heard) {
      assert.equal(text, long);
      assert.equal(bytes.length, 2 ** 20);
    }
  });

  test('messages come in order, long ones among short ones', async () => {
    const heard = [];
    all[2].client.on('count', (count) => heard.push(count));
    const last = told('last', [all[2]]);
    for (let count = 0; count < 100; count += 1) {
      all[0].io.emit('count', count, count % 10 === 0 ? 'x'.repeat(2 ** 20) : '');
    }
    all[0].io.emit('last');
    await last;
    assert.deepEqual(
      heard,
      Array.from({ length: 100 }, (_, count) => count),
    );
  });

  test('rooms are those of all servers', async () => {
    const [one, two, three] = all;
    one.io.in([two.socket.id, three.socket.id]).socketsJoin('room');
    await until(() => two.socket.rooms.has('room') && three.socket.rooms.has('room'));
    three.io.in(three.socket.id).socketsJoin('other');
    await until(() => three.socket.rooms.has('other'));
    const notTold = [one, three].map(({ client }) => {
      client.on('room', () => assert.fail('not in the room'));
      return client;
    });
    const heard = told('room', [two]);
    const after = told('after');
    one.io.to('room').except('other').emit('room', 'hello');
    one.io.emit('after');
    assert.deepEqual(await heard, [['hello']]);
    await after;
    for (const client of notTold) client.removeAllListeners('room');
    one.io.in('room').socketsLeave('room');
    await until(() => !two.socket.rooms.has('room') && !three.socket.rooms.has('room'));
  });

  test('all sockets are found, with what is known of them', async () => {
    all[2].socket.data.user = 'ann';
    const sockets = await all[0].io.fetchSockets();
    assert.equal(sockets.length, SERVERS);
    const found = sockets.find(({ id }) => id === all[2].socket.id);
    assert.deepEqual(found.data, { user: 'ann' });
  });

  test('clients of all servers answer', async () => {
    for (const [index, { client }] of all.entries()) client.on('ask', (answer) => answer(index));
    const answers = await all[1].io.timeout(20_000).emitWithAck('ask');
    assert.deepEqual(answers.sort(), [0, 1, 2]);
  });

  test('servers speak to each other, and answer', async () => {
    all[1].io.on('who', (name, answer) => answer(`one ${name}`));
    all[2].io.on('who', (name, answer) => answer(`two ${name}`));
    const answers = await all[0].io.serverSideEmitWithAck('who', 'me');
    assert.deepEqual(answers.sort(), ['one me', 'two me']);
  });

  test('namespaces are apart', async () => {
    for (const { io } of all) io.of('/apart').on('connection', () => {});
    all[1].client.on('apart', () => assert.fail('of another namespace'));
    const heard = told('after');
    all[0].io.of('/apart').emit('apart');
    all[0].io.emit('after');
    await heard;
  });

  test('a server that is killed is missed, and nobody waits for it for ever', async () => {
    const child = fork(__filename, ['server', NAME]);
    await once(child, 'message');
    const { io } = all[0];
    await until(async () => (await io.of('/').adapter.serverCount()) === SERVERS + 1);
    for (const { io: other } of all.slice(1)) other.on('where', (answer) => answer(process.pid));
    const where = await io.serverSideEmitWithAck('where');
    assert.deepEqual(where.sort(), [process.pid, process.pid, child.pid].sort());
    child.kill('SIGKILL');
    await once(child, 'exit');
    const late = await io.serverSideEmitWithAck('where').then(
      (answers) => answers,
      (_error) => [],
    );
    assert.ok(!late.includes(child.pid));
    await until(async () => (await io.of('/').adapter.serverCount()) === SERVERS);
    assert.equal((await io.fetchSockets()).length, SERVERS);
  });

  test('sockets of another server are closed', async () => {
    const gone = once(all[2].client, 'disconnect');
    all[0].io.in(all[2].socket.id).disconnectSockets(true);
    assert.equal((await gone)[0], 'io server disconnect');
  });

  test('a store that was given stays open; one that is closed is told', async () => {
    const store = new SharedStore({ name: 'sockets given', maxBytes: 2 ** 20 });
    const { io } = await server({ adapter: createAdapter({ store, ...HEARTBEAT }) });
    await io.close();
    assert.equal(store.set('key', 1), true);
    store.close();
    const make = () => new Server({ adapter: createAdapter({ store }) });
    assert.throws(make, { code: 'ERR_STORE_CLOSED' });
  });
}
