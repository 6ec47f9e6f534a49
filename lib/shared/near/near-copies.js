/**
 * Copies of shared entries that are read again and again, each right while a version stands.
 *
 * Knows no value. The version words are in memory that all threads see: a write changes the word of
 * its key before anybody can see the new value. Invariant: a copy is given out only while the word
 * of its stripe is what it was before the copy was read, and its deadline has not passed.
 */
'use strict';

const { isKey, isPlain } = require('../../keys/keyspace.js');
const { time } = require('../../native/clock.js');
const { wordOf } = require('./looks.js');

/** @typedef {ReturnType<typeof import('./found.js').whatWasFound>} Found */
/** @typedef {InstanceType<typeof import('./space-copies.js').SpaceCopies>} Space */
/** @typedef {ReturnType<typeof import('../../values/shape.js').shapeOf>} Shape */

/** Bytes of all copies at the most, as far as they are known. */
const CAPACITY_BYTES = 32 * 1024 * 1024;
/** Keys at the most. */
const CAPACITY = 131_072;
/** Copies that leave together when it is full. */
const FORGET_COPIES = 1024;
/** One in this many misses is admitted; a power of two. */
const ADMIT_EVERY = 4;
/** The same once others have to leave for it: that takes longer than some reads of the store. */
const REPLACE_EVERY = 64;
/** Misses after which the cache judges whether it pays; as many as it has copies, if more. */
const TRIAL_MISSES = 32_768;
/** It pays with so many uses of hot copies for each miss: those that the store was told of, */
const PAYING_USES = 1 / 2;
/** or if copies, hot or not, can answer this share of all reads. */
const PAYING_SHARE = 3 / 5;
/** To make the copy of an object once more takes what so many uses save. */
const RENEWAL_USES = 3;
/** Misses for which the cache stays empty, and so costs nothing, when it does not pay, */
const REST_MISSES = TRIAL_MISSES * 32;
/** and the first time, which may be for a walk over all keys; each time it grows so many times. */
const FIRST_REST_MISSES = TRIAL_MISSES * 2;
const REST_GROWTH = 4;
/** A larger copy stays out. */
const COPY_BYTES = 1024 * 1024;
/** What a copy costs beside its value. */
const OVERHEAD_BYTES = 100;
/** One in this many uses of a copy is told to the store; a power of two. */
const SAMPLE_EVERY = 64;
/** The others are free. */
const FREE_USES = SAMPLE_EVERY - 1;

/** One shape for all. */
class Copy {
  /**
   * @param {unknown} value
   * @param {Found} found
   * @param {number} bytes
   * @param {boolean} isWithin whether it is of an entry of a namespace
   * @param {Shape} [shape] by which it is copied for each who gets it; it is given as it is without
   */
  constructor(value, found, bytes, isWithin, shape) {
    this.value = value;
    this.shape = shape;
    this.stripe = found.stripe;
    this.version = found.version;
    /** Uses for which a look at the version is enough; none of a copy with a deadline or tags. */
    this.uncountedHits = 0;
    /** Those for which a look at the counter of invalidations is, besides. */
    this.taggedHits = 0;
    /** The same of a copy that only views may use. */
    this.withinHits = 0;
    /** On the clock of the deadlines, 0 for none. */
    this.deadline = found.deadlineMs;
    this.bytes = bytes;
    /** Uses that were not free. */
    this.uses = 0;
    this.isTagged = found.moment >= 0;
    this.isWithin = isWithin;
    /** The counter for which it is right. */
    this.counterLow = found.moment | 0;
    this.counterHigh = (found.moment / 2 ** 32) | 0;
    /** What has it at hand besides. @type {Space | undefined} */
    this.space = undefined;
    this.refill();
  }

  /**
   * Becomes the copy of the value that its entry has now.
   *
   * @param {unknown} value
   * @param {Found} found
   * @param {number} bytes
   * @param {Shape} [shape]
   */
  renew(value, { deadlineMs, version, moment }, bytes, shape) {
    // First: should the call end half-way, no value is given as it is that has to be copied.
    this.uncountedHits = 0;
    this.taggedHits = 0;
    this.withinHits = 0;
    this.shape = shape;
    this.value = value;
    this.version = version;
    this.bytes = bytes;
    this.deadline = deadlineMs;
    this.uses = 0;
    this.isTagged = moment >= 0;
    this.counterLow = moment | 0;
    this.counterHigh = (moment / 2 ** 32) | 0;
    this.refill();
  }

