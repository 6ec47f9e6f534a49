/**
 * Numbers that are counted up and down: an amount is added, or placed where there is no entry.
 *
 * Knows entries and placements. Invariant: what is placed is measured before the store is looked
 * at for the last time, for measuring it may run the caller's code.
 */
'use strict';

const { NOTHING } = require('./entries.js');

/**
 * @typedef {object} Counted
 * @property {string} string
 * @property {unknown} key as it was given
 * @property {number} amount
 * @property {import('./placement.js').Wanted} wanted of the entry, when it is made
 */

/**
 * The sum, or the amount where it was placed.
 *
 * @param {InstanceType<typeof import('./entries.js').Entries>} entries
 * @param {InstanceType<typeof import('./placement.js').Placements>} placements
 * @param {Counted} counted
 */
function count(entries, placements, { string, key, amount, wanted }) {
  const sum = entries.act((all) => all.sum(string, amount));
  if (sum !== NOTHING) return sum;
  const placement = placements.sized(string, key, amount, wanted);
  return entries.act((all) => {
    const again = all.sum(string, amount);
    if (again !== NOTHING) return again;
    all.put(placement);
    return amount;
  });
}

module.exports = { count };
