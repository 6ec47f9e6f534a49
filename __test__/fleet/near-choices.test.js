/**
 * What may be chosen of near copies: keys without, servers that tell nothing, and what is given
 * when no server is to be had; and what is told of all that.
 *
 * Must not know how a copy is kept. Invariant tested: what is old is given only to who asked for
 * it, for no longer, and is told.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { FleetStore } = require('shared-memory-store/fleet');
const { passDeadline } = require('../helpers/expiry.js');
const { PATIENCE_MS, fleetTest, withClient } = require('../helpers/fleet.js');
const { NEARS, nearTest } = require('../helpers/fleet-near.js');
const { Kind, withProxy } = require('../helpers/fleet-proxy.js');
const { command, missing, sharedServer, startServer } = require('../helpers/servers.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { Lags } = require('../../lib/fleet/near/lags.js');
const { Sleep } = require('../../lib/fleet/near/sleep.js');
const { stripeOf } = require('../../lib/fleet/near/words.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');

const HOUR_MS = 3_600_000;
/** Of near copies that no stall of the machine ends. */
const whenDown = { serveStaleMs: HOUR_MS };
const timeout = PATIENCE_MS;

/** Every event of a store, as it is told. */
function eventsOf(store) {
  const told = [];
  for (const name of ['up', 'down', 'flush', 'failover', 'stale']) {
    store.on(name, () => told.push(name));
  }
  return told;
}

/** Runs `body(server, replace)` with a server of its own, and what puts a new one in its place. */
async function withServer(body) {
  let server = startServer();
  const replace = () => {
    server.stop();
    server = startServer([], server.port);
  };
  try {
    await body(server, replace);
  } finally {
    server.stop();
  }
}

nearTest('keys that are excluded are asked of the server each time', async (open, near) => {
  const store = open({ near: { ...near, exclude: ['hits:*', /^no/] } });
  const view = store.namespace('view');
  for (const key of ['hits:1', 'none', 'other']) {
    await store.set(key, key);
    await view.set(key, key);
  }
  await warm(store, 'other');
  const { nearHits } = await store.stats();
  for (const one of [store, view]) {
    assert.equal(await one.get('hits:1'), 'hits:1');
    assert.equal(await one.get('none'), 'none');
    assert.equal(await one.get('hits:1'), 'hits:1');
  }
  assert.equal((await store.stats()).nearHits, nearHits);
  assert.equal(store.near('hits:1'), undefined);
  await view.get('other');
  await waitUntil(async () => {
    await view.get('other');
    return (await store.stats()).nearHits > nearHits;
  });
});

fleetTest('keys that are excluded are near to nobody who excludes them', (open) => {
  return NEARS.machine((near) => {
    return withProxy(sharedServer().port, async ({ url, hold }) => {
      const [other, foreign] = [open({ url, near }), open()];
      const store = open({ url, near: { ...near, exclude: ['hits:*'] } });
      await foreign.set('hits:1', 'old');
      await foreign.set('warm', 0);
      for (const one of [store, other]) await warm(one, 'warm');
      await warm(other, 'hits:1');
      hold(Kind.LISTENER);
      await foreign.set('hits:1', 'new');
      assert.equal(store.near('hits:1'), undefined);
      assert.equal(await store.get('hits:1'), 'new');
      // Who excludes the same, in whatever order, shares what is near.
      const same = [{ exclude: ['b', 'hits:*'] }, { exclude: ['hits:*', 'b'] }];
      const [one, two] = same.map((more) => open({ near: { ...near, ...more } }));
      await warm(one, 'warm');
      assert.equal(two.near('warm'), 0);
    });
  });
});

nearTest('reads of excluded keys leave the copies of others', async (open, near) => {
  const store = open({ near: { ...near, exclude: ['hits:*'], reads: 'frozen' } });
  const stripe = stripeOf(`${store.name}{a}`);
  const keys = Array.from({ length: 50_000 }, (_, index) => `hits:${index}`);
  const beside = keys.filter((key) => stripeOf(`${store.name}{${key}}`) === stripe);
  assert.ok(beside.length > 0);
  await store.set('a', 1);
  for (const key of beside) await store.set(key, { key });
  await store.set('last', 1);
  await warm(store, 'last');
  await open().set('last', 2);
  await waitUntil(() => store.near('last') === undefined, 'all writes are heard');
  await warm(store, 'a');
  for (const key of beside) assert.ok(Object.isFrozen(await store.get(key)));
  const { nearHits } = await store.stats();
  assert.equal(await store.get('a'), 1);
  assert.equal((await store.stats()).nearHits, nearHits + 1);
});

