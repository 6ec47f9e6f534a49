/**
 * What loads of a shared store do their own way: a key is claimed in the store while its value is
 * made, so that one thread of all makes it.
 *
 * A claim of a thread that has ended is free. Whoever does not have it waits until it is free, the
 * value is there, or his patience has ended; then he makes the value without it. Invariant: a claim
 * ends with its load, an entry that others have written since is never replaced, and what is made
 * under a claim is never there after its key was removed.
 */
'use strict';

const { keptExpiry, keptTags } = require('../arguments/load-options.js');
const { ttlMsOf } = require('../arguments/expiry.js');
const { storeClosed } = require('../errors/errors.js');
const { NOTHING: NOT_MADE } = require('../loads/loader.js');
const { keyOf } = require('../keys/keyspace.js');
const { time } = require('../native/clock.js');
const { Claim, Condition, Refusal } = require('../native/contract.js');
const { sharedFailure } = require('../native/failures.js');
const { ownOf } = require('../values/own.js');
const { NOTHING } = require('./near/looks.js');
const { loadReleased, onLoadReleased } = require('./waiting/released.js');

/** Attempts to replace an entry while others write keys of its stripe: a renewal may fail. */
const RENEWALS = 16;
/** Keys whose claims others have had for long that are remembered, of each kind. */
const MOST_OVERDUE = 1024;

/** @typedef {InstanceType<typeof import('./entries.js').SharedEntries>} SharedEntries */
/** @typedef {InstanceType<typeof import('../loads/load.js').Load>} Load */
/** @typedef {import('../loads/load.js').Stale} Stale */
/** @typedef {import('../loads/loader.js').LoadScope} LoadScope */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */

/** @implements {LoadScope} */
class SharedLoadScope {
  #entries;
  #rules;
  #isFrozen;
  /**
   * Since when others have had the claim of a key that waits to be renewed, by the mark of its
   * entry.
   *
   * @type {Map<string, { mark: number, sinceMs: number }>}
   */
  #renewals = new Map();
  /**
   * Keys whose claim somebody has waited for in vain, until it ends; each with what makes that
   * nobody's affair.
   *
   * @type {Map<string, () => void>}
   */
  #vain = new Map();
  /** What loads hold of their keys. */
  /** @type {WeakMap<Load, import('./opening/handle.js').Held>} */
  #held = new WeakMap();

  /**
   * @param {SharedEntries} entries
   * @param {WriteRules} rules
   * @param {boolean} isFrozen whether values are frozen
   */
  constructor(entries, rules, isFrozen) {
    this.#entries = entries;
    this.#rules = rules;
    this.#isFrozen = isFrozen;
  }

  get isOpen() {
    return this.#entries.handle.id !== 0;
  }

  moment() {
    return this.#open().tags.moment();
  }

  /**
   * @param {readonly string[]} tags
   * @param {number} asOf
   */
  isInvalidated(tags, asOf) {
    return this.#open().tags.areInvalidated(tags, asOf);
  }

  /**
   * @param {string} string
   * @param {boolean} mayRenew
   */
  find(string, mayRenew) {
    const value = this.#entries.get(string);
    if (value === NOTHING) return undefined;
    const known = mayRenew ? this.#entries.staleness(string) : undefined;
    return { value, stale: known?.isStale ? { value, mark: known.mark } : undefined };
  }

  /**
   * The key of a load was removed by whom this thread has not heard of.
   *
   * @param {Load} load
   */
  isOvertaken(load) {
    const { handle } = this.#open();
    const held = this.#held.get(load);
    return held !== undefined && !handle.leads(load.string, held);
  }

