/**
 * A result for one who may give up before it has come.
 *
 * Must not know what comes. Invariant: who has it does not give up any more, and a signal has one
 * listener, however many wait: engines warn of many.
 */
'use strict';

const { abortReason } = require('../arguments/options.js');

/** Who waits until a signal is aborted. */
class Waiting {
  #signal;
  /** @type {Set<() => void>} */
  #acts = new Set();
  #abort = () => {
    waiting.delete(this.#signal);
    for (const act of this.#acts) act();
  };

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** @param {() => void} act */
  add(act) {
    this.#acts.add(act);
  }

  /** @param {() => void} act */
  remove(act) {
    this.#acts.delete(act);
    if (this.#acts.size > 0) return;
    this.#signal.removeEventListener('abort', this.#abort);
    // Else others wait for it anew.
    if (waiting.get(this.#signal) === this) waiting.delete(this.#signal);
  }
}

/** By their signals. @type {WeakMap<AbortSignal, Waiting>} */
const waiting = new WeakMap();

/**
 * What a promise gives, at the most until a signal is aborted.
 *
 * @param {Promise<any>} result whose failure somebody else takes care of, too
 * @param {AbortSignal} signal
 * @param {(value: any) => unknown} give what he gets of it, made at once when it has come
 * @param {(reason: unknown) => void} leave is told when he has given up
 * @returns {Promise<any>}
 */
function untilAborted(result, signal, give, leave) {
  return new Promise((resolve, reject) => {
    let hasLeft = false;
    const abort = () => {
      const reason = abortReason(signal);
      hasLeft = true;
      reject(reason);
      leave(reason);
    };
    // What came before this may have aborted it.
    if (signal.aborted) return abort();
    const known = waiting.get(signal) ?? new Waiting(signal);
    waiting.set(signal, known);
    known.add(abort);
    const settle = () => known.remove(abort);
    // First of all: see above.
    result.then(settle, settle);
    result.then((value) => {
      if (!hasLeft) resolve(give(value));
    }, reject);
  });
}

module.exports = { untilAborted };
