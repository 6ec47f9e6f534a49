/**
 * Scenarios of shared stores that must leave no memory behind; see `leak.js`.
 *
 * Must not measure. Invariant: each round leaves what the round before it left.
 */
const { SharedStore, createStore } = require('shared-memory-store');

const NAME = 'leaks';
const SMALL = { name: NAME, maxBytes: 4 * 2 ** 20, whenFull: 'evict' };

/** A round that calls `act(store, number)` so often, on a store that stays open. */
function onOneStore(operations, act, options = {}) {
  return {
    operations,
    open() {
      const store = new SharedStore({ ...SMALL, ...options });
      return async () => {
        for (let number = 0; number < operations; number += 1) await act(store, number);
      };
    },
  };
}

const SCENARIOS = {
  'open and close': {
    operations: 300,
    // A page that the system has not taken back yet.
    bytes: 2000,
    open: () => () => {
      for (let number = 0; number < 300; number += 1) {
        const store = new SharedStore(SMALL);
        store.set('key', { number });
        store.get('key');
        store.close();
      }
    },
  },
  'open and close under many names': {
    operations: 200,
    bytes: 2000,
    open: () => (round) => {
      for (let number = 0; number < 200; number += 1) {
        const store = new SharedStore({ ...SMALL, name: `${NAME}-${round}-${number}` });
        store.set('key', { number });
        store.close();
      }
    },
  },
  'createStore and close, kept open elsewhere': {
    operations: 5000,
    open() {
      new SharedStore(SMALL).set('key', { a: 1 });
      return () => {
        for (let number = 0; number < 5000; number += 1) {
          const store = createStore(NAME);
          store.get('key');
          store.close();
        }
      };
    },
  },
  'hot copies of keys that come and go': onOneStore(
    20_000,
    (store, number) => {
      store.set(`key-${number}`, { number });
      for (let read = 0; read < 5; read += 1) store.get(`key-${number}`);
      store.delete(`key-${number}`);
    },
    { reads: 'frozen' },
  ),
  'large values': onOneStore(300, (store, number) => {
    store.set('key', Buffer.alloc(300_000, number));
    store.get('key');
  }),
  flights: onOneStore(3000, (store, number) => store.getOrSet(`key-${number}`, () => number, 1)),
  'flights that fail': onOneStore(3000, (store, number) =>
    store
      .getOrSet(`key-${number}`, () => {
        throw new Error('on purpose');
      })
      .catch(() => {}),
  ),
  locks: onOneStore(20_000, (store, number) => {
    store.lock(`key-${number}`);
    store.release(`key-${number}`);
  }),
  'tasks under locks': onOneStore(3000, (store, number) =>
    store.withLock(`key-${number}`, () => number),
  ),
  patterns: onOneStore(1000, (_store, number) => {
    const store = createStore(NAME);
    store.set(`pattern-${number}`, 1);
    store.delete(`pattern-${number}*`);
    store.listKeys(/^pattern/);
  }),
};

module.exports = { SCENARIOS };
