/**
 * Ends waits that take too long: all of one length, so they end in the order in which they began.
 *
 * One timer for all of them. It is not stopped when nobody waits any more, for the next one comes
 * soon: it keeps no process, and goes off once. Invariant: who waits has a timer that is not late.
 */
'use strict';

const { startTimer, stopTimer } = require('../../native/timers.js');

/** Those that have ended are forgotten when there are so many. */
const MOST_ENDED = 1024;

/** @typedef {{ atMs: number, isOver: boolean, end: () => void }} Wait */

class Deadlines {
  #lengthMs;
  /** From `#first` on, the earliest first. @type {Wait[]} */
  #waits = [];
  #first = 0;
  #waiting = 0;
  #isClosed = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {number} lengthMs */
  constructor(lengthMs) {
    this.#lengthMs = lengthMs;
  }

  /**
   * What a promise comes to, or a rejection when it takes too long.
   *
   * @template T
   * @param {Promise<T>} promise
   * @param {() => unknown} reason of the rejection
   * @returns {Promise<T>}
   */
  limit(promise, reason) {
    return new Promise((resolve, reject) => {
      const wait = this.#begin(() => reject(reason()));
      const over = () => this.#end(wait);
      promise.then(
        (value) => {
          over();
          resolve(value);
        },
        (error) => {
          over();
          reject(error);
        },
      );
    });
  }

  /** Nobody comes any more; those who wait still do. */
  close() {
    this.#isClosed = true;
    if (this.#waiting === 0) this.#stop();
  }

  /** @param {() => void} end */
  #begin(end) {
    const wait = { atMs: performance.now() + this.#lengthMs, isOver: false, end };
    this.#waits.push(wait);
    this.#waiting += 1;
    this.#timer ??= startTimer(() => this.#tick(), this.#lengthMs);
    return wait;
  }

  /** @param {Wait} wait */
  #end(wait) {
    if (wait.isOver) return;
    wait.isOver = true;
    this.#waiting -= 1;
    if (this.#waiting > 0) {
      this.#forget();
      return;
    }
    this.#waits = [];
    this.#first = 0;
    if (this.#isClosed) this.#stop();
  }

  #stop() {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }

  #tick() {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (let wait = this.#next(); wait !== undefined; wait = this.#next()) {
      if (wait.atMs > nowMs) {
        this.#timer = startTimer(() => this.#tick(), Math.ceil(wait.atMs - nowMs));
        return;
      }
      this.#end(wait);
      wait.end();
    }
  }

  /** The earliest that is not over. */
  #next() {
    this.#forget();
    return this.#waits[this.#first];
  }

  #forget() {
    while (this.#waits[this.#first]?.isOver) this.#first += 1;
    if (this.#first < MOST_ENDED) return;
    this.#waits = this.#waits.slice(this.#first);
    this.#first = 0;
  }
}

module.exports = { Deadlines };
