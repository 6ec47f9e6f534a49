/**
 * A shared store as this thread has it open: one handle a place, however many objects use it.
 *
 * Knows no value. A lock belongs to a handle, so two objects of one thread never wait for each
 * other's. Invariant: the native store is open as long as one object has the handle, and whoever
 * opens a place gets the store that is there now, not one that was destroyed.
 */
'use strict';

const { Loads } = require('../../loads/loads.js');
const { Claim, Register, WhenFull } = require('../../native/contract.js');
const failures = require('../../native/failures.js');
const native = require('../../native/loader.js');
const { startTimer, stopTimer } = require('../../native/timers.js');
const { Codec } = require('../../values/codec.js');
const { NearCopies } = require('../near/near-copies.js');
const { defaultRoom } = require('./default-room.js');
const { Efforts } = require('./efforts.js');
const { NameWatch } = require('./name-watch.js');
const { openingFailure } = require('./opening-failure.js');

/** What is not wanted by an opener. */
const ANY = -1;
/**
 * So soon others know of reads that copies of this thread answered, of its loads and its waits for
 * locks, and this thread of what others did to the name.
 */
const ROUND_MS = 1000;
/** Of them, how many are told with one call. */
const MOST_HITS = 2 ** 30;

/**
 * A store's name, and its file, if processes share it, of one user or of a group.
 *
 * @typedef {object} Place
 * @property {string} name
 * @property {string | undefined} file
 * @property {'user' | 'group'} [access]
 */

/**
 * @typedef {object} Wanted
 * @property {number | undefined} [maxBytes]
 * @property {number | undefined} [maxEntries]
 * @property {'error' | 'evict' | undefined} [whenFull]
 * @property {number | undefined} [firstBytes] the limit of a store that is built; one that is
 *   there has its own
 * @property {number | undefined} [reserveBytes] how far the limit of a store that is built may go
 */

/** The claim of a key. @typedef {{ count: number }} Held by how many loads of this thread */

/** Each by its name: what stands on `Object.prototype` nobody wants. @type {Wanted} */
const ANYTHING = Object.freeze({
  maxBytes: undefined,
  maxEntries: undefined,
  whenFull: undefined,
  firstBytes: undefined,
  reserveBytes: undefined,
});

/** By the places that they had when they were opened. @type {Map<string, Handle>} */
const handles = new Map();

class Handle {
  /** The store in the native core; 0 once closed. */
  id;
  name;
  place;
  codec;
  /** What is being made for keys of this store, by whichever object. */
  loads = new Loads(() => this.#goRound());
  /** Tasks of this thread that had to wait for a lock of others, and how long together. */
  waits = { lockWaits: 0, lockWaitMs: 0 };
  /** Copies of entries that were read: of primitives, and of frozen values, too. */
  copies;
  frozenCopies;
  /** Writes of this thread so far, and to which key the last was: none for many. */
  writes = 0;
  /** @type {string | undefined} */
  written;
  /** The claim of each key. @type {Map<string, Held>} */
  #claims = new Map();
  #words;
  #users = 0;
  #lastMaxBytes = 0;
  #efforts = new Efforts();
  /** Who wants to know when somebody has destroyed it. */
  #nameWatch = new NameWatch(() => this.isNamed());
  /** While there are copies or loads, or the name is watched. @type {NodeJS.Timeout | undefined} */
  #rounds;

  /**
   * @param {Place} place
   * @param {number} id
   */
  constructor(place, id) {
    this.name = place.name;
    this.place = place;
    this.id = id;
    this.codec = new Codec(this);
    this.#words = native.versionWords(id);
    const begin = () => this.#goRound();
    this.copies = new NearCopies(this.#words, begin);
    this.frozenCopies = new NearCopies(this.#words, begin);
  }

  /** Reads of this thread that copies answered. */
  get nearHits() {
    return this.copies.hits + this.frozenCopies.hits;
  }

  /**
   * This thread writes to a key, or to many.
   *
   * @param {string} [string]
   */
  noteWrite(string) {
    this.writes += 1;
    this.written = string;
  }

  /**
   * Whether this thread has written to a key since it had written so much, as far as is known: of
   * several writes, the last counts.
   *
   * @param {string} string
   * @param {number} since
   */
  hasWritten(string, since) {
    return this.writes !== since && (this.written === undefined || this.written === string);
  }

  /** A task has to wait for a lock. */
  beginWait() {
    this.waits.lockWaits += 1;
    this.#goRound();
  }

  /** @param {number} waitedMs more, of a task that waits for a lock */
  countWait(waitedMs) {
    this.waits.lockWaitMs += waitedMs;
    this.#goRound();
  }

  /** Lets the store know of all reads that copies answered, of loads, and of waits for locks. */
  tellCounts() {
    this.#tellHits();
    this.#efforts.tell(this.id, { ...this.loads.figures, ...this.waits });
  }

  #tellHits() {
    const hits = this.copies.untoldHits() + this.frozenCopies.untoldHits();
    for (let left = hits; left > 0; left -= MOST_HITS) {
      native.countHits(this.id, Math.min(left, MOST_HITS));
    }
  }

  /**
   * Calls `tell` once the store has lost its name.
   *
   * @param {() => void} tell
   */
  watchName(tell) {
    this.#nameWatch.add(tell);
    this.#goRound();
  }

  /** @param {() => void} tell */
  unwatchName(tell) {
    this.#nameWatch.remove(tell);
  }

  #goRound() {
    this.#rounds ??= startTimer(() => {
      this.#rounds = undefined;
      if (this.id === 0) return;
      this.tellCounts();
      if (!this.#isIdle()) this.#goRound();
      this.#nameWatch.look();
    }, ROUND_MS);
  }

