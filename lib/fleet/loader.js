/**
 * What loads of a fleet store do their own way: the claim of a key lies at the server, and is taken
 * in the same step that finds nothing there.
 *
 * A claim is a lease: it is renewed while the value is made, and ends by itself when its process
 * dies. Invariant: what was made is stored only while its claim stands, which every write to the
 * key drops.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const { keptExpiry } = require('../arguments/load-options.js');
const { ttlMsOf } = require('../arguments/expiry.js');
const { NOTHING } = require('../loads/loader.js');
const { startTimer, stopTimer } = require('../native/timers.js');
const { UNKNOWN } = require('./near/near.js');
const { pause } = require('./pause.js');
const scripts = require('./server/scripts.js');

const LEASE_MS = 3000;
const RENEWAL_MS = 1000;
/** Waits of those who ask whether others have made a value: the first, and the longest. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 160;
/** What `FIND` says of the claim. */
const MINE = 1;
const OTHERS = 2;

/** @typedef {InstanceType<typeof import('../loads/load.js').Load>} Load */
/** @typedef {import('../loads/load.js').Stale} Stale */
/** @typedef {import('../loads/loader.js').LoadScope} LoadScope */
/** @typedef {InstanceType<typeof import('../arguments/writes.js').WriteRules>} WriteRules */

/**
 * A claim of this process.
 *
 * @typedef {object} Claim
 * @property {string} token
 * @property {number} takenMs
 * @property {boolean} isOver whether nothing is left to end
 * @property {NodeJS.Timeout | undefined} timer
 */

/** @implements {LoadScope} */
class FleetLoadScope {
  #backend;
  #rules;
  /** Taken by those who found nothing, for the load that they begin. @type {Map<string, Claim>} */
  #taken = new Map();
  /** @type {WeakMap<Load, Claim>} */
  #claims = new WeakMap();
  /** What was found instead of a claim. @type {WeakMap<Load, unknown>} */
  #found = new WeakMap();

  /**
   * @param {InstanceType<typeof import('./backend.js').FleetBackend>} backend
   * @param {WriteRules} rules
   */
  constructor(backend, rules) {
    this.#backend = backend;
    this.#rules = rules;
  }

  get isOpen() {
    return this.#backend.isOpen;
  }

  moment() {
    return 0;
  }

  /**
   * A write to the key has dropped the claim of the load, or whoever asks had not got one.
   *
   * @param {Load} load
   */
  isOvertaken({ string }) {
    return this.#taken.has(string);
  }

  isInvalidated() {
    return false;
  }

  /**
   * @param {string} string
   * @param {boolean} mayRenew
   */
  async find(string, mayRenew) {
    const known = mayRenew ? UNKNOWN : this.#backend.near?.get(string);
    if (known !== undefined && known !== UNKNOWN) return { value: known, stale: undefined };
    const { seen, isStale } = await this.#ask(string, mayRenew);
    if (seen === undefined) return undefined;
    const { value, leftMs, bytes } = seen;
    const stale = isStale ? { value, mark: performance.now() + leftMs, bytes } : undefined;
    return { value, stale };
  }

  /** @param {Load} load */
  claim(load) {
    // The load begins with the answer of who took it, so it is still there.
    if (this.#take(load)) return true;
    return load.stale === undefined ? this.#claimLater(load) : false;
  }

  /** @param {Load} load */
  async follow(load) {
    let waitMs = FIRST_WAIT_MS;
    while (load.patienceMs > 0) {
      const ms = Math.min(waitMs, load.patienceMs) * (0.5 + Math.random() / 2);
      await load.wait((sleep) => pause(ms, sleep));
      if (load.isOver) return NOTHING;
      this.#backend.check('getOrSet');
      if (await this.#claimLater(load)) return NOTHING;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
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
    const notes = staleMs > 0 ? { s: staleMs } : undefined;
    const bytes = this.#backend.entries.codec.encode(value, string, notes);
    const ttlMs = ttlMsOf(expiry, this.#rules.defaultMs);
    const claim = this.#claims.get(load);
    if (ttlMs < 0) return undefined;
    return () => {
      // Whoever has no claim does not know what was written meanwhile.
      return claim && this.#store(string, bytes, ttlMs, claim, stale);
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
    const notes = { s: Math.max(Math.floor(leftMs - freshMs), 0) };
    const renewed = this.#backend.entries.codec.encode(value, string, notes);
    const how = { string, ttlMs: 0, isKept: true, fence: '' };
    return this.#backend.entries.exchange(how, renewed, bytes);
  }

  /**
   * Whether a load has the claim of its key, or the value that others have made.
   *
   * @param {Load} load
   */
  async #claimLater(load) {
    const { seen } = await this.#ask(load.string, false);
    if (seen !== undefined) {
      this.#found.set(load, seen.value);
      return true;
    }
    return this.#take(load);
  }

  /**
   * The entry of a key; where there is none to be given, its claim is taken.
   *
   * @param {string} string
   * @param {boolean} mayRenew
   */
  async #ask(string, mayRenew) {
    const { entries } = this.#backend;
    const token = randomUUID();
    const askedMs = performance.now();
    const note = this.#backend.near?.note(string);
    const given = [token, String(LEASE_MS), mayRenew ? '1' : '0'];
    const [bytes, left, claimed] = await entries.run(scripts.FIND, string, given);
    if (claimed === MINE) {
      this.#taken.set(string, { token, takenMs: askedMs, isOver: false, timer: undefined });
    }
    this.#backend.check('getOrSet');
    const seen = bytes === null ? undefined : entries.seen(string, bytes, left);
    if (note !== undefined) this.#backend.near?.keep(string, note, seen);
    return { seen, isStale: seen !== undefined && (claimed === MINE || claimed === OTHERS) };
  }

  /**
   * Whether a claim was taken that a load may have.
   *
   * @param {Load} load
   */
  #take(load) {
    const { string } = load;
    const claim = this.#taken.get(string);
    if (claim === undefined) return false;
    this.#taken.delete(string);
    if (performance.now() - claim.takenMs > RENEWAL_MS) return false;
    this.#claims.set(load, claim);
    this.#renew(string, claim);
    load.claimed(() => this.#end(string, claim));
    return true;
  }

  /**
   * @param {string} string
   * @param {Claim} claim
   */
  #renew(string, claim) {
    claim.timer = startTimer(() => {
      if (claim.isOver || !this.isOpen) return;
      const renewed = this.#backend.entries.run(scripts.CLAIM, string, [
        claim.token,
        String(LEASE_MS),
      ]);
      // A claim that is lost is found out when the value is stored.
      const again = () => this.#renew(string, claim);
      renewed.then(again, again);
    }, RENEWAL_MS);
  }

  /**
   * @param {string} string
   * @param {Buffer} bytes
   * @param {number} ttlMs
   * @param {Claim} claim
   * @param {Stale | undefined} stale
   */
  async #store(string, bytes, ttlMs, claim, stale) {
    claim.isOver = true;
    const renewed = stale === undefined ? ['0', ''] : ['1', stale.bytes ?? ''];
    const given = [bytes, String(ttlMs), claim.token, ...renewed];
    this.#backend.noted((await this.#backend.entries.run(scripts.STORE, string, given)) === 1);
  }

  /**
   * @param {string} string
   * @param {Claim} claim
   */
  #end(string, claim) {
    stopTimer(claim.timer);
    if (claim.isOver || !this.isOpen) return;
    claim.isOver = true;
    // If that fails, the lease ends by itself.
    this.#backend.entries.run(scripts.CLAIM, string, [claim.token, '0']).catch(() => {});
  }
}

module.exports = { FleetLoadScope };
