/**
 * Answers of a backend, which come at once or by a promise. Knows no store.
 */
'use strict';

/**
 * What is made of an answer, now or when it comes.
 *
 * @template T, R
 * @param {T | Promise<T>} answer
 * @param {(answer: T) => R} make
 * @returns {R | Promise<R>}
 */
function then(answer, make) {
  return answer instanceof Promise ? answer.then(make) : make(answer);
}

module.exports = { then };
