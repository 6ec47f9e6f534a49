/**
 * Limits of a shared store: what the native core is asked, and what it answers.
 *
 * Knows a handle, no entry. Invariant: one call takes from a limit or leaves it, whoever else
 * takes at that moment.
 */
'use strict';

const { Register } = require('../native/contract.js');
const { registers, sharedLimit } = require('../native/loader.js');
const { writeRefusal } = require('./waiting/refusal.js');

const { LIMIT_BURST, LIMIT_COST, LIMIT_LEFT, LIMIT_PER_MS, LIMIT_RATE, LIMIT_RETRY_MS } = Register;

/** @typedef {InstanceType<typeof import('./opening/handle.js').Handle>} Handle */
/** @typedef {import('../arguments/limit.js').Limit} Limit */

/**
 * Takes from a limit, if that allows it.
 *
 * @param {Handle} handle
 * @param {Limit} limit
 */
function take(handle, { string, rate }) {
  registers[LIMIT_RATE] = rate.units;
  registers[LIMIT_PER_MS] = rate.perMs;
  registers[LIMIT_BURST] = rate.burst;
  registers[LIMIT_COST] = rate.cost;
  const answer = sharedLimit(handle.id, string);
  if (answer < 0) throw writeRefusal(answer, handle, string);
  const remaining = /** @type {number} */ (registers[LIMIT_LEFT]);
  if (answer === 0) {
    const retryMs = Math.ceil(/** @type {number} */ (registers[LIMIT_RETRY_MS]));
    return { allowed: false, remaining, retryMs };
  }
  if (rate.cost > 0) {
    handle.noteWrite(string);
    handle.loads.invalidate(string);
  }
  return { allowed: true, remaining, retryMs: 0 };
}

module.exports = { take };
