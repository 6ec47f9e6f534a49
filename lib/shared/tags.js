/**
 * Tags of shared entries as the native core takes them, and their invalidation.
 *
 * Knows no value. Invariant: tags are packed into one string, in which each stands behind a unit
 * that says how long it is, so that no unit of a tag means anything.
 */
'use strict';

const { NO_TAGS } = require('../arguments/tags.js');
const { ttlMsOf } = require('../arguments/expiry.js');
const { NOW, firstCount } = require('../arguments/writes.js');
const { outpaced } = require('../errors/errors.js');
const { keyOf } = require('../keys/keyspace.js');
const { Condition, Register } = require('../native/contract.js');
const failures = require('../native/failures.js');
const native = require('../native/loader.js');

const { registers } = native;
const { AS_OF, KIND, VERSION } = Register;

/** @typedef {InstanceType<typeof import('./opening/handle.js').Handle>} Handle */

/** @typedef {InstanceType<typeof import('./entries.js').SharedEntries>} SharedEntries */
/** @typedef {import('../arguments/writes.js').Count} Count */

/** Counts of a number that others remove or make each time. */
const ATTEMPTS = 1000;

/** Units of a tag that can be packed: their number is a unit itself. */
const MOST_UNITS = 0xffff;

class SharedTags {
  #handle;

  /** @param {Handle} handle */
  constructor(handle) {
    this.#handle = handle;
  }

  /** @param {readonly string[]} tags */
  invalidate(tags) {
    this.#handle.noteWrite();
    this.#checked(native.invalidateTags(this.#handle.id, packed(tags)));
  }

  /**
   * Removes all entries of a namespace, and of those within.
   *
   * @param {string} path
   */
  clear(path) {
    this.#handle.noteWrite();
    this.#checked(native.clearSpace(this.#handle.id, path));
  }

  /** The moment of now: it grows with each invalidation. */
  moment() {
    return this.#checked(native.tagMoment(this.#handle.id));
  }

  /**
   * Whether one of these tags was invalidated after a moment.
   *
   * @param {readonly string[]} tags
   * @param {number} asOf
   */
  areInvalidated(tags, asOf) {
    const text = packed(tags);
    registers[AS_OF] = asOf;
    return this.#checked(native.areTagsInvalidated(this.#handle.id, text)) === 1;
  }

  /**
   * The tags of an entry, while it has this version; `undefined` when it has changed.
   *
   * @param {string} string
   * @param {number} version
   */
  of(string, version) {
    const text = native.sharedTags(this.#handle.id, string);
    const kind = /** @type {number} */ (registers[KIND]);
    if (kind < 0) throw failures.sharedFailure(kind, keyOf(string));
    return kind === 0 || registers[VERSION] !== version ? undefined : unpacked(text);
  }

  /** @param {number} answer of the native core */
  #checked(answer) {
    if (answer < 0) throw failures.sharedFailure(answer, this.#handle.name);
    return answer;
  }
}

/** @param {string} tag */
function isPackable(tag) {
  return tag.length <= MOST_UNITS;
}

/** @param {readonly string[]} tags each of which is packable */
function packed(tags) {
  let text = '';
  for (const tag of tags) text += String.fromCharCode(tag.length) + tag;
  return text;
}

/**
 * @param {string} text
 * @returns {readonly string[]}
 */
function unpacked(text) {
  if (text === '') return NO_TAGS;
  const tags = [];
  for (let start = 0; start < text.length; ) {
    const end = start + 1 + text.charCodeAt(start);
    tags.push(text.slice(start + 1, end));
    start = end;
  }
  return Object.freeze(tags);
}

/**
 * What a number is when it was counted; an entry that is made has the tags of the count.
 *
 * @param {SharedEntries} entries
 * @param {Count} count
 */
function counted(entries, { string, by, counting }) {
  const { tags, ifPresent } = counting;
  if (ifPresent || tags.length === 0) return entries.increment(string, by, counting);
  const present = { ...counting, ifPresent: true };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const sum = entries.increment(string, by, present);
    if (sum !== undefined) return sum;
    const ttlMs = ttlMsOf(counting.expiry, counting.defaultMs);
    if (ttlMs < 0) return undefined;
    const first = firstCount(by, counting);
    const how = { string, ttlMs, isKept: false, tags, asOf: NOW };
    const encoded = entries.handle.codec.encode(first, string);
    // Its deadline is left where that of a count is.
    const isMade = entries.write(how, encoded, Condition.ABSENT);
    if (isMade && entries.peek(string) !== undefined) return first;
  }
  throw outpaced(keyOf(string), ATTEMPTS);
}

module.exports = { counted, SharedTags, isPackable, packed, unpacked };
