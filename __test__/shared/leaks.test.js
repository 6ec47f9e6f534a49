/**
 * Memory stays where it is, however often shared stores are opened, used and closed.
 *
 * Must not know how a store works.
 */
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { assertMemoryIsFlat } = require('../helpers/memory-is-flat.js');
const { freshName } = require('../helpers/shared-names.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');
const { SCENARIOS } = require('../programs/shared-leak-scenarios.js');

for (const [name, { bytes }] of Object.entries(SCENARIOS)) {
  test(`memory_is_flat: ${name}`, SLOW, () =>
    assertMemoryIsFlat(name, 'shared-leak-scenarios', bytes),
  );
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
