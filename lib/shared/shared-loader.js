/**
 * `getOrSet` of a shared store: one flight a key, across all threads.
 *
 * Within an isolate the flights are those of `lib/flights.js`; between isolates a key is claimed in
 * the store, and a claim of a thread that has ended is free. Whoever does not have the claim looks
 * again in a while, as long as somebody waits. Invariant: a claim ends with the flight.
 */
'use strict';

const { setTimeout: pause } = require('node:timers/promises');
const { sharedFailure, storeClosed } = require('../errors.js');
const { Flights } = require('../flights.js');
const native = require('../native.js');
const options = require('../options.js');
const { NOTHING, When } = require('./shared-entries.js');

/** Looks at a key that another thread makes: first and last pause between two. */
const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 16;
/** Claims of another thread. */
const OTHERS = 0;

/** @typedef {InstanceType<typeof import('./shared-entries.js').SharedEntries>} SharedEntries */
/** @typedef {import('../flights.js').Factory} Factory */

/**
 * @typedef {object} Load
 * @property {string} string
 * @property {Factory} factory
 * @property {import('../options.js').LoadOptions} how
 */

class SharedLoader {
  #flights = new Flights(() => {});
  #entries;
  /** Milliseconds for what is stored without a time to live of its own; 0 for ever. */
  #ttlMs;

  /**
   * @param {SharedEntries} entries
   * @param {number} ttlMs
   */
  constructor(entries, ttlMs) {
    this.#entries = entries;
    this.#ttlMs = ttlMs;
  }

  /**
   * @param {Load} load
   * @returns {Promise<unknown>}
   */
  load(load) {
    const { string, how } = load;
    const value = this.#entries.get(string);
    if (value === NOTHING) return this.#flights.wait(string, this.#join(load), how.signal);
    if (how.staleMs > 0) {
      const leftMs = this.#entries.peek(string)?.leftMs ?? 0;
      // Nobody waits for a renewal, so nobody can give it up, nor is told when it fails.
      if (leftMs <= how.staleMs) this.#join(load, leftMs).waiting += 1;
    }
    return Promise.resolve(value);
  }

  /**
   * Something newer was written to a key by this isolate.
   *
   * @param {string} string
   */
  overtake(string) {
    this.#flights.overtake(string);
  }

  overtakeAll() {
    this.#flights.overtakeAll();
  }

  /**
   * @param {Load} load
   * @param {number} [leftMs] to live, of an entry that is to be renewed
   */
  #join(load, leftMs) {
    /** @type {Factory} */
    const make = (_key, context) => this.#make(load, context, leftMs);
    // It is stored while the key is claimed, not after.
    return this.#flights.join(load.string, make, () => () => {});
  }

  /**
   * @param {Load} load
   * @param {import('../flights.js').Context} context
   * @param {number | undefined} leftMs
   */
  async #make(load, context, leftMs) {
    const { string, factory } = load;
    const isRenewal = leftMs !== undefined;
    for (let pauseMs = FIRST_PAUSE_MS; !this.#claim(string); pauseMs = longer(pauseMs)) {
      await pause(pauseMs, undefined, { signal: context.signal });
      const value = this.#open().get(string);
      if (value !== NOTHING) return value;
    }
    try {
      // Who had the claim before has made the value.
      const made = isRenewal ? NOTHING : this.#entries.get(string);
      if (made !== NOTHING) return made;
      const value = await factory(string, context);
      this.#store(load, context, value, isRenewal);
      return value;
    } finally {
      if (this.#entries.handle.id !== 0) native.endFlight(this.#entries.handle.id, string);
    }
  }

  /** @param {string} string */
  #claim(string) {
    const claim = native.claimFlight(this.#open().handle.id, string);
    if (claim < 0) throw sharedFailure(claim, string);
    return claim !== OTHERS;
  }

  /**
   * @param {Load} load
   * @param {import('../flights.js').Context} context
   * @param {unknown} value
   * @param {boolean} isRenewal
   */
  #store({ string, how }, context, value, isRenewal) {
    const freshMs =
      typeof how.ttl === 'function' ? options.computedTtl(how.ttl(value, string)) : how.ttl;
    if (freshMs === 0) return;
    const isForEver = freshMs === Number.POSITIVE_INFINITY;
    const ttlMs = isForEver ? this.#ttlMs : Math.min(freshMs + how.staleMs, options.MAX_TTL_MS);
    const encoded = this.#entries.handle.codec.encode(value);
    if (this.#entries.handle.id === 0 || !this.#flights.isCurrent(string, context)) return;
    if (isRenewal && (this.#entries.peek(string)?.leftMs ?? 0) > how.staleMs) return;
    this.#entries.write(string, encoded, ttlMs, isRenewal ? When.ALWAYS : When.ABSENT);
  }

  /** The entries, while the store is open. */
  #open() {
    if (this.#entries.handle.id === 0) throw storeClosed('getOrSet');
    return this.#entries;
  }
}

/** @param {number} pauseMs */
function longer(pauseMs) {
  return Math.min(pauseMs * 2, LAST_PAUSE_MS);
}

module.exports = { SharedLoader };
