/**
 * The release of what was invalidated, slot by slot: its memory comes back, and rows can go.
 *
 * Knows the table of a store. What it releases leaves as what expires does: the native core holds
 * the slot until it is drained. Invariant: a walk is over only when each slot that it met with an
 * invalidated entry was released, and the near cache had forgotten its key by then: when nothing is
 * left to release, it believes what it knows of keys with tags.
 */
'use strict';

const { time } = require('../../native/clock.js');
const native = require('../../native/loader.js');

/** Slots that are looked at together. */
const STEP_SLOTS = 512;
/** How long a slice takes, about: no request notices. */
const SLICE_MS = 1;
/** Slots of a store for each millisecond that who wants to know what is left spends on them. */
const SLOTS_A_MS = 20_000;
/** The lowest slot that is an entry's. */
const FIRST = 1;

/** @typedef {InstanceType<typeof import('./value-table.js').ValueTable>} ValueTable */

class Purge {
  /** @type {ValueTable} */
  #table;
  #next = FIRST;
  /** The moment at which the walk began. */
  #asOf = 0;
  #gone = new Uint32Array(0);

  /** @param {ValueTable} table */
  constructor(table) {
    this.#table = table;
  }

  /**
   * Goes on with the walk, or begins one; whether there is more to do.
   *
   * @param {number} count of slots to look at
   */
  step(count) {
    const { tags } = this.#table;
    if (!tags.isPending) return false;
    if (this.#next === FIRST) this.#asOf = tags.moment;
    const end = Math.min(this.#next + count, tags.lists.length);
    this.#release(this.#next, end);
    this.#next = end;
    if (end < tags.lists.length) return true;
    this.#next = FIRST;
    tags.purged(this.#asOf);
    return tags.isPending;
  }

  /** The same for a millisecond. */
  slice() {
    return this.#run(SLICE_MS);
  }

  /**
   * Releases some of what is invalidated by now, if not all: the slots of the rest, a bit for each.
   * To look at all takes a fraction of what their release takes; and some of that is done each
   * time, so that to ask again and again costs no more than twice of it.
   */
  left() {
    const { tags } = this.#table;
    if (tags.isPending) this.#run(tags.lists.length / SLOTS_A_MS);
    return tags.gone();
  }

  /** Releases all that is invalidated by now. */
  finish() {
    const { tags } = this.#table;
    const { moment } = tags;
    // Whoever tells the time may invalidate more meanwhile.
    while (!tags.isPurgedTo(moment)) this.step(STEP_SLOTS);
  }

  /** @param {number} ms */
  #run(ms) {
    const untilMs = time() + ms;
    while (this.step(STEP_SLOTS)) {
      if (time() >= untilMs) return true;
    }
    return false;
  }

  /**
   * Releases the entry at a slot, which was invalidated.
   *
   * @param {number} slot
   */
  release(slot) {
    this.#reserve(1);
    this.#gone[0] = slot;
    this.#table.near.forgetSlot(slot);
    this.#drain(1);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #release(from, to) {
    const { tags, near } = this.#table;
    this.#reserve(to - from);
    let count = 0;
    for (let slot = from; slot < to; slot += 1) {
      if (!tags.isGone(slot)) continue;
      this.#gone[count] = slot;
      near.forgetSlot(slot);
      count += 1;
    }
    if (count > 0) this.#drain(count);
  }

  /** @param {number} count */
  #reserve(count) {
    if (this.#gone.length < count) this.#gone = new Uint32Array(Math.max(count, STEP_SLOTS));
  }

  /** @param {number} count */
  #drain(count) {
    native.releaseSlots(this.#table.id, this.#gone, count);
    // What was released last is drained first.
    this.#table.drainSoon();
  }
}

module.exports = { Purge };