for (const [scope, withNear] of Object.entries(NEARS)) {
  const how = { ...SLOW, skip: missing };

  test(`${scope}: what is old is given for want of a server, if asked for, and told`, how, () => {
    return withNear((near) => {
      return withServer(async (server, replace) => {
        const given = { name: 'x', url: server.url, timeout, near };
        const store = new FleetStore({ ...given, whenDown });
        const strict = new FleetStore({ name: 'x', url: server.url, timeout, near });
        const told = eventsOf(store);
        try {
          await store.set('a', { n: 1 });
          await store.set('short', 1, 5000);
          await store.set('last', 1);
          await warm(store, 'last');
          await strict.set('last', 2);
          await waitUntil(() => store.near('last') === undefined, 'all writes are heard');
          await warm(store, 'a');
          await warm(store, 'short');
          process.kill(server.pid, 'SIGKILL');
          await waitUntil(() => store.get('b').catch(() => true), 'it is not to be had');
          // Until the listener hears of that what is near is not old.
          await waitUntil(async () => {
            assert.deepEqual(await store.get('a'), { n: 1 });
            return told.includes('stale');
          });
          assert.deepEqual(await store.get('a'), { n: 1 });
          assert.deepEqual(store.near('a'), { n: 1 });
          assert.deepEqual(await store.getOrSet('a', () => 2), { n: 1 });
          assert.deepEqual(
            told.filter((name) => name === 'stale'),
            ['stale'],
          );
          const away = { code: 'ERR_STORE_UNAVAILABLE' };
          await assert.rejects(strict.get('a'), away);
          assert.equal(strict.near('a'), undefined);
          await assert.rejects(store.get('b'), away);
          await assert.rejects(store.set('a', 2), { code: /UNAVAILABLE|UNKNOWN/ });
          passDeadline(5000);
          await assert.rejects(store.get('short'), away);
          replace();
          await waitUntil(async () => (await store.get('a').catch(() => 0)) === undefined, 'a new');
          await waitUntil(() => told.includes('failover') && told.includes('flush'), 'it is told');
          await store.set('a', 3);
          await warm(store, 'a');
          assert.equal(store.near('a'), 3);
          assert.ok((await store.stats()).staleHits >= 4);
        } finally {
          await store.close();
          await strict.close();
        }
      });
    });
  });
}

nearTest('what is old is given for so long, and no longer', async (open, near) => {
  const serveStaleMs = 2000;
  await withProxy(sharedServer().port, async ({ url, cut }) => {
    const own = { url, timeout, near: { ...near, maxStaleMs: 500 } };
    const [store, other] = [open({ ...own, whenDown: { serveStaleMs } }), open()];
    await other.set('a', 'old');
    await warm(store, 'a');
    cut();
    await other.set('a', 'new');
    const writtenMs = performance.now();
    let last = writtenMs;
    await waitUntil(() => {
      const beganMs = performance.now();
      if (store.near('a') === 'old') last = beganMs;
      return beganMs - writtenMs > serveStaleMs + 1500;
    });
    assert.ok(last - writtenMs <= serveStaleMs + 510, `${last - writtenMs} ms later`);
  });
});

nearTest(
  'stats say how soon who listens is answered, and how often copies were void',
  async (open, near) => {
    const [store, other, plain] = [open({ near }), open({ near }), open()];
    await store.set('a', 1);
    await warm(store, 'a');
    // The copies of a machine have one listener, and all know what it knows.
    for (const one of [store, other]) {
      await waitUntil(async () => (await one.stats()).lagP50Ms > 0, 'the lag is known');
      const { lagP50Ms, lagP99Ms } = await one.stats();
      assert.ok(lagP50Ms <= lagP99Ms);
    }
    const before = (await store.stats()).flushes;
    await waitUntil(async () => {
      await withClient((client) => client.flushAll());
      return (await store.stats()).flushes > before;
    }, 'the flush is counted');
    const { lagP50Ms, lagP99Ms, flushes } = await plain.stats();
    assert.deepEqual([lagP50Ms, lagP99Ms, flushes], [0, 0, 0]);
  },
);

test('a lag is that of the last answers', () => {
  const lags = new Lags();
  assert.deepEqual(lags.figures, { p50: 0, p99: 0 });
  for (let ms = 100; ms >= 1; ms -= 1) lags.add(ms);
  assert.deepEqual(lags.figures, { p50: 50, p99: 99 });
  for (let count = 0; count < 1000; count += 1) lags.add(7);
  assert.deepEqual(lags.figures, { p50: 7, p99: 7 });
});

