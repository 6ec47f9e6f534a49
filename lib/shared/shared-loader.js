/**
 * `getOrSet` of a shared store: one flight a key, across all threads.
 *
 * Within an isolate the flights are those of `lib/loads/flights.js`; between isolates a key is claimed in
 * the store, and a claim of a thread that has ended is free. Whoever does not have the claim looks
 * again in a while, as long as somebody waits. Invariant: a claim ends with the flight.
 */
'use strict';

const { setTimeout: pause } = require('node:timers/promises');
const { sharedFailure, storeClosed } = require('../store/errors.js');
const options = require('../store/options.js');
const { NOTHING, When } = require('./shared-entries.js');

/** Looks at a key that another thread makes: first and last pause between two. */
const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 16;
/** Attempts to replace an entry while others write keys of its stripe: a renewal may fail. */
const RENEWALS = 16;
/** Claims of another thread. */
const OTHERS = 0;

/** @typedef {InstanceType<typeof import('./shared-entries.js').SharedEntries>} SharedEntries */
/** @typedef {import('../loads/flights.js').Factory} Factory */

/**
 * An entry that is to be renewed.
 *
 * @typedef {object} Stale
 * @property {number} deadline
 * @property {unknown} value
 */

/**
 * @typedef {object} Load
 * @property {string} string
 * @property {Factory} factory
 * @property {import('../store/options.js').LoadOptions} how
 */

class SharedLoader {
  #flights;
  #entries;
  /** Milliseconds for what is stored without a time to live of its own; 0 for ever. */
  #ttlMs;

  /**
   * @param {SharedEntries} entries
   * @param {number} ttlMs
   */
  constructor(entries, ttlMs) {
    this.#entries = entries;
    this.#flights = entries.handle.flights;
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
      const known = this.#entries.peek(string);
      // Nobody waits for a renewal, so nobody can give it up, nor is told when it fails.
      if (known !== undefined && known.leftMs <= how.staleMs) {
        this.#join(load, { deadline: known.deadline, value }).waiting += 1;
      }
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
   * @param {Stale} [stale]
   */
  #join(load, stale) {
    /** @type {Factory} */
    const make = (_key, context) => this.#make(load, context, stale);
    // It is stored while the key is claimed, not after.
    return this.#flights.join(load.string, make, () => () => {});
  }

  /**
   * @param {Load} load
   * @param {import('../loads/flights.js').Context} context
   * @param {Stale | undefined} stale
   */
  async #make(load, context, stale) {
    const { string, factory } = load;
    for (let pauseMs = FIRST_PAUSE_MS; !this.#claim(string); pauseMs = longer(pauseMs)) {
      await pause(pauseMs, undefined, { signal: context.signal });
      const value = this.#open().get(string);
      if (value !== NOTHING) return value;
    }
    // Ends once, whether the factory comes back or nobody waits for it any more.
    const end = () => {
      context.signal.removeEventListener('abort', end);
      this.#entries.handle.endClaim(string);
    };
    context.signal.addEventListener('abort', end);
    try {
      // Who had the claim before has made the value.
      const made = this.#isThere(string, stale) ? NOTHING : this.#entries.get(string);
      if (made !== NOTHING) return made;
      const value = await factory(string, context);
      this.#store(load, context, value, stale);
      return value;
    } finally {
      if (!context.signal.aborted) end();
    }
  }

  /** @param {string} string */
  #claim(string) {
    const claim = this.#open().handle.claim(string);
    if (claim < 0) throw sharedFailure(claim, string);
    return claim !== OTHERS;
  }

  /**
   * @param {Load} load
   * @param {import('../loads/flights.js').Context} context
   * @param {unknown} value
   * @param {Stale | undefined} stale
   */
  #store({ string, how }, context, value, stale) {
    if (!this.#isWanted(string, context)) return;
    const freshMs =
      typeof how.ttl === 'function' ? options.computedTtl(how.ttl(value, string)) : how.ttl;
    if (freshMs === 0) return;
    const isForEver = freshMs === Number.POSITIVE_INFINITY;
    const ttlMs = isForEver ? this.#ttlMs : Math.min(freshMs + how.staleMs, options.MAX_TTL_MS);
    const encoded = this.#entries.handle.codec.encode(value);
    // Both may have run the caller's code.
    if (!this.#isWanted(string, context)) return;
    if (stale === undefined) this.#entries.write(string, encoded, ttlMs, When.ABSENT);
    else this.#renew(string, encoded, ttlMs, stale);
  }

  /**
   * Whether the result of a flight is to be stored: the store is open, and nothing is newer.
   *
   * @param {string} string
   * @param {import('../loads/flights.js').Context} context
   */
  #isWanted(string, context) {
    return this.#entries.handle.id !== 0 && this.#flights.isCurrent(string, context);
  }

  /**
   * Replaces an entry that still is the one that was to be renewed, or has expired meanwhile.
   *
   * @param {string} string
   * @param {import('../values/codec.js').Encoded} encoded
   * @param {number} ttlMs
   * @param {Stale} stale
   */
  #renew(string, encoded, ttlMs, stale) {
    for (let attempt = 0; attempt < RENEWALS; attempt += 1) {
      const known = this.#entries.peek(string);
      if (known !== undefined && !this.#isSame(string, known.deadline, stale)) return;
      const isDone =
        known === undefined
          ? this.#entries.write(string, encoded, ttlMs, When.ABSENT)
          : this.#entries.write(string, encoded, ttlMs, When.SAME_VERSION, known.version);
      if (isDone) return;
    }
  }

  /**
   * Whether there is an entry that is to be renewed.
   *
   * @param {string} string
   * @param {Stale | undefined} stale
   */
  #isThere(string, stale) {
    if (stale === undefined) return false;
    const known = this.#entries.peek(string);
    return known !== undefined && this.#isSame(string, known.deadline, stale);
  }

  /**
   * Whether nobody has written an entry since: each write gives it another deadline, but for one
   * that adds to a number.
   *
   * @param {string} string
   * @param {number} deadline that it has now
   * @param {Stale} stale
   */
  #isSame(string, deadline, stale) {
    if (deadline !== stale.deadline) return false;
    return typeof stale.value !== 'number' || Object.is(this.#entries.get(string), stale.value);
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
