/**
 * Memory stays where it is, over millions of operations that leave nothing behind.
 *
 * Must not know how a store works.
 */
const { test } = require('node:test');
const { assertMemoryIsFlat } = require('../helpers/memory-is-flat');
const { SLOW } = require('../helpers/test-timeout');
const { SCENARIOS } = require('../programs/leak-scenarios');

for (const [name, { bytes }] of Object.entries(SCENARIOS)) {
  test(`memory_is_flat: ${name}`, SLOW, () => assertMemoryIsFlat(name, 'leak-scenarios', bytes));
}
