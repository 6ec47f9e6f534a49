/**
 * The slots of what was added since a walk began that is to see none of it.
 *
 * Knows slots alone. Invariant: while no walk is on its way, nothing is noted.
 */
'use strict';

class Newcomers {
  #walks = /** @type {Set<Set<number>>} */ (new Set());

  /** Notes what is added from now on; the slots of it. */
  begin() {
    /** @type {Set<number>} */
    const newcomers = new Set();
    this.#walks.add(newcomers);
    return newcomers;
  }

  /** @param {Set<number>} newcomers */
  end(newcomers) {
    this.#walks.delete(newcomers);
  }

  /** @param {number} slot of an entry that was added */
  note(slot) {
    if (this.#walks.size === 0) return;
    for (const newcomers of this.#walks) newcomers.add(slot);
  }
}

module.exports = { Newcomers };
