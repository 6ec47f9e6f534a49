/**
 * The entries of a shared store by their keys in string form: copies, codec and native core.
 *
 * Knows no argument of a caller: what comes in is checked. Invariant: the numbers of a call are put
 * into the registers right before it, with nothing in between that could make another.
 */
'use strict';

const errors = require('../errors/errors.js');
const { keptTags, keyOf } = require('../keys/keyspace.js');
const { sharedFailure } = require('../native/failures.js');
const { ttlMsOf } = require('../arguments/expiry.js');
const { NO_TAGS } = require('../arguments/tags.js');
const { NOW } = require('../arguments/writes.js');
const { Condition, Kind, Register } = require('../native/contract.js');
const native = require('../native/loader.js');
const { freeze } = require('../values/freeze.js');
const { templateOf } = require('../values/template.js');
const { isMine } = require('./opening/handle.js');
const { SharedListing } = require('./walks/listing.js');
const { leftMsOf, whatWasFound } = require('./near/found.js');
const { NOTHING } = require('./near/looks.js');
const { NearCopies } = require('./near/near-copies.js');
const { SharedTags, packed } = require('./tags.js');
const { time } = require('../native/clock.js');
const { readRefusal, writeRefusal } = require('./waiting/refusal.js');

const { registers, sharedGet, sharedIncrement, sharedWrite } = native;
const { AMOUNT, CONDITION, DEADLINE_MS, END, IF_PRESENT, IS_KEPT, IS_LATIN1, KIND } = Register;
const { FOUND_STALE_MS, MAX, MIN, STALE_MS, START, TTL_MS } = Register;
const { AS_OF, KEEPS_TAGS, MOMENT, VERSION, WAIT_MS } = Register;

/** @typedef {InstanceType<typeof import('./opening/handle.js').Handle>} Handle */
/** @typedef {import('../values/codec.js').Encoded} Encoded */
/**
 * How an entry is written; `tags` and `asOf` as those of a `Write`.
 *
 * @typedef {{ string: string, ttlMs: number, isKept: boolean, staleMs?: number,
 *   tags: readonly string[] | undefined, asOf: number }} How
 */
/** @typedef {InstanceType<typeof import('./near/near-copies.js').Copy>} Copy */

/** Looks at a value that others may be faster to change, before the store is taken for busy. */
const ATTEMPTS = 1000;
/** Of an object that is closed. */
const NO_COPIES = new NearCopies(undefined);

/** A thread that waits in native code cannot be ended: so long at a time it does. */
const SLICE_MS = 20;

class SharedEntries {
  handle;
  /** @type {InstanceType<typeof import('./near/near-copies.js').NearCopies>} */
  copies;
  /** Values that lists of this object left out, for only another engine can read them. */
  unreadable = 0;
  /** Its live keys. */
  listing;
  tags;
  #isFrozen;

  /**
   * @param {Handle} handle
   * @param {boolean} isFrozen whether values are frozen and handed out again
   */
  constructor(handle, isFrozen) {
    this.handle = handle;
    this.#isFrozen = isFrozen;
    this.listing = new SharedListing(handle);
    this.tags = new SharedTags(handle);
    this.copies = isFrozen ? handle.frozenCopies : handle.copies;
  }

  /**
   * The value of a live entry, or `NOTHING`.
   *
   * @param {string} string
   * @param {number} [waitMs] for a key that others have locked
   */
  get(string, waitMs = 0) {
    if (waitMs > 0) return this.#read(string, waitMs, undefined);
    return this.getKnown(string, this.copies.get(string));
  }

  /**
   * As `get`, of a key of which there is this copy, or none.
   *
   * @param {string} string
   * @param {Copy | undefined} copy
   */
  getKnown(string, copy) {
    if (copy !== undefined && this.copies.isFresh(copy)) return this.use(string, copy);
    return this.#read(string, 0, copy);
  }

  /**
   * The value of a copy that is right. The store learns of its use, so that it knows what is read:
   * once in a while, for that is a native call.
   *
   * @param {string} string
   * @param {Copy} copy
   */
  use(string, copy) {
    if (this.copies.isSampled(copy)) native.sharedUse(this.handle.id, string);
    return copy.given();
  }

