/**
 * The near cache: a bounded map from hot keys to their slots, read without a native call.
 *
 * Knows no value, and of namespaces the strings that their entries are kept under. The store's own
 * writes keep it right; what the sweeper unlinks behind its back has passed its deadline, which a
 * reader checks, and its slot is not reused before `forgetSlot` was told. What the core evicts has
 * lost the bit `NEAR` of its slot's state, which a reader checks as well, and what has tags may
 * have been invalidated. While it is whole, it has each entry whose key it takes: then what is not
 * here is nowhere. When it is not, it admits one missed key in four, so a scan hardly pays for it.
 */
'use strict';

const { isKey, isPlain } = require('../../keys/keyspace.js');
const { Bits, Flag, SlotState } = require('../../native/contract.js');

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
/** Keys at the most while it is whole: a larger `Map` takes longer to fill than it saves. */
const WHOLE_KEYS = 4096;
/** UTF-16 units of those keys together: half a megabyte. */
const WHOLE_UNITS = 2 ** 18;
/** Slots of which the keys are kept in an array. */
const LOW_SLOTS = 65_536;
/** Misses after which the cache judges whether it pays. */
const TRIAL_MISSES = 32_768;
/** It pays with this share of hits: a look-up in vain costs half of what a hit saves. */
const PAYING_SHARE = 1 / 3;
/** Misses for which the cache stays empty, and so costs nothing, when it would not pay. */
const REST_MISSES = TRIAL_MISSES * 32;

/** What has one of these is believed only after a look at its slot. */
const DOUBTED = TIMED | GUARDED | TAGGED;

/** The code of what is not known: slot 0 is nobody's. */
const NOWHERE = 0;

/**
 * What is known of an entry of a namespace, for views that have it by their own keys: they need no
 * word of what happens, for a spot that is forgotten leads nowhere.
 */
class Spot {
  code = NOWHERE;
  /** Whose owner it is in the near cache, that of its code or of the one before. */
  slot = 0;
  isForgotten = false;
}

/** By plain keys, so by no string that has another key in it. @extends {Map<string, number>} */
class NearCache extends Map {
  /** Of entries of namespaces, by the strings that they have. @type {Map<string, Spot>} */
  spots = new Map();
  /** The keys of those with a deadline, a state or tags. */
  #owners = new Owners();
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
  /** Whether all that it takes is here. Who changes the native core clears it meanwhile. */
  isWhole = true;
  /** Whether it can be: nothing was forgotten that was there, and nothing is evicted. */
  #mayBeWhole = true;
  /** Of its keys. */
  #units = 0;
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
    this.isWhole = false;
    this.#mayBeWhole = false;
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
   * Whether a key that is not here is nowhere.
   *
   * @param {string} key
   */
  isAbsent(key) {
    return this.isWhole && takes(key);
  }

  /**
   * Is about to be wrong about what is not here, should a call end half-way; whether it was right,
   * for `trust`. What comes in the middle of that, or after such an end, leaves it wrong.
   */
  distrust() {
    const { isWhole } = this;
    this.#mayBeWhole = isWhole;
    this.isWhole = false;
    return isWhole;
  }

  /**
   * Is in step again.
   *
   * @param {boolean} wasWhole what `distrust` said
   */
  trust(wasWhole) {
    this.isWhole = wasWhole && this.#mayBeWhole;
  }

  /**
   * Keeps a key that is not here, as what is whole must; whether it does.
   *
   * @param {string} key
   * @param {number} code
   */
  add(key, code) {
    if (!takes(key)) return false;
    if (this.size < WHOLE_KEYS && this.#units + key.length <= WHOLE_UNITS) {
      this.#keep(key, this.#doubted(code), undefined);
      return true;
    }
    this.forgetAll();
    return false;
  }

