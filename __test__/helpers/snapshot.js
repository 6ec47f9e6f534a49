/**
 * Says what a store holds, so that a test can show that nothing changed.
 *
 * Must not know what was done to it. Invariant: two snapshots are deeply equal only when keys,
 * their order, values and kind of deadline are the same.
 */
const assert = require('node:assert/strict');

/** `[string key, original key, value, expires?]` of each live entry in order. */
function snapshot(store) {
  const originals = store.getKeys();
  return store
    .keys()
    .map((key, index) => [key, originals[index], store.get(key), store.ttl(key) !== Infinity]);
}

/** Asserts that `action` throws as `expected` and leaves the content of `store` as it was. */
function assertRefused(store, action, expected) {
  const before = snapshot(store);
  assert.throws(action, expected);
  assert.deepEqual(snapshot(store), before, 'a failed call changes nothing');
  assert.equal(store.size(), before.length, 'a failed call changes no count');
}

module.exports = { assertRefused, snapshot };
