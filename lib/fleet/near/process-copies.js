/**
 * Near copies of a process: what it has read of a fleet store.
 *
 * A copy keeps what was noted before it was asked for; it is right only while that still stands, so
 * no order in which answers and changes arrive makes an old one right. Invariant: a copy is given
 * only while the listener is trusted, and never after the deadline of its entry.
 */
'use strict';

const { isDeepStrictEqual } = require('node:util');
const { time } = require('../../native/clock.js');
const { Mirror } = require('../../shared/near/mirror.js');
const { freeze } = require('../../values/freeze.js');
const { Names } = require('../server/names.js');
const { STRIPES, Words, hashOf, stripeOf } = require('./words.js');

/** What there is no right copy of: as those of a machine say it. */
const UNKNOWN = Mirror.NOTHING;
/** What a copy costs beside its key and its value. */
const OVERHEAD_BYTES = 200;
/** Keys share counts of answers: of two that are asked for at once, one may not be kept. */
const COUNTS = 16_384;
/** Of an entry in no namespace, without tags. @type {readonly Word[]} */
const NO_MARKS = Object.freeze([]);

/** @typedef {import('../../store/backend.js').Seen} Seen */
/**
 * What is noted before an entry is asked for.
 *
 * @typedef {object} Noted
 * @property {number} stripe
 * @property {number} word
 * @property {number} epoch
 * @property {number} marks how many versions of marks have changed
 * @property {number} count of answers
 * @property {number} answered the answers that had come by then
 * @property {number} askedMs
 */
/**
 * @typedef {object} Copy
 * @property {Noted} note
 * @property {number} endMs by the clock of deadlines
 * @property {unknown} value of what nobody can change
 * @property {Buffer | undefined} bytes of what each reader gets a copy of: then there is no value
 * @property {number} size
 * @property {readonly Word[]} marks the words of its tags and of the namespaces that it is in
 */
/** @typedef {{ stripe: number, word: number }} Word */

/** @typedef {Noted & import('./near.js').Note} Note */
/** @typedef {import('./near.js').Copies<Note>} Copies */

/** @implements {Copies} */
class ProcessCopies {
  #words = new Words();
  #codec;
  #names;
  #maxBytes;
  #isFrozen;
  #bytes = 0;
  /** Answers that have come. */
  #answers = new Uint32Array(COUNTS);
  /** @type {Map<string, Copy>} */
  #copies = new Map();

  /**
   * @param {import('./near.js').FleetEntries} entries
   * @param {{ maxBytes: number, isFrozen: boolean }} how
   */
  constructor({ codec, names }, { maxBytes, isFrozen }) {
    this.#codec = codec;
    this.#names = names;
    this.#maxBytes = maxBytes;
    this.#isFrozen = isFrozen;
  }

