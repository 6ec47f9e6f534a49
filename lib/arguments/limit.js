/**
 * Limits, as callers write them: `{ rate, per, burst, cost }`.
 *
 * Knows no store. Reading an option may run the caller's code, so options are read before anything
 * else happens. Invariant: what is asked for is never more than there can be.
 */
'use strict';

const errors = require('../errors/errors.js');
const { hasOwn, plainObject, whole } = require('./options.js');

const NAMES = Object.freeze(['rate', 'per', 'burst', 'cost']);
const SIZED_NAMES = Object.freeze([...NAMES, 'size']);
const MOST_UNITS = 2 ** 32;
const MOST_MS = 2 ** 43;

/**
 * What a call takes from a limit, if it may.
 *
 * @typedef {object} Limit
 * @property {string} string
 * @property {unknown} key as it was given
 * @property {Rate} rate
 */

/**
 * How much comes back in how much time, how much there is at the most, and how much is asked for.
 *
 * @typedef {object} Rate
 * @property {number} units
 * @property {number} perMs
 * @property {number} burst
 * @property {number} cost
 * @property {unknown} size of the entry, as it was given
 */

/**
 * @param {unknown} given
 * @param {boolean} isSized whether entries have sizes
 * @returns {Rate}
 */
function rateOf(given, isSized) {
  const object = plainObject(given);
  let rate;
  let per;
  let burst;
  let cost;
  let size;
  // Read one by one, as the options of a write: a copy would cost more than the rest of the call.
  for (const name in object) {
    if (!hasOwn(object, name)) continue;
    if (name === 'rate') rate = object.rate;
    else if (name === 'per') per = object.per;
    else if (name === 'burst') burst = object.burst;
    else if (name === 'cost') cost = object.cost;
    else if (name === 'size' && isSized) size = object.size;
    else throw errors.unknownOption(isSized ? SIZED_NAMES : NAMES, name);
  }
  const units = whole(rate, 'option rate', 1, MOST_UNITS);
  const perMs = whole(per, 'option per', 1, MOST_MS, ' of milliseconds');
  const most = burst === undefined ? units : whole(burst, 'option burst', 1, MOST_UNITS);
  if ((most / units) * perMs > MOST_MS) {
    const what = `what comes back within ${MOST_MS} milliseconds`;
    throw errors.outOfRange(what, 'option burst', most);
  }
  const asked = cost === undefined ? 1 : whole(cost, 'option cost', 0, most);
  return { units, perMs, burst: most, cost: asked, size };
}

module.exports = { rateOf };
