/**
 * What a store of one thread has counted, and holds. Knows its entries.
 */
'use strict';

const native = require('../native/loader.js');

/** @param {InstanceType<typeof import('./entries.js').Entries>} entries of an open store */
function localStats(entries) {
  // What is due has expired. Then all at once: a sweep may end more of them meanwhile.
  const there = entries.size();
  const counters = native.counters(entries.table.id);
  const [expired, evicted, size, indexBytes, live] =
    /** @type {[number, number, number, number, number]} */ (counters);
  const { reads, writes } = entries.near;
  const hits = reads + entries.found;
  const lookUps = hits + entries.missed;
  return {
    hits,
    misses: entries.missed,
    hitRatio: lookUps === 0 ? 0 : hits / lookUps,
    nearShare: hits === 0 ? 0 : reads / hits,
    sets: writes + entries.placed,
    expired,
    evicted,
    entries: entries.table.tags.isPending ? there : live,
    size,
    indexBytes,
  };
}

module.exports = { localStats };
