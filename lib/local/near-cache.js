/**
 * The near cache: a bounded map from hot keys to their slots, read without a native call.
 *
 * Knows no value. The store's own writes keep it right; what the sweeper unlinks behind its
 * back has passed its deadline, which a reader checks, and its slot is not reused before
 * `forgetSlot` was told. It admits one missed key in four, so a scan hardly pays for it.
 */
'use strict';

/** The entry has a deadline (flag of a code, as `find` gives it). */
const TIMED = 1;
/** The key was given in another form than a string (flag of a code). */
const OTHER_FORM = 2;
/** Bits of the flags below the slot in a code. */
const FLAG_BITS = 2;

/** Keys at the most: some 8 MB when full. */
const CAPACITY = 131_072;
/** Keys that leave together when it is full. */
const FORGET_KEYS = 1024;
/** One in this many misses is admitted; a power of two. */
const ADMIT_EVERY = 4;
/** Longer keys stay out: the cache would keep their strings alive. In UTF-16 units. */
const KEY_UNITS = 256;
/** Misses after which the cache judges whether it pays. */
const TRIAL_MISSES = 32_768;
/** It pays with this share of hits: a look-up in vain costs half of what a hit saves. */
const PAYING_SHARE = 1 / 3;
/** Misses for which the cache stays empty, and so costs nothing, when it would not pay. */
const REST_MISSES = TRIAL_MISSES * 32;

/** @extends {Map<string, number>} */
class NearCache extends Map {
  /** The keys of those with a deadline, by slot. @type {Map<number, string>} */
  #timedKeys = new Map();
  /** Counted by the store that reads from here, reset here. */
  hits = 0;
  /** Since the trial began; below 0, the cache rests. */
  #misses = 0;
  /** Of the cache, when the trial began. */
  #sizeBefore = 0;

  /**
   * Learns of a miss that the native core answered, and perhaps admits the key.
   *
   * @param {string} key
   * @param {number} code
   */
  consider(key, code) {
    this.#misses += 1;
    if ((this.#misses & (ADMIT_EVERY - 1)) !== 0) return;
    if (this.#misses <= 0 || key.length > KEY_UNITS) return;
    if (this.#misses > TRIAL_MISSES) return this.#judge();
    if (this.size >= CAPACITY) this.#forgetOldest();
    this.#keep(key, code, this.get(key));
  }

  /**
   * Corrects the code of a key that is here.
   *
   * @param {string} key
   * @param {number} code
   */
  correct(key, code) {
    const known = this.get(key);
    if (known !== undefined && known !== code) this.#keep(key, code, known);
  }

  /** @param {string} key */
  forget(key) {
    const code = this.get(key);
    if (code === undefined) return;
    this.delete(key);
    if ((code & TIMED) !== 0) this.#timedKeys.delete(code >> FLAG_BITS);
  }

  /**
   * Forgets the expired key of a slot that is about to be reused.
   *
   * @param {number} slot
   */
  forgetSlot(slot) {
    const key = this.#timedKeys.get(slot);
    if (key === undefined) return;
    this.delete(key);
    this.#timedKeys.delete(slot);
  }

  forgetAll() {
    this.clear();
    this.#timedKeys.clear();
  }

  /**
   * @param {string} key
   * @param {number} code
   * @param {number | undefined} known the code that the key has here, if any
   */
  #keep(key, code, known) {
    // In this order, each step alone is right: a call may end anywhere, for want of stack.
    if ((code & TIMED) !== 0) this.#timedKeys.set(code >> FLAG_BITS, key);
    this.set(key, code);
    if (known === undefined || (known & TIMED) === 0) return;
    const isSlotKept = (code & TIMED) !== 0 && code >> FLAG_BITS === known >> FLAG_BITS;
    if (!isSlotKept) this.#timedKeys.delete(known >> FLAG_BITS);
  }

  /**
   * Goes on only if it would pay when full. Its share of hits grows with its size at the most in
   * proportion, so what it has at the size of this trial tells the most that it can have.
   */
  #judge() {
    const meanSize = (this.#sizeBefore + this.size) / 2;
    const share = this.hits / (this.hits + this.#misses);
    const pays = share * CAPACITY >= PAYING_SHARE * meanSize;
    if (!pays) this.forgetAll();
    this.#misses = pays ? 0 : -REST_MISSES;
    this.#sizeBefore = this.size;
    this.hits = 0;
  }

  /**
   * Forgets some of the oldest keys: an iterator that stood at the oldest all the time would keep
   * in memory every table that the map has outgrown.
   */
  #forgetOldest() {
    let left = FORGET_KEYS;
    for (const key of this.keys()) {
      this.forget(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}

module.exports = { FLAG_BITS, NearCache, OTHER_FORM, TIMED };
