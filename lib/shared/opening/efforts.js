/**
 * Tells a store what loads and waits for locks of this thread came to, for all who look at it.
 *
 * Knows no timer. Invariant: what was told once is not told again, and nothing is told where
 * nothing has changed; and each effort is told and read in the same unit.
 */
'use strict';

const { SharedEffort } = require('../../native/contract.js');
const native = require('../../native/loader.js');

/** Of a millisecond: times are told in whole ones. */
const MICROSECONDS = 1000;

/** Each by the name that people read; the native core counts so many parts of its unit. */
const EFFORTS = Object.freeze(
  /** @type {const} */ ([
    { name: 'loads', effort: SharedEffort.LOADS, parts: 1 },
    { name: 'loadErrors', effort: SharedEffort.LOAD_ERRORS, parts: 1 },
    { name: 'loadMs', effort: SharedEffort.LOAD_US, parts: MICROSECONDS },
    { name: 'staleServed', effort: SharedEffort.STALE_SERVED, parts: 1 },
    { name: 'lockWaits', effort: SharedEffort.LOCK_WAITS, parts: 1 },
    { name: 'lockWaitMs', effort: SharedEffort.LOCK_WAIT_US, parts: MICROSECONDS },
  ]),
);

/** @typedef {Record<(typeof EFFORTS)[number]['name'], number>} EffortFigures */

class Efforts {
  /** By their numbers in the native core. */
  #told = new Array(EFFORTS.length).fill(0);

  /**
   * @param {number} id of an open store
   * @param {EffortFigures} figures so far
   */
  tell(id, figures) {
    for (const { name, effort, parts } of EFFORTS) {
      const amount = Math.floor(figures[name] * parts);
      const more = amount - this.#told[effort];
      if (more <= 0) continue;
      this.#told[effort] = amount;
      native.countEffort(id, effort, more);
    }
  }
}

/**
 * What all have told a store.
 *
 * @param {number[]} amounts as the native core counts them
 */
function effortsOf(amounts) {
  const figures = EFFORTS.map(({ name, effort, parts }) => [name, Number(amounts[effort]) / parts]);
  return /** @type {EffortFigures} */ (Object.fromEntries(figures));
}

module.exports = { Efforts, effortsOf };
