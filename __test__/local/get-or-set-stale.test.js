/**
 * `staleMs`: an entry that is served stale while one call renews it.
 *
 * Must not know when a renewal starts beyond that the call that starts it does not wait. Invariant
 * tested: who asks for a stale entry gets it at once, and one factory runs.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { runScript } = require('../helpers/child-script.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { heldFactory, turn } = require('../helpers/flight.js');
const { warm } = require('../helpers/hot-path.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const STALE = { ttl: 1, staleMs: HOUR_MS };
const open = () => new MemoryStore({ autoStartCleanup: false });
const neverCalled = () => assert.fail('the factory was called');

/** A store whose entry `k` is stale. */
async function stale(heat = () => {}) {
  const store = open();
  await store.getOrSet('k', () => 'old', STALE);
  heat(store, 'k');
  passDeadline(1);
  return store;
}

for (const [heatName, heat] of Object.entries({ cold: () => {}, warm })) {
  describe(`a stale entry (${heatName})`, () => {
    test('is given at once, however long its renewal takes', async () => {
      const store = await stale(heat);
      const { factory, runs } = heldFactory();
      assert.equal(await store.getOrSet('k', factory, STALE), 'old');
      await turn();
      assert.equal(runs.length, 1);
    });

    test('is renewed once for all who ask', async () => {
      const store = await stale(heat);
      const { factory, runs } = heldFactory();
      for (let round = 0; round < 10; round += 1) {
        const asked = Array.from({ length: 10 }, () => store.getOrSet('k', factory, STALE));
        assert.deepEqual(new Set(await Promise.all(asked)), new Set(['old']));
      }
      await turn();
      assert.equal(runs.length, 1);
      runs[0].resolve('new');
      await waitUntil(() => store.get('k') === 'new', 'the renewal is stored');
      assert.equal(await store.getOrSet('k', neverCalled, { ttl: HOUR_MS }), 'new');
    });

    test('is live to everyone else', async () => {
      const store = await stale(heat);
      assert.equal(store.get('k'), 'old');
      assert.equal(store.has('k'), true);
      assert.ok(store.ttl('k') > HOUR_MS / 2);
      assert.equal(store.size(), 1);
      assert.deepEqual(store.keys(), ['k']);
    });

    test('is given by a call that asks for no renewal', async () => {
      const store = await stale(heat);
      assert.equal(await store.getOrSet('k', neverCalled), 'old');
      assert.equal(await store.getOrSet('k', neverCalled, { ttl: 1 }), 'old');
      assert.equal(await store.getOrSet('k', neverCalled, { ttl: 1, staleMs: 0 }), 'old');
    });

    test('is renewed by a factory that is not async', async () => {
      const store = await stale(heat);
      assert.equal(await store.getOrSet('k', () => 'new', STALE), 'old');
      await waitUntil(() => store.get('k') === 'new', 'the renewal is stored');
    });

    test('has a new life when it is renewed', async () => {
      const store = await stale(heat);
      await store.getOrSet('k', () => 'new', { ttl: 2 * HOUR_MS, staleMs: HOUR_MS });
      await waitUntil(() => store.get('k') === 'new', 'the renewal is stored');
      assert.ok(store.ttl('k') > 2 * HOUR_MS);
      assert.equal(await store.getOrSet('k', neverCalled, STALE), 'new');
    });

    test('stays when its renewal fails, and the next call tries again', async () => {
      const store = await stale(heat);
      let calls = 0;
      for (const fail of [() => Promise.reject(new Error('later')), () => broken()]) {
        const factory = () => {
          calls += 1;
          return fail();
        };
        const before = calls;
        assert.equal(await store.getOrSet('k', factory, { ...STALE, retryMs: 0 }), 'old');
        await waitUntil(() => calls === before + 1, 'the factory was called');
        await turn();
        assert.equal(store.get('k'), 'old');
      }
      assert.equal(await store.getOrSet('k', () => 'new', STALE), 'old');
      await waitUntil(() => store.get('k') === 'new', 'the renewal is stored');
    });
  });
}

function broken() {
  throw new Error('at once');
}

