/**
 * Who wants to know when a store has lost its name: whoever opens it from then on gets another.
 *
 * Knows no store and no timer. Invariant: nobody is told twice.
 */
'use strict';

/** @typedef {() => void} Tell */

class NameWatch {
  #isNamed;
  /** @type {Set<Tell>} */
  #waiting = new Set();

  /** @param {() => boolean} isNamed throws where the system does not say */
  constructor(isNamed) {
    this.#isNamed = isNamed;
  }

  get isIdle() {
    return this.#waiting.size === 0;
  }

  /** @param {Tell} tell */
  add(tell) {
    this.#waiting.add(tell);
  }

  /** @param {Tell} tell */
  remove(tell) {
    this.#waiting.delete(tell);
  }

  /** Looks, and tells those who wait if the name is lost. */
  look() {
    if (this.isIdle || this.#isStillNamed()) return;
    const told = [...this.#waiting];
    this.#waiting.clear();
    for (const tell of told) tell();
  }

  #isStillNamed() {
    try {
      return this.#isNamed();
    } catch {
      // What the system does not say now it says at the next look.
      return true;
    }
  }
}

module.exports = { NameWatch };
