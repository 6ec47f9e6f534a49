/**
 * Releases entries when their deadlines pass, for those who want to know: an unreferenced timer.
 *
 * Knows deadlines by the native core only. It runs only while somebody listens, and holds the
 * store as long as one of its deadlines is to come. Invariant: while it is set, it goes off no
 * later than the next deadline.
 */
'use strict';

const { time } = require('../../native/clock.js');
const native = require('../../native/loader.js');
const { startTimer, stopTimer } = require('../../native/timers.js');

class ExpiryTimer {
  #id;
  /** What to do when something was released: it sets the timer anew if it is to go on. */
  #release;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** On the clock of the deadlines. */
  #dueMs = Number.POSITIVE_INFINITY;

  /**
   * @param {number} id of the store in the native core
   * @param {() => void} release
   */
  constructor(id, release) {
    this.#id = id;
    this.#release = release;
  }

  /** Goes off at the next deadline, if there is one, and not otherwise. */
  set() {
    const waitMs = native.nextDueMs(this.#id);
    if (waitMs < 0) return this.clear();
    const dueMs = time() + waitMs;
    if (this.#timer !== undefined && dueMs >= this.#dueMs) return;
    this.clear();
    this.#dueMs = dueMs;
    this.#timer = startTimer(() => this.#fire(), waitMs);
  }

  clear() {
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  #fire() {
    this.clear();
    native.releaseDue(this.#id);
    this.#release();
  }
}

module.exports = { ExpiryTimer };
