/**
 * What the registers say of the shared entry that was just read. Knows no value.
 */
'use strict';

const { time } = require('../../native/clock.js');
const { Register } = require('../../native/contract.js');
const { registers } = require('../../native/loader.js');

const { DEADLINE_MS, KIND, LENGTH, MOMENT, STRIPE, VERSION } = Register;

/**
 * Its kind, its deadline (0 for none), the bytes of its value, the version with the number of its
 * word, and for which moment its tags are right: below 0 of one without tags.
 */
function whatWasFound() {
  return {
    kind: /** @type {number} */ (registers[KIND]),
    deadlineMs: /** @type {number} */ (registers[DEADLINE_MS]),
    length: /** @type {number} */ (registers[LENGTH]),
    // As small integers: other numbers are objects of their own, one more to look up for a use.
    stripe: /** @type {number} */ (registers[STRIPE]) | 0,
    version: /** @type {number} */ (registers[VERSION]) | 0,
    moment: /** @type {number} */ (registers[MOMENT]),
  };
}

/**
 * Milliseconds until a deadline of the registers.
 *
 * @param {number} deadline 0 for none
 */
function leftMsOf(deadline) {
  return deadline === 0 ? Number.POSITIVE_INFINITY : Math.ceil(deadline - time());
}

module.exports = { leftMsOf, whatWasFound };
