/** What a shared store has done and holds, by all its threads. Knows no counter by itself. */
'use strict';

const failures = require('../../native/failures.js');
const { SHARED_COUNTERS } = require('../../native/counters.js');
const native = require('../../native/loader.js');

/** @typedef {Record<(typeof SHARED_COUNTERS)[number]['name'], number>} Counters */

/** @param {InstanceType<typeof import('../entries.js').SharedEntries>} entries */
function sharedStats(entries) {
  entries.handle.tellCounts();
  const counted = native.sharedStats(entries.handle.id);
  if (typeof counted === 'number') throw failures.sharedFailure(counted, entries.handle.name);
  const counters = /** @type {Counters} */ (
    Object.fromEntries(SHARED_COUNTERS.map(({ name }, index) => [name, counted[index]]))
  );
  const { entries: stored, ...others } = counters;
  const lookUps = counters.hits + counters.misses;
  return {
    entries: stored,
    hitRatio: lookUps === 0 ? 0 : counters.hits / lookUps,
    ...entries.handle.loads.figures,
    ...entries.handle.waits,
    nearHits: entries.handle.nearHits,
    unreadable: entries.unreadable,
    ...others,
  };
}

module.exports = { sharedStats };
