/**
 * What is to be stored, checked and whole: key, value, time to live, size.
 *
 * Knows the bounds of a store, not its entries. Checking may run the caller's code (a key's
 * `toJSON`, a getter, `sizeOf`), so a placement is made before the store's state is looked at.
 */
'use strict';

const errors = require('../store/errors.js');
const { stringOf } = require('../keys/key.js');
const { pairsOf } = require('../store/many.js');
const options = require('../store/options.js');

/**
 * @typedef {object} Placement
 * @property {string} string
 * @property {unknown} key as it was given
 * @property {unknown} value
 * @property {number} ttlMs 0 for none
 * @property {number} size 0 where sizes do not count
 */

/** @typedef {import('../store/options.js').SizeOf} SizeOf */
/** @typedef {{ ttlMs: number, size: number | undefined }} Wanted */

/** What a store takes. */
class Placements {
  #maxSize;
  #sizeOf;
  #isSized;

  /**
   * @param {number} maxSize 0 for no bound
   * @param {SizeOf | undefined} sizeOf
   */
  constructor(maxSize, sizeOf) {
    this.#maxSize = maxSize;
    this.#sizeOf = sizeOf;
    this.#isSized = maxSize > 0;
  }

  /**
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} given options of `set`
   * @returns {Placement}
   */
  placement(key, value, given) {
    const wanted = this.options(given);
    return this.sized(stringOf(key), key, value, wanted);
  }

  /**
   * The options of `set`, checked.
   *
   * @param {unknown} given
   * @returns {Wanted}
   */
  options(given) {
    if (this.#isSized) return options.sizedSetOptions(given);
    return { ttlMs: options.setTtl(given), size: undefined };
  }

  /**
   * @param {string} string
   * @param {unknown} key
   * @param {unknown} value
   * @param {Wanted} wanted
   * @returns {Placement}
   */
  sized(string, key, value, { ttlMs, size }) {
    return { string, key, value, ttlMs, size: this.size(size, value, string) };
  }

  /**
   * The placements of the entries that `setMany` got.
   *
   * @param {unknown} entries
   * @param {unknown} given options for those that bring none
   */
  placements(entries, given) {
    /** @type {Placement[]} */
    const placements = [];
    for (const { key, value, own } of pairsOf(entries)) {
      placements.push(this.placement(key, value, own === undefined ? given : own));
    }
    return placements;
  }

  /**
   * What an entry counts towards the bound on the size.
   *
   * @param {number | undefined} given
   * @param {unknown} value
   * @param {string} string the key
   */
  size(given, value, string) {
    if (!this.#isSized) return 0;
    const size = given === undefined ? this.#measured(value, string) : given;
    if (size > this.#maxSize) {
      throw errors.outOfRange(`${this.#maxSize}, the store's maxSize, at the most`, 'a size', size);
    }
    return size;
  }

  /**
   * @param {unknown} value
   * @param {string} string
   */
  #measured(value, string) {
    const sizeOf = this.#sizeOf;
    if (sizeOf === undefined) {
      const what = 'a number (the store has maxSize and no sizeOf)';
      throw errors.invalidType(what, 'option size', undefined);
    }
    return options.size(sizeOf(value, string), 'what option sizeOf computed');
  }
}

module.exports = { Placements };
