/**
 * The spots of a namespace's entries by its own keys: a view finds them without making a string.
 *
 * Knows none but those of the near cache, which marks what it forgets. Invariant: a spot that leads
 * somewhere is of the entry that its key names, and believed as a code of the near cache is.
 */
'use strict';

const { DOUBTED, FLAG_BITS, NOWHERE, TAGGED } = require('./near-cache.js');

/** Spots that lead nowhere before they are looked for: as many as all spots, and these. */
const IDLE = 1024;

/** @typedef {InstanceType<typeof import('./near-cache.js').Spot>} Spot */
/** @typedef {InstanceType<typeof import('../lookups.js').Lookups>} Lookups */

/** @extends {Map<string, Spot>} */
class SpaceSpots extends Map {
  /** Values that were given. */
  uses = 0;
  #near;
  #table;
  #tags;
  #values;
  #prefix;
  /** The key that was looked for last: most often that of which it learns next. @type {unknown} */
  #asked;

  /**
   * @param {Lookups} of
   * @param {string} prefix of the strings of the namespace
   */
  constructor({ near, table, values }, prefix) {
    super();
    this.#near = near;
    this.#table = table;
    this.#tags = table.tags;
    this.#values = values;
    this.#prefix = prefix;
  }

  /**
   * The value of a key of which there is a spot, and one that is right; else `undefined`.
   *
   * @param {unknown} key
   */
  find(key) {
    const spot = this.get(/** @type {string} */ (key));
    if (spot === undefined) {
      this.#asked = key;
      return undefined;
    }
    const { code } = spot;
    // All entries of namespaces have tags.
    const isSure = (code & DOUBTED) === TAGGED && !this.#tags.isPending;
    if (!isSure && (code === NOWHERE || !this.#table.isHit(code))) return undefined;
    const value = this.#values[code >> FLAG_BITS];
    if (value === undefined) return undefined;
    this.uses += 1;
    this.#near.reads += 1;
    return value;
  }

  /**
   * Has the spot of a string at hand, if there is one.
   *
   * @param {string} string
   */
  learn(string) {
    const { spots } = this.#near;
    if (spots.size === 0) {
      if (this.size > 0) this.clear();
      return;
    }
    const spot = spots.get(string);
    if (spot === undefined) return;
    if (this.size >= spots.size * 2 + IDLE) this.#forgetIdle();
    this.set(this.#keyOf(string), spot);
  }

  /**
   * The key of a string: if it was just asked for, that very one, which is found faster again than
   * one that is part of another.
   *
   * @param {string} string
   */
  #keyOf(string) {
    const asked = this.#asked;
    this.#asked = undefined;
    const { length } = this.#prefix;
    const isIt = typeof asked === 'string' && length + asked.length === string.length;
    return isIt && string.endsWith(asked) ? asked : string.slice(length);
  }

  #forgetIdle() {
    for (const [key, { code }] of this) if (code === NOWHERE) this.delete(key);
  }
}

module.exports = { SpaceSpots };
