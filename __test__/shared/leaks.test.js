/**
 * Memory stays where it is, however often shared stores are opened, used and closed.
 *
 * Must not know how a store works. Invariant: what is compared is one process with itself, early
 * and late, never with an absolute size.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { runToExit } = require('../helpers/run-program.js');
const { freshName } = require('../helpers/shared-names.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');
const { SCENARIOS } = require('../programs/shared-leak-scenarios.js');

/** Less than the smallest thing that could leak: a map entry, a reference, a heap number. */
const LEAK_BYTES = 40;
const NODE_FLAGS = ['--max-semi-space-size=1'];
/** What an allocator may keep back between two plateaus, whatever was done. */
const NOISE_BYTES = 6 * 2 ** 20;

for (const [name, { bytes = LEAK_BYTES }] of Object.entries(SCENARIOS)) {
  test(`memory_is_flat: ${name}`, SLOW, async () => {
    const file = 'shared-leak-scenarios';
    const { stdout } = await runToExit(0, 'leak.js', [name, file], { nodeFlags: NODE_FLAGS });
    const result = JSON.parse(stdout);
    const allowed = bytes + NOISE_BYTES / result.operations;
    for (const measure of ['heapBytesPerOperation', 'residentBytesPerOperation']) {
      assert.ok(
        result[measure] < allowed,
        `${measure}: ${result[measure]} of ${allowed}\n${stdout}`,
      );
    }
  });
}

test('closed_stores_are_collected', SLOW, async () => {
  const references = weakly(() => {
    const store = new SharedStore({ name: freshName('collected') });
    store.set('key', { a: 1 });
    store.get('key');
    store.close();
    return store;
  });
  await untilCollected(references);
});

test('frozen_copies_are_collected_when_their_store_is_closed', SLOW, async () => {
  const store = new SharedStore({ name: freshName('copies'), reads: 'frozen' });
  const references = weakly((index) => {
    store.set(`key-${index}`, { index });
    for (let read = 0; read < 20; read += 1) store.get(`key-${index}`);
    return store.get(`key-${index}`);
  });
  store.close();
  await untilCollected(references);
});
