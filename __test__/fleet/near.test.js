/**
 * Near copies of a process or a machine: what others change, and a server gone silent.
 *
 * Must not know how a copy is kept. Invariant tested: no read gives what was there before a write
 * that this process made, nor older than what it has read, nor later than the bound allows.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { createClientPool } = require('redis');
const { passDeadline } = require('../helpers/expiry.js');
const { fleetTest, withClient } = require('../helpers/fleet.js');
const { nearTest } = require('../helpers/fleet-near.js');
const { withProxy } = require('../helpers/fleet-proxy.js');
const { IS_BUN } = require('../helpers/run-program.js');
const { sharedServer } = require('../helpers/servers.js');
const { withFolder } = require('../helpers/store-folders.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');
const { untilCollected } = require('../helpers/weak-references.js');

const HOUR_MS = 3_600_000;

nearTest('what was read is near, until somebody else writes to it', async (open, near) => {
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

nearTest('objects are copies, each time', async (open, near) => {
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
  nearTest(`${what} is seen`, async (open, near) => {
    const [store, other] = [open({ near }), open()];
    await store.set('a', 1);
    await warm(store, 'a');
    await withClient((client) => change(other, client, `${store.name}{a}`));
    await waitUntil(() => store.near('a') === undefined);
    assert.equal(await store.get('a'), await other.get('a'));
  });
}

nearTest('a copy never outlives its entry', async (open, near) => {
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

nearTest('who writes reads what he has written', async (open, near) => {
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

nearTest('what is read never goes back, and is what the server has at rest', async (open, near) => {
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

nearTest('a server that falls silent is trusted no longer than the bound', async (open, near) => {
  const boundMs = 1000;
  await withProxy(sharedServer().port, async ({ url, cut }) => {
    const store = open({ url, near: { ...near, maxStaleMs: boundMs } });
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
      const lateMs = beganMs - writtenMs - boundMs;
      assert.ok(lateMs <= 10, `an old value ${lateMs} ms after the bound`);
      return false;
    });
    assert.equal(store.near('a'), undefined);
  });
});

nearTest(
  'a listener that loses its connection comes back, with no old copy',
  async (open, near) => {
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
  },
);

nearTest('values that are frozen are handed out again', async (open, near) => {
  const store = open({ near: { ...near, reads: 'frozen' } });
  await store.set('a', { list: [1] });
  await warm(store, 'a');
  await waitUntil(() => {
    const [first, second] = [store.near('a'), store.near('a')];
    return first !== undefined && first === second;
  });
  assert.ok(Object.isFrozen(store.near('a').list));
  assert.equal(await store.get('a'), store.near('a'));
});

nearTest('what is read is frozen, whole or not, kept or not', async (open, near) => {
  const store = open({ near: { ...near, reads: 'frozen' } });
  const values = { whole: { list: [1] }, dated: { list: [1], at: new Date(0) } };
  await store.setMany(Object.entries(values));
  const areFrozen = (value) => Object.isFrozen(value) && Object.isFrozen(value.list);
  for await (const [key, value] of store) assert.ok(areFrozen(value), `${key}, of a walk`);
  for (const key of Object.keys(values)) {
    assert.ok(areFrozen(await warm(store, key)), `${key}, near`);
    assert.ok(areFrozen(await store.get(key)), key);
  }
  for await (const [key, value] of store) assert.ok(areFrozen(value), `${key}, of a walk again`);
});

nearTest('what is known to be absent is near', async (open, near) => {
  const [store, other] = [open({ near }), open()];
  const before = await store.stats();
  await waitUntil(async () => {
    assert.equal(await store.get('a'), undefined);
    return (await store.stats()).nearHits > before.nearHits;
  });
  await other.set('a', 1);
  await waitUntil(async () => (await store.get('a')) === 1);
});

nearTest('no more is kept than there is room for', async (open, near) => {
  const store = open({ near: { ...near, maxBytes: 256 * 1024 } });
  const value = 'x'.repeat(1000);
  for (let key = 0; key < 1000; key += 1) {
    await store.set(key, value);
    await store.get(key);
  }
  await warm(store, 999);
  const known = Array.from({ length: 1000 }, (_, key) => store.near(key)).filter(Boolean);
  assert.ok(known.length > 0 && known.length < 400, `${known.length}`);
});

nearTest('a client of one server will do, and another does not', async (open, near) => {
  await withClient(async (client) => {
    const [store, other] = [open({ client, near }), open()];
    await other.set('a', 'old');
    await warm(store, 'a');
    await other.set('a', 'new');
    await waitUntil(() => store.near('a') === undefined);
    assert.equal(await store.get('a'), 'new');
  });
  const pool = createClientPool({ url: sharedServer().url });
  assert.throws(() => open({ client: pool, near }), { code: 'ERR_INVALID_ARG_VALUE' });
});

nearTest('a near store that is closed has no copies', async (open, near) => {
  const store = open({ near });
  await store.set('a', 1);
  await warm(store, 'a');
  await store.close();
  assert.throws(() => store.near('a'), { code: 'ERR_STORE_CLOSED' });
  const plain = open();
  await plain.get('a');
  assert.equal(plain.near('a'), undefined);
  assert.throws(() => plain.near(), { code: 'ERR_MISSING_ARGS' });
});

fleetTest('a dead line is noticed long before a long bound is over', (open) => {
  return withProxy(sharedServer().port, async ({ url, cut }) => {
    const store = open({ url, near: { scope: 'process', maxStaleMs: HOUR_MS } });
    await store.set('a', 1);
    await warm(store, 'a');
    cut();
    await waitUntil(() => store.near('a') === undefined, 'it is not trusted any more');
  });
});

nearTest('a listener that dies is followed by another', async (open, near) => {
  // Other engines do not tell which threads are started.
  if (IS_BUN) return;
  const threads = [];
  const note = (thread) => threads.push(thread);
  process.on('worker', note);
  try {
    const [store, other] = [open({ near }), open()];
    for (let round = 0; round < 2; round += 1) {
      await other.set('a', `old ${round}`);
      await waitUntil(() => store.near('a') !== `new ${round - 1}`, 'the change is heard');
      await warm(store, 'a');
      await threads.at(-1).terminate();
      await other.set('a', `new ${round}`);
      await waitUntil(() => threads.length === round + 2, 'another is started');
      await waitUntil(() => store.near('a') !== `old ${round}`, 'it begins anew');
      assert.equal(await warm(store, 'a'), `new ${round}`);
    }
  } finally {
    process.off('worker', note);
  }
});

nearTest('a copy keeps no more of an answer than it counts', async (open, near) => {
  await withClient(async (client) => {
    /** What the bytes of values came in, with whatever came beside them. */
    const chunks = [];
    const send = async (words) => {
      const answer = await client.sendCommand(words, { typeMapping: { 36: Buffer } });
      if (!Buffer.isBuffer(answer?.[0])) return answer;
      const bytes = answer[0];
      const chunk = Buffer.alloc(65_536);
      bytes.copy(chunk, 100);
      chunks.push(new WeakRef(chunk.buffer));
      return [chunk.subarray(100, 100 + bytes.length), ...answer.slice(1)];
    };
    const carrier = { send, masters: async () => [], connect: async () => {}, close() {} };
    const store = open({ client: carrier, url: sharedServer().url, near });
    const keys = Array.from({ length: 50 }, (_, index) => `a${index}`);
    await open().setMany(keys.map((key) => [key, { key }]));
    for (const key of keys) await warm(store, key);
    assert.ok(chunks.length >= keys.length);
    await untilCollected(chunks);
    for (const key of keys) assert.deepEqual(await store.get(key), { key });
  });
});

