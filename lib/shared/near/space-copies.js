/**
 * The copies of a namespace's entries by its own keys: a view finds them without making a string.
 *
 * Keeps none itself: each is one of the store's. Invariant: a copy that the store forgets is not
 * here any more, and none is given out once the object has left the store.
 */
'use strict';

const { wordOf } = require('./looks.js');

/** @typedef {InstanceType<typeof import('./near-copies.js').Copy>} Copy */
/** @typedef {InstanceType<typeof import('./near-copies.js').NearCopies>} NearCopies */
/** @typedef {InstanceType<typeof import('../entries.js').SharedEntries>} SharedEntries */

/** @extends {Map<string, Copy>} */
class SpaceCopies extends Map {
  /** Values that were given. */
  uses = 0;
  #of;
  #prefix;
  /** Where the copies here are. @type {NearCopies | undefined} */
  #copies;

  /**
   * @param {{ entries: SharedEntries }} of
   * @param {string} prefix of the strings of the namespace
   */
  constructor(of, prefix) {
    super();
    this.#of = of;
    this.#prefix = prefix;
  }

  /**
   * The value of a key of which there is a copy, and one that is right; else `undefined`.
   *
   * @param {unknown} key
   */
  find(key) {
    const copy = this.get(/** @type {string} */ (key));
    if (copy === undefined) return undefined;
    const { entries } = this.#of;
    const { copies } = entries;
    if (copies !== this.#copies) return undefined;
    if (copy.withinHits > 0) {
      if (wordOf(copies.words, copy.stripe) !== copy.version) return undefined;
      if (!copies.isUntouched(copy)) return undefined;
      copy.withinHits -= 1;
      this.uses += 1;
      return copy.given();
    }
    if (!copies.isFresh(copy)) return undefined;
    this.uses += 1;
    return entries.use(this.#prefix + key, copy);
  }

  /**
   * Has the copy of a string at hand, if there is one.
   *
   * @param {string} string
   */
  learn(string) {
    const { copies } = this.#of.entries;
    if (copies !== this.#copies) this.#begin(copies);
    const copy = copies.get(string);
    if (copy === undefined || copy.space === this) return;
    copy.space?.drop(string);
    this.set(string.slice(this.#prefix.length), copy);
    copy.space = this;
  }

  /**
   * Its copy is not one of the store's any more, or another has it.
   *
   * @param {string} string
   */
  drop(string) {
    this.delete(string.slice(this.#prefix.length));
  }

  /** @param {NearCopies} copies */
  #begin(copies) {
    for (const copy of this.values()) copy.space = undefined;
    this.clear();
    this.#copies = copies;
  }
}

module.exports = { SpaceCopies };
