/**
 * What loads of a fleet store do their own way: the claim of a key lies at the server.
 *
 * Knows claims, and not how they are kept. Invariant: nobody waits for others beyond his patience,
 * and what was made without a claim is not stored.
 */
'use strict';

const { keptExpiry, keptTags } = require('../../arguments/load-options.js');
const { ttlMsOf } = require('../../arguments/expiry.js');
const { NOTHING } = require('../../loads/loader.js');
const { ownOf } = require('../../values/own.js');
const { UNKNOWN } = require('../near/near.js');
const { pause } = require('../pause.js');
const { BLANK, notedOf } = require('../server/codec.js');
const { Marks } = require('../server/marks.js');
const { Claims } = require('./claims.js');

/** Waits of those who ask whether others have made a value: the first, and the longest. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 160;
/** Keys that are remembered whose claim somebody has waited for in vain. */
const MOST_VAIN = 1024;

/** @typedef {InstanceType<typeof import('../../loads/load.js').Load>} Load */
/** @typedef {import('../../loads/load.js').Stale} Stale */
/** @typedef {import('../../loads/loader.js').LoadScope} LoadScope */
/** @typedef {import('../../arguments/load-options.js').LoadRequest} LoadRequest */
/** @typedef {InstanceType<typeof import('../../arguments/writes.js').WriteRules>} WriteRules */

/** @implements {LoadScope} */
class FleetLoadScope {
  #backend;
  #rules;
  #isFrozen;
  #claims;
  /** What was found instead of a claim. @type {WeakMap<Load, unknown>} */
  #found = new WeakMap();
  /** Why the server has none for them: it has no room. @type {WeakMap<Load, unknown>} */
  #claimless = new WeakMap();
  /** Whose claim of a key was waited for in vain: nobody does so again. */
  /** @type {Map<string, string>} */
  #vain = new Map();

  /**
   * @param {InstanceType<typeof import('../backend.js').FleetBackend>} backend
   * @param {WriteRules} rules
   * @param {boolean} isFrozen whether values are frozen
   */
  constructor(backend, rules, isFrozen) {
    this.#backend = backend;
    this.#rules = rules;
    this.#isFrozen = isFrozen;
    this.#claims = new Claims(backend);
  }

  get isOpen() {
    return this.#backend.isOpen;
  }

  moment() {
    return 0;
  }

  /** @param {unknown} value @param {boolean} isFirst */
  own(value, isFirst) {
    return ownOf(value, isFirst, this.#isFrozen);
  }

  /** @param {Load} load */
  isOvertaken(load) {
    return this.#claims.isOvertaken(load);
  }

  isInvalidated() {
    return false;
  }

  /**
   * @param {string} string
   * @param {boolean} mayRenew
   * @param {LoadRequest} request
   */
  async find(string, mayRenew, request) {
    const known = mayRenew ? undefined : this.#backend.near?.present(string);
    if (known !== undefined) return { value: known, stale: undefined };
    let found;
    try {
      found = await this.#claims.ask(request, mayRenew);
    } catch (error) {
      const value = this.#backend.stale(string, error);
      if (value === UNKNOWN || value === undefined) throw error;
      return { value, stale: undefined };
    }
    const { seen, isStale } = found;
    this.#backend.counted(seen !== undefined);
    if (seen === undefined) return undefined;
    const { value, leftMs, bytes } = seen;
    const stale = isStale ? { value, mark: performance.now() + leftMs, bytes } : undefined;
    return { value, stale };
  }

  /** @param {Load} load */
  claim(load) {
    // The load begins with the answer of who took it, so it is still there.
    if (this.#take(load)) return true;
    if (load.stale !== undefined) return false;
    return this.#claimLater(load).then((others) => others === undefined);
  }

  /** @param {Load} load */
  async follow(load) {
    const { string } = load;
    let waitMs = FIRST_WAIT_MS;
    /** @type {string | undefined} */
    let others;
    while (load.patienceMs > 0) {
      const ms = Math.min(waitMs, load.patienceMs) * (0.5 + Math.random() / 2);
      await load.wait((sleep) => pause(ms, sleep));
      if (load.isOver) return NOTHING;
      this.#backend.check('getOrSet');
      others = await this.#claimLater(load);
      if (others === undefined || others === this.#vain.get(string)) return NOTHING;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
    if (others !== undefined) this.#rememberVain(string, others);
    return NOTHING;
  }

  /** @param {Load} load */
  made(load) {
    return this.#found.has(load) ? this.#found.get(load) : NOTHING;
  }

  /**
   * @param {Load} load
   * @param {unknown} value
   */
  prepare(load, value) {
    const { string, stale, request } = load;
    const { expiry, staleMs } = keptExpiry(request.how, value, string, this.#rules.defaultMs);
    const noted = staleMs > 0 ? notedOf({ s: staleMs }) : '';
    const names = Marks.of(string, keptTags(request.how, value, string));
    const ttlMs = ttlMsOf(expiry, this.#rules.defaultMs);
    // What is not to be stored need not be storable.
    if (ttlMs < 0) return undefined;
    const claim = this.#claims.of(load);
    const versions = names.map((name) => claim?.versions.get(name) ?? BLANK);
    const { codec } = this.#backend.entries;
    const bytes = codec.encode(value, string, { noted, names, versions });
    return () => {
      if (claim !== undefined) return this.#claims.store(string, bytes, ttlMs, claim, stale);
      // Whoever has no claim does not know what was written meanwhile.
      if (this.#claimless.has(load)) throw this.#claimless.get(load);
      return false;
    };
  }

  /**
   * @param {string} string
   * @param {Stale} stale
   */
  drop(string, { bytes, value }) {
    const how = { string, ttlMs: -1, isKept: false, fence: '' };
    const { entries } = this.#backend;
    return entries.exchange(how, bytes ?? entries.codec.encode(value, string), bytes);
  }

  /**
   * @param {string} string
   * @param {number} freshMs
   * @param {Stale} stale
   */
  refresh(string, freshMs, { bytes, value, mark }) {
    const leftMs = mark - performance.now();
    const { codec } = this.#backend.entries;
    const noted = notedOf({ s: Math.max(Math.floor(leftMs - freshMs), 0) });
    const names = bytes === undefined ? [] : codec.names(bytes, string);
    // The value was given to somebody, who may have changed it.
    const there = bytes === undefined ? value : codec.decode(bytes, string);
    const renewed = codec.encode(there, string, { noted, names });
    const how = { string, ttlMs: 0, isKept: true, fence: '' };
    return this.#backend.entries.exchange(how, renewed, bytes);
  }

  /**
   * Whose claim keeps a load from being made: nobody's, if it has that now, or the value that
   * others have made.
   *
   * @param {Load} load
   * @returns {Promise<string | undefined>}
   */
  async #claimLater(load) {
    const { seen, others, refusal } = await this.#claims.ask(load.request, false);
    if (seen === undefined) {
      if (refusal !== undefined) this.#claimless.set(load, refusal);
      return this.#take(load) ? undefined : others;
    }
    this.#found.set(load, seen.value);
    return undefined;
  }

  /** @param {Load} load */
  #take(load) {
    const isTaken = this.#claims.take(load);
    if (isTaken) this.#vain.delete(load.string);
    return isTaken;
  }

  /**
   * @param {string} string
   * @param {string} others
   */
  #rememberVain(string, others) {
    this.#vain.delete(string);
    this.#vain.set(string, others);
    const [first] = this.#vain.keys();
    if (this.#vain.size > MOST_VAIN && first !== undefined) this.#vain.delete(first);
  }
}

module.exports = { FleetLoadScope };