  /**
   * The same of an entry without a deadline or tags, in a store without bounds.
   *
   * @param {string} key which it takes
   * @param {number} code
   */
  addPlain(key, code) {
    if (this.size >= WHOLE_KEYS || this.#units + key.length > WHOLE_UNITS) return this.forgetAll();
    this.#units += key.length;
    this.set(key, code);
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
    const isWithin = !isPlain(key);
    if (this.#misses <= 0 || !(takes(key) || (isWithin && key.length <= KEY_UNITS))) return;
    if (this.#misses > TRIAL_MISSES) return this.#evaluate();
    if (this.#total >= CAPACITY) this.#forgetOldest();
    if (isWithin) this.#keepSpot(key, code);
    else this.#keep(key, this.#doubted(code), this.get(key));
  }

  /**
   * Doubts what is known of an entry of a namespace that is about to change, if anything is: what
   * `settle` takes afterwards.
   *
   * @param {string} string
   */
  suspend(string) {
    const spot = this.spots.get(string);
    if (spot !== undefined) spot.code = NOWHERE;
    return spot;
  }

  /**
   * Believes in the code of such an entry.
   *
   * @param {string} string
   * @param {Spot} spot
   * @param {number} code
   */
  settle(string, spot, code) {
    // One that was forgotten meanwhile would not be reached any more.
    if (spot.isForgotten) return;
    const doubted = this.#doubted(code);
    const slot = doubted >> FLAG_BITS;
    const { slot: former } = spot;
    if (former !== slot) {
      this.#own(slot, string);
      spot.slot = slot;
      this.#disown(former, string);
    }
    spot.code = doubted;
    if (this.#states !== undefined) this.#guard(slot, this.#states);
  }

  /**
   * Corrects the code of a key, if it is here; whether it is.
   *
   * @param {string} key
   * @param {number} code
   */
  correct(key, code) {
    const known = this.get(key);
    const doubted = this.#doubted(code);
    if (known === undefined) return false;
    if (known !== doubted) this.#keep(key, doubted, known);
    return true;
  }

  /** Forgets a key that is here, of an entry that `addPlain` would add. @param {string} key */
  forgetPlain(key) {
    this.#units -= key.length;
    this.delete(key);
  }

  /** @param {string} key */
  forget(key) {
    const code = this.get(key);
    if (code === undefined) {
      if (this.spots.size > 0 && !isKey(key)) this.#forgetSpot(key);
      return;
    }
    this.#units -= key.length;
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
    this.#drop(key, slot);
    this.#owners.delete(slot);
  }

  forgetAll() {
    this.isWhole = false;
    this.#mayBeWhole = false;
    this.clear();
    this.#units = 0;
    for (const spot of this.spots.values()) forgetSpot(spot);
    this.spots.clear();
    this.#owners.clear();
  }

  /** Is whole from now on: there is no entry. */
  begin() {
    this.#mayBeWhole = this.#states === undefined;
    this.isWhole = this.#mayBeWhole;
  }

  /** Forgets all that a filter means. @param {{ means: (string: string) => boolean }} filter */
  forgetWhere(filter) {
    for (const key of this.keys()) if (filter.means(key)) this.forget(key);
    for (const string of this.spots.keys()) if (filter.means(string)) this.#forgetSpot(string);
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
    if (isOwned) this.#own(slot, key);
    if (known === undefined) this.#units += key.length;
    this.set(key, code);
    if (known !== undefined && (known & DOUBTED) !== 0) {
      if (!isOwned || known >> FLAG_BITS !== slot) this.#disown(known >> FLAG_BITS, key);
    }
    // Last: the key of an entry that was evicted from this slot is gone by now.
    if (this.#states !== undefined) this.#guard(slot, this.#states);
  }

  /**
   * @param {string} string
   * @param {number} code
   */
  #keepSpot(string, code) {
    let spot = this.suspend(string);
    if (spot === undefined) {
      spot = new Spot();
      this.spots.set(string, spot);
    }
    this.settle(string, spot, code);
  }

  /** @param {string} string */
  #forgetSpot(string) {
    const spot = this.spots.get(string);
    if (spot === undefined) return;
    forgetSpot(spot);
    this.spots.delete(string);
    this.#disown(spot.slot, string);
  }

  /**
   * Forgets whoever had a slot before.
   *
   * @param {number} slot
   * @param {string} key
   */
  #own(slot, key) {
    const former = this.#owners.get(slot);
    if (former !== undefined && former !== key) this.#drop(former, slot);
    this.#owners.set(slot, key);
  }

  /**
   * Forgets a key, unless it has another slot by now: a call may have ended before its former
   * owner was forgotten.
   *
   * @param {string} key
   * @param {number} slot that is not the key's any more
   */
  #drop(key, slot) {
    if (isKey(key)) {
      const code = this.get(key);
      if (code === undefined || code >> FLAG_BITS !== slot) return;
      this.delete(key);
      this.#units -= key.length;
      return;
    }
    const spot = this.spots.get(key);
    if (spot === undefined || spot.slot !== slot) return;
    forgetSpot(spot);
    this.spots.delete(key);
  }

  /**
   * @param {number} slot
   * @param {Uint8Array} states
   */
  #guard(slot, states) {
    states[slot] = (states[slot] ?? 0) | NEAR;
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

  get #total() {
    return this.size + this.spots.size;
  }

  /**
   * Goes on only if it would pay when full. Its share of hits grows with its size at the most in
   * proportion, so what it has at the size of this trial tells the most that it can have.
   */
  #evaluate() {
    const meanSize = (this.#sizeBefore + this.#total) / 2;
    const hits = this.reads + this.writes + this.checks;
    const share = (hits - this.#hitsBefore) / (hits - this.#hitsBefore + this.#misses);
    const pays = share * CAPACITY >= PAYING_SHARE * meanSize;
    if (!pays) this.forgetAll();
    this.#misses = pays ? 0 : -REST_MISSES;
    this.#sizeBefore = this.#total;
    this.#hitsBefore = hits;
  }

  /**
   * Forgets some of the oldest keys: an iterator that stood at the oldest all the time would keep
   * in memory every table that the map has outgrown.
   */
  #forgetOldest() {
    this.isWhole = false;
    this.#mayBeWhole = false;
    let left = FORGET_KEYS;
    const most = this.spots.size > this.size ? this.spots : this;
    for (const key of most.keys()) {
      this.forget(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}

/** Whether a key may be here. @param {string} key */
function takes(key) {
  return key.length <= KEY_UNITS && isKey(key);
}

/** Keys by slot: an array is written faster than a `Map`, but only where there is little of it. */
class Owners {
  /** Of the lowest slots. @type {(string | undefined)[]} */
  #low = [];
  /** @type {Map<number, string>} */
  #high = new Map();

  /** @param {number} slot */
  get(slot) {
    return slot < LOW_SLOTS ? this.#low[slot] : this.#high.get(slot);
  }

  /**
   * @param {number} slot
   * @param {string} key
   */
  set(slot, key) {
    if (slot >= LOW_SLOTS) {
      this.#high.set(slot, key);
      return;
    }
    while (this.#low.length < slot) this.#low.push(undefined);
    this.#low[slot] = key;
  }

  /** @param {number} slot */
  delete(slot) {
    if (slot >= LOW_SLOTS) this.#high.delete(slot);
    else if (slot < this.#low.length) this.#low[slot] = undefined;
  }

  clear() {
    this.#low = [];
    this.#high.clear();
  }
}

/** @param {Spot} spot */
function forgetSpot(spot) {
  spot.isForgotten = true;
  spot.code = NOWHERE;
}

module.exports = {
  DOUBTED,
  FLAG_BITS,
  FREQUENCY,
  GUARDED,
  NEAR,
  NOWHERE,
  NearCache,
  OTHER_FORM,
  Spot,
  TAGGED,
  TIMED,
};
