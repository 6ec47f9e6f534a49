/**
 * Releases entries when their deadlines pass, for those who want to know: an unreferenced timer.
 *
 * Knows deadlines by the native core only. It runs only while somebody listens, and holds the
 * store as long as one of its deadlines is to come. Invariant: while it is set, it goes off no
 * later than the next deadline.
 */
'use strict';

const native = require('../../native/loader.js');

/** @typedef {InstanceType<typeof import('../table/value-table.js').ValueTable>} Table */

class ExpiryTimer {
  #table;
  /** What to do when something was released: it sets the timer anew if it is to go on. */
  #release;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** On the clock of the deadlines. */
  #dueMs = Number.POSITIVE_INFINITY;

  /**
   * @param {Table} table
   * @param {() => void} release
   */
  constructor(table, release) {
    this.#table = table;
    this.#release = release;
  }

  /** Goes off at the next deadline, if there is one, and not otherwise. */
  set() {
    const waitMs = native.nextDueMs(this.#table.id);
    if (waitMs < 0) return this.clear();
    const dueMs = this.#table.time() + waitMs;
    if (this.#timer !== undefined && dueMs >= this.#dueMs) return;
    this.clear();
    this.#dueMs = dueMs;
    this.#timer = this.#table.startTimer(() => this.#fire(), waitMs);
  }

  clear() {
    this.#table.stopTimer(this.#timer);
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  #fire() {
    this.clear();
    native.releaseDue(this.#table.id);
    this.#release();
  }
}

module.exports = { ExpiryTimer };
