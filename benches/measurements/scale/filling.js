/**
 * Fills a store, and finds the longest call of all.
 *
 * A call is long, too, when somebody else had the processor. So a long one counts no more than
 * what the process had of processors in the few calls around it. Knows no kind of store.
 */
'use strict';

const { rounded } = require('../../report/statistics.js');

/** Calls between two looks at the processor time. */
const BATCH = 256;

/** `{ nsEach, longestMs }`: processor time of a call, and the longest of the calls. */
function fill(store, keyOf, entries, progress) {
  const began = ranMs();
  let ranBefore = began;
  let longestMs = 0;
  for (let from = 0; from < entries; from += BATCH) {
    const to = Math.min(entries, from + BATCH);
    const longest = fillBatch(store, keyOf, from, to);
    const ranNow = ranMs();
    longestMs = Math.max(longestMs, Math.min(longest, ranNow - ranBefore));
    ranBefore = ranNow;
    progress.tell(to);
  }
  return { nsEach: rounded(((ranMs() - began) * 1e6) / entries), longestMs: rounded(longestMs) };
}

function fillBatch(store, keyOf, from, to) {
  let longest = 0;
  let before = performance.now();
  for (let id = from; id < to; id += 1) {
    store.set(keyOf(id), id);
    const after = performance.now();
    if (after - before > longest) longest = after - before;
    before = after;
  }
  return longest;
}

/** How many entries it took before it threw. */
function fillUntilRefused(store, keyOf, entries, progress) {
  for (let id = 0; id < entries; id += 1) {
    try {
      store.set(keyOf(id), id);
    } catch {
      return id;
    }
    if (id % BATCH === 0) progress.tell(id);
  }
  return entries;
}

function ranMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

module.exports = { fill, fillUntilRefused };
