/**
 * What the listener tells the thread that reads: words in memory that both of them have.
 *
 * Knows no connection. A copy is right while the word of its stripe and the epoch are those that
 * were noted before it was asked for, and the trust has not run out. Invariant: words only rise, so
 * what was noted before a change is never right after it.
 */
'use strict';

const { time } = require('../../native/clock.js');

const STRIPES = 4096;
const EPOCH = STRIPES;
/** Rises with each version of a tag or a namespace. */
const MARKS = STRIPES + 1;
const WORDS = STRIPES + 2;
/** Of the times, which lie behind the words: by the clock of deadlines, and by the wall clock. */
const UNTIL = 0;
const UNTIL_WALL = 1;
/** How long answers take, most of them and nearly all. */
const [LAG_P50, LAG_P99] = [2, 3];
const TIMES = 4;
const RUN_AT = WORDS * 4 + TIMES * 8;
const BYTES = RUN_AT + 8;

class Words {
  memory;
  #words;
  #times;
  #run;

  /** @param {SharedArrayBuffer} [memory] that another thread has made */
  constructor(memory = new SharedArrayBuffer(BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#times = new Float64Array(memory, WORDS * 4, TIMES);
    this.#run = new BigUint64Array(memory, RUN_AT, 1);
  }

  /** Of the masters that are listened to, in hexadecimal digits; '' while none are. */
  get run() {
    const run = Atomics.load(this.#run, 0);
    return run === 0n ? '' : run.toString(16).padStart(16, '0');
  }

  set run(run) {
    Atomics.store(this.#run, 0, BigInt(`0x0${run}`));
  }

  /** @param {number} stripe */
  word(stripe) {
    return Atomics.load(this.#words, stripe);
  }

  get epoch() {
    return Atomics.load(this.#words, EPOCH);
  }

  get marks() {
    return Atomics.load(this.#words, MARKS);
  }

  /**
   * Whether what the server said has been heard up to a moment that is recent enough. The wall
   * clock runs while a machine sleeps; the other is not moved by anybody.
   *
   * @param {number} nowMs by the clock of deadlines
   */
  isTrusted(nowMs) {
    const times = this.#times;
    if (nowMs >= /** @type {number} */ (times[UNTIL])) return false;
    return Date.now() < /** @type {number} */ (times[UNTIL_WALL]);
  }

  /** @param {string} name at the server */
  change(name) {
    Atomics.add(this.#words, stripeOf(name), 1);
  }

  /**
   * The version of a mark. First of all of them: who finds the count as it was has noted no word
   * of a mark that was changed meanwhile.
   *
   * @param {string} name at the server
   */
  changeMark(name) {
    Atomics.add(this.#words, MARKS, 1);
    this.change(name);
  }

  /** Nothing that was read before is right any more. */
  changeAll() {
    Atomics.add(this.#words, EPOCH, 1);
  }

  /**
   * Everything that was acknowledged before a moment has been heard.
   *
   * @param {Moment} moment
   * @param {number} forMs how long that is enough
   */
  trust({ nowMs, wallMs }, forMs) {
    this.#times[UNTIL] = nowMs + forMs;
    this.#times[UNTIL_WALL] = wallMs + forMs;
  }

  distrust() {
    this.#times[UNTIL] = 0;
  }

  /** @returns {import('./lags.js').Lag} */
  get lag() {
    const times = this.#times;
    return {
      p50: /** @type {number} */ (times[LAG_P50]),
      p99: /** @type {number} */ (times[LAG_P99]),
    };
  }

  set lag({ p50, p99 }) {
    this.#times[LAG_P50] = p50;
    this.#times[LAG_P99] = p99;
  }
}

/** @typedef {{ nowMs: number, wallMs: number }} Moment */

/** @returns {Moment} */
function moment() {
  return { nowMs: time(), wallMs: Date.now() };
}

/** @param {string} name */
function stripeOf(name) {
  return hashOf(name) & (STRIPES - 1);
}

/** @param {string} name */
function hashOf(name) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

module.exports = { STRIPES, Words, hashOf, moment, stripeOf };
