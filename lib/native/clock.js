/**
 * The clock of the deadlines, the native core's: monotonic, exact, the same for both sides.
 *
 * Knows no entry. A number in shared memory costs less than one that is made.
 */
'use strict';

// A property of the native module is looked up anew in each call; a constant is not.
const { registers, now } = require('./loader.js');
const { NOW_MS } = require('./contract.js').Register;

/** Milliseconds, with their fraction, since a start that does not change. */
function time() {
  now();
  return /** @type {number} */ (registers[NOW_MS]);
}

module.exports = { time };
