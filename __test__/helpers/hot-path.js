/**
 * Runs an action on a store cold and warm: with keys that were read a few times and many times.
 *
 * Must not know what lies before the index of a store. Invariant: each warm read is checked, so
 * warming up is itself a test.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');

/** More reads than any layer in front of the index asks for before it admits a key. */
const WARM_READS = 64;

/** Reads `key` until every layer has had the chance to remember it. */
function warm(store, key) {
  const present = store.has(key);
  const value = store.get(key);
  for (let read = 0; read < WARM_READS; read += 1) {
    assert.ok(Object.is(store.get(key), value), 'each read gives the same value');
    assert.equal(store.has(key), present, 'each look gives the same answer');
  }
}

/**
 * Two tests of one property: `body(heat)` where `heat(store, key)` does nothing, and where it
 * warms `key` up.
 */
function testColdAndWarm(name, body) {
  test(`${name} (cold)`, () => body(() => {}));
  test(`${name} (warm)`, () => body(warm));
}

module.exports = { WARM_READS, testColdAndWarm, warm };
