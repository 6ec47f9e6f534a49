/**
 * The near cache: a bounded map from hot keys to their slots, read without a native call.
 *
 * Knows no value. The store's own writes keep it right; what the sweeper unlinks behind its
 * back has passed its deadline, which a reader checks, and its slot is not reused before
 * `forgetSlot` was told. What the core evicts has lost the bit `NEAR` of its slot's state, which
 * a reader checks as well, and what has tags may have been invalidated. It admits one missed key
 * in four, so a scan hardly pays for it.
 */
'use strict';

const { isKey } = require('../keys/keyspace.js');
const { Bits, Flag, SlotState } = require('../native/contract.js');

const { GUARDED, OTHER_FORM, TAGGED, TIMED } = Flag;
const { FLAGS: FLAG_BITS } = Bits;
const { FREQUENCY, NEAR } = SlotState;

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

/** What has one of these is believed only after a look at its slot. */
const DOUBTED = TIMED | GUARDED | TAGGED;

/** By plain keys, so by no string that has another key in it. @extends {Map<string, number>} */
class NearCache extends Map {
  /** The keys of those with a deadline, a state or tags, by slot. @type {Map<number, string>} */
  #owners = new Map();
  /** By slot, of a bounded store. @type {Uint8Array | undefined} */
  #states;
  /** By slot: there are some where the entry has tags. @type {readonly unknown[]} */
  #tags = [];
  /** Look-ups of values that were answered from here, counted by the store. */
  reads = 0;
  /** Values that were overwritten by what is known here, counted by the store. */
  writes = 0;
  /** Other look-ups that were answered from here, counted by the store. */
  checks = 0;
  /** All of those when the trial began. */
  #hitsBefore = 0;
  /** Since the trial began; below 0, the cache rests. */
  #misses = 0;
  /** Of the cache, when the trial began. */
  #sizeBefore = 0;

  /**
   * Every key has a state from now on, in this array or the next that is given.
   *
   * @param {Uint8Array} states
   */
  guard(states) {
    this.#states = states;
  }

  /**
   * Where entries have tags, by slot.
   *
   * @param {readonly unknown[]} tags
   */
  doubt(tags) {
    this.#tags = tags;
  }

  /**
   * Learns of a miss that the native core answered, and perhaps admits the key.
   *
   * @param {string} key
   * @param {number} code
   */
  admit(key, code) {
    this.#misses += 1;
    if ((this.#misses & (ADMIT_EVERY - 1)) !== 0) return;
    if (this.#misses <= 0 || key.length > KEY_UNITS || !isKey(key)) return;
    if (this.#misses > TRIAL_MISSES) return this.#evaluate();
    if (this.size >= CAPACITY) this.#forgetOldest();
    this.#keep(key, this.#doubted(code), this.get(key));
  }

  /**
   * Corrects the code of a key that is here.
   *
   * @param {string} key
   * @param {number} code
   */
  correct(key, code) {
    const known = this.get(key);
    const doubted = this.#doubted(code);
    if (known !== undefined && known !== doubted) this.#keep(key, doubted, known);
  }

  /** @param {string} key */
  forget(key) {
    const code = this.get(key);
    if (code === undefined) return;
    this.delete(key);
    if ((code & DOUBTED) !== 0) this.#disown(code >> FLAG_BITS, key);
  }

  /**
   * Forgets the expired key of a slot that is about to be reused.
   *
   * @param {number} slot
   */
  forgetSlot(slot) {
    const key = this.#owners.get(slot);
    if (key === undefined) return;
    this.delete(key);
    this.#owners.delete(slot);
  }

  forgetAll() {
    this.clear();
    this.#owners.clear();
  }

  /**
   * @param {string} key
   * @param {number} code
   * @param {number | undefined} known the code that the key has here, if any
   */
  #keep(key, code, known) {
    const slot = code >> FLAG_BITS;
    const isOwned = (code & DOUBTED) !== 0;
    // In this order, each step alone is right: a call may end anywhere, for want of stack.
    if (isOwned) {
      const former = this.#owners.get(slot);
      if (former !== undefined && former !== key) this.delete(former);
      this.#owners.set(slot, key);
    }
    this.set(key, code);
    if (known !== undefined && (known & DOUBTED) !== 0) {
      if (!isOwned || known >> FLAG_BITS !== slot) this.#disown(known >> FLAG_BITS, key);
    }
    // Last: the key of an entry that was evicted from this slot is gone by now.
    if (this.#states !== undefined) this.#states[slot] = (this.#states[slot] ?? 0) | NEAR;
  }

  /**
   * @param {number} slot
   * @param {string} key
   */
  #disown(slot, key) {
    if (this.#owners.get(slot) === key) this.#owners.delete(slot);
  }

  /** @param {number} code */
  #doubted(code) {
    const slot = code >> FLAG_BITS;
    const isTagged = slot < this.#tags.length && this.#tags[slot] !== undefined;
    const tagged = isTagged ? code | TAGGED : code;
    return this.#states === undefined ? tagged : tagged | GUARDED;
  }

  /**
   * Goes on only if it would pay when full. Its share of hits grows with its size at the most in
   * proportion, so what it has at the size of this trial tells the most that it can have.
   */
  #evaluate() {
    const meanSize = (this.#sizeBefore + this.size) / 2;
    const hits = this.reads + this.writes + this.checks;
    const share = (hits - this.#hitsBefore) / (hits - this.#hitsBefore + this.#misses);
    const pays = share * CAPACITY >= PAYING_SHARE * meanSize;
    if (!pays) this.forgetAll();
    this.#misses = pays ? 0 : -REST_MISSES;
    this.#sizeBefore = this.size;
    this.#hitsBefore = hits;
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

module.exports = {
  DOUBTED,
  FLAG_BITS,
  FREQUENCY,
  GUARDED,
  NEAR,
  NearCache,
  OTHER_FORM,
  TAGGED,
  TIMED,
};
