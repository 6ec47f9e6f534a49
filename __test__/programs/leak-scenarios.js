/**
 * What must not leak: each scenario is one round of work that leaves a store as it found it.
 *
 * `operations` is how many things a round does, `bytes` how many of memory each may leave behind
 * before it counts as a leak. Rounds may be asynchronous.
 */
const MemoryStore = require('shared-memory-store');
const { effort } = require('../helpers/effort');
const { waitUntil } = require('../helpers/wait-until');
const { untilCollected } = require('../helpers/weak-references');

const HOUR_MS = 3_600_000;
/** Of what takes long: stores, and errors with their stacks. */
const FEW_ROUNDS = effort(12, 20);
const FAILURES = effort(15_000, 50_000);

/** Each call gives a fresh round function with its own store. */
const SCENARIOS = {
  ...require('./leak-scenarios-bounded'),
  ...require('./leak-scenarios-flights'),
  ...require('./leak-scenarios-tags'),
  'set and delete': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return (round) => {
        for (let entry = 0; entry < 100_000; entry += 1) {
          const key = `entry-${round}-${entry}`;
          store.set(key, { entry });
          store.delete(key);
        }
      };
    },
  },
  'fill and clear': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return (round) => {
        for (let entry = 0; entry < 100_000; entry += 1) store.set(`${round}-${entry}`, { entry });
        store.clear();
      };
    },
  },
  'clear an empty store': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return () => {
        for (let turn = 0; turn < 100_000; turn += 1) store.clear();
      };
    },
  },
  'read new keys while the near cache takes them': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return (round) => {
        for (let entry = 0; entry < 100_000; entry += 1) {
          const key = `entry-${round}-${entry}`;
          store.set(key, { entry });
          store.get(key);
          store.delete(key);
        }
      };
    },
  },
  'set with a ttl and expire': {
    operations: 100_000,
    open() {
      const store = new MemoryStore({ cleanupInterval: 1 });
      return async (round) => {
        for (let entry = 0; entry < 100_000; entry += 1) {
          store.set(`${round}-${entry}`, { entry }, { ttl: 1 + (entry % 20) });
        }
        await waitUntil(() => store.size() === 0, 'every entry has expired');
      };
    },
  },
  'expire in a store that is only swept': {
    operations: 100_000,
    open() {
      const store = new MemoryStore({ cleanupInterval: 1 });
      return async (round) => {
        const witnesses = [];
        for (let entry = 0; entry < 100_000; entry += 1) {
          const value = { entry };
          if (entry % 1000 === 0) witnesses.push(new WeakRef(value));
          store.set(`${round}-${entry}`, value, { ttl: 1 + (entry % 20) });
        }
        // Nobody asks the store for anything: the sweep alone lets go of the values.
        await untilCollected(witnesses);
      };
    },
  },
  'move a deadline': {
    operations: 200_000,
    open() {
      const store = new MemoryStore({ cleanupInterval: 1 });
      for (let entry = 0; entry < 100; entry += 1) store.set(`${entry}`, entry, { ttl: HOUR_MS });
      return (round) => {
        for (let step = 0; step < 100_000; step += 1) {
          store.touch(`${step % 100}`, HOUR_MS + step + round);
          store.set(`${step % 100}`, step, { ttl: 2 * HOUR_MS - step });
        }
      };
    },
  },
  'overwrite permanent entries': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return (round) => {
        for (let step = 0; step < 100_000; step += 1) store.set(`${step % 100}`, { round, step });
      };
    },
  },
  'open and drop stores': {
    operations: 2000,
    bytes: 2048,
    rounds: FEW_ROUNDS,
    open: () => () => {
      for (let number = 0; number < 2000; number += 1) {
        const store = new MemoryStore({ cleanupInterval: 1 });
        store.set('permanent', { number });
        store.set('soon', { number }, { ttl: 1 });
        store.set('late', { number }, { ttl: HOUR_MS });
      }
    },
  },
  'open and close stores': {
    operations: 2000,
    bytes: 2048,
    rounds: FEW_ROUNDS,
    open: () => () => {
      for (let number = 0; number < 2000; number += 1) {
        const store = new MemoryStore();
        store.startCleanupTask(1);
        store.set('late', { number }, { ttl: HOUR_MS });
        store.close();
      }
    },
  },
  'drop stores that hold themselves': {
    operations: 2000,
    bytes: 2048,
    rounds: FEW_ROUNDS,
    open: () => () => {
      for (let number = 0; number < 2000; number += 1) {
        const store = new MemoryStore();
        store.set('self', store);
        store.set('closure', () => store.size());
        store.set(store.createKey('key'), { key: store.createKey('other') });
        const iterator = store.entries();
        iterator.next();
        store.set('iterator', iterator);
      }
    },
  },
  'make and drop mutable keys': {
    operations: 30_000,
    open() {
      const store = new MemoryStore();
      store.set('taken', {});
      return (round) => {
        for (let number = 0; number < 30_000; number += 1) {
          const key = store.createKey(`key-${round}-${number}`);
          store.set(key, { number });
          key.value = `renamed-${round}-${number}`;
          store.delete(key);
          key.value = 'taken';
        }
      };
    },
  },
  'make and drop keys without entries': {
    operations: 100_000,
    open() {
      const store = new MemoryStore();
      return () => {
        for (let number = 0; number < 100_000; number += 1) store.createKey('same');
      };
    },
  },
  'objects and functions as keys': {
    operations: 50_000,
    open() {
      const store = new MemoryStore();
      return () => {
        for (let number = 0; number < 50_000; number += 1) {
          const key = number % 2 === 0 ? { number } : () => number;
          store.set(key, number);
          store.delete(key);
        }
      };
    },
  },
  'iterators that are left half-way': {
    operations: 50_000,
    open() {
      const store = new MemoryStore();
      for (let entry = 0; entry < 100; entry += 1) store.set(`${entry}`, entry);
      return () => {
        for (let number = 0; number < 50_000; number += 1) {
          store.entries().next();
          store.values().next();
        }
      };
    },
  },
  'failing calls': {
    operations: FAILURES,
    open() {
      const store = new MemoryStore();
      return () => {
        for (let number = 0; number < FAILURES; number += 1) {
          try {
            store.set(`${number}`, {}, number % 2 === 0 ? { ttl: -1 } : { tll: 1 });
            throw new Error('Expected an error');
          } catch (error) {
            if (error.code === undefined) throw error;
          }
        }
      };
    },
  },
};

module.exports = { SCENARIOS };