test('an entry that nobody made stale is fresh, however little it has left', async () => {
  const store = open();
  store.set('k', 'old', HOUR_MS / 2);
  assert.equal(await store.getOrSet('k', neverCalled, { ttl: 1 }), 'old');
  assert.equal(await store.getOrSet('k', neverCalled, STALE), 'old');
  await turn();
  assert.equal(store.get('k'), 'old');
});

test('an entry that has more left is fresh', async () => {
  const store = open();
  store.set('k', 'old', HOUR_MS);
  assert.equal(await store.getOrSet('k', neverCalled, { ttl: 1, staleMs: 1000 }), 'old');
  await turn();
  assert.equal(store.get('k'), 'old');
});

test('a permanent entry is never stale', async () => {
  const store = open();
  store.set('k', 'old');
  assert.equal(await store.getOrSet('k', neverCalled, { staleMs: 2 ** 53 }), 'old');
  await turn();
  assert.equal(store.get('k'), 'old');
});

test('a fresh result is not renewed', async () => {
  const store = open();
  const options = { ttl: HOUR_MS, staleMs: HOUR_MS };
  await store.getOrSet('k', () => 'made', options);
  assert.equal(await store.getOrSet('k', neverCalled, options), 'made');
});

test('an entry whose stale time has passed as well is made anew', async () => {
  const store = open();
  await store.getOrSet('k', () => 'old', { ttl: 1, staleMs: 1 });
  passDeadline(2);
  assert.equal(store.get('k'), undefined);
  assert.equal(await store.getOrSet('k', () => 'new', STALE), 'new');
});

test('a renewal that computes a ttl of 0 removes the stale entry', async () => {
  const store = await stale();
  let computed = 0;
  const ttl = () => {
    computed += 1;
    return 0;
  };
  assert.equal(await store.getOrSet('k', () => 'new', { ttl, staleMs: HOUR_MS }), 'old');
  await waitUntil(() => computed === 1, 'the ttl was computed');
  await turn();
  assert.equal(store.has('k'), false);
});

describe('a renewal that was overtaken is not stored:', () => {
  const writes = {
    set: [(store) => store.set('k', 'newer'), { k: 'newer' }],
    replace: [(store) => store.replace('k', 'newer'), { k: 'newer' }],
    delete: [(store) => store.delete('k'), {}],
    take: [(store) => store.take('k'), {}],
    clear: [(store) => store.clear(), {}],
    rename: [
      (store) => {
        store.createKey('k').value = 'z';
      },
      { z: 'old' },
    ],
  };
  for (const [name, [write, left]] of Object.entries(writes)) {
    test(name, async () => {
      const store = await stale();
      const { factory, runs } = heldFactory();
      await store.getOrSet('k', factory, STALE);
      await turn();
      write(store);
      runs[0].resolve('late');
      await turn();
      assert.deepEqual(Object.fromEntries(store), left);
    });
  }

  test('close', async () => {
    const store = await stale();
    const { factory, runs } = heldFactory();
    await store.getOrSet('k', factory, STALE);
    await turn();
    store.close();
    runs[0].resolve('late');
    await turn();
    assert.throws(() => store.size(), { code: 'ERR_STORE_CLOSED' });
  });
});

test('a signal that is aborted after the stale value was given ends no renewal', async () => {
  const store = await stale();
  const { factory, runs } = heldFactory();
  const controller = new AbortController();
  const { signal } = controller;
  assert.equal(await store.getOrSet('k', factory, { ...STALE, signal }), 'old');
  await turn();
  controller.abort();
  runs[0].resolve('new');
  await waitUntil(() => store.get('k') === 'new', 'the renewal is stored');
});

test('a renewal that fails is no unhandled rejection', SLOW, async () => {
  const { code, stdout, stderr } = await runScript(`
    process.on('unhandledRejection', (reason) => console.log('unhandled ' + reason.message));
    (async () => {
      const store = new MemoryStore();
      const options = { ttl: 1, staleMs: 7_200_000, retryMs: 0 };
      await store.getOrSet('k', () => 'old', options);
      await new Promise((resolve) => setTimeout(resolve, 20));
      let calls = 0;
      for (const fail of [() => Promise.reject(new Error('a')), () => { throw new Error('b'); }]) {
        const factory = () => { calls += 1; return fail(); };
        console.log(await store.getOrSet('k', factory, options), calls);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      console.log(store.get('k'));
    })();
  `);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'old 1\nold 2\nold\n');
});
