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

/**
 * Whole milliseconds, rounded up, between two times of this clock. It counts microseconds: what a
 * difference has less than one is no time, but what numbers with fractions are off by.
 *
 * @param {number} ms
 */
function wholeMs(ms) {
  return Math.ceil(Math.round(ms * 1000) / 1000);
}

module.exports = { time, wholeMs };
