/**
 * What is to be written, checked and whole: key, value, time to live, size, tags.
 *
 * Knows a store's rules (default time to live, sizes), not its entries. Invariant: making a write
 * may run the caller's code (a key's `toJSON`, a getter, `sizeOf`), so it is made before the store
 * is looked at.
 */
'use strict';

const { sharedStringOf, stringOf } = require('../keys/key.js');
const { PLAIN, keyOf, plainString } = require('../keys/keyspace.js');
const errors = require('../errors/errors.js');
const { Expiry, WRITE_NAMES, expiryOf, ttlMsOf, writeExpiry } = require('./expiry.js');
const { pairsOf } = require('./many.js');
const { rateOf } = require('./limit.js');
const { amount, flag, record, whole } = require('./options.js');
const { NO_TAGS, tagsArgument } = require('./tags.js');

const MAX_SIZE = Number.MAX_SAFE_INTEGER;
const SIZED_NAMES = Object.freeze([...WRITE_NAMES, 'size']);
const COUNT_NAMES = Object.freeze([...WRITE_NAMES, 'ifPresent', 'min', 'max']);
const SIZED_COUNT_NAMES = Object.freeze([...COUNT_NAMES, 'size']);

/** @typedef {(value: unknown, key: string) => unknown} SizeOf */

/**
 * A number to count with, and how.
 *
 * @typedef {object} Count
 * @property {string} string
 * @property {unknown} key as it was given
 * @property {number} by
 * @property {Counting} counting
 */

/**
 * A function of the value that is there, and how what it gives is written.
 *
 * @typedef {object} Update
 * @property {string} string
 * @property {(value: unknown) => unknown} change
 * @property {(value: unknown) => Write} writeOf
 * @property {number} own attempts during which the function wrote to the store itself
 * @property {((isThere: boolean) => void) | undefined} [looked] is told of each look
 * @property {(() => void) | undefined} [stored] is told when it has written
 */

/** When a write takes place. An entry whose deadline has passed is absent. */
const When = Object.freeze({ ALWAYS: 0, ABSENT: 1, PRESENT: 2 });

/** What a write says is true when it is done. */
const NOW = -1;

/** One shape for all. */
class Write {
  /**
   * @param {string} string
   * @param {unknown} key as it was given
   * @param {unknown} value
   * @param {number} expiry
   * @param {number} defaultMs
   * @param {number} size 0 where sizes do not count
   */
  constructor(string, key, value, expiry, defaultMs, size) {
    this.string = string;
    this.key = key;
    this.value = value;
    this.expiry = expiry;
    this.defaultMs = defaultMs;
    this.size = size;
    /** How long before its deadline it turns stale; 0 for not at all. */
    this.staleMs = 0;
    /** `undefined`: those that the entry has. @type {readonly string[] | undefined} */
    this.tags = NO_TAGS;
    /** The moment that what it says is of, by the backend's own count; below 0: now. */
    this.asOf = NOW;
  }

  /** Whether an entry that is there keeps its deadline. */
  get isKept() {
    return this.expiry === Expiry.KEEP;
  }

  /** Milliseconds from now on, 0 for ever, below 0 when the deadline has passed already. */
  get ttlMs() {
    return ttlMsOf(this.expiry, this.defaultMs);
  }
}

/**
 * How a number is counted up or down. The time to live, the size and the tags are those of an entry
 * that is made.
 *
 * @typedef {object} Counting
 * @property {number} expiry
 * @property {number} defaultMs
 * @property {number | undefined} size
 * @property {readonly string[]} tags
 * @property {boolean} ifPresent whether nothing is made
 * @property {number} min
 * @property {number} max
 */

/** What a store takes. */
class WriteRules {
  /** Whose keys they are. */
  space = PLAIN;
  /** The string form of a key. @type {(key: unknown) => string} */
  formOf = stringOf;
  /** What an entry of that key is kept under. @type {(key: unknown) => string} */
  stringOf = (key) => plainString(this.formOf(key));
  /** Milliseconds to live of what is written without a time of its own; 0 for ever. */
  defaultMs;
  #maxSize;
  #sizeOf;
  isSized;
  /** Whether entries can have tags. */
  hasTags = true;
  /** Of a call without options. @type {Counting} */
  #counting;

