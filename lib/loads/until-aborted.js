/**
 * A result for one who may give up before it has come.
 *
 * Must not know what comes. Invariant: who has it does not give up any more.
 */
'use strict';

const { abortReason } = require('../arguments/options.js');

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
    const abort = () => {
      const reason = abortReason(signal);
      reject(reason);
      leave(reason);
    };
    // What came before this may have aborted it.
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const settle = () => signal.removeEventListener('abort', abort);
    // First of all: see above.
    result.then(settle, settle);
    result.then((value) => resolve(give(value)), reject);
  });
}

module.exports = { untilAborted };
