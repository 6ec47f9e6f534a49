/**
 * Flights that are over leave nothing behind, and one under way holds no store.
 *
 * Must not know how flights are kept. Invariant tested: what belonged to a flight is let go when
 * the flight has ended, however it did.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { assertLate, heldFactory, turn } = require('../helpers/flight.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

/** Ways for a flight of `key`, whose factory holds `made`, to end. */
const ends = {
  'was stored and deleted': async (store, key, made) => {
    await store.getOrSet(key, async () => made);
    store.delete(key);
  },
  'was not stored': async (store, key, made) => {
    await store.getOrSet(key, async () => made, { ttl: () => 0 });
  },
  'was overtaken': async (store, key, made) => {
    const asked = store.getOrSet(key, async () => {
      await turn();
      return made;
    });
    store.set(key, 'newer');
    await asked;
  },
  failed: async (store, key, made) => {
    await assert.rejects(store.getOrSet(key, () => Promise.reject(made)));
  },
  threw: async (store, key, made) => {
    const factory = () => {
      throw made;
    };
    await assert.rejects(store.getOrSet(key, factory));
  },
  'was given up': async (store, key, made) => {
    const controller = new AbortController();
    const factory = async () => {
      await turn();
      return made;
    };
    const asked = store.getOrSet(key, factory, { signal: controller.signal });
    controller.abort();
    await assert.rejects(asked);
    await turn();
  },
  'renewed a stale entry in vain': async (store, key, made) => {
    const options = { ttl: 1, staleMs: 2 * HOUR_MS };
    await store.getOrSet(key, () => 'stale', options);
    passDeadline(1);
    await store.getOrSet(key, () => Promise.reject(made), options);
    await turn();
  },
  'took too long': async (store, key, made) => {
    const hold = () => new Promise(() => made);
    const asked = store.getOrSet(key, hold, { factoryTimeoutMs: 1 });
    await assertLate(asked);
  },
};

for (const [what, end] of Object.entries(ends)) {
  test(`what a flight made is let go when it ${what}`, SLOW, async () => {
    const store = open();
    const endings = [];
    const references = weakly((index) => {
      const made = Object.assign(new Error('made'), { index });
      endings.push(end(store, `key ${index}`, made));
      return made;
    });
    await Promise.all(endings);
    endings.length = 0;
    await untilCollected(references);
    assert.ok(store.size() <= references.length);
  });
}

test('a signal that outlives its flights holds nothing of them', SLOW, async () => {
  const store = open();
  const { signal } = new AbortController();
  const asked = [];
  const references = weakly((index) => {
    const made = { index };
    asked.push(store.getOrSet(`key ${index}`, async () => made, { signal, ttl: () => 0 }));
    return made;
  });
  await Promise.all(asked);
  asked.length = 0;
  await untilCollected(references);
  assert.equal(signal.aborted, false);
});

test('a store is let go when its flights are over', SLOW, async () => {
  const asked = [];
  const references = weakly(() => {
    const store = open();
    asked.push(store.getOrSet('key', async () => store, HOUR_MS));
    return store;
  });
  await Promise.all(asked);
  asked.length = 0;
  await untilCollected(references);
});

test('a flight that only its time ends is let go then, with its store', SLOW, async () => {
  const references = weakly(() => {
    const store = open();
    const { factory } = heldFactory();
    store.getOrSet('key', factory, { factoryTimeoutMs: 10 }).catch(() => {});
    return store;
  });
  await untilCollected(references);
});
