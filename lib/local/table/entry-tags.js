/**
 * The tags of the entries of a store of one thread, and which of them were invalidated when.
 *
 * Knows slots, no keys. A moment is how many tags were invalidated until then. Invariant: an entry
 * of a tag that was invalidated after the moment of its slot is not there; so the row of that goes
 * only once a purge has looked at every slot since, and what is made from an older moment than the
 * rows that went counts as invalidated.
 */
'use strict';

const { NO_TAGS } = require('../../arguments/tags.js');

/** Tags of invalidations that are remembered; with more, a purge is due at once. */
const MOST_ROWS = 65_536;
/** Moments that the first tags make room for. */
const FIRST_SLOTS = 64;

/** @typedef {readonly string[]} Tags */

class EntryTags {
  /** By slot, where there are some; slot 0 is nobody's. @type {(Tags | undefined)[]} */
  lists = [undefined];
  /** By slot with tags: a moment at which none of them was invalidated. */
  validAt = new Float64Array(0);
  /** How many tags were invalidated until now. */
  moment = 0;
  /** Whether something may be in the store that was invalidated. */
  isPending = false;
  /** When each tag was invalidated last. @type {Map<string, number>} */
  #rows = new Map();
  /** Of the rows that went, the last moment. */
  #floor = 0;
  /** Up to here, whatever was invalidated has gone. */
  #purgedTo = 0;
  /** Whether something is being made from what was true at an older moment. */
  #isAwaited;

  /** @param {() => boolean} isAwaited */
  constructor(isAwaited) {
    this.#isAwaited = isAwaited;
  }

  /**
   * Whether whatever was invalidated up to a moment has gone.
   *
   * @param {number} moment
   */
  isPurgedTo(moment) {
    return this.#purgedTo >= moment;
  }

  /** Whether more is remembered than should be. */
  get isFull() {
    return this.#rows.size > MOST_ROWS;
  }

  /**
   * Makes room for the tags of any slot up to this one.
   *
   * @param {number} last
   */
  reserve(last) {
    if (last >= this.validAt.length) {
      const grown = new Float64Array(Math.max(FIRST_SLOTS, last * 2));
      grown.set(this.validAt);
      this.validAt = grown;
    }
    while (this.lists.length <= last) this.lists.push(undefined);
  }

  /**
   * The tags of the entry at a slot, as they are kept.
   *
   * @param {number} slot
   */
  of(slot) {
    return this.lists[slot] ?? NO_TAGS;
  }

  /**
   * Whether the entry at a slot was invalidated.
   *
   * @param {number} slot
   */
  isGone(slot) {
    if (!this.isPending) return false;
    const tags = this.lists[slot];
    if (tags === undefined || this.validAt[slot] === this.moment) return false;
    return this.#isOutdated(tags, slot);
  }

  /** The slots of entries that were invalidated, a bit for each; nothing where there are none. */
  gone() {
    if (!this.isPending) return undefined;
    const { lists, validAt } = this;
    const gone = new Uint32Array((lists.length + 31) >> 5);
    /** @type {Tags | undefined} */
    let last;
    let at = 0;
    for (let slot = 1; slot < lists.length; slot += 1) {
      const tags = lists[slot];
      if (tags === undefined) continue;
      // Neighbours mostly have the same ones.
      if (tags !== last) at = this.#lastOf(tags);
      last = tags;
      if (at > /** @type {number} */ (validAt[slot])) {
        gone[slot >> 5] = /** @type {number} */ (gone[slot >> 5]) | (1 << (slot & 31));
      }
    }
    return gone;
  }

  /**
   * Whether one of these tags was invalidated after a moment, or may have been.
   *
   * @param {Tags} tags
   * @param {number} asOf
   */
  areInvalidated(tags, asOf) {
    return tags.length > 0 && (asOf < this.#floor || this.#isAnyAfter(tags, asOf));
  }

  /**
   * Notes that tags are invalidated, one after another.
   *
   * @param {Tags} tags
   */
  invalidate(tags) {
    for (const tag of tags) {
      // In this order: a call may end anywhere, for want of stack, and this is done then or not.
      this.isPending = true;
      this.#rows.set(tag, this.moment + 1);
      this.moment += 1;
    }
    if (this.lists.length === 1) this.purged(this.moment);
  }

  /**
   * Whatever was invalidated up to a moment has gone.
   *
   * @param {number} moment
   */
  purged(moment) {
    this.#purgedTo = moment;
    this.isPending = moment !== this.moment;
    // What is being made would seem invalidated: the rows wait for it, but not too many.
    if (this.#isAwaited() && !this.isFull) return;
    for (const [tag, at] of this.#rows) {
      if (at > moment) continue;
      this.#floor = Math.max(this.#floor, at);
      this.#rows.delete(tag);
    }
  }

  /** No slot has an entry any more. */
  clear() {
    this.lists.length = 1;
    this.validAt = new Float64Array(0);
    this.purged(this.moment);
  }

  /**
   * @param {Tags} tags
   * @param {number} slot
   */
  #isOutdated(tags, slot) {
    if (this.#isAnyAfter(tags, /** @type {number} */ (this.validAt[slot]))) return true;
    this.validAt[slot] = this.moment;
    return false;
  }

  /**
   * @param {Tags} tags
   * @param {number} asOf
   */
  #isAnyAfter(tags, asOf) {
    return this.#lastOf(tags) > asOf;
  }

  /**
   * When one of these tags was invalidated last, as far as it is remembered; 0 for never.
   *
   * @param {Tags} tags
   */
  #lastOf(tags) {
    let last = 0;
    for (const tag of tags) last = Math.max(last, this.#rows.get(tag) ?? 0);
    return last;
  }
}

module.exports = { EntryTags };
