/**
 * `getOrSet` of a shared store: one load a key, across all threads.
 *
 * Within a thread the loads are those of `lib/loads/loads.js`; between threads a key is claimed in
 * the store, and a claim of a thread that has ended is free. Whoever does not have the claim sleeps
 * until it ends, as long as somebody waits; a store without a place for one more does without
 * it. Invariant: a claim ends with the load.
 */
'use strict';

const { sharedFailure } = require('../native/failures.js');
const { storeClosed } = require('../errors/errors.js');
const { ttlMsOf } = require('../arguments/expiry.js');
const { keptExpiry } = require('../arguments/load-options.js');
const { Claim, Condition } = require('../native/contract.js');
const { NOTHING } = require('./entries.js');
const { loadReleased } = require('./released.js');

/** Attempts to replace an entry while others write keys of its stripe: a renewal may fail. */
const RENEWALS = 16;
/** As long as somebody waits. */
const NO_LIMIT_MS = Number.POSITIVE_INFINITY;

/** @typedef {InstanceType<typeof import('./entries.js').SharedEntries>} SharedEntries */
/** @typedef {import('../arguments/load-options.js').Factory} Factory */
/** @typedef {import('../arguments/load-options.js').LoadRequest} LoadRequest */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */

/**
 * An entry that is to be renewed.
 *
 * @typedef {object} Stale
 * @property {number} deadline
 * @property {unknown} value
 */

class SharedLoader {
  #loads;
  #entries;
  #rules;

  /**
   * @param {SharedEntries} entries
   * @param {WriteRules} rules
   */
  constructor(entries, rules) {
    this.#entries = entries;
    this.#loads = entries.handle.loads;
    this.#rules = rules;
  }

  /**
   * @param {LoadRequest} load
   * @returns {Promise<unknown>}
   */
  load(load) {
    const { string, how } = load;
    const value = this.#entries.get(string);
    if (value === NOTHING) return this.#loads.wait(string, this.#join(load), how.signal);
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
   * @param {LoadRequest} load
   * @param {Stale} [stale]
   */
  #join(load, stale) {
    /** @type {Factory} */
    const make = (_key, context) => this.#make(load, context, stale);
    // It is stored while the key is claimed, not after.
    return this.#loads.join(load.string, make, () => () => {});
  }

  /**
   * @param {LoadRequest} load
   * @param {import('../arguments/load-options.js').Context} context
   * @param {Stale | undefined} stale
   */
  async #make(load, context, stale) {
    const { string, factory } = load;
    while (!this.#claim(string)) {
      await loadReleased(this.#open().handle, string, NO_LIMIT_MS, context.signal);
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
    return claim !== Claim.OTHERS;
  }

  /**
   * @param {LoadRequest} load
   * @param {import('../arguments/load-options.js').Context} context
   * @param {unknown} value
   * @param {Stale | undefined} stale
   */
  #store({ string, how }, context, value, stale) {
    if (!this.#isWanted(string, context)) return;
    const expiry = keptExpiry(how, value, string, this.#rules.defaultMs);
    const encoded = this.#entries.handle.codec.encode(value);
    // Both may have run the caller's code.
    if (!this.#isWanted(string, context)) return;
    const ttlMs = ttlMsOf(expiry, this.#rules.defaultMs);
    if (ttlMs < 0) return;
    const write = { string, ttlMs, isKept: false };
    if (stale === undefined) this.#entries.write(write, encoded, Condition.ABSENT);
    else this.#renew(write, encoded, stale);
  }

  /**
   * Whether the result of a load is to be stored: the store is open, and nothing is newer.
   *
   * @param {string} string
   * @param {import('../arguments/load-options.js').Context} context
   */
  #isWanted(string, context) {
    return this.#entries.handle.id !== 0 && this.#loads.isCurrent(string, context);
  }

  /**
   * Replaces an entry that still is the one that was to be renewed, or has expired meanwhile.
   *
   * @param {import('./entries.js').How} write
   * @param {import('../values/codec.js').Encoded} encoded
   * @param {Stale} stale
   */
  #renew(write, encoded, stale) {
    const { string } = write;
    for (let attempt = 0; attempt < RENEWALS; attempt += 1) {
      const known = this.#entries.peek(string);
      if (known !== undefined && !this.#isSame(string, known.deadline, stale)) return;
      const isDone =
        known === undefined
          ? this.#entries.write(write, encoded, Condition.ABSENT)
          : this.#entries.write(write, encoded, Condition.SAME_VERSION, known.version);
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

module.exports = { SharedLoader };
