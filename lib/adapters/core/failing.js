/**
 * What a limiter does when its store fails: lets requests pass, or hands the error on.
 *
 * Knows no limiter. Invariant: a failure is never silent, whoever let requests pass is told once;
 * and what a caller did wrong is no failure, or a key that is too long would have no limit.
 */
'use strict';

const options = require('../../arguments/options.js');
const { isPromise } = require('./adapted.js');
const { WarnOnce } = require('./warn-once.js');

const CHOICES = Object.freeze(/** @type {const} */ (['open', 'closed']));

class Failing {
  #isOpen;
  #warning = new WarnOnce(
    'A limiter lets requests pass, since its store fails',
    'SMS_LIMITER_OPEN',
  );

  /** @param {unknown} [onError] */
  constructor(onError = 'closed') {
    this.#isOpen = options.oneOf(CHOICES, onError, 'option onError') === 'open';
  }

  /**
   * What `call` gives; if the store fails and requests may pass, what `instead` makes.
   *
   * @template T
   * @param {() => T} call
   * @param {() => T} instead
   * @returns {T}
   */
  run(call, instead) {
    if (!this.#isOpen) return call();
    /** @param {unknown} error */
    const pass = (error) => {
      if (isOfCaller(error)) throw error;
      this.#warning.tell(error);
      return instead();
    };
    try {
      const answer = call();
      return isPromise(answer) ? /** @type {any} */ (answer.then(undefined, pass)) : answer;
    } catch (error) {
      return pass(error);
    }
  }
}

/**
 * Whether it is about the arguments of a call.
 *
 * @param {unknown} error
 */
function isOfCaller(error) {
  return (error instanceof TypeError || error instanceof RangeError) && 'code' in error;
}

module.exports = { Failing };
