/**
 * Tells a store what loads and waits for locks of this thread came to, for all who look at it.
 *
 * Knows no timer. Invariant: what was told once is not told again, and nothing is told where
 * nothing has changed.
 */
'use strict';

const { SharedEffort } = require('../../native/contract.js');
const native = require('../../native/loader.js');

const MICROSECONDS = 1000;

/** @typedef {InstanceType<typeof import('../../loads/loads.js').Loads>['figures']} LoadFigures */

class Efforts {
  /** By their numbers in the native core. */
  #told = new Array(Object.keys(SharedEffort).length).fill(0);

  /**
   * @param {number} id of an open store
   * @param {LoadFigures} loads
   * @param {{ lockWaits: number, lockWaitMs: number }} waits
   */
  tell(id, { loads, loadErrors, loadMs, staleServed }, { lockWaits, lockWaitMs }) {
    this.#tell(id, SharedEffort.LOADS, loads);
    this.#tell(id, SharedEffort.LOAD_ERRORS, loadErrors);
    this.#tell(id, SharedEffort.LOAD_US, Math.floor(loadMs * MICROSECONDS));
    this.#tell(id, SharedEffort.STALE_SERVED, staleServed);
    this.#tell(id, SharedEffort.LOCK_WAITS, lockWaits);
    this.#tell(id, SharedEffort.LOCK_WAIT_US, Math.floor(lockWaitMs * MICROSECONDS));
  }

  /**
   * @param {number} id
   * @param {number} effort
   * @param {number} amount so far
   */
  #tell(id, effort, amount) {
    const more = amount - this.#told[effort];
    if (more <= 0) return;
    this.#told[effort] = amount;
    native.countEffort(id, effort, more);
  }
}

module.exports = { Efforts };