  get told() {
    return { words: this.#words.memory };
  }

  /** @param {string} string */
  get(string) {
    const copy = this.#copies.get(string);
    if (copy === undefined) return UNKNOWN;
    const nowMs = time();
    // Trust first: what it covers was heard before it was given, and shows in the words by now.
    if (!this.#words.isTrusted(nowMs)) return UNKNOWN;
    return this.#given(string, copy, nowMs);
  }

  /** @param {string} string */
  peek(string) {
    const copy = this.#copies.get(string);
    return copy === undefined ? UNKNOWN : this.#given(string, copy, time());
  }

  /** @param {string} string */
  found(string) {
    const copy = this.#copies.get(string);
    const nowMs = time();
    if (copy === undefined || !this.#isRight(copy, nowMs)) return undefined;
    return { isThere: (copy.bytes ?? copy.value) !== undefined, leftMs: copy.endMs - nowMs };
  }

  isTrusted() {
    return this.#words.isTrusted(time());
  }

  /**
   * @param {string} string
   * @param {Copy} copy
   * @param {number} nowMs
   */
  #given(string, copy, nowMs) {
    if (!this.#isRight(copy, nowMs)) return UNKNOWN;
    if (copy.bytes === undefined) return copy.value;
    const own = this.#codec.decode(copy.bytes, string);
    if (this.#isFrozen) freeze(own);
    return own;
  }

  /**
   * @param {Copy} copy
   * @param {number} nowMs
   */
  #isRight({ note, endMs, marks }, nowMs) {
    const words = this.#words;
    if (nowMs >= endMs) return false;
    if (!(words.isAt(note.stripe, note.word) && words.isOf(note.epoch))) return false;
    for (const { stripe, word } of marks) if (!words.isAt(stripe, word)) return false;
    return true;
  }

  /**
   * @param {string} string
   * @returns {Note}
   */
  note(string) {
    const hash = this.#hashOf(string);
    const stripe = hash & (STRIPES - 1);
    const count = hash & (COUNTS - 1);
    const answered = this.#answered(count);
    const words = this.#words;
    const { epoch, marks } = words;
    const word = words.word(stripe);
    // Last: it is not named before all that was noted earlier is void.
    const { run } = words;
    const askedMs = time();
    return { stripe, word, epoch, marks, run, isElsewhere: false, count, answered, askedMs };
  }

  /**
   * @param {Note} one
   * @param {Note} later
   */
  isSame({ word, epoch, marks, run, answered }, later) {
    if (word !== later.word || epoch !== later.epoch || answered !== later.answered) return false;
    return marks === later.marks && run === later.run;
  }

  /**
   * @param {string} string
   * @param {Note | undefined} note
   * @param {Seen | undefined} seen
   */
  keep(string, note, seen) {
    const { value, bytes } = seen ?? { value: undefined, bytes: undefined };
    const isObject = typeof value === 'object' && value !== null;
    // What cannot be frozen whole is decoded for each reader.
    const isShared = isObject && !(this.#isFrozen && freeze(value));
    if (note === undefined) {
      this.change(string);
      return true;
    }
    const endMs = endOf(note.askedMs, seen);
    const marks = this.#marksOf(seen);
    const kept = isShared ? { value: undefined, bytes } : { value, bytes: undefined };
    const size = string.length + (bytes?.length ?? 0) + OVERHEAD_BYTES;
    const copy = { note, endMs, ...kept, size, marks };
    if (!this.#stands(note, marks) && !this.#confirms(string, copy)) return false;
    // Of what was asked for before nothing is kept that says something else.
    this.#answer(note.count);
    this.#forget(string);
    if (size > this.#maxBytes) return true;
    copy.bytes &&= ownBytes(copy.bytes);
    this.#copies.set(string, copy);
    this.#bytes += size;
    // The oldest go: what is read will be asked for again.
    for (const oldest of this.#copies.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
    return true;
  }

  /**
   * @param {string} string
   * @param {(found: import('./near.js').Found) => boolean} agrees
   */
  heed(string, agrees) {
    // Of those who have asked before, nobody's answer is kept.
    this.#answer(this.#hashOf(string) & (COUNTS - 1));
    const found = this.found(string);
    if (found !== undefined && !agrees(found)) this.#forget(string);
  }

  /** @param {string} string */
  change(string) {
    this.#words.change(this.#names.value(string));
    this.#forget(string);
  }

  /** @param {readonly string[]} marks */
  changeMarks(marks) {
    for (const mark of marks) this.#words.changeMark(this.#names.mark(Names.escaped(mark)));
  }

  changeAll() {
    this.#words.changeAll();
    this.#copies.clear();
    this.#bytes = 0;
  }

  distrust() {
    this.#words.distrust();
  }

  lag() {
    return this.#words.lag;
  }

  close() {
    this.distrust();
    this.#copies.clear();
    this.#bytes = 0;
  }

  /**
   * The words of the marks of an entry, as they are now.
   *
   * @param {Seen | undefined} seen
   */
  #marksOf(seen) {
    if (seen === undefined || seen.tags.length === 0) return NO_MARKS;
    return seen.tags.map((mark) => {
      const stripe = stripeOf(this.#names.mark(Names.escaped(mark)));
      return { stripe, word: this.#words.word(stripe) };
    });
  }

  /**
   * Whether nobody has read or written anything since this was noted that may be newer.
   *
   * @param {Note} note
   * @param {readonly Word[]} marks as they are now
   */
  #stands({ stripe, word, epoch, marks: count, count: counted, answered }, marks) {
    const words = this.#words;
    if (words.word(stripe) !== word || words.epoch !== epoch) return false;
    // Somebody has asked before, or since, and was answered first: which is newer is not known.
    if (this.#answered(counted) !== answered) return false;
    // Which of them has changed since it was asked for is not known.
    return marks.length === 0 || words.marks === count;
  }

  /**
   * Whether a copy that comes too late says what one says that is right: then it takes its place,
   * as that was noted, and ends with whichever ends first.
   *
   * @param {string} string
   * @param {Copy} late
   */
  #confirms(string, late) {
    const copy = this.#copies.get(string);
    if (copy === undefined || !this.#isRight(copy, time())) return false;
    const isSame = copy.marks.length === late.marks.length;
    if (!isSame || copy.marks.some(({ stripe }, at) => stripe !== late.marks[at]?.stripe))
      return false;
    if (!isDeepStrictEqual([copy.bytes ?? copy.value], [late.bytes ?? late.value])) return false;
    late.note = copy.note;
    late.marks = copy.marks;
    late.endMs = Math.min(copy.endMs, late.endMs);
    return true;
  }

  /** @param {string} string */
  #hashOf(string) {
    return hashOf(this.#names.value(string));
  }

  /** @param {number} count of answers, to which one has come */
  #answer(count) {
    this.#answers[count] = this.#answered(count) + 1;
  }

  /** @param {number} count */
  #answered(count) {
    return /** @type {number} */ (this.#answers[count]);
  }

  /** @param {string} string */
  #forget(string) {
    const copy = this.#copies.get(string);
    if (copy === undefined) return;
    this.#copies.delete(string);
    this.#bytes -= copy.size;
  }
}

/**
 * Bytes that keep no others: those of an answer lie among all that came with it.
 *
 * @param {Buffer} bytes
 */
function ownBytes(bytes) {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

/**
 * When a copy of an entry stops being right, by the clock of deadlines: never after the entry.
 *
 * @param {number} askedMs when it was asked for
 * @param {Seen | undefined} seen
 */
function endOf(askedMs, seen) {
  // The server counts whole milliseconds: 1 may be less.
  return askedMs + (seen?.leftMs ?? Number.POSITIVE_INFINITY) - 1;
}

module.exports = { ProcessCopies, UNKNOWN, endOf };
