/**
 * Whether two values are the same in depth, in engines that cannot always tell.
 *
 * Must not know of stores. Invariant: what passes is the same, by bytes or by comparison.
 */
const assert = require('node:assert/strict');
const v8 = require('node:v8');

/** Bun's comparison finds no two Maps of objects equal: there, equal bytes have to say it. */
function assertSame(got, expected) {
  try {
    assert.deepStrictEqual(got, expected);
  } catch (error) {
    if (!v8.serialize(got).equals(v8.serialize(expected))) throw error;
  }
}

module.exports = { assertSame };
