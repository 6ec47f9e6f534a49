/**
 * What a shared store has done and holds, by all its threads. Knows the order of the native core's
 * numbers: `src/binding/shared_functions.rs` has the same.
 */
'use strict';

const native = require('../native.js');

/** @param {InstanceType<typeof import('./shared-entries.js').SharedEntries>} entries */
function sharedStats(entries) {
  const [
    ,
    hits,
    misses,
    sets,
    deletes,
    evicted,
    expired,
    steals,
    liveBytes,
    usedBytes,
    indexBytes,
    realBytes,
    maxBytes,
    threads,
  ] = /** @type {number[]} */ (native.sharedStats(entries.handle.id));
  const lookUps = Number(hits) + Number(misses);
  return {
    entries: entries.size(),
    hits,
    misses,
    hitRatio: lookUps === 0 ? 0 : Number(hits) / lookUps,
    nearHits: entries.copies.told,
    sets,
    deletes,
    evicted,
    expired,
    steals,
    liveBytes,
    usedBytes,
    indexBytes,
    realBytes,
    maxBytes,
    threads,
  };
}

module.exports = { sharedStats };
