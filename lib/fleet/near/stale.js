/**
 * For how long copies are given that nobody hears of any more, where somebody has asked for that.
 *
 * Knows no copy. Time is counted from when trust was last seen. Invariant: nothing is given later
 * than was asked for, and the first in an outage is told.
 */
'use strict';

const { setInterval } = require('node:timers');
const { time } = require('../../native/clock.js');
const { startTimer, stopTimer } = require('../../native/timers.js');

/** Between two looks at the trust: as much earlier than allowed the last copy may be given. */
const LOOK_MS = 50;

class Stale {
  hits = 0;
  #forMs;
  #copies;
  #tell;
  #seenMs = Number.NEGATIVE_INFINITY;
  /** By the clock that runs while the machine sleeps. */
  #seenWallMs = Number.NEGATIVE_INFINITY;
  #isTold = false;
  /** Whether a copy was trusted since the last look. */
  #wasTrusted = false;
  /** Copies that were given because they were trusted, when that was looked at last. */
  #seenHits = 0;
  #lookedMs = time();
  #lookedWallMs = Date.now();
  #timer;

  /**
   * @param {number} forMs 0 for never
   * @param {{ isTrusted: () => boolean, hits: () => number }} copies whether one is trusted now,
   *   and how many have been given because they were
   * @param {() => void} tell
   */
  constructor(forMs, copies, tell) {
    this.#forMs = forMs;
    this.#copies = copies;
    this.#tell = tell;
    if (forMs === 0) return;
    this.#timer = startTimer(() => this.#look(), LOOK_MS, setInterval);
  }

  /** Whether a copy may be given now. */
  get isAllowed() {
    if (this.#forMs === 0) return false;
    this.#settle();
    return time() - this.#seenMs <= this.#forMs && Date.now() - this.#seenWallMs <= this.#forMs;
  }

  /** One was given. */
  note() {
    this.hits += 1;
    if (this.#isTold) return;
    this.#isTold = true;
    this.#tell();
  }

  close() {
    stopTimer(this.#timer);
  }

  #look() {
    // The clocks first: trust that is seen later was there then.
    const [nowMs, wallMs] = [time(), Date.now()];
    this.#wasTrusted ||= this.#copies.isTrusted();
    this.#settle();
    this.#lookedMs = nowMs;
    this.#lookedWallMs = wallMs;
  }

  /** What was trusted since the last look was so when that was, or later. */
  #settle() {
    const hits = this.#copies.hits();
    if (!this.#wasTrusted && hits === this.#seenHits) return;
    this.#seenHits = hits;
    this.#wasTrusted = false;
    this.#isTold = false;
    this.#seenMs = this.#lookedMs;
    this.#seenWallMs = this.#lookedWallMs;
  }
}

module.exports = { Stale };
