/**
 * Work in short turns: the event loop goes on between them, and a signal can end it.
 *
 * Knows nothing of the work.
 */
'use strict';

// Not the global one, which a page or a test's clock may replace.
const { setImmediate: rest } = require('node:timers/promises');
const { abortReason } = require('../arguments/options.js');
const { time } = require('../native/clock.js');

/** What no request notices. */
const TURN_MS = 4;
/** What nobody notices who looks closely. */
const SHORT_TURN_MS = 1;
/** Said in full: `Object.prototype` may hold a signal that is none of ours. */
const NO_OPTIONS = Object.freeze({ __proto__: null, signal: undefined, ref: true });

class Turns {
  #signal;
  #turnMs;
  #began = time();

  /**
   * @param {AbortSignal | undefined} signal
   * @param {number} [turnMs]
   */
  constructor(signal, turnMs = TURN_MS) {
    this.#signal = signal;
    this.#turnMs = turnMs;
    this.check();
  }

  /** Throws the reason of a signal that was given. */
  check() {
    if (this.#signal?.aborted) throw abortReason(this.#signal);
  }

  /** Whether this turn was long enough. */
  get isOver() {
    return time() - this.#began > this.#turnMs;
  }

  /** Lets others have a turn. */
  async next() {
    await rest(undefined, NO_OPTIONS);
    this.#began = time();
    this.check();
  }
}

module.exports = { SHORT_TURN_MS, Turns };
