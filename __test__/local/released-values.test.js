/**
 * A value or a store that nobody holds any more is let go.
 *
 * Must not know expiry. Invariant tested: no layer of a store holds a value whose entry is gone,
 * and nothing but the program holds a store.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

const drops = {
  delete: (store, key) => store.delete(key),
  'overwriting by a permanent value': (store, key) => store.set(key, 'other'),
  'overwriting by an expiring value': (store, key) => store.set(key, 'other', HOUR_MS),
  'overwriting many times': (store, key) => {
    for (let round = 0; round < 100; round += 1) store.set(key, { round });
  },
  clear: (store) => store.clear(),
  'rename, then delete': (store, key) => {
    const renamed = store.createKey(key);
    renamed.value = `renamed ${key}`;
    store.delete(renamed);
  },
  'rename, then overwriting': (store, key) => {
    const renamed = store.createKey(key);
    renamed.value = `renamed ${key}`;
    store.set(renamed, 'other');
  },
};

for (const [heatName, heat] of Object.entries({ cold: () => {}, warm })) {
  describe(`a ${heatName} value is let go by`, () => {
    for (const [what, drop] of Object.entries(drops)) {
      for (const options of [undefined, { ttl: HOUR_MS }]) {
        test(`${what}${options ? ', with a deadline' : ''}`, SLOW, async () => {
          const store = new MemoryStore();
          const references = weakly((index) => {
            const value = { index };
            store.set(`key ${index}`, value, options);
            heat(store, `key ${index}`);
            drop(store, `key ${index}`);
            return value;
          });
          await untilCollected(references);
          assert.ok(store);
        });
      }
    }
  });
}

test('values are let go by close', SLOW, async () => {
  const store = new MemoryStore();
  const references = weakly((index) => {
    const value = { index };
    store.set(`key ${index}`, value);
    warm(store, `key ${index}`);
    return value;
  });
  store.close();
  await untilCollected(references);
  assert.throws(() => store.size(), { code: 'ERR_STORE_CLOSED' });
});

test('a value that is in use stays, whatever becomes of its entry', () => {
  const store = new MemoryStore();
  const value = { a: 1 };
  store.set('key', value);
  store.clear();
  assert.deepEqual(value, { a: 1 });
});

describe('a store is let go', () => {
  const uses = {
    'when it was never used': () => {},
    'with permanent entries': (store) => store.set('key', { a: 1 }),
    'with expiring entries and a sweeper': (store) => store.set('key', { a: 1 }, HOUR_MS),
    'with a started sweeper': (store) => store.startCleanupTask(5),
    'with a stopped sweeper': (store) => {
      store.startCleanupTask(5);
      store.stopCleanupTask();
    },
    'with itself as a value': (store) => store.set('self', store),
    'with itself as a key': (store) => store.set(store, 1),
    'with a value that points at it': (store) => store.set('key', { store }),
    'with a key that points at it': (store) => store.set(() => store, 1),
    'with a mutable key': (store) => store.set(store.createKey('a'), 1),
    'with its own mutable key as a value': (store) => {
      const key = store.createKey('a');
      store.set(key, key);
    },
    'with an iterator that was left early': (store) => {
      store.set('a', 1);
      store.set('b', 2);
      store.entries().next();
    },
    'with an iterator of its own as a value': (store) => {
      const iterator = store.entries();
      store.set('iterator', iterator);
      store.set('last', 1);
      iterator.next();
    },
    'when it was closed': (store) => store.close(),
  };
  for (const [what, use] of Object.entries(uses)) {
    test(what, SLOW, async () => {
      const references = weakly(() => {
        const store = new MemoryStore({ cleanupInterval: 5 });
        use(store);
        return store;
      });
      await untilCollected(references);
    });
  }
});

test('the values of a store that is let go are let go', SLOW, async () => {
  const references = weakly((index) => {
    const store = new MemoryStore({ cleanupInterval: 5 });
    const value = { index };
    store.set('permanent', value);
    store.set('expiring', value, HOUR_MS);
    warm(store, 'permanent');
    return value;
  });
  await untilCollected(references);
});
