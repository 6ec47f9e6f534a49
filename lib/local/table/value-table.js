/**
 * What a store keeps in JavaScript: each entry's value at its slot, and what goes with it.
 *
 * Knows slots, no keys' meaning. The native core says which slot; it never sees a value.
 * Invariant: a slot that is not a live entry's, or about to be drained, holds `undefined`.
 */
'use strict';

const { storeFull } = require('../../errors/errors.js');
const { time, wholeMs } = require('../../native/clock.js');
const native = require('../../native/loader.js');
const { startTimer, stopTimer } = require('../../native/timers.js');
const {
  FLAG_BITS,
  FREQUENCY,
  GUARDED,
  NEAR,
  NearCache,
  TAGGED,
  TIMED,
} = require('../near/near-cache.js');
const { Backlog } = require('./backlog.js');
const { EntryTags } = require('./entry-tags.js');
const { Newcomers } = require('./newcomers.js');
const { Purge } = require('./purge.js');
const { NO_TIMES, roomFor, withRoom } = require('./times.js');

/** Of a store whose time nobody tells. */
const MACHINE_CLOCK = -1;
/** Slots drained at a time: some 30 µs, which no request notices. */
const DRAIN_SLOTS = 1024;
/** Soonest time after which a drain that is not done goes on. */
const RESUME_MS = 1;
/** Time after which the slots of a sweep that is still running are looked for again. */
const RETRY_MS = 5;
/** Time between slices of a purge, which so takes a fifth of the thread at the most. */
const PURGE_MS = 4;
/** Time after which a core that had no memory to catch up is asked again. */
const FULL_MS = 100;
/** Slots up to which this thread adds entries ahead of the core: some below the core's end. */
const SLOTS_AHEAD = 2 ** 25 - 1024;
/** Slots that a purge looks at for each value that is stored meanwhile. */
const PURGE_SLOTS = 4;

/**
 * Closes, in the native core, the stores that nobody has any more. It knows their ids only: a
 * store may be among its own values.
 *
 * @type {FinalizationRegistry<number>}
 */
const abandoned = new FinalizationRegistry((id) => native.close(id));

const NOTHING_DRAINED = new Uint32Array(0);
const NO_STATES = new Uint8Array(0);

/** @typedef {import('../local-options.js').LocalOptions} StoreOptions */
/** @typedef {(string | number)[]} Departed */

/**
 * Who is told each entry that left by itself, and when the table is done with telling, between
 * calls of the store.
 *
 * @typedef {object} Watcher
 * @property {(slot: number, key: string, value: unknown, reason: number) => void} depart
 * @property {() => void} settle
 */

class ValueTable {
  near = new NearCache();
  /**
   * Slot 0 is nobody's; that it is not a number keeps numbers from being stored as such, so
   * that every store's values have the same kind.
   *
   * @type {unknown[]}
   */
  values = [undefined];
  backlog = new Backlog(this.values);
  newcomers = new Newcomers();
  /** Deadlines on the native clock, where there is one; stale for what is not timed. */
  deadlines = NO_TIMES;
  /**
   * Until when each timed entry is fresh, on the native clock, where one was made that turns stale:
   * to its deadline, or less long.
   */
  freshUntil = NO_TIMES;
  /** Keys that their string form does not give back, by slot. @type {Map<number, object>} */
  originals = new Map();
  /**
   * Of a bounded store: how often each entry was used, and whether the near cache is right about
   * it. The core reads and resets it while it places.
   */
  states = NO_STATES;
  isBounded;
  tags;
  purge = new Purge(this);
  /** Whether an entry of a namespace was ever stored. */
  hasNamespaces = false;

  #id;
  /** Slots that the native core has freed, whose values are still here: the first `#pending`. */
  #drained = NOTHING_DRAINED;
  #pending = 0;
  /** While the core is watched. @type {Watcher | undefined} */
  #watcher;
  /** Slot, reason and key in turns: what left and was not told yet. @type {Departed} */
  #departed = [];
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** Whether it goes off soon, and goes on with a purge then. */
  #isPurgeDue = false;
  /** For what must not keep a store alive that nobody has any more. */
  weak = new WeakRef(this);

