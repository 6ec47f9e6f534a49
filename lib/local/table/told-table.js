/**
 * A value table whose owner tells the time, by a function: for tests that move it by hand.
 *
 * Knows no timer's make. The core is told the time whenever it is called, so that it judges by
 * what the function says then. Invariant: the time never goes back.
 */
'use strict';

const { invalidType, outOfRange } = require('../../errors/errors.js');
const native = require('../../native/loader.js');
const { startTimer } = require('../../native/timers.js');
const { ValueTable } = require('./value-table.js');

/** Up to here every microsecond is a number. */
const MAX_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/** @typedef {import('../local-options.js').LocalOptions} StoreOptions */

class ToldTable extends ValueTable {
  #now;
  #latestUs = 0;
  /** Whether the function is running: what it does to this store sees the time of before. */
  #isAsked = false;

  /**
   * @param {StoreOptions} options
   * @param {() => boolean} isLoading
   * @param {() => unknown} now
   */
  constructor(options, isLoading, now) {
    const firstUs = microseconds(now());
    super(options, isLoading, firstUs);
    this.#now = now;
    this.#latestUs = firstUs;
  }

  /** @override */
  get id() {
    this.#told();
    return super.id;
  }

  /** @override */
  time() {
    this.#told();
    return this.#latestUs / 1000;
  }

  /**
   * By the timers that there are now, which whoever tells the time may move as well.
   *
   * @override
   * @param {() => void} act
   * @param {number} delayMs
   */
  startTimer(act, delayMs) {
    return startTimer(act, delayMs, setTimeout);
  }

  /** @override @param {NodeJS.Timeout | undefined} timer */
  stopTimer(timer) {
    if (timer !== undefined) clearTimeout(timer);
  }

  /** Tells the store the time. */
  #told() {
    if (!this.isOpen || this.#isAsked) return;
    // The function may use stores of its own, in the middle of a call of this one.
    const registers = native.registers.slice();
    let nowUs;
    this.#isAsked = true;
    try {
      nowUs = microseconds(this.#now());
    } finally {
      this.#isAsked = false;
      native.registers.set(registers);
    }
    // It may have closed this one.
    if (!this.isOpen) return;
    this.#latestUs = Math.max(this.#latestUs, nowUs);
    native.tellTime(super.id, this.#latestUs);
  }
}

/** @param {unknown} ms what the function gave */
function microseconds(ms) {
  const name = 'what option now gives';
  if (typeof ms !== 'number') throw invalidType('a number of milliseconds', name, ms);
  if (ms >= 0 && ms <= MAX_MS) return Math.round(ms * 1000);
  throw outOfRange(`from 0 to ${MAX_MS} milliseconds`, name, ms);
}

module.exports = { ToldTable };
