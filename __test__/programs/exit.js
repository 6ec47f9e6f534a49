/**
 * Ends a process in one of many ways while stores hold entries and the sweep is at work.
 *
 *     exit.js <way>
 *
 * Where the process ends by itself, the last line says which events it saw on the way.
 */
const assert = require('node:assert/strict');
const MemoryStore = require('shared-memory-store');
const { tellExit } = require('../helpers/tell-exit');

const HOUR_MS = 3_600_000;
const EXPIRING = 100_000;

/** How a process can end; each is called with nothing left to do but what it starts itself. */
const WAYS = {
  'no-store'() {},
  'open-store'() {
    new MemoryStore().set('permanent', {});
  },
  'live-ttl'() {
    const store = new MemoryStore();
    for (let entry = 0; entry < 1000; entry += 1) store.set(`e${entry}`, {}, { ttl: HOUR_MS });
  },
  'started-sweep'() {
    const store = new MemoryStore({ cleanupInterval: 1 });
    assert.equal(store.startCleanupTask(), true);
    store.set('later', {}, { ttl: HOUR_MS });
    store.set('soon', {}, { ttl: 1 });
  },
  'stopped-sweep'() {
    const store = sweepingStore();
    assert.equal(store.stopCleanupTask(), true);
  },
  'closed-store'() {
    sweepingStore().close();
  },
  'many-due-entries'() {
    sweepingStore();
  },
  'many-stores'() {
    for (let store = 0; store < 500; store += 1) {
      new MemoryStore({ cleanupInterval: 1 }).set('soon', {}, { ttl: 1 });
    }
  },
  'used-in-before-exit'() {
    const store = sweepingStore();
    process.once('beforeExit', () => {
      store.set('again', 1, { ttl: HOUR_MS });
      assert.equal(store.get('again'), 1);
    });
  },
  'used-in-exit'() {
    const store = sweepingStore();
    process.on('exit', () => {
      store.set('last', { value: 1 }, { ttl: HOUR_MS });
      assert.deepEqual(store.get('last'), { value: 1 });
      assert.equal(store.stopCleanupTask(), true);
      store.close();
    });
  },
  'process-exit'() {
    sweepingStore();
    process.exit(7);
  },
  'process-exit-later'() {
    sweepingStore();
    setTimeout(() => process.exit(7), 5);
  },
  'process-exit-in-sort'() {
    const store = sweepingStore();
    [2, 1].sort(() => process.exit(store.has('permanent') ? 7 : 8));
  },
  'process-exit-in-iteration'() {
    const store = sweepingStore();
    store.forEach((_value, key) => {
      if (key === 'permanent') process.exit(7);
    });
  },
  throw() {
    sweepingStore();
    throw new Error('thrown on purpose');
  },
  'throw-later'() {
    sweepingStore();
    setTimeout(() => {
      throw new Error('thrown on purpose');
    }, 5);
  },
  'throw-in-iteration'() {
    sweepingStore().forEach(() => {
      throw new Error('thrown on purpose');
    });
  },
  reject() {
    sweepingStore();
    Promise.reject(new Error('thrown on purpose'));
  },
  'process-exit-in-to-json'() {
    const store = sweepingStore();
    const key = { toJSON: () => process.exit(7) };
    store.set(key, 1);
  },
};

/** A store with very many entries that fall due at once, and a sweep every millisecond. */
function sweepingStore() {
  const store = new MemoryStore({ cleanupInterval: 1 });
  assert.equal(store.startCleanupTask(), true);
  store.set('permanent', {});
  for (let entry = 0; entry < EXPIRING; entry += 1) {
    store.set(`entry-${entry}`, { entry }, { ttl: 1 + (entry % 50) });
  }
  return store;
}

tellExit();
WAYS[process.argv[2]]();
