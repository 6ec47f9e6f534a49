/**
 * Removes in the background what a cleared namespace leaves at the server.
 *
 * Knows no entry. A walk goes over all names of the server, so it is not made for each clearing.
 * Invariant: it keeps no process, and at the most one walk is under way.
 */
'use strict';

const { startTimer, stopTimer } = require('../../native/timers.js');

/** Clearings that come soon after one another need one walk. */
const DELAY_MS = 1000;
/** From the end of a walk to the next. */
const REST_MS = 60_000;

class Purger {
  #walk;
  #isWanted = false;
  #isClosed = false;
  /** Before a walk and after it. @type {NodeJS.Timeout | undefined} */
  #timer;
  #isWalking = false;

  /** @param {() => Promise<void>} walk */
  constructor(walk) {
    this.#walk = walk;
  }

  /** Something is left that nobody sees. */
  later() {
    this.#isWanted = true;
    if (this.#timer === undefined && !this.#isWalking) this.#start(DELAY_MS);
  }

  close() {
    this.#isClosed = true;
    stopTimer(this.#timer);
  }

  /** @param {number} ms */
  #start(ms) {
    if (this.#isClosed) return;
    this.#timer = startTimer(() => this.#run(), ms);
  }

  async #run() {
    this.#timer = undefined;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#isWalking = true;
    // What is left by one that fails, the next finds.
    await this.#walk().catch(() => {});
    this.#isWalking = false;
    this.#start(REST_MS);
  }
}

module.exports = { Purger };