fleetTest('options of near copies that cannot be are refused', async (open) => {
  for (const [given, code] of [
    [1, 'ERR_INVALID_ARG_TYPE'],
    [{ scope: 'planet' }, 'ERR_INVALID_ARG_VALUE'],
    [{ reads: 'often' }, 'ERR_INVALID_ARG_VALUE'],
    [{ path: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ scope: 'process', path: '/tmp' }, 'ERR_INVALID_ARG_VALUE'],
    [{ scope: 'process', maxStaleMs: 1 }, 'ERR_OUT_OF_RANGE'],
    [{ scope: 'process', maxBytes: 1 }, 'ERR_OUT_OF_RANGE'],
    [{ scope: 'process', maxEntries: 1 }, 'ERR_UNKNOWN_OPTION'],
  ]) {
    assert.throws(() => open({ near: given }), { code });
  }
  await withFolder((path) => {
    open({ near: { scope: 'machine', path } });
    const other = { scope: 'machine', path, maxBytes: 2 ** 20 };
    assert.throws(() => open({ near: other }), { code: 'ERR_STORE_MISMATCH' });
    assert.throws(() => open({ near: { scope: 'machine', path: `${path}/no/such` } }), {
      code: 'ERR_STORE_UNAVAILABLE',
    });
    // Where nobody says, a process keeps its own.
    open({ near: { path: `${path}/no/such` } });
  });
});
