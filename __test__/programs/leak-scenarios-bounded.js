/**
 * What must not leak in stores that are bounded, counted in, or listened to.
 *
 * As the other scenarios: each is one round of work that leaves a store as it found it.
 */
const channels = require('node:diagnostics_channel');
const { effort } = require('../helpers/effort');
const MemoryStore = require('shared-memory-store');
const { EVENTS } = require('../helpers/recorded-events');
const { waitUntil } = require('../helpers/wait-until');

const HOUR_MS = 3_600_000;

/** A round that sets a hundred thousand new keys. */
const fill = (store, options) => (round) => {
  for (let entry = 0; entry < 100_000; entry += 1) {
    store.set(`${round}-${entry}`, { entry }, options);
  }
};

module.exports = {
  'evict for the number of entries': {
    operations: 100_000,
    open: () => fill(new MemoryStore({ maxEntries: 1000 })),
  },
  'evict for their size': {
    operations: 100_000,
    open: () => fill(new MemoryStore({ maxSize: 1000, sizeOf: () => 1 })),
  },
  'evict entries with a deadline': {
    operations: 100_000,
    open: () => fill(new MemoryStore({ maxEntries: 1000 }), HOUR_MS),
  },
  'evict what is read': {
    operations: 100_000,
    open() {
      const store = new MemoryStore({ maxEntries: 1000 });
      return (round) => {
        for (let entry = 0; entry < 100_000; entry += 1) {
          const key = `${round}-${entry}`;
          store.set(key, { entry });
          for (let read = 0; read < 3; read += 1) store.get(`${round}-${entry - read * 7}`);
        }
      };
    },
  },
  'evict keys that are objects and keys that were renamed': {
    operations: 50_000,
    open() {
      const store = new MemoryStore({ maxEntries: 100 });
      return (round) => {
        for (let entry = 0; entry < 25_000; entry += 1) {
          store.set(() => entry, entry);
          const key = store.createKey(`${round}-${entry}`);
          store.set(key, entry);
          key.value = `renamed ${round}-${entry}`;
        }
      };
    },
  },
  'expire and evict in turns': {
    operations: 100_000,
    open() {
      const store = new MemoryStore({ maxEntries: 1000, cleanupInterval: 1 });
      return async (round) => {
        fill(store, 5)(round);
        await waitUntil(() => store.size() === 0, 'every entry has expired');
      };
    },
  },
  'tell listeners of everything': {
    operations: 100_000,
    open() {
      const store = new MemoryStore({ maxEntries: 1000 });
      let told = 0;
      for (const event of EVENTS) {
        store.on(event, () => {
          told += 1;
        });
      }
      return async (round) => {
        fill(store, 1 + (round % 5))(round);
        for (let entry = 99_000; entry < 100_000; entry += 1) store.delete(`${round}-${entry}`);
        await waitUntil(() => store.size() === 0 && told > 0, 'every entry has expired');
      };
    },
  },
  'add and remove listeners': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return () => {
        for (let turn = 0; turn < 50_000; turn += 1) {
          const listener = () => turn;
          store.on('set', listener).once('set', listener).once('expire', listener);
          store.set('key', turn);
          store.off('set', listener).off('expire', listener);
          store.set('key', turn);
        }
      };
    },
  },
  'publish to channels': {
    operations: 100_000,
    open() {
      const store = new MemoryStore({ maxEntries: 1000 });
      const subscriber = () => {};
      return (round) => {
        for (const event of EVENTS) channels.subscribe(`shared-memory-store:${event}`, subscriber);
        fill(store)(round);
        for (const event of EVENTS)
          channels.unsubscribe(`shared-memory-store:${event}`, subscriber);
      };
    },
  },
  'open and drop stores with listeners': {
    operations: 2000,
    bytes: 2048,
    rounds: effort(12, 20),
    open: () => () => {
      for (let number = 0; number < 2000; number += 1) {
        const store = new MemoryStore({ maxEntries: 2 });
        for (const event of EVENTS) store.on(event, () => store.size());
        for (const key of ['a', 'b', 'c']) store.set(key, { number });
      }
    },
  },
  'count in windows': {
    operations: 100_000,
    open() {
      const store = new MemoryStore({ cleanupInterval: 1 });
      return async (round) => {
        for (let call = 0; call < 100_000; call += 1) {
          store.increment(`${round}-${call % 20_000}`, 1, { ttl: 20 });
        }
        await waitUntil(() => store.size() === 0, 'every window has ended');
      };
    },
  },
  'set, get, take and delete many': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return (round) => {
        for (let call = 0; call < 1000; call += 1) {
          const keys = Array.from({ length: 50 }, (_, index) => `${round}-${call}-${index}`);
          store.setMany(keys.map((key) => [key, { key }]));
          store.getMany(keys);
          for (const key of keys.slice(0, 10)) store.take(key);
          store.deleteMany(keys);
        }
      };
    },
  },
};
