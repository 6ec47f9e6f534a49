/**
 * Near copies of a process: what it has read of a fleet store, right until the server says else.
 *
 * A copy keeps what was noted before it was asked for; it is right only while that still stands, so
 * no order in which answers and changes arrive makes an old one right. Invariant: a copy is given
 * only while the listener is trusted, and never after the deadline of its entry.
 */
'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { time } = require('../../native/clock.js');
const { outside } = require('../../native/timers.js');
const { Names } = require('../server/names.js');
const { Words, stripeOf } = require('./words.js');

/** What there is no right copy of. */
const UNKNOWN = Symbol('unknown');

/**
 * What the listener is told.
 *
 * @typedef {object} Listening
 * @property {SharedArrayBuffer} memory
 * @property {string} host
 * @property {number} port
 * @property {boolean} isSecret
 * @property {string[]} greeting
 * @property {string} prefix
 * @property {string} marks what the names of the versions of marks begin with
 * @property {number} maxStaleMs
 */

/**
 * What is noted before an entry is asked for.
 *
 * @typedef {object} Note
 * @property {number} stripe
 * @property {number} word
 * @property {number} epoch
 * @property {number} marks how many versions of marks have changed
 * @property {number} askedMs
 */

/**
 * @typedef {object} Copy
 * @property {Note} note
 * @property {number} endMs by the clock of deadlines
 * @property {unknown} value of what nobody can change
 * @property {Buffer | undefined} bytes of what each reader gets a copy of
 * @property {readonly Word[]} marks the words of its tags and of the namespaces that it is in
 */
/** @typedef {{ stripe: number, word: number }} Word */

/** Of an entry in no namespace, without tags. @type {readonly Word[]} */
const NO_MARKS = Object.freeze([]);

class Near {
  hits = 0;
  #words = new Words();
  #codec;
  #names;
  #maxEntries;
  /** @type {Map<string, Copy>} */
  #copies = new Map();
  #worker;

  /**
   * @param {InstanceType<typeof import('../server/entries.js').FleetEntries>} entries
   * @param {{ url: URL, maxEntries: number, maxStaleMs: number }} how
   */
  constructor(entries, { url, maxEntries, maxStaleMs }) {
    this.#codec = entries.codec;
    this.#names = entries.names;
    this.#maxEntries = maxEntries;
    /** @type {Listening} */
    const workerData = {
      memory: this.#words.memory,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 6379),
      isSecret: url.protocol === 'rediss:',
      greeting: greetingOf(url),
      prefix: this.#names.prefix,
      marks: this.#names.marks,
      maxStaleMs,
    };
    const file = path.join(__dirname, 'listener.js');
    this.#worker = outside(() => new Worker(file, { workerData, stdin: false, name: 'listener' }));
    this.#worker.unref();
    // Without it there is no trust, so the server is asked each time.
    this.#worker.on('error', () => this.#words.distrust());
    this.#worker.on('exit', () => this.#words.distrust());
  }

  /**
   * The value of a right copy, `undefined` for what is known to be absent, or `UNKNOWN`.
   *
   * @param {string} string
   */
  get(string) {
    const copy = this.#copies.get(string);
    if (copy === undefined) return UNKNOWN;
    const { note } = copy;
    const words = this.#words;
    const nowMs = time();
    // Trust first: what it covers was heard before it was given, and shows in the words by now.
    if (nowMs >= copy.endMs || !words.isTrusted(nowMs)) return UNKNOWN;
    if (words.word(note.stripe) !== note.word || words.epoch !== note.epoch) return UNKNOWN;
    for (const { stripe, word } of copy.marks) if (words.word(stripe) !== word) return UNKNOWN;
    this.hits += 1;
    return copy.bytes === undefined ? copy.value : this.#codec.decode(copy.bytes, string);
  }

  /**
   * To be called before an entry is asked for.
   *
   * @param {string} string
   * @returns {Note}
   */
  note(string) {
    const stripe = stripeOf(this.#names.value(string));
    const words = this.#words;
    const { epoch, marks } = words;
    return { stripe, word: words.word(stripe), epoch, marks, askedMs: time() };
  }

  /**
   * Keeps what was answered.
   *
   * @param {string} string
   * @param {Note} note
   * @param {import('../../store/backend.js').Seen | undefined} seen
   */
  keep(string, note, seen) {
    // The server counts whole milliseconds: 1 may be less.
    const leftMs = (seen?.leftMs ?? Number.POSITIVE_INFINITY) - 1;
    const endMs = note.askedMs + leftMs;
    const { value, bytes } = seen ?? { value: undefined, bytes: undefined };
    const isShared = typeof value === 'object' && value !== null;
    this.#copies.delete(string);
    const marks = this.#marksOf(seen);
    // Which of them has changed since it was asked for is not known.
    if (marks.length > 0 && this.#words.marks !== note.marks) return;
    this.#copies.set(string, { note, endMs, value, bytes: isShared ? bytes : undefined, marks });
    // The oldest goes: what is read will be asked for again.
    if (this.#copies.size <= this.#maxEntries) return;
    const [oldest] = this.#copies.keys();
    this.#copies.delete(/** @type {string} */ (oldest));
  }

  /**
   * What this process has written, or may have: its own copy is not right any more.
   *
   * @param {string} string
   */
  change(string) {
    this.#words.change(this.#names.value(string));
    this.#copies.delete(string);
  }

  /**
   * What this process has invalidated, or may have.
   *
   * @param {readonly string[]} marks
   */
  changeMarks(marks) {
    for (const mark of marks) this.#words.changeMark(this.#names.mark(Names.escaped(mark)));
  }

  changeAll() {
    this.#words.changeAll();
    this.#copies.clear();
  }

  /**
   * The words of the marks of an entry, as they are now.
   *
   * @param {import('../../store/backend.js').Seen | undefined} seen
   */
  #marksOf(seen) {
    if (seen === undefined || seen.tags.length === 0) return NO_MARKS;
    return seen.tags.map((mark) => {
      const stripe = stripeOf(this.#names.mark(Names.escaped(mark)));
      return { stripe, word: this.#words.word(stripe) };
    });
  }

  close() {
    this.#words.distrust();
    this.#copies.clear();
    this.#worker.terminate();
  }
}

/** @param {URL} url */
function greetingOf({ username, password }) {
  if (password === '' && username === '') return ['HELLO', '3'];
  const user = username === '' ? 'default' : decodeURIComponent(username);
  return ['HELLO', '3', 'AUTH', user, decodeURIComponent(password)];
}

module.exports = { Near, UNKNOWN };
