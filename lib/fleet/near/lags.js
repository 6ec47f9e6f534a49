/**
 * How long a server took to answer who listens to it: so late a change is seen, as a rule.
 *
 * Knows no server. What was answered before a change came after it, for a server says all in order.
 */
'use strict';

/** The last that count: some minutes of a usual bound. */
const KEPT = 512;
const SHARES = Object.freeze({ p50: 0.5, p99: 0.99 });

/** @typedef {{ p50: number, p99: number }} Lag in milliseconds; 0 where nobody has listened */

/** @type {Readonly<Lag>} */
const NONE = Object.freeze({ p50: 0, p99: 0 });

class Lags {
  #waits = new Float64Array(KEPT);
  #count = 0;

  /** @param {number} ms */
  add(ms) {
    this.#waits[this.#count % KEPT] = ms;
    this.#count += 1;
  }

  /** @returns {Lag} */
  get figures() {
    const sorted = this.#waits.slice(0, Math.min(this.#count, KEPT)).sort();
    if (sorted.length === 0) return NONE;
    /** @param {number} share */
    const of = (share) => /** @type {number} */ (sorted[Math.ceil(sorted.length * share) - 1]);
    return { p50: of(SHARES.p50), p99: of(SHARES.p99) };
  }
}

module.exports = { Lags, NONE };