  /**
   * As `get`, from the store itself.
   *
   * @param {string} string
   * @param {number} waitMs
   * @param {Copy | undefined} stale a copy that is not right any more
   */
  #read(string, waitMs, stale) {
    registers[WAIT_MS] = waitMs;
    const read = sharedGet(this.handle.id, string);
    const kind = /** @type {number} */ (registers[KIND]);
    if (kind <= 0 && stale !== undefined) this.copies.forget(string);
    if (kind === 0) return NOTHING;
    if (kind < 0) throw readRefusal(kind, this.handle, string);
    if (kind <= LAST_PRIMITIVE) {
      if (this.copies.admits(stale)) this.copies.store(string, stale, read, whatWasFound());
      return read;
    }
    // Decoding may make other calls, for structures that are new here.
    const found = whatWasFound();
    const value = this.handle.codec.decode(read);
    if (!this.#isFrozen) return this.#keep(string, stale, value, found);
    // What cannot be frozen whole is decoded for each reader.
    const isKept = freeze(value) && this.copies.admits(stale);
    if (isKept) this.copies.store(string, stale, value, found);
    else if (stale !== undefined) this.copies.forget(string);
    return value;
  }

  /**
   * An object that was decoded, or a copy of it, if it is kept.
   *
   * @param {string} string
   * @param {Copy | undefined} stale
   * @param {unknown} value
   * @param {ReturnType<typeof whatWasFound>} found
   */
  #keep(string, stale, value, found) {
    const isPlain = found.kind === Kind.RECORD || found.kind === Kind.PLAIN;
    // To keep one takes as long as to use it saves: one that was not used is not renewed.
    const isWorth = isPlain && (stale === undefined || stale.usesSince + stale.uses > 0);
    const template = isWorth && this.copies.admits(stale) && templateOf(value, stale?.shape);
    if (!template) {
      if (stale !== undefined) this.copies.forget(string);
      return value;
    }
    found.length = Math.max(found.length, template.bytes);
    this.copies.store(string, stale, value, found, template.shape);
    return template.shape.copy(value);
  }

  /**
   * A live entry; `undefined` when there is none.
   *
   * @param {string} string
   * @returns {import('../store/backend.js').Seen | undefined}
   */
  look(string) {
    const copy = this.copies.get(string);
    if (copy !== undefined && !copy.isTagged && this.copies.isCurrent(copy)) {
      const [leftMs, mark] = [leftMsOf(copy.deadline), copy.version];
      if (leftMs > 0) return { value: this.use(string, copy), leftMs, tags: NO_TAGS, mark };
    }
    /** @type {ReturnType<typeof whatWasFound> | undefined} */
    let found;
    const seen = this.#seen(string, () => {
      registers[WAIT_MS] = 0;
      const read = sharedGet(this.handle.id, string);
      found = whatWasFound();
      return read;
    });
    if (found === undefined) return seen;
    if (seen === undefined || this.#isFrozen || found.kind <= LAST_PRIMITIVE) return seen;
    return { ...seen, value: this.#keep(string, copy, seen.value, found) };
  }

  /**
   * As `look`, and nobody learns of it.
   *
   * @param {string} string
   */
  watch(string) {
    return this.#seen(string, () => native.sharedView(this.handle.id, string));
  }

  /**
   * @param {string} string
   * @param {() => unknown} read
   * @returns {import('../store/backend.js').Seen | undefined}
   */
  #seen(string, read) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = read();
      const kind = /** @type {number} */ (registers[KIND]);
      if (kind < 0) throw readRefusal(kind, this.handle, string);
      if (kind === 0) return undefined;
      const leftMs = leftMsOf(/** @type {number} */ (registers[DEADLINE_MS]));
      const mark = /** @type {number} */ (registers[VERSION]);
      const isTagged = /** @type {number} */ (registers[MOMENT]) >= 0;
      const value = this.handle.codec.decode(found);
      if (leftMs <= 0) return undefined;
      const tags = isTagged ? this.tags.of(string, mark) : NO_TAGS;
      if (tags === undefined) continue;
      if (this.#isFrozen) freeze(value);
      return { value, leftMs, tags, mark };
    }
    throw errors.outpaced(keyOf(string), ATTEMPTS);
  }

  /**
   * As `get`, and nobody learns of it.
   *
   * @param {string} string
   */
  view(string) {
    const copy = this.copies.get(string);
    if (copy !== undefined && this.copies.isFresh(copy)) return copy.given();
    const read = native.sharedView(this.handle.id, string);
    const kind = /** @type {number} */ (registers[KIND]);
    if (kind === 0) return NOTHING;
    if (kind < 0) throw readRefusal(kind, this.handle, string);
    const value = this.handle.codec.decode(read);
    if (this.#isFrozen) freeze(value);
    return value;
  }

  /**
   * What is known of an entry: its version, its deadline, and milliseconds until then, Infinity for
   * ever; `undefined` when there is none.
   *
   * @param {string} string
   */
  peek(string) {
    registers[WAIT_MS] = 0;
    native.sharedPeek(this.handle.id, string);
    const kind = /** @type {number} */ (registers[KIND]);
    if (kind < 0) throw readRefusal(kind, this.handle, string);
    if (kind === 0) return undefined;
    const deadline = /** @type {number} */ (registers[DEADLINE_MS]);
    const version = /** @type {number} */ (registers[VERSION]);
    const leftMs = leftMsOf(deadline);
    return leftMs > 0 ? { version, leftMs, deadline } : undefined;
  }

  /**
   * As `peek`, how long before its deadline the entry turns stale (0 for not at all), and a mark
   * that each write changes, but for one that adds to a number.
   *
   * @param {string} string
   */
  staleness(string) {
    const mark = native.sharedStaleness(this.handle.id, string);
    const kind = /** @type {number} */ (registers[KIND]);
    if (kind < 0) throw readRefusal(kind, this.handle, string);
    if (kind === 0) return undefined;
    const deadline = /** @type {number} */ (registers[DEADLINE_MS]);
    const version = /** @type {number} */ (registers[VERSION]);
    const staleMs = /** @type {number} */ (registers[FOUND_STALE_MS]);
    // To the fraction: what is rounded up is stale too late.
    const isStale = staleMs > 0 && deadline - staleMs <= time();
    return leftMsOf(deadline) > 0 ? { version, deadline, staleMs, mark, isStale } : undefined;
  }

  /**
   * Lets an entry that is stale be fresh for so long once more.
   *
   * @param {string} string
   * @param {number} freshMs more than 0
   */
  refresh(string, freshMs) {
    registers[TTL_MS] = freshMs;
    return this.#isDone(string, native.sharedRefresh(this.handle.id, string));
  }

  /**
   * Writes in any case, with as little as it takes: most writes are of this kind.
   *
   * @param {string} string
   * @param {Encoded} encoded
   * @param {number} ttlMs 0 for none
   */
  put(string, encoded, ttlMs) {
    this.handle.noteWrite(string);
    registers[TTL_MS] = ttlMs;
    registers[IS_KEPT] = 0;
    registers[KIND] = encoded.kind;
    registers[START] = encoded.start;
    registers[END] = encoded.end;
    registers[AMOUNT] = encoded.amount;
    registers[IS_LATIN1] = encoded.isLatin1;
    registers[CONDITION] = Condition.ALWAYS;
    registers[WAIT_MS] = 0;
    const answer = sharedWrite(this.handle.id, string, encoded.bytes);
    if (answer < 0) throw writeRefusal(answer, this.handle, string);
  }

  /**
   * Whether the write took place.
   *
   * @param {How} how
   * @param {Encoded} encoded
   * @param {number} condition
   * @param {number} [number] the version for `SAME_VERSION`, otherwise the wait for a lock
   */
  write(how, { kind, bytes, start, end, amount, isLatin1 }, condition, number = 0) {
    const isVersion = condition === Condition.SAME_VERSION;
    const tags = how.tags && keptTags(how.string, how.tags);
    const text = tags === undefined || tags.length === 0 ? '' : packed(tags);
    this.handle.noteWrite(how.string);
    registers[TTL_MS] = how.ttlMs;
    registers[IS_KEPT] = how.isKept ? 1 : 0;
    registers[KIND] = kind;
    registers[START] = start;
    registers[END] = end;
    registers[AMOUNT] = amount;
    registers[IS_LATIN1] = isLatin1;
    registers[CONDITION] = condition;
    registers[VERSION] = isVersion ? number : 0;
    registers[WAIT_MS] = isVersion ? 0 : number;
    registers[STALE_MS] = how.staleMs ?? 0;
    registers[KEEPS_TAGS] = tags === undefined ? 1 : 0;
    registers[AS_OF] = how.asOf;
    try {
      const answer =
        text === ''
          ? sharedWrite(this.handle.id, how.string, bytes)
          : native.sharedWriteTagged(this.handle.id, how.string, bytes, text);
      return this.#isDone(how.string, answer);
    } finally {
      // A call for which no stack was left has not put them back to rest.
      registers[STALE_MS] = 0;
      registers[KEEPS_TAGS] = 0;
      registers[AS_OF] = NOW;
    }
  }

  /** This object uses the store no longer. */
  close() {
    this.handle.release();
    this.copies = NO_COPIES;
  }

  /**
   * Whether there was an entry to remove.
   *
   * @param {string} string
   * @param {number} [waitMs]
   */
  remove(string, waitMs = 0) {
    this.handle.noteWrite(string);
    registers[WAIT_MS] = waitMs;
    return this.#isDone(string, native.sharedRemove(this.handle.id, string));
  }

  /**
   * Whether an entry was removed that still had this version.
   *
   * @param {string} string
   * @param {number} version
   */
  removeVersion(string, version) {
    this.handle.noteWrite(string);
    registers[VERSION] = version;
    return this.#isDone(string, native.sharedRemoveVersion(this.handle.id, string));
  }

  /**
   * The value of an entry that is gone now, or `NOTHING`. What cannot be decoded stays.
   *
   * @param {string} string
   */
  take(string) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      registers[WAIT_MS] = 0;
      this.handle.noteWrite(string);
      const read = native.sharedTake(this.handle.id, string);
      const kind = /** @type {number} */ (registers[KIND]);
      if (kind === 0) return NOTHING;
      if (kind < 0) throw readRefusal(kind, this.handle, string);
      if (kind <= LAST_PRIMITIVE) return read;
      const version = /** @type {number} */ (registers[VERSION]);
      const value = this.handle.codec.decode(read);
      if (!this.removeVersion(string, version)) continue;
      if (this.#isFrozen) freeze(value);
      return value;
    }
    throw errors.outpaced(keyOf(string), ATTEMPTS);
  }

  /** @param {string} string @param {number} ttlMs */
  touch(string, ttlMs) {
    this.handle.noteWrite(string);
    registers[TTL_MS] = ttlMs;
    registers[WAIT_MS] = 0;
    return this.#isDone(string, native.sharedTouch(this.handle.id, string));
  }

  /**
   * What a number is when an amount was added, or `undefined` where there is none to add to.
   *
   * @param {string} string
   * @param {number} by
   * @param {import('../arguments/writes.js').Counting} counting
   */
  increment(string, by, counting) {
    const ttlMs = ttlMsOf(counting.expiry, counting.defaultMs);
    const isPast = ttlMs < 0;
    this.handle.noteWrite(string);
    registers[TTL_MS] = isPast ? 0 : ttlMs;
    registers[AMOUNT] = by;
    registers[IF_PRESENT] = counting.ifPresent || isPast ? 1 : 0;
    registers[MIN] = counting.min;
    registers[MAX] = counting.max;
    registers[WAIT_MS] = 0;
    const answer = sharedIncrement(this.handle.id, string);
    if (answer < 0) throw writeRefusal(answer, this.handle, string);
    return answer !== 0 ? /** @type {number} */ (registers[AMOUNT]) : undefined;
  }

  /** Milliseconds until the deadline of the entry whose number was just added to. */
  countedMs() {
    // It may pass right now; it had not when the number was found.
    return Math.max(leftMsOf(/** @type {number} */ (registers[DEADLINE_MS])), 1);
  }

  /** How many live entries it has, with those of its namespaces. */
  size() {
    const size = native.sharedSize(this.handle.id);
    if (size < 0) throw sharedFailure(size, this.handle.name);
    return size;
  }

  clear() {
    this.handle.noteWrite();
    this.#isDone(this.handle.name, native.sharedClear(this.handle.id));
  }

  /**
   * @param {string} string
   * @param {number} timeoutMs
   */
  lock(string, timeoutMs) {
    const dueMs = time() + timeoutMs;
    for (;;) {
      const leftMs = Math.ceil(dueMs - time());
      registers[WAIT_MS] = Math.max(0, Math.min(leftMs, SLICE_MS));
      if (isMine(this.#claimed(string, native.lockKey(this.handle.id, string)))) return true;
      if (leftMs <= SLICE_MS) return false;
    }
  }

  /**
   * Asks for a key's lock, which this thread may have released while others wait for it: then it
   * is theirs for a while. Does not wait.
   *
   * @param {string} string
   * @returns {number} a `Claim`
   */
  lockInTurn(string) {
    return this.#claimed(string, native.lockInTurn(this.handle.id, string));
  }

  /** @param {string} string */
  release(string) {
    return this.#isDone(string, native.releaseKey(this.handle.id, string));
  }

  /**
   * @param {string} string
   * @param {number} answer of the native core
   */
  #isDone(string, answer) {
    return this.#claimed(string, answer) !== 0;
  }

  /**
   * @param {string} string
   * @param {number} answer of the native core
   */
  #claimed(string, answer) {
    if (answer < 0) throw writeRefusal(answer, this.handle, string);
    return answer;
  }
}

/** The last kind of a value that comes from the native core as itself. */
const LAST_PRIMITIVE = Kind.UNDEFINED;

module.exports = { SLICE_MS, SharedEntries };