nearTest('a flush is told to whoever has the store open', async (open, near) => {
  const stores = [open({ near }), open({ near })];
  const told = stores.map(eventsOf);
  for (const store of stores) await warm(store, (await store.set('a', 1)) && 'a');
  await waitUntil(async () => {
    await withClient((client) => client.flushAll());
    return told.every((names) => names.includes('flush'));
  });
  assert.ok(told.every((names) => !names.includes('failover') && !names.includes('stale')));
});

/** Where nothing is told of changes: a user may not ask for it. */
function withoutTracking(name, body) {
  nearTest(name, async (open, near) => {
    const user = `near-${process.pid}-${near.scope}`;
    const given = ['on', '>word', '~*', '&*', '+@all', '-client|tracking'];
    command(sharedServer(), 'acl', 'setuser', user, ...given);
    const url = sharedServer().url.replace('://', `://${user}:word@`);
    await body((more) => open({ url, near: { ...near, ...more } }), open);
  });
}

withoutTracking('where no changes are told nothing is near', async (openNear) => {
  const store = openNear({});
  await store.set('a', 1, HOUR_MS);
  for (let round = 0; round < 20; round += 1) assert.equal(await store.get('a'), 1);
  assert.equal((await store.stats()).nearHits, 0);
});

withoutTracking('what has a time to live is near, if asked for', async (openNear, open) => {
  const [store, other] = [openNear({ untracked: 'ttl' }), open()];
  await store.set('a', 1, HOUR_MS);
  await store.set('for ever', 1);
  await warm(store, 'a');
  await other.set('a', 2, HOUR_MS);
  assert.equal(await store.get('a'), 1);
  assert.equal(await store.get('a', { fresh: true }), 2);
  await store.set('a', 3, HOUR_MS);
  assert.equal(await store.get('a'), 3);
  assert.equal(await store.get('for ever'), 1);
  assert.equal(store.near('for ever'), undefined);
  assert.equal(await store.get('absent'), undefined);
  await other.set('absent', 1);
  assert.equal(await store.get('absent'), 1);
});

withoutTracking('what others keep for its time to live is theirs', async (openNear, open) => {
  const [store, other, foreign] = [openNear({ untracked: 'ttl' }), openNear({}), open()];
  await foreign.set('a', 'old', HOUR_MS);
  await warm(store, 'a');
  await foreign.set('a', 'new', HOUR_MS);
  assert.equal(other.near('a'), undefined);
  assert.equal(await other.get('a'), 'new');
});

fleetTest('choices that cannot be are refused', async (open) => {
  const near = { scope: 'process' };
  for (const [given, code] of [
    [{ near: { ...near, exclude: 'a' } }, 'ERR_INVALID_ARG_TYPE'],
    [{ near: { ...near, exclude: [1] } }, 'ERR_INVALID_ARG_TYPE'],
    [{ near: { ...near, exclude: Array(65).fill('a') } }, 'ERR_INVALID_ARG_VALUE'],
    [{ near: { ...near, untracked: 'on' } }, 'ERR_INVALID_ARG_VALUE'],
    [{ near, whenDown: 'sleep' }, 'ERR_INVALID_ARG_VALUE'],
    [{ near, whenDown: { serveStaleMs: 0 } }, 'ERR_OUT_OF_RANGE'],
    [{ near, whenDown: {} }, 'ERR_INVALID_ARG_TYPE'],
    [{ near, whenDown: { stale: 1 } }, 'ERR_UNKNOWN_OPTION'],
    [{ whenDown: { serveStaleMs: 5 } }, 'ERR_INVALID_ARG_VALUE'],
  ]) {
    assert.throws(() => open(given), { code }, JSON.stringify(given));
  }
  const store = open({ near, whenDown: 'error', timeout: PATIENCE_MS });
  await store.set('a', 1);
  assert.equal((await store.stats()).staleHits, 0);
});

test('a sleep of the machine is noticed once, and a wait of a thread is none', () => {
  const clocks = { awake: 5, always: 100 };
  const sleep = new Sleep(
    () => clocks.awake,
    () => clocks.always,
  );
  const pass = (awake, always) => {
    clocks.awake += awake;
    clocks.always += always;
    return sleep.isOver();
  };
  assert.equal(pass(50_000, 50_000), false);
  // A thread that waits between the two looks, and what is seen next.
  assert.equal(pass(0, 900), false);
  assert.equal(pass(900, 0), false);
  assert.equal(pass(10, 8 * HOUR_MS), true);
  assert.equal(pass(10, 10), false);
  assert.equal(pass(0, 1000), true);
  // Longer ones do not hide a sleep that comes later.
  assert.equal(pass(1000, 0), false);
  assert.equal(pass(0, 1000), true);
  // By the clocks of this machine.
  assert.equal(typeof new Sleep().isOver(), 'boolean');
});
