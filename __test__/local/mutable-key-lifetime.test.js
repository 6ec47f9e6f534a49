/**
 * How long mutable keys live: as long as the program holds them.
 *
 * Must not know what a key shows. Invariant tested: neither a store nor an entry holds a key, and a
 * key holds no store.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

describe('a key is let go', () => {
  const uses = {
    'that was never used': () => {},
    'that was read with': (store, key) => store.get(key),
    'that has an entry': (store, key) => store.set(key, 1),
    'that renamed an entry': (store, key) => {
      store.set(key, 1);
      key.value = `renamed ${key}`;
    },
    'that renamed nothing': (_store, key) => {
      key.value = `renamed ${key}`;
    },
    'that went on to a taken name': (store, key) => {
      store.set('taken', 1);
      store.set(key, 1);
      key.value = 'taken';
    },
    'whose value is a big object': (_store, key) => {
      key.value = { big: 'x'.repeat(1000) };
    },
    'that was given out by getKeys': (store, key) => {
      store.set(key, 1);
      store.getKeys();
    },
    'whose entry is deleted': (store, key) => {
      store.set(key, 1);
      store.delete(key);
    },
  };
  for (const [what, use] of Object.entries(uses)) {
    test(what, SLOW, async () => {
      const store = new MemoryStore();
      const references = weakly((index) => {
        const key = store.createKey(`key ${index}`);
        use(store, key);
        return key;
      });
      await untilCollected(references);
      assert.ok(store.size() >= 0);
    });
  }
});

test('a key that was let go leaves its entry in place', SLOW, async () => {
  const store = new MemoryStore();
  const references = weakly((index) => {
    const key = store.createKey(`key ${index}`);
    store.set(key, index);
    key.value = `renamed ${index}`;
    return key;
  });
  await untilCollected(references);
  references.forEach((_, index) => {
    assert.equal(store.get(`renamed ${index}`), index);
  });
});

test('a key outlives its store', SLOW, async () => {
  const keys = [];
  const stores = weakly((index) => {
    const store = new MemoryStore();
    const key = store.createKey('a');
    store.set(key, index);
    if (index === 0) keys.push(key);
    return store;
  });
  await untilCollected(stores);
  keys[0].value = 'b';
  assert.equal(String(keys[0]), 'b');
  assert.equal(new MemoryStore().get(keys[0]), undefined);
});

test('getKeys gives the string when the key is gone', SLOW, async () => {
  const store = new MemoryStore();
  const references = weakly((index) => {
    const key = store.createKey(`key ${index}`);
    store.set(key, index);
    return key;
  });
  await untilCollected(references);
  assert.deepEqual(store.getKeys().map(String), store.keys());
  assert.ok(store.getKeys().filter((key) => typeof key === 'string').length > 0);
});
