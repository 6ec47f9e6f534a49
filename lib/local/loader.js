/**
 * `getOrSet`: the value of an entry, or of the one flight that makes it.
 *
 * Knows entries and flights; what the caller gave is checked. Invariant: a factory's result is
 * stored once, by the flight, with the options of the call that started it.
 */
'use strict';

const { storeClosed } = require('../store/errors.js');
const { FLAG_BITS } = require('./near-cache.js');
const options = require('../store/options.js');

/** @typedef {import('../loads/flights.js').Factory} Factory */
/** @typedef {InstanceType<typeof import('../loads/flights.js').Flights>} Flights */
/** @typedef {InstanceType<typeof import('./placement.js').Placements>} Placements */

/**
 * @typedef {object} Load
 * @property {string} string
 * @property {unknown} key as it was given
 * @property {Factory} factory
 * @property {import('../store/options.js').LoadOptions} how
 */

/** @typedef {{ value: unknown, leftMs: number }} Live */

class Loader {
  #flights;
  #placements;
  #entries;

  /**
   * @param {Flights} flights
   * @param {Placements} placements
   * @param {InstanceType<typeof import('./entries.js').Entries>} entries
   */
  constructor(flights, placements, entries) {
    this.#flights = flights;
    this.#placements = placements;
    this.#entries = entries;
  }

  /**
   * @param {Load} load
   * @returns {Promise<unknown>}
   */
  load(load) {
    const { string, how } = load;
    const entries = this.#entries;
    const found = entries.act(() => this.#found(entries.look(string, entries.near.get(string))));
    if (found !== undefined && !isStale(found, how)) return Promise.resolve(found.value);
    // Listeners were told of what had expired: they may have closed the store, or set the key.
    const isOpen = entries.slab.id !== 0;
    if (found === undefined && !isOpen) throw storeClosed('getOrSet');
    const now = isOpen ? this.#found(entries.peek(string)) : undefined;
    const given = found ?? now;
    if (given === undefined) return this.#flights.wait(string, this.#join(load), how.signal);
    // Nobody waits for a renewal, so nobody can give it up, nor is told when it fails.
    if (isOpen && (now === undefined || isStale(now, how))) this.#join(load).waiting += 1;
    return Promise.resolve(given.value);
  }

  /**
   * The entry of a code, if it is one.
   *
   * @param {number} code
   * @returns {Live | undefined}
   */
  #found(code) {
    if (code === 0) return undefined;
    const { slab, values } = this.#entries;
    return { value: values[code >> FLAG_BITS], leftMs: slab.leftMs(code) };
  }

  /** @param {Load} load */
  #join(load) {
    const { string, factory } = load;
    return this.#flights.join(string, factory, (value) => this.#prepared(load, value));
  }

  /**
   * How a result is stored, if it is to be. What runs the caller's code runs here, before it is
   * known whether the result still counts.
   *
   * @param {Load} load
   * @param {unknown} value
   */
  #prepared({ string, key, how }, value) {
    const freshMs =
      typeof how.ttl === 'function' ? options.computedTtl(how.ttl(value, string)) : how.ttl;
    if (freshMs === 0) return () => {};
    const isForEver = freshMs === Number.POSITIVE_INFINITY;
    const ttlMs = isForEver ? 0 : Math.min(freshMs + how.staleMs, options.MAX_TTL_MS);
    const size = this.#placements.size(how.size, value, string);
    return () => this.#put({ string, key, value, ttlMs, size });
  }

  /** @param {import('./placement.js').Placement} placement */
  #put(placement) {
    const { observation } = this.#entries;
    const isObserved = observation.begin();
    this.#entries.put(placement);
    if (isObserved) observation.endApart();
  }
}

/**
 * Whether an entry is to be renewed.
 *
 * @param {Live} found
 * @param {import('../store/options.js').LoadOptions} how
 */
function isStale({ leftMs }, { staleMs }) {
  return staleMs > 0 && leftMs <= staleMs;
}

module.exports = { Loader };
