/**
 * What a shared store has done and holds, by all its threads. Knows the order of the native core's
 * numbers: `src/binding/shared_functions.rs` has the same.
 */
'use strict';

const errors = require('../store/errors.js');
const native = require('../native/loader.js');

/** What the native core counts, in its order, after the entries. */
const FIGURES = Object.freeze(
  /** @type {const} */ ([
    'hits',
    'misses',
    'sets',
    'deletes',
    'evicted',
    'expired',
    'steals',
    'liveBytes',
    'usedBytes',
    'indexBytes',
    'realBytes',
    'maxBytes',
    'threads',
  ]),
);

/** @typedef {Record<(typeof FIGURES)[number], number>} Figures */

/** @param {InstanceType<typeof import('./entries.js').SharedEntries>} entries */
function sharedStats(entries) {
  const counted = native.sharedStats(entries.handle.id);
  if (typeof counted === 'number') throw errors.sharedFailure(counted, entries.handle.name);
  const [stored, ...numbers] = /** @type {[number, ...number[]]} */ (counted);
  const figures = /** @type {Figures} */ (
    Object.fromEntries(FIGURES.map((name, index) => [name, numbers[index]]))
  );
  const lookUps = figures.hits + figures.misses;
  return {
    entries: stored,
    hitRatio: lookUps === 0 ? 0 : figures.hits / lookUps,
    nearHits: entries.copies.told,
    ...figures,
  };
}

module.exports = { sharedStats };