  /**
   * @param {StoreOptions} options
   * @param {() => boolean} isLoading whether something is being made
   * @param {number} [toldUs] the first time of a clock that is told the time
   */
  constructor({ intervalMs, automatic, maxEntries, maxSize }, isLoading, toldUs = MACHINE_CLOCK) {
    this.tags = new EntryTags(isLoading);
    this.near.doubt(this.tags.lists);
    this.#id = native.open(intervalMs, automatic ? 1 : 0, maxEntries, maxSize, toldUs);
    this.isBounded = maxEntries > 0 || maxSize > 0;
    if (this.isBounded) this.near.guard(this.states);
    abandoned.register(this, this.#id, this);
  }

  /** The store in the native core, which has caught up with what is here; 0 once closed. */
  get id() {
    if (this.backlog.count > 0) this.#catchUp();
    return this.#id;
  }

  /** The same, whether or not the core has caught up. */
  get laggingId() {
    return this.#id;
  }

  get isOpen() {
    return this.#id !== 0;
  }

  /** Makes room for one more step of the backlog. */
  reserveStep() {
    if (this.backlog.count > 0) this.#catchUp();
    this.backlog.grow();
    // The core says where its slots end.
    if (this.values.length > SLOTS_AHEAD) this.near.forgetAll();
  }

  /** Milliseconds by the clock of the deadlines. */
  time() {
    return time();
  }

  /** The same, for a look whether an entry is live: it may be a little old. */
  moment() {
    return this.time();
  }

  /**
   * A timer of that clock.
   *
   * @param {() => void} act
   * @param {number} delayMs
   */
  startTimer(act, delayMs) {
    return startTimer(act, delayMs);
  }

  /** @param {NodeJS.Timeout | undefined} timer */
  stopTimer(timer) {
    stopTimer(timer);
  }

  /**
   * Whether the near cache is right about a key of which it has this code.
   *
   * @param {number} code
   */
  isLive(code) {
    if (!this.isOf(code)) return false;
    return (code & TIMED) === 0 || this.#deadline(code) > this.moment();
  }

  /**
   * Whether the slot of such a code still is that of the key.
   *
   * @param {number} code
   */
  isOf(code) {
    if ((code & TAGGED) !== 0 && this.tags.isGone(code >> FLAG_BITS)) return false;
    if ((code & GUARDED) === 0) return true;
    return /** @type {number} */ (this.states[code >> FLAG_BITS] & NEAR) !== 0;
  }

  /**
   * As `isLive`, and where it is, that counts as a use.
   *
   * @param {number} code
   */
  isHit(code) {
    if ((code & TIMED) !== 0 && this.#deadline(code) <= this.moment()) return false;
    if ((code & (GUARDED | TAGGED)) === 0) return true;
    const slot = code >> FLAG_BITS;
    if ((code & TAGGED) !== 0 && this.tags.isGone(slot)) return false;
    if ((code & GUARDED) === 0) return true;
    const state = /** @type {number} */ (this.states[slot]);
    if ((state & NEAR) === 0) return false;
    if ((state & FREQUENCY) !== FREQUENCY) this.states[slot] = state + 1;
    return true;
  }

  /**
   * Counts a use of an entry of a bounded store.
   *
   * @param {number} slot
   */
  use(slot) {
    const state = /** @type {number} */ (this.states[slot]);
    if ((state & FREQUENCY) !== FREQUENCY) this.states[slot] = state + 1;
  }

  /**
   * Milliseconds until the entry of a code expires, or Infinity. It was found a moment ago: where
   * its deadline has passed since, 1 is left.
   *
   * @param {number} code
   */
  leftMs(code) {
    if ((code & TIMED) === 0) return Number.POSITIVE_INFINITY;
    return Math.max(wholeMs(this.#deadline(code) - this.time()), 1);
  }

  /** Makes room for the deadline of any slot that the next entry may get. */
  reserveDeadline() {
    const needed = this.values.length + 1;
    if (needed > this.deadlines.length) this.deadlines = withRoom(this.deadlines, needed);
  }

  /** The same for when it turns stale. What is timed by then is fresh to its deadline. */
  reserveFreshness() {
    const needed = this.values.length + 1;
    const { freshUntil } = this;
    if (needed > freshUntil.length) this.freshUntil = withRoom(freshUntil, needed, Infinity);
  }

  /**
   * Whether the entry of a code, which is live, is to be renewed.
   *
   * @param {number} code
   */
  isStale(code) {
    if ((code & TIMED) === 0) return false;
    const untilMs = this.freshUntil[code >> FLAG_BITS];
    return untilMs !== undefined && untilMs < this.#deadline(code) && untilMs <= this.time();
  }

  /**
   * How long before its deadline the entry of a code turns stale; 0 for not at all.
   *
   * @param {number} code
   */
  staleMs(code) {
    if ((code & TIMED) === 0) return 0;
    const untilMs = this.freshUntil[code >> FLAG_BITS] ?? Number.POSITIVE_INFINITY;
    return Math.max(0, wholeMs(this.#deadline(code) - untilMs));
  }

  /**
   * Lets the entry of a code be fresh for so long once more, if it is stale.
   *
   * @param {number} code 0 for none
   * @param {number} freshMs
   */
  refresh(code, freshMs) {
    if (this.isStale(code)) this.freshUntil[code >> FLAG_BITS] = this.time() + freshMs;
  }

  /** Makes room for the state of any slot that the next entry may get. */
  reserveState() {
    const needed = this.values.length + 1;
    if (needed <= this.states.length) return;
    // A buffer of its own does not move.
    const grown = new Uint8Array(new ArrayBuffer(roomFor(needed)));
    grown.set(this.states);
    native.shareStates(this.id, grown);
    this.states = grown;
    this.near.guard(grown);
  }

  /** Makes room for the tags of any slot that the next entry may get. */
  reserveTags() {
    this.tags.reserve(this.values.length);
  }

  /**
   * Whatever has one of these tags is not there any more.
   *
   * @param {readonly string[]} tags
   */
  invalidate(tags) {
    this.tags.invalidate(tags);
    if (this.tags.isFull) this.purge.finish();
    if (!this.tags.isPending || this.#isPurgeDue) return;
    this.#arm(RESUME_MS);
    this.#isPurgeDue = true;
  }

  /** A value is about to be stored: some of what was invalidated goes first. */
  purgeSome() {
    this.purge.step(PURGE_SLOTS);
  }

  /**
   * Who is told from now on what expires or is evicted, if anybody.
   *
   * @param {Watcher | undefined} watcher
   */
  watch(watcher) {
    if ((watcher === undefined) === (this.#watcher === undefined)) return;
    // What left before is of the other kind.
    while (this.drain());
    this.#watcher = watcher;
    native.watch(this.id, watcher === undefined ? 0 : 1);
  }

  get isWatched() {
    return this.#watcher !== undefined;
  }

  /**
   * Drops the value at a slot.
   *
   * @param {number} slot
   */
  empty(slot) {
    this.values[slot] = undefined;
    this.forgetParts(slot);
  }

  /**
   * Drops what goes with the value at a slot.
   *
   * @param {number} slot
   */
  forgetParts(slot) {
    if (this.originals.size > 0) this.originals.delete(slot);
    if (slot < this.tags.lists.length) this.tags.lists[slot] = undefined;
  }

  /**
   * Drops the values of some entries that were unlinked; whether there may be more. A drain that
   * was cut off, for want of stack, is finished by the next.
   */
  drain() {
    if (this.#watcher !== undefined) return this.#drainDeparted();
    if (this.#drained.length === 0) this.#drained = new Uint32Array(DRAIN_SLOTS);
    if (this.#pending === 0) this.#pending = native.drain(this.id, this.#drained);
    const isFull = this.#pending === DRAIN_SLOTS;
    this.finishDrain();
    return isFull;
  }

  /** Sees to it that no slot that the native core holds for free has a value or a near key. */
  finishDrain() {
    while (this.#departed.length > 0) this.#tellDeparted();
    while (this.#pending > 0) {
      const slot = /** @type {number} */ (this.#drained[this.#pending - 1]);
      this.near.forgetSlot(slot);
      this.empty(slot);
      this.#pending -= 1;
    }
  }

  /** Drains at once what is little, and the rest bit by bit. */
  drainSoon() {
    if (this.drain()) this.#arm(RESUME_MS);
  }

  /** Sees to it that what the next sweep unlinks is drained, if a sweep is to come. */
  followSweep() {
    if (this.#timer !== undefined) return;
    const nextMs = native.nextSweepMs(this.id);
    if (nextMs >= 0) this.#armForSweep(nextMs);
  }

  /**
   * Has the native core sweep from now on; whether this call started it.
   *
   * @param {number} intervalMs 0 for that of before
   */
  startSweeping(intervalMs) {
    if (!native.startSweeping(this.id, intervalMs)) return false;
    // The sweep was scheduled anew: what was planned for the former one is void.
    this.#disarm();
    this.#onTimer();
    return true;
  }

  clear() {
    this.near.forgetAll();
    this.backlog.clear(this.#id);
    // No call before the table is in step: see `place` of the entries.
    this.values.length = 1;
    this.#pending = 0;
    this.#departed = [];
    this.originals.clear();
    this.tags.clear();
    this.deadlines = NO_TIMES;
    this.freshUntil = NO_TIMES;
    this.states.fill(0);
    this.near.begin();
  }

  /** Drops everything; closing twice does nothing. */
  close() {
    if (!this.isOpen) return;
    const id = this.#id;
    abandoned.unregister(this);
    this.clear();
    // Who asks for a key has to hear that the store is closed.
    this.near.forgetAll();
    this.#disarm();
    this.#id = 0;
    native.close(id);
  }

  #catchUp() {
    if (!this.#hasCaughtUp()) throw storeFull();
  }

  #hasCaughtUp() {
    // The core gives free slots for it.
    this.finishDrain();
    return this.backlog.tell(this.#id);
  }

  /** @param {number} code */
  #deadline(code) {
    return /** @type {number} */ (this.deadlines[code >> FLAG_BITS]);
  }

  #drainDeparted() {
    if (this.#departed.length === 0) this.#departed = native.drainDeparted(this.id, DRAIN_SLOTS);
    const isFull = this.#departed.length === DRAIN_SLOTS * 3;
    this.finishDrain();
    return isFull;
  }

  /** Tells of the last of the departed, and lets go of it. */
  #tellDeparted() {
    const [slot, reason, key] = /** @type {[number, number, string]} */ (this.#departed.slice(-3));
    this.near.forgetSlot(slot);
    this.forgetParts(slot);
    if (reason !== 0) this.#watcher?.depart(slot, key, this.values[slot], reason);
    // No call from here: it is told once, and let go of.
    this.values[slot] = undefined;
    this.#departed.length -= 3;
  }

  /** @param {number} nextMs until the sweep, 0 while it runs */
  #armForSweep(nextMs) {
    this.#arm(nextMs === 0 ? RETRY_MS : nextMs + RESUME_MS);
  }

  /** @param {number} delayMs */
  #arm(delayMs) {
    this.#disarm();
    const { weak } = this;
    this.#timer = startTimer(() => {
      const table = weak.deref();
      if (table !== undefined) table.#onTimer();
    }, delayMs);
  }

  #disarm() {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }

  #onTimer() {
    this.#timer = undefined;
    this.#isPurgeDue = false;
    if (!this.isOpen) return;
    // Nobody is there to be told that there is no memory: later there may be.
    if (this.backlog.count > 0 && !this.#hasCaughtUp()) return this.#arm(FULL_MS);
    // First of all: it releases what is then drained.
    this.#isPurgeDue = this.purge.slice();
    // Asked first: a sweep that ends between the two is drained by this very call.
    const nextMs = native.nextSweepMs(this.id);
    if (this.drain()) this.#arm(RESUME_MS);
    else if (this.#isPurgeDue) this.#arm(PURGE_MS);
    else if (nextMs >= 0) this.#armForSweep(nextMs);
    this.#watcher?.settle();
  }
}

module.exports = { ValueTable };
