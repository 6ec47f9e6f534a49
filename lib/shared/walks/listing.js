/**
 * What live keys of a shared store are kept under, in steps that let others in.
 *
 * Knows no value. Invariant: a key that is there all the while is listed.
 */
'use strict';

const { isPlain, keysOf } = require('../../keys/keyspace.js');
const { storeClosed } = require('../../errors/errors.js');
const { Register } = require('../../native/contract.js');
const failures = require('../../native/failures.js');
const native = require('../../native/loader.js');

/** @typedef {InstanceType<typeof import('../opening/handle.js').Handle>} Handle */
/** @typedef {InstanceType<typeof import('../../arguments/filter.js').Filter>} Filter */

class SharedListing {
  #handle;

  /** @param {Handle} handle */
  constructor(handle) {
    this.#handle = handle;
  }

  /**
   * The live keys that are meant, in no order; one that comes or goes meanwhile may be among them.
   *
   * @param {Filter} filter
   */
  keys(filter) {
    /** @type {string[]} */
    const keys = [];
    for (const some of this.keySteps(filter)) {
      for (const key of some) keys.push(key);
    }
    return keys;
  }

  /**
   * The same, some at a time.
   *
   * @param {Filter} filter
   */
  *keySteps(filter) {
    let cursor = 0;
    do {
      const [next, ...keys] = this.keysFrom(cursor, filter);
      yield keys;
      cursor = next;
    } while (cursor !== 0);
  }

  /**
   * Some live keys, and the cursor for more: 0 for no more, as for the first.
   *
   * @param {number} cursor
   * @param {Filter} filter
   * @returns {[number, ...string[]]}
   */
  keysFrom(cursor, filter) {
    const step = native.sharedScan(this.#id('next'), cursor, filter.written);
    if (typeof step === 'number') throw failures.sharedFailure(step, this.#handle.name);
    return step;
  }

  /**
   * How many live keys are meant, some at a time.
   *
   * @param {Filter} filter
   */
  countSteps(filter) {
    return this.#steps((cursor) => {
      return native.sharedCount(this.#id('count'), cursor, filter.written);
    });
  }

  /**
   * Removes the live entries whose keys are meant, some at a time; how many.
   *
   * @param {Filter} filter
   */
  *removeSteps(filter) {
    const handle = this.#handle;
    this.overtakeLoads(filter);
    let moved = 0;
    yield* this.#steps((cursor) => {
      const id = this.#id('deleteWhere');
      handle.noteWrite();
      // Others may remove between two steps.
      native.registers[Register.MOVED] = moved;
      const next = native.sharedDeleteWhere(id, cursor, filter.written);
      moved = /** @type {number} */ (native.registers[Register.MOVED]);
      return next;
    });
  }

  /**
   * What is being made of the keys that are meant is not stored; of what others make at this moment
   * nothing is, since nobody knows of which keys it is.
   *
   * @param {Filter} filter
   */
  overtakeLoads(filter) {
    this.#handle.loads.invalidateWhere((string) => filter.means(string));
    this.#handle.overtakeLoads();
  }

  /**
   * The live plain keys that a pattern means.
   *
   * @param {string} pattern
   * @param {string} flags `*` for a glob
   */
  matches(pattern, flags) {
    const keys = native.sharedMatches(this.#handle.id, pattern, flags);
    if (typeof keys === 'number') throw failures.patternFailure(keys, pattern, flags);
    return keysOf(keys.filter(isPlain));
  }

  /**
   * What each step counts.
   *
   * @param {(cursor: number) => number} step gives the next cursor
   */
  *#steps(step) {
    let cursor = 0;
    do {
      cursor = step(cursor);
      if (cursor < 0) throw failures.sharedFailure(cursor, this.#handle.name);
      yield/** @type {number} */ (native.registers[Register.AMOUNT]);
    } while (cursor !== 0);
  }

  /**
   * The store in the native core; whoever walks may have closed it.
   *
   * @param {string} method for whom
   */
  #id(method) {
    if (this.#handle.id === 0) throw storeClosed(method);
    return this.#handle.id;
  }
}

module.exports = { SharedListing };
