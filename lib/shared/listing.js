/**
 * The live keys of a shared store, in steps that let others in, or by a pattern.
 *
 * Knows no value. Invariant: a key that is there all the while is listed.
 */
'use strict';

const { storeClosed } = require('../errors/errors.js');
const failures = require('../native/failures.js');
const native = require('../native/loader.js');

/** @typedef {InstanceType<typeof import('./opening/handle.js').Handle>} Handle */

class SharedListing {
  #handle;

  /** @param {Handle} handle */
  constructor(handle) {
    this.#handle = handle;
  }

  /** All live keys, in no order; one that comes or goes meanwhile may be among them. */
  *keys() {
    let cursor = 0;
    do {
      const [next, ...keys] = this.keysFrom(cursor);
      yield* keys;
      cursor = next;
    } while (cursor !== 0);
  }

  /**
   * Some live keys, and the cursor for more: 0 for no more, as for the first.
   *
   * @param {number} cursor
   * @returns {[number, ...string[]]}
   */
  keysFrom(cursor) {
    // Closed by whoever walks.
    if (this.#handle.id === 0) throw storeClosed('next');
    const step = native.sharedScan(this.#handle.id, cursor);
    if (typeof step === 'number') throw failures.sharedFailure(step, this.#handle.name);
    return step;
  }

  /**
   * The live keys that a pattern means.
   *
   * @param {string} pattern
   * @param {string} flags `*` for a glob
   */
  matches(pattern, flags) {
    const keys = native.sharedMatches(this.#handle.id, pattern, flags);
    if (typeof keys === 'number') throw failures.patternFailure(keys, pattern, flags);
    return keys;
  }
}

module.exports = { SharedListing };
