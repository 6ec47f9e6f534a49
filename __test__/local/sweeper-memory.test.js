/**
 * The background sweep lets values go without any call on the store.
 *
 * Must not know how the sweep runs. Invariant tested: with a sweeper, the memory of expired entries
 * falls in an idle program, at the interval that the store has.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

/** Longer than any wait of these tests: a sweep at this interval never comes. */
const NEVER_MS = 2 ** 31 - 1;

/** Sets entries that expire soon; their values are held by the store alone. */
function setShortLived(store, heat = () => {}) {
  return weakly((index) => {
    const value = { index };
    store.set(`key ${index}`, value, HOUR_MS);
    heat(store, `key ${index}`);
    store.set(`key ${index}`, value, 20);
    return value;
  });
}

describe('expired values are let go by the sweep of', () => {
  const stores = {
    'a store that starts by itself': () => new MemoryStore({ cleanupInterval: 5 }),
    'a store that was started with an interval': () => {
      const store = new MemoryStore({ autoStartCleanup: false });
      store.startCleanupTask(5);
      return store;
    },
    'a store that was started without one': () => {
      const store = new MemoryStore({ autoStartCleanup: false, cleanupInterval: 5 });
      store.startCleanupTask();
      return store;
    },
    'a store whose start answered false': () => {
      const store = new MemoryStore({ autoStartCleanup: false });
      store.startCleanupTask(5);
      assert.equal(store.startCleanupTask(NEVER_MS), false);
      assert.equal(store.startCleanupTask(), false);
      return store;
    },
    'a store that keeps its interval through a stop': () => {
      const store = new MemoryStore({ autoStartCleanup: false, cleanupInterval: 5 });
      store.startCleanupTask();
      store.stopCleanupTask();
      store.startCleanupTask();
      return store;
    },
    'a store that keeps the interval of its last start': () => {
      const store = new MemoryStore({ autoStartCleanup: false, cleanupInterval: NEVER_MS });
      store.startCleanupTask(5);
      store.stopCleanupTask();
      store.startCleanupTask();
      return store;
    },
    'a store that is started with a shorter interval': () => {
      const store = new MemoryStore({ cleanupInterval: NEVER_MS });
      store.set('first', 1, 1);
      assert.equal(store.startCleanupTask(5), true);
      return store;
    },
    'a store beside one with an endless interval': () => {
      const slow = new MemoryStore({ cleanupInterval: NEVER_MS });
      slow.set('key', slow, NEVER_MS);
      slow.startCleanupTask();
      return new MemoryStore({ cleanupInterval: 5 });
    },
  };
  for (const [what, open] of Object.entries(stores)) {
    test(`${what} (cold)`, SLOW, async () => {
      const store = open();
      await untilCollected(setShortLived(store));
      assert.equal(store.has('key 0'), false);
    });

    test(`${what} (warm)`, SLOW, async () => {
      const store = open();
      await untilCollected(setShortLived(store, warm));
      assert.equal(store.has('key 0'), false);
    });
  }
});

test('values of touched entries are let go by the sweep', SLOW, async () => {
  const store = new MemoryStore({ cleanupInterval: 5 });
  const references = weakly((index) => {
    const value = { index };
    store.set(`key ${index}`, value);
    store.touch(`key ${index}`, 10);
    return value;
  });
  await untilCollected(references);
  passDeadline(10);
  assert.equal(store.size(), 0);
});

test('key objects of expired entries are let go by the sweep', SLOW, async () => {
  const store = new MemoryStore({ cleanupInterval: 5 });
  const references = weakly((index) => {
    const key = { index };
    store.set(key, index, 10);
    return key;
  });
  await untilCollected(references);
  passDeadline(10);
  assert.equal(store.size(), 0);
});

test('many stores are swept, each', SLOW, async () => {
  const stores = Array.from({ length: 50 }, () => new MemoryStore({ cleanupInterval: 5 }));
  const references = weakly((index) => {
    const value = { index };
    stores[index].set('key', value, 10);
    return value;
  });
  await untilCollected(references);
  passDeadline(10);
  assert.ok(stores.every((store) => store.size() === 0));
});

describe('without a sweeper, expired values are let go by', () => {
  const accesses = {
    size: (store) => store.size(),
    clear: (store) => store.clear(),
    close: (store) => store.close(),
    get: (store, keys) => keys.forEach((key) => void store.get(key)),
    has: (store, keys) => keys.forEach((key) => void store.has(key)),
    delete: (store, keys) => keys.forEach((key) => void store.delete(key)),
    'set of other values': (store, keys) => keys.forEach((key) => void store.set(key, 1)),
  };
  for (const [name, access] of Object.entries(accesses)) {
    test(name, SLOW, async () => {
      const store = new MemoryStore({ autoStartCleanup: false });
      const references = setShortLived(store, warm);
      passDeadline(20);
      access(
        store,
        references.map((_, index) => `key ${index}`),
      );
      await untilCollected(references);
      assert.ok(store);
    });
  }
});
