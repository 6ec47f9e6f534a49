/**
 * Near copies of a process: what others write, flush and let expire, and a server gone silent.
 *
 * Must not know how a copy is kept. Invariant tested: no read gives what was there before a write
 * that this process made, nor older than what it has read, nor later than the bound allows.
 */
const assert = require('node:assert/strict');
const net = require('node:net');
const { setTimeout: pause } = require('node:timers/promises');
const { createClient } = require('redis');
const { passDeadline } = require('../helpers/expiry.js');
const { fleetTest } = require('../helpers/fleet.js');
const { sharedServer } = require('../helpers/servers.js');
const { waitUntil } = require('../helpers/wait-until.js');

/** Long enough for a machine that stands still for a while. */
const near = { scope: 'process', maxStaleMs: 10_000 };
const HOUR_MS = 3_600_000;

/** Reads a key until a near copy of it is right. */
async function warm(store, key) {
  await waitUntil(async () => {
    await store.get(key);
    return store.near(key) !== undefined;
  });
}

/** A server's client of its own, for what a store does not say. */
async function withClient(body) {
  const client = createClient({ url: sharedServer().url });
  await client.connect();
  try {
    return await body(client);
  } finally {
    await client.close();
  }
}

/** Passes on what both sides say, until it is cut: then it says nothing, and closes nothing. */
async function proxied(body) {
  const sockets = [];
  let isCut = false;
  const server = net.createServer((socket) => {
    const onward = net.connect({ port: sharedServer().port, host: '127.0.0.1' });
    sockets.push(socket, onward);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ]) {
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => isCut || to.write(chunk));
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await body({
      url: `redis://127.0.0.1:${server.address().port}`,
      cut: () => {
        isCut = true;
      },
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

fleetTest('what was read is near, until somebody else writes to it', async (open) => {
  const [store, other] = [open({ near }), open()];
  for (const [before, after] of [
    [1, 'text'],
    [{ n: 1 }, [1, 2]],
    [null, false],
  ]) {
    await other.set('a', before);
    // The copy of the round before goes when the store learns of it, which may be later.
    await waitUntil(() => store.near('a') === undefined);
    await warm(store, 'a');
    assert.deepEqual(store.near('a'), before);
    assert.deepEqual(await store.get('a'), before);
    await other.set('a', after);
    await waitUntil(() => store.near('a') === undefined);
    assert.deepEqual(await store.get('a'), after);
  }
  const { nearHits } = await store.stats();
  assert.ok(nearHits > 0);
});

fleetTest('objects are copies, each time', async (open) => {
  const store = open({ near });
  await store.set('a', { list: [1] });
  await warm(store, 'a');
  const first = store.near('a');
  first.list.push(2);
  assert.deepEqual(store.near('a'), { list: [1] });
});

const CHANGES = {
  delete: (other) => other.delete('a'),
  'clear by another object': (other) => other.clear(),
  'increment of another object': (other) => other.increment('a'),
  'a shorter life': (other) => other.touch('a', HOUR_MS),
  'another writer': (_other, client, name) => client.del(name),
  'a flush': (_other, client) => client.flushAll(),
};
for (const [what, change] of Object.entries(CHANGES)) {
  fleetTest(`${what} is seen`, async (open) => {
    const [store, other] = [open({ near }), open()];
    await store.set('a', 1);
    await warm(store, 'a');
    await withClient((client) => change(other, client, `${store.name}{a}`));
    await waitUntil(() => store.near('a') === undefined);
    assert.equal(await store.get('a'), await other.get('a'));
  });
}

fleetTest('a copy never outlives its entry', async (open) => {
  const store = open({ near });
  await store.set('other', 1);
  await warm(store, 'other');
  for (let round = 0; round < 50; round += 1) {
    await store.set('a', round, 5);
    await store.get('a');
    passDeadline(5);
    assert.equal(store.near('a'), undefined);
  }
});

fleetTest('who writes reads what he has written', async (open) => {
  const [store, other] = [open({ near }), open()];
  await warm(store, (await store.set('a', -1)) && 'a');
  for (let round = 0; round < 500; round += 1) {
    const reads = [store.get('a'), store.get('a')];
    const write = store.set('a', round);
    reads.push(store.get('a'));
    await write;
    assert.equal(await store.get('a'), round);
    await Promise.all(reads);
    assert.equal(await store.get('a'), round);
  }
  assert.equal(await other.get('a'), 499);
});

fleetTest('what is read never goes back, and is what the server has at rest', async (open) => {
  const [store, other] = [open({ near }), open()];
  const keys = ['a', 'b', 'c'];
  for (const key of keys) await other.set(key, 0);
  for (const key of keys) await warm(store, key);
  let isOver = false;
  const writing = (async () => {
    for (let round = 0; round < 1000; round += 1) await other.increment(keys[round % 3]);
    isOver = true;
  })();
  const reading = keys.map(async (key) => {
    let last = 0;
    while (!isOver) {
      const value = await store.get(key);
      assert.ok(value >= last, `${value} after ${last}`);
      last = value;
      await pause(0);
    }
  });
  await Promise.all([writing, ...reading]);
  for (const key of keys) {
    const value = await other.get(key);
    await waitUntil(async () => (await store.get(key)) === value);
    await warm(store, key);
    assert.equal(store.near(key), value);
  }
});

fleetTest('a server that falls silent is trusted no longer than the bound', async (open) => {
  const maxStaleMs = 1000;
  await proxied(async ({ url, cut }) => {
    const store = open({ url, near: { scope: 'process', maxStaleMs } });
    const other = open();
    await other.set('a', 'old');
    await warm(store, 'a');
    cut();
    await other.set('a', 'new');
    const writtenMs = performance.now();
    await waitUntil(() => {
      // The look at the clock comes first: who stands still after it is not late.
      const beganMs = performance.now();
      const value = store.near('a');
      if (value === undefined) return true;
      const lateMs = beganMs - writtenMs - maxStaleMs;
      assert.ok(lateMs <= 10, `an old value ${lateMs} ms after the bound`);
      return false;
    });
    assert.equal(store.near('a'), undefined);
  });
});

fleetTest('a listener that loses its connection comes back, with no old copy', async (open) => {
  const [store, other] = [open({ near }), open()];
  await store.set('a', 1);
  await warm(store, 'a');
  await withClient(async (client) => {
    const list = await client.sendCommand(['CLIENT', 'LIST']);
    const tracking = String(list)
      .split('\n')
      .filter((line) => / flags=\S*B/.test(line) || / flags=\S*t/.test(line));
    for (const line of tracking) {
      const [, id] = /^id=(\d+)/.exec(line);
      await client.sendCommand(['CLIENT', 'KILL', 'ID', id]);
    }
    assert.ok(tracking.length > 0);
  });
  await waitUntil(() => store.near('a') === undefined);
  await other.set('a', 2);
  assert.equal(await store.get('a'), 2);
  await warm(store, 'a');
  assert.equal(store.near('a'), 2);
});

fleetTest(
  'a near store that is closed has no copies, and bad options are refused',
  async (open) => {
    const store = open({ near });
    await store.set('a', 1);
    await warm(store, 'a');
    await store.close();
    assert.throws(() => store.near('a'), { code: 'ERR_STORE_CLOSED' });
    const plain = open();
    await plain.get('a');
    assert.equal(plain.near('a'), undefined);
    assert.throws(() => plain.near(), { code: 'ERR_MISSING_ARGS' });
    for (const [given, code] of [
      [{}, 'ERR_INVALID_ARG_TYPE'],
      [{ scope: 'planet' }, 'ERR_INVALID_ARG_VALUE'],
      [{ scope: 'process', maxStaleMs: 1 }, 'ERR_OUT_OF_RANGE'],
      [{ scope: 'process', maxBytes: 1 }, 'ERR_UNKNOWN_OPTION'],
    ]) {
      assert.throws(() => open({ near: given }), { code });
    }
  },
);