  #isIdle() {
    const kept = this.copies.size + this.frozenCopies.size + this.loads.size;
    return kept === 0 && this.#nameWatch.isIdle;
  }

  /**
   * Claims a key, for a load: what is held by then, which the load has to end; or what keeps it
   * from being held.
   *
   * @param {string} key
   * @returns {Held | number}
   */
  claim(key) {
    const claim = native.claimLoad(this.id, key);
    if (!isMine(claim)) return claim;
    // Else what was held before has ended, or was overtaken.
    const known = claim === Claim.OWN ? this.#claims.get(key) : undefined;
    const held = known ?? { count: 0 };
    held.count += 1;
    this.#claims.set(key, held);
    return held;
  }

  /**
   * @param {string} key
   * @param {Held} held
   */
  endClaim(key, held) {
    held.count -= 1;
    if (held.count > 0 || !this.holds(key, held)) return;
    this.#claims.delete(key);
    if (this.id !== 0) native.endLoad(this.id, key);
  }

  /**
   * Whether no other claim of the key came after this one.
   *
   * @param {string} key
   * @param {Held} held
   */
  holds(key, held) {
    return this.#claims.get(key) === held;
  }

  /**
   * The same, and nobody has removed the key since.
   *
   * @param {string} key
   * @param {Held} held
   */
  leads(key, held) {
    return this.holds(key, held) && native.leadsLoad(this.id, key) !== 0;
  }

  /** What others make of keys at this moment is not stored: of which keys it is, nobody knows. */
  overtakeLoads() {
    const overtaken = native.overtakeLoads(this.id);
    if (overtaken < 0) throw failures.sharedFailure(overtaken, this.name);
  }

  use() {
    this.#users += 1;
    return this;
  }

  /** The limit of the store; once it is closed, the last one. */
  get maxBytes() {
    if (this.id === 0) return this.#lastMaxBytes;
    const [bytes, , most] = native.limits(this.id);
    return Math.min(bytes, most);
  }

  /** How far the limit of the store may be raised. */
  get mostBytes() {
    const [, , most] = native.limits(this.id);
    return most;
  }

  /**
   * Changes the limit of the store, for everybody.
   *
   * @param {number} bytes
   */
  setMaxBytes(bytes) {
    // The parts of a store that may grow far are larger than a low limit.
    const [, least] = native.limits(this.id);
    const set = native.setMaxBytes(this.id, Math.max(bytes, least));
    if (set < 0) throw openingFailure(set, this.place);
  }

  /** Removes every entry, if nobody else has the store open: no other object, thread or process. */
  clearIfAlone() {
    if (this.#users > 1) return;
    const cleared = native.clearIfAlone(this.id);
    if (cleared < 0) throw openingFailure(cleared, this.place);
  }

  /** Whether somebody has ever made a namespace of the store. */
  get hasNamespaces() {
    return native.hasNamespaces(this.id) !== 0;
  }

  /** Lets all who share the store know that it has namespaces. */
  noteNamespaces() {
    native.noteNamespaces(this.id);
  }

  /** Whether whoever opens the place gets this store: nobody has destroyed it. */
  isNamed() {
    const named = native.isNamed(this.id);
    if (named < 0) throw openingFailure(named, this.place);
    return named === 1;
  }

  /** Nobody finds the store at its place any more. Who has it open goes on. */
  removeName() {
    const removed = native.removeName(this.id);
    if (removed < 0) throw openingFailure(removed, this.place);
    this.#forget();
  }

  /** Tells those who want to know that the name is lost, if it is: others of this thread, too. */
  lookForName() {
    if (this.id !== 0) this.#nameWatch.look();
  }

  /** One object less; with the last the native store is closed. */
  release() {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#forget();
    this.tellCounts();
    stopTimer(this.#rounds);
    this.#rounds = undefined;
    const { id, maxBytes } = this;
    this.#lastMaxBytes = maxBytes;
    this.id = 0;
    // What is being made can be stored no more; who waits for it still gets it.
    this.loads.close();
    this.copies.forgetAll();
    this.frozenCopies.forgetAll();
    // Its words keep the store: without them, it goes at once.
    native.closeShared(id, this.#words?.buffer);
    this.#words = undefined;
  }

  /** The place may have another store by now. */
  #forget() {
    const key = keyOf(this.place);
    if (handles.get(key) === this) handles.delete(key);
  }
}

/**
 * The handle of a store, opened if it is not.
 *
 * @param {Place} place
 * @param {Wanted} asked
 */
function openHandle(place, asked) {
  const wanted = { ...ANYTHING, ...asked };
  const key = keyOf(place);
  const known = handles.get(key);
  if (known?.isNamed()) {
    const met = meets(known, wanted);
    if (met < 0) throw openingFailure(met, place, wanted);
    return known.use();
  }
  const id = open(place, wanted);
  if (id < 0) throw openingFailure(id, place, wanted);
  const handle = new Handle(place, id);
  handles.set(key, handle);
  return handle.use();
}

/** @param {Place} place */
function keyOf({ name, file, access = 'user' }) {
  return file === undefined ? `name ${name}` : `file of ${access} ${file}`;
}

/**
 * @param {Handle} handle
 * @param {Wanted} wanted
 */
function meets({ id }, { maxBytes = ANY, maxEntries = ANY, whenFull }) {
  return native.meetsShared(id, maxBytes, maxEntries, ruleOf(whenFull));
}

/**
 * The store in the native core, or below 0.
 *
 * @param {Place} place
 * @param {Wanted} wanted
 */
function open({ name, file, access }, { maxBytes = ANY, maxEntries = ANY, whenFull, ...first }) {
  const rule = ruleOf(whenFull);
  const { firstBytes = defaultRoom(file), reserveBytes = 0 } = first;
  native.registers[Register.FIRST_BYTES] = firstBytes;
  if (file === undefined) return native.openShared(name, maxBytes, maxEntries, rule);
  native.registers[Register.RESERVE_BYTES] = reserveBytes;
  native.registers[Register.IS_GROUP] = access === 'group' ? 1 : 0;
  return native.openFile(file, name, maxBytes, maxEntries, rule);
}

/** @param {'error' | 'evict' | undefined} whenFull */
function ruleOf(whenFull) {
  if (whenFull === undefined) return WhenFull.ANY;
  return whenFull === 'evict' ? WhenFull.EVICT : WhenFull.REFUSE;
}

/** @param {number} claim */
function isMine(claim) {
  return claim === Claim.WON || claim === Claim.OWN;
}

module.exports = { Handle, isMine, openHandle };
