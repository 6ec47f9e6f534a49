/**
 * `getOrSet`: the value of an entry, or of the one flight that makes it.
 *
 * Knows entries and flights; what the caller gave is checked. Invariant: a factory's result is
 * stored once, by the flight, with the options of the call that started it.
 */
'use strict';

const options = require('../options.js');

/** @typedef {import('./flights.js').Factory} Factory */
/** @typedef {InstanceType<typeof import('./flights.js').Flights>} Flights */
/** @typedef {InstanceType<typeof import('./placement.js').Placements>} Placements */

/**
 * @typedef {object} Load
 * @property {string} string
 * @property {unknown} key as it was given
 * @property {Factory} factory
 * @property {import('../options.js').LoadOptions} how
 */

class Loader {
  #flights;
  #placements;
  /** Stores a result, as `set` does. */
  #put;

  /**
   * @param {Flights} flights
   * @param {Placements} placements
   * @param {(placement: import('./placement.js').Placement) => void} put
   */
  constructor(flights, placements, put) {
    this.#flights = flights;
    this.#placements = placements;
    this.#put = put;
  }

  /**
   * The value of a flight, of which there is one a key.
   *
   * @param {Load} load
   */
  make(load) {
    return this.#flights.wait(load.string, this.#join(load), load.how.signal);
  }

  /**
   * Renews an entry that has so long to live, if that is the stale part of its life. Nobody waits
   * for it, so nobody can give it up, nor is told when it fails.
   *
   * @param {Load} load
   * @param {number} leftMs
   */
  renewIfStale(load, leftMs) {
    const { staleMs } = load.how;
    if (staleMs > 0 && leftMs <= staleMs) this.#join(load).waiting += 1;
  }

  /** @param {Load} load */
  #join(load) {
    const { string, factory } = load;
    return this.#flights.join(string, factory, (value) => this.#keep(load, value));
  }

  /**
   * @param {Load} load
   * @param {unknown} value
   */
  #keep({ string, key, how }, value) {
    const freshMs =
      typeof how.ttl === 'function' ? options.computedTtl(how.ttl(value, string)) : how.ttl;
    if (freshMs === 0) return;
    const ttlMs =
      freshMs === Number.POSITIVE_INFINITY
        ? 0
        : Math.min(freshMs + how.staleMs, options.MAX_TTL_MS);
    const size = this.#placements.size(how.size, value, string);
    this.#put({ string, key, value, ttlMs, size });
  }
}

module.exports = { Loader };
