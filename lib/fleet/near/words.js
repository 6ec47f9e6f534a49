/**
 * What the listener tells the thread that reads: words in memory that both of them have.
 *
 * Knows no connection. A copy is right while the word of its stripe and the epoch are those that
 * were noted before it was asked for, and the trust has not run out. Invariants: words only rise,
 * so what was noted before a change is never right after it; who knows until when there is trust
 * sees every change that was heard before that was said, on every processor.
 */
'use strict';

const { time } = require('../../native/clock.js');

const STRIPES = 4096;
const EPOCH = STRIPES;
/** Rises with each version of a tag or a namespace. */
const MARKS = STRIPES + 1;
/** Rises after each change of the time until which there is trust. */
const TRUSTS = STRIPES + 2;
/** A word more than there are, so that what lies behind them does so by eights. */
const WORDS = STRIPES + 4;
/** In microseconds, by the clock of deadlines and by the wall clock. */
const [UNTIL, UNTIL_WALL] = [0, 1];
const UNTIL_AT = WORDS * 4;
/** How long answers take, most of them and nearly all. */
const [LAG_P50, LAG_P99] = [0, 1];
const LAG_AT = UNTIL_AT + 2 * 8;
const RUN_AT = LAG_AT + 2 * 8;
const BYTES = RUN_AT + 8;

class Words {
  memory;
  #words;
  #until;
  #lag;
  #run;
  /** What is known here of the trust, and as of which change of it; that of none is another. */
  #trusts = -1;
  #untilMs = 0;
  #untilWallMs = 0;

  /** @param {SharedArrayBuffer} [memory] that another thread has made */
  constructor(memory = new SharedArrayBuffer(BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#until = new BigInt64Array(memory, UNTIL_AT, 2);
    this.#lag = new Float64Array(memory, LAG_AT, 2);
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
   * Whether a word is still this. To be asked after `isTrusted`: what was heard by then shows in a
   * plain look, which costs a tenth of others.
   *
   * @param {number} stripe
   * @param {number} word
   */
  isAt(stripe, word) {
    return this.#words[stripe] === word;
  }

  /**
   * The same of the epoch.
   *
   * @param {number} epoch
   */
  isOf(epoch) {
    return this.#words[EPOCH] === epoch;
  }

  /**
   * Whether what the server said has been heard up to a moment that is recent enough. The wall
   * clock runs while a machine sleeps; the other is not moved by anybody.
   *
   * @param {number} nowMs by the clock of deadlines
   */
  isTrusted(nowMs) {
    // What this one look finds comes after all that was heard before: the times are known already.
    if (Atomics.load(this.#words, TRUSTS) !== this.#trusts) this.#learn();
    return nowMs < this.#untilMs && Date.now() < this.#untilWallMs;
  }

  #learn() {
    // First: if the times change meanwhile, it does so after them, and they are learnt once more.
    this.#trusts = Atomics.load(this.#words, TRUSTS);
    this.#untilMs = Number(Atomics.load(this.#until, UNTIL)) / 1000;
    this.#untilWallMs = Number(Atomics.load(this.#until, UNTIL_WALL)) / 1000;
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
    this.#trust(nowMs + forMs, wallMs + forMs);
  }

  distrust() {
    this.#trust(0, 0);
  }

  /**
   * @param {number} untilMs
   * @param {number} untilWallMs
   */
  #trust(untilMs, untilWallMs) {
    Atomics.store(this.#until, UNTIL, BigInt(Math.floor(untilMs * 1000)));
    Atomics.store(this.#until, UNTIL_WALL, BigInt(Math.floor(untilWallMs * 1000)));
    Atomics.add(this.#words, TRUSTS, 1);
  }

  /** @returns {import('./lags.js').Lag} */
  get lag() {
    const lag = this.#lag;
    return {
      p50: /** @type {number} */ (lag[LAG_P50]),
      p99: /** @type {number} */ (lag[LAG_P99]),
    };
  }

  set lag({ p50, p99 }) {
    this.#lag[LAG_P50] = p50;
    this.#lag[LAG_P99] = p99;
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
