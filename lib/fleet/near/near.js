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
 * @property {number} maxStaleMs
 */

/**
 * What is noted before an entry is asked for.
 *
 * @typedef {{ stripe: number, word: number, epoch: number, askedMs: number }} Note
 */

/**
 * @typedef {object} Copy
 * @property {Note} note
 * @property {number} endMs by the clock of deadlines
 * @property {unknown} value of what nobody can change
 * @property {Buffer | undefined} bytes of what each reader gets a copy of
 */

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
    return { stripe, word: words.word(stripe), epoch: words.epoch, askedMs: time() };
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
    // The oldest goes: what is read will be asked for again.
    this.#copies.delete(string);
    this.#copies.set(string, { note, endMs, value, bytes: isShared ? bytes : undefined });
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

  changeAll() {
    this.#words.changeAll();
    this.#copies.clear();
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
