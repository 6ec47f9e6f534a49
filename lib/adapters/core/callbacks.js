/**
 * Answers for callbacks of the kind `(error, answer)`.
 *
 * Knows no store. Invariant: a callback is called once, outside of what it is told about, and
 * before `tell` returns if the answer is there at once.
 */
'use strict';

const { isPromise } = require('./adapted.js');

/** @typedef {(error: any, answer?: any) => void} Callback */

/**
 * @param {Callback | null | undefined} given
 * @param {() => unknown} call gives the answer, a promise of it, or throws
 */
function tell(given, call) {
  // Frameworks hand on what they were given, `null` included.
  const callback = given ?? (() => {});
  let answer;
  try {
    answer = call();
  } catch (error) {
    callback(error);
    return;
  }
  if (!isPromise(answer)) callback(null, answer);
  else answer.then((value) => callback(null, value), callback);
}

module.exports = { tell };
