/**
 * What is evicted is let go: value, key, and the store itself.
 *
 * Must not know which entry is evicted: each store here has room for few. Invariant tested: no
 * layer of a bounded store holds a value whose entry was evicted.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { listenToAll, recordEvents } = require('../helpers/recorded-events.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

const bounds = {
  'the number of entries': () => new MemoryStore({ maxEntries: 2 }),
  'their size': () => new MemoryStore({ maxSize: 2, sizeOf: () => 1 }),
};

for (const [what, open] of Object.entries(bounds)) {
  describe(`evicted for ${what}, it is let go:`, () => {
    for (const [heatName, heat] of Object.entries({ cold: () => {}, warm })) {
      for (const options of [undefined, HOUR_MS]) {
        test(`a ${heatName} value${options ? ' with a deadline' : ''}`, SLOW, async () => {
          const store = open();
          const references = weakly((index) => {
            const value = { index };
            store.set(`key ${index}`, value, options);
            heat(store, `key ${index}`);
            return value;
          });
          for (let index = 0; index < 10; index += 1) store.set(`last ${index}`, index);
          await untilCollected(references);
          assert.equal(store.size(), 2);
        });
      }
    }

    test('a key that is a function', SLOW, async () => {
      const store = open();
      const references = weakly((index) => {
        const key = () => index;
        store.set(key, index);
        return key;
      });
      for (let index = 0; index < 10; index += 1) store.set(`last ${index}`, index);
      await untilCollected(references);
      assert.equal(store.size(), 2);
    });

    test('a mutable key', SLOW, async () => {
      const store = open();
      const references = weakly((index) => {
        const key = store.createKey(`key ${index}`);
        store.set(key, index);
        key.value = `renamed ${index}`;
        return key;
      });
      for (let index = 0; index < 10; index += 1) store.set(`last ${index}`, index);
      await untilCollected(references);
      assert.equal(store.size(), 2);
    });
  });
}

test('a value whose eviction was told to a listener is let go', SLOW, async () => {
  const store = new MemoryStore({ maxEntries: 2 });
  const told = [];
  store.on('evict', (key) => told.push(key));
  const references = weakly((index) => {
    const value = { index };
    store.set(`key ${index}`, value);
    return value;
  });
  for (let index = 0; index < 10; index += 1) store.set(`last ${index}`, index);
  await untilCollected(references);
  assert.equal(told.length, references.length + 8);
});

for (const [what, prepare] of Object.entries({
  'a store': (store) => store,
  'a store with listeners': listenToAll,
})) {
  describe(`in ${what} whose places nobody takes again, values are let go`, () => {
    test('that were evicted together', SLOW, async () => {
      const store = prepare(new MemoryStore({ maxSize: 50 }));
      const references = weakly((index) => {
        const value = { index };
        store.set(`key ${index}`, value, { size: 1 });
        warm(store, `key ${index}`);
        return value;
      });
      store.set('large', 'value', { size: 50 });
      await untilCollected(references);
      assert.deepEqual(store.keys(), ['large']);
    });

    test('that have expired', SLOW, async () => {
      const store = prepare(new MemoryStore({ cleanupInterval: 1 }));
      const references = weakly((index) => {
        const value = { index };
        store.set(`key ${index}`, value, HOUR_MS);
        warm(store, `key ${index}`);
        store.touch(`key ${index}`, 1);
        return value;
      });
      await untilCollected(references);
      assert.equal(store.size(), 0);
    });
  });
}

describe('a bounded store is let go', () => {
  const uses = {
    'when it was never used': () => {},
    'when it is full': (store) => {
      for (let index = 0; index < 10; index += 1) store.set(`key ${index}`, { index });
    },
    'with itself as a value': (store) => {
      for (let index = 0; index < 10; index += 1) store.set(`key ${index}`, store);
    },
    'with listeners that hold it': (store) => {
      const record = recordEvents(store);
      store.on('evict', () => record.push(store));
      for (let index = 0; index < 10; index += 1) store.set(`key ${index}`, { index });
    },
    'with a listener and a deadline that passes': (store) => {
      store.on('expire', () => store.size());
      store.set('key', { a: 1 }, 1);
    },
    'with a deadline and a listener that was removed': (store) => {
      const listener = () => store.size();
      store.on('expire', listener);
      store.set('key', { a: 1 }, HOUR_MS);
      store.off('expire', listener);
    },
  };
  for (const [what, use] of Object.entries(uses)) {
    test(what, SLOW, async () => {
      const references = weakly(() => {
        const store = new MemoryStore({ maxEntries: 4 });
        use(store);
        return store;
      });
      await untilCollected(references);
    });
  }
});