  /** Whether a look at its version is not all that a use takes: then it counts up. */
  get isCostly() {
    return this.deadline !== 0;
  }

  /** The others count down. */
  refill() {
    const free = this.isCostly ? 0 : FREE_USES;
    this.uncountedHits = this.isTagged || this.isWithin ? 0 : free;
    this.taggedHits = this.isTagged && !this.isWithin ? free : 0;
    this.withinHits = this.isWithin ? free : 0;
  }

  /** Its value, for one who gets it. */
  given() {
    return this.shape === undefined ? this.value : this.shape.copy(this.value);
  }

  /** Uses since the last that the store was told of. */
  get usesSince() {
    const left = this.uncountedHits + this.taggedHits + this.withinHits;
    return this.isCostly ? this.uses & (SAMPLE_EVERY - 1) : FREE_USES - left;
  }
}

/**
 * By strings. One that is no key, so that a caller may give it as another, leads to a copy without
 * free uses: of an entry of a namespace. @extends {Map<string, Copy>}
 */
class NearCopies extends Map {
  /** The version words of the store, and behind them the counter. @type {Int32Array} */
  words;
  /** Where the counter of invalidations begins. */
  counterAt;
  /** Whether there are any: some engines allow no memory that is not their own. */
  #isUsable;
  #bytes = 0;
  #admitEvery = ADMIT_EVERY;
  /** Since the trial began; below 0, the cache rests. */
  #misses = 0;
  /** Misses of this trial. */
  #trialMisses = TRIAL_MISSES;
  #restMisses = FIRST_REST_MISSES;
  /** All uses of copies, those of hot ones, and how many there were, when the trial began. */
  #hitsBefore = 0;
  #sampledBefore = 0;
  /** Copies of objects that were made once more, in this trial. */
  #renewals = 0;
  #sizeBefore = 0;
  /** Uses of copies, but for those since each copy's last sample. */
  sampledHits = 0;
  /** Uses that the counters of the store know of. */
  #toldHits = 0;
  /** Is told when the first copy is kept. */
  #begin;

  /**
   * @param {Int32Array | undefined} words
   * @param {() => void} [begin]
   */
  constructor(words, begin = () => {}) {
    super();
    this.#begin = begin;
    this.words = words ?? new Int32Array(3);
    this.counterAt = this.words.length - 2;
    this.#isUsable = words !== undefined;
  }

  /**
   * Whether a copy is of what its entry holds, as long as that lives.
   *
   * @param {Copy} copy
   */
  isCurrent(copy) {
    return Atomics.load(this.words, copy.stripe) === copy.version;
  }

  /**
   * Whether a copy is right.
   *
   * @param {Copy} copy
   */
  isFresh(copy) {
    if (!this.isCurrent(copy)) return false;
    if (copy.isTagged && !this.isUntouched(copy)) return false;
    return copy.deadline === 0 || copy.deadline > time();
  }

  /**
   * Whether no tag was invalidated since a copy was read. The counter only grows: where its high
   * half is the same afterwards, the low one is of the same count.
   *
   * @param {Copy} copy
   */
  isUntouched(copy) {
    const { words, counterAt } = this;
    return (
      wordOf(words, counterAt) === copy.counterLow &&
      wordOf(words, counterAt + 1) === copy.counterHigh
    );
  }

  /**
   * Counts a use: whether it is the one of many that the store is told of.
   *
   * @param {Copy} copy
   */
  isSampled(copy) {
    if (copy.uncountedHits > 0) {
      copy.uncountedHits -= 1;
      return false;
    }
    if (copy.taggedHits > 0) {
      copy.taggedHits -= 1;
      return false;
    }
    if (copy.withinHits > 0) {
      copy.withinHits -= 1;
      return false;
    }
    copy.uses += 1;
    if (!copy.isCostly) copy.refill();
    else if ((copy.uses & (SAMPLE_EVERY - 1)) !== 0) return false;
    this.sampledHits += SAMPLE_EVERY;
    return true;
  }

  /** All uses of copies so far. */
  get hits() {
    let hits = this.sampledHits;
    for (const copy of this.values()) hits += copy.usesSince;
    return hits;
  }

  /** Those that the counters of the store do not know of; from now on they do. */
  untoldHits() {
    const { hits } = this;
    const untold = hits - this.#toldHits;
    this.#toldHits = hits;
    return untold;
  }