  /**
   * @param {number} defaultMs
   * @param {number} [maxSize] 0 for no bound
   * @param {SizeOf} [sizeOf]
   */
  constructor(defaultMs, maxSize = 0, sizeOf = undefined) {
    this.defaultMs = defaultMs;
    this.#maxSize = maxSize;
    this.#sizeOf = sizeOf;
    this.isSized = maxSize > 0;
    this.#counting = Object.freeze({
      expiry: Expiry.UNSAID,
      defaultMs,
      size: undefined,
      tags: NO_TAGS,
      ifPresent: false,
      min: Number.NEGATIVE_INFINITY,
      max: Number.POSITIVE_INFINITY,
    });
  }

  /**
   * The same for a namespace of the store.
   *
   * @param {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} space
   */
  within(space) {
    const Rules = /** @type {typeof WriteRules} */ (this.constructor);
    const rules = new Rules(this.defaultMs, this.#maxSize, this.#sizeOf);
    rules.space = space;
    rules.hasTags = this.hasTags;
    rules.formOf = this.formOf;
    rules.stringOf = (key) => space.stringOf(rules.formOf(key));
    return rules;
  }

  /**
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} given options
   */
  write(key, value, given) {
    if (this.isSized) return this.#readWrite(key, value, given);
    const expiry = writeExpiry(given);
    if (expiry === Expiry.TAGGED) return this.#readWrite(key, value, given);
    return new Write(this.stringOf(key), key, value, expiry, this.defaultMs, 0);
  }

  /**
   * The writes of the entries that `setMany` got.
   *
   * @param {unknown} entries
   * @param {unknown} given options for those that bring none
   */
  writes(entries, given) {
    /** @type {Write[]} */
    const writes = [];
    for (const { key, value, own } of pairsOf(entries)) {
      writes.push(this.write(key, value, own === undefined ? given : own));
    }
    return writes;
  }

  /**
   * What `update` does: deadline and tags are kept unless options say otherwise.
   *
   * @param {unknown} key
   * @param {(value: unknown) => unknown} change
   * @param {unknown} given options
   * @returns {Update}
   */
  update(key, change, given) {
    const { expiry: said, size, tags } = this.#options(given);
    const expiry = said === Expiry.UNSAID ? Expiry.KEEP : said;
    const string = this.stringOf(key);
    const writeOf = (/** @type {unknown} */ value) => {
      const write = this.writeOf(string, key, value, expiry, size);
      write.tags = tags;
      return write;
    };
    return { string, change, writeOf, own: 0 };
  }

  /**
   * A number to count with, and how.
   *
   * @param {unknown} key
   * @param {unknown} by
   * @param {unknown} given options
   * @returns {Count}
   */
  count(key, by, given) {
    const checked = by === undefined ? 1 : amount(by, 'by');
    const counting = this.#countingOf(given);
    return { string: this.stringOf(key), key, by: checked, counting };
  }

  /**
   * What is taken from a limit, if that allows it.
   *
   * @param {unknown} key
   * @param {unknown} given
   * @returns {import('./limit.js').Limit}
   */
  limit(key, given) {
    const rate = rateOf(given, this.isSized);
    return { string: this.stringOf(key), key, rate };
  }

  /**
   * @param {string} string
   * @param {unknown} key as it was given
   * @param {unknown} value
   * @param {number} expiry
   * @param {number | undefined} size
   */
  writeOf(string, key, value, expiry, size) {
    return new Write(string, key, value, expiry, this.defaultMs, this.size(size, value, string));
  }

  /**
   * @param {unknown} given options of a count
   * @returns {Counting}
   */
  #countingOf(given) {
    if (given === undefined) return this.#counting;
    if (typeof given === 'number') return { ...this.#counting, expiry: writeExpiry(given) };
    const read = record(given, this.isSized ? SIZED_COUNT_NAMES : COUNT_NAMES);
    const { ttl, expiresAt, isPermanent, maxAgeMs, size, tags, ifPresent, min, max } = read;
    const expiry = expiryOf(ttl, expiresAt, isPermanent, maxAgeMs);
    const least = min === undefined ? this.#counting.min : amount(min, 'option min');
    const most = max === undefined ? this.#counting.max : amount(max, 'option max');
    if (least > most) throw errors.outOfRange(`at least min, ${least},`, 'option max', most);
    return {
      expiry,
      defaultMs: this.defaultMs,
      size: size === undefined ? undefined : sizeArgument(size, 'option size'),
      tags: tags === undefined ? NO_TAGS : this.tags(tags),
      ifPresent: ifPresent !== undefined && flag(ifPresent, 'option ifPresent'),
      min: least,
      max: most,
    };
  }

  /**
   * What an entry counts towards the bound on the size.
   *
   * @param {number | undefined} given
   * @param {unknown} value
   * @param {string} string the key
   */
  size(given, value, string) {
    if (!this.isSized) return 0;
    const size = given === undefined ? this.#measured(value, string) : given;
    if (size > this.#maxSize) {
      throw errors.outOfRange(`at the most the store's maxSize, ${this.#maxSize},`, 'a size', size);
    }
    return size;
  }

  /**
   * The option `tags`, of a store that has them.
   *
   * @param {unknown} given
   */
  tags(given) {
    const tags = tagsArgument(given);
    if (this.hasTags || tags.length === 0) return tags;
    throw errors.invalidValue('no tags (stores of this kind have none)', 'option tags', given);
  }

  /**
   * As `write`, of options that are read whole.
   *
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} given
   */
  #readWrite(key, value, given) {
    const { expiry, size, tags } = this.#options(given);
    const write = this.writeOf(this.stringOf(key), key, value, expiry, size);
    write.tags = tags ?? NO_TAGS;
    return write;
  }

  /**
   * What options say, or a number in their place.
   *
   * @param {unknown} given
   * @returns {{ expiry: number, size: number | undefined, tags: readonly string[] | undefined }}
   */
  #options(given) {
    const expiry = this.isSized && typeof given === 'object' ? Expiry.TAGGED : writeExpiry(given);
    if (expiry !== Expiry.TAGGED) return { expiry, size: undefined, tags: undefined };
    const names = this.isSized ? SIZED_NAMES : WRITE_NAMES;
    const { ttl, expiresAt, isPermanent, maxAgeMs, size, tags } = record(given, names);
    return {
      size: size === undefined ? undefined : sizeArgument(size, 'option size'),
      tags: tags === undefined ? undefined : this.tags(tags),
      expiry: expiryOf(ttl, expiresAt, isPermanent, maxAgeMs),
    };
  }

  /**
   * @param {unknown} value
   * @param {string} string
   */
  #measured(value, string) {
    const sizeOf = this.#sizeOf;
    if (sizeOf === undefined) {
      const what = 'a number (the store has maxSize and no sizeOf)';
      throw errors.invalidType(what, 'option size', undefined);
    }
    return sizeArgument(sizeOf(value, keyOf(string)), 'what option sizeOf computed');
  }
}

/**
 * What a store takes that others share.
 *
 * @param {number} defaultMs
 */
function sharedRules(defaultMs) {
  const rules = new WriteRules(defaultMs);
  rules.formOf = sharedStringOf;
  return rules;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function sizeArgument(value, name) {
  return whole(value, name, 0, MAX_SIZE);
}

/**
 * What a number becomes when an amount is added: within the limits, and never moved against the
 * sign of the amount.
 *
 * @param {number} current
 * @param {number} by
 * @param {Counting} counting
 */
function counted(current, by, { min, max }) {
  const sum = amount(current + by, 'the sum');
  const clamped = Math.min(Math.max(sum, min), max);
  if (by > 0) return Math.max(clamped, current);
  return by < 0 ? Math.min(clamped, current) : current;
}

/**
 * What a number is that was not there.
 *
 * @param {number} by
 * @param {Counting} counting
 */
function firstCount(by, { min, max }) {
  return Math.min(Math.max(by, min), max);
}

module.exports = {
  MAX_SIZE,
  NOW,
  When,
  Write,
  WriteRules,
  counted,
  firstCount,
  sharedRules,
  sizeArgument,
};