  /** @param {unknown} value @param {boolean} isFirst */
  own(value, isFirst) {
    return ownOf(value, isFirst, this.#isFrozen);
  }

  /** @param {Load} load */
  claim(load) {
    const { string } = load;
    const { handle } = this.#open();
    const held = handle.claim(string);
    if (held === Claim.OTHERS) return this.#isOverdue(load);
    if (typeof held === 'object') {
      this.#held.set(load, held);
      load.claimed(() => handle.endClaim(string, held));
    } else if (held < 0 && held !== Refusal.BUSY) {
      // A claim that is not to be had for another reason keeps nobody from making a value.
      throw sharedFailure(held, keyOf(string));
    }
    this.#renewals.delete(string);
    this.#forgetVain(string);
    return true;
  }

  /** @param {Load} load */
  async follow(load) {
    const { string } = load;
    for (;;) {
      const leftMs = load.patienceMs;
      if (leftMs <= 0) {
        this.#rememberVain(string);
        return NOT_MADE;
      }
      const { handle } = this.#open();
      await load.wait((sleep) => loadReleased(handle, string, leftMs, sleep));
      if (load.isOver) return NOT_MADE;
      // Before it claims: what was made for it needs no claim.
      const value = this.#open().view(string);
      if (value !== NOTHING) return value;
      if (this.claim(load)) return NOT_MADE;
    }
  }

  /** @param {Load} load */
  made({ string, stale }) {
    if (stale !== undefined && this.#isThere(string, stale)) return NOT_MADE;
    // It was asked for, and that was counted, before.
    const made = this.#entries.view(string);
    return made === NOTHING ? NOT_MADE : made;
  }

  /**
   * @param {Load} load
   * @param {unknown} value
   */
  prepare(load, value) {
    const { string, stale, asOf, request } = load;
    const { how } = request;
    const { expiry, staleMs } = keptExpiry(how, value, string, this.#rules.defaultMs);
    const tags = keptTags(how, value, string);
    const ttlMs = ttlMsOf(expiry, this.#rules.defaultMs);
    // What is not to be stored need not be storable.
    if (ttlMs < 0) return undefined;
    const { handle } = this.#entries;
    const encoded = handle.codec.encode(value, string);
    const write = { string, ttlMs, isKept: false, staleMs, tags, asOf };
    const held = this.#held.get(load);
    // Who makes it without the claim is told of no removal.
    const absent = held === undefined ? Condition.ABSENT : Condition.LED;
    return () => {
      // Another load of this thread came after it, whose claim it is now.
      if (held !== undefined && !handle.holds(string, held)) return false;
      if (stale === undefined) return this.#entries.write(write, encoded, absent);
      return this.#renew(write, encoded, stale, absent);
    };
  }

  /**
   * @param {string} string
   * @param {Stale} stale
   */
  drop(string, stale) {
    this.#exchange(string, stale, (known) => {
      return known === undefined || this.#entries.removeVersion(string, known.version) || undefined;
    });
  }

  /**
   * @param {string} string
   * @param {number} freshMs
   */
  refresh(string, freshMs) {
    this.#entries.refresh(string, freshMs);
  }

  /**
   * Replaces an entry that still is the one that was to be renewed, or has expired meanwhile;
   * whether it did.
   *
   * @param {import('./entries.js').How} write
   * @param {import('../values/codec.js').Encoded} encoded
   * @param {Stale} stale
   * @param {number} absent when it is written where there is none
   */
  #renew(write, encoded, stale, absent) {
    return this.#exchange(write.string, stale, (known) => {
      // If that is refused, others have written one, or removed the key.
      if (known === undefined) return this.#entries.write(write, encoded, absent);
      const { version } = known;
      return this.#entries.write(write, encoded, Condition.SAME_VERSION, version) || undefined;
    });
  }

  /**
   * Does something with an entry that is to be renewed, or with none where it has expired; nothing
   * where others have written another. Whether it was done.
   *
   * @param {string} string
   * @param {Stale} stale
   * @param {(known: { version: number } | undefined) => boolean | undefined} act gives nothing
   *   where others were faster, who may have written to another key
   */
  #exchange(string, stale, act) {
    for (let attempt = 0; attempt < RENEWALS; attempt += 1) {
      const known = this.#entries.staleness(string);
      if (known !== undefined && !this.#isSame(string, known.mark, stale)) return false;
      const isDone = act(known);
      if (isDone !== undefined) return isDone;
    }
    return false;
  }

  /**
   * Whether there is an entry that is to be renewed.
   *
   * @param {string} string
   * @param {Stale} stale
   */
  #isThere(string, stale) {
    const known = this.#entries.staleness(string);
    return known !== undefined && this.#isSame(string, known.mark, stale);
  }

  /**
   * Whether nobody has written an entry since: each write gives it another mark, but for one that
   * adds to a number. One that was moved looks as if: its next reader has it renewed.
   *
   * @param {string} string
   * @param {number} mark that it has now
   * @param {Stale} stale
   */
  #isSame(string, mark, stale) {
    if (mark !== stale.mark) return false;
    return typeof stale.value !== 'number' || Object.is(this.#entries.get(string), stale.value);
  }

  /**
   * Whether a load goes on without the claim of its key, which others have had for longer than it
   * waits: they hang, or were stopped.
   *
   * @param {Load} load
   */
  #isOverdue({ string, stale, request }) {
    if (stale === undefined) return this.#vain.has(string);
    const { mark } = stale;
    const known = this.#renewals.get(string);
    if (known?.mark === mark) return time() - known.sinceMs >= request.how.factoryTimeoutMs;
    this.#renewals.delete(string);
    this.#renewals.set(string, { mark, sinceMs: time() });
    if (this.#renewals.size > MOST_OVERDUE) this.#renewals.delete(firstOf(this.#renewals));
    return false;
  }

  /**
   * Nobody waits for the claim of a key again until it has ended: the next one is another's, or of
   * somebody who hangs no more.
   *
   * @param {string} string
   */
  #rememberVain(string) {
    this.#forgetVain(string);
    const { handle } = this.#entries;
    const forget = onLoadReleased(handle, string, () => this.#vain.delete(string));
    if (forget === undefined) return;
    this.#vain.set(string, forget);
    if (this.#vain.size > MOST_OVERDUE) this.#forgetVain(firstOf(this.#vain));
  }

  /** @param {string} string */
  #forgetVain(string) {
    this.#vain.get(string)?.();
    this.#vain.delete(string);
  }

  /** The entries, while the store is open. */
  #open() {
    if (!this.isOpen) throw storeClosed('getOrSet');
    return this.#entries;
  }
}

/**
 * The key that has been there for longest.
 *
 * @param {Map<string, unknown>} map that is not empty
 */
function firstOf(map) {
  const [first] = map.keys();
  return /** @type {string} */ (first);
}

module.exports = { SharedLoadScope };