  /**
   * Counts a read that went to the store: whether its value is to be kept. One in some is, and what
   * takes the place of a copy: what is read and written in turns is soon read again.
   *
   * @param {Copy | undefined} stale the copy that is here, and not right any more
   */
  admits(stale) {
    this.#misses += 1;
    if (!this.#isUsable || this.#misses <= 0) return false;
    if (stale === undefined && (this.#misses & (this.#admitEvery - 1)) !== 0) return false;
    if (this.#misses <= this.#trialMisses) return true;
    this.#evaluate();
    return false;
  }

  /**
   * Makes the copy of a key that of the entry that was just read and admitted, or keeps one if
   * there is none.
   *
   * @param {string} key
   * @param {Copy | undefined} stale
   * @param {unknown} value
   * @param {Found} found what is known of it
   * @param {Shape} [shape] by which it is copied, if nobody may have it
   */
  store(key, stale, value, found, shape) {
    // An odd number: somebody was writing, or invalidating. The moment of no tags is none.
    if ((found.version & 1) !== 0 || found.moment % 2 === 1) return;
    const bytes = found.length + key.length + OVERHEAD_BYTES;
    if (stale !== undefined && shape !== undefined) this.#renewals += 1;
    if (stale !== undefined && bytes <= stale.bytes) {
      this.#bytes -= stale.bytes - bytes;
      this.sampledHits += stale.usesSince;
      stale.renew(value, found, bytes, shape);
      return;
    }
    this.forget(key);
    const isWithin = !isPlain(key);
    if (bytes > COPY_BYTES || !(isKey(key) || isWithin)) return;
    // However little the oldest take: as many leave as the new one needs.
    while (this.size > 0 && !this.#hasRoomFor(bytes)) this.#forgetOldest();
    const kept = new Copy(value, found, bytes, isWithin, shape);
    this.set(key, kept);
    this.#bytes += bytes;
    if (this.size === 1) this.#begin();
  }

  /** @param {string} key */
  forget(key) {
    const copy = this.get(key);
    if (copy === undefined) return;
    this.delete(key);
    copy.space?.drop(key);
    this.sampledHits += copy.usesSince;
    this.#bytes -= copy.bytes;
  }

  forgetAll() {
    this.sampledHits = this.hits;
    for (const [key, copy] of this) copy.space?.drop(key);
    this.clear();
    this.#bytes = 0;
    this.#admitEvery = ADMIT_EVERY;
  }

  /** Goes on only if it pays: to make a copy and to look for it in vain costs, too. */
  #evaluate() {
    const { hits } = this;
    const spent = this.#renewals * RENEWAL_USES;
    const isHot = this.sampledHits - this.#sampledBefore - spent >= this.#misses * PAYING_USES;
    const uses = Math.max(0, hits - this.#hitsBefore - spent);
    const pays = isHot || this.#shareWhenFull(uses) >= PAYING_SHARE;
    this.#misses = pays ? 0 : -this.#restMisses;
    if (!pays) {
      this.forgetAll();
      this.#restMisses = Math.min(this.#restMisses * REST_GROWTH, REST_MISSES);
    }
    // To count the uses takes a look at each copy: one a miss at the most.
    this.#trialMisses = Math.max(TRIAL_MISSES, this.size);
    this.#sizeBefore = this.size;
    this.#hitsBefore = hits;
    this.#sampledBefore = this.sampledHits;
    this.#renewals = 0;
  }

  /**
   * The most of all reads that it can answer, by the uses in this trial: the share grows with the
   * number of copies, at the most in proportion.
   *
   * @param {number} uses
   */
  #shareWhenFull(uses) {
    const meanSize = (this.#sizeBefore + this.size) / 2;
    const fullSize = Math.min(CAPACITY, (CAPACITY_BYTES / this.#bytes) * this.size);
    return this.size === 0 ? 0 : ((uses / (uses + this.#misses)) * fullSize) / meanSize;
  }

  /** @param {number} bytes */
  #hasRoomFor(bytes) {
    return this.size < CAPACITY && this.#bytes + bytes <= CAPACITY_BYTES;
  }

  #forgetOldest() {
    this.#admitEvery = REPLACE_EVERY;
    let left = FORGET_COPIES;
    for (const key of this.keys()) {
      this.forget(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}

module.exports = { Copy, NearCopies };
