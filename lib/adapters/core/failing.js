/**
 * What a limiter does when its store fails: lets requests pass, or hands the error on.
 *
 * Knows no limiter. Invariant: a failure is never silent, whoever let requests pass is told once.
 */
'use strict';

const { description } = require('../../errors/description.js');
const options = require('../../arguments/options.js');
const { isPromise } = require('./adapted.js');

const CHOICES = Object.freeze(/** @type {const} */ (['open', 'closed']));

class Failing {
  #isOpen;
  #hasWarned = false;

  /** @param {unknown} [onError] */
  constructor(onError = 'closed') {
    this.#isOpen = options.oneOf(CHOICES, onError, 'option onError') === 'open';
  }

  /**
   * What `call` gives; if it fails and requests may pass, what `instead` makes.
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
      this.#warn(error);
      return instead();
    };
    try {
      const answer = call();
      return isPromise(answer) ? /** @type {any} */ (answer.then(undefined, pass)) : answer;
    } catch (error) {
      return pass(error);
    }
  }

  /** @param {unknown} error */
  #warn(error) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const said = error instanceof Error ? error.message : description(error);
    process.emitWarning(`A limiter lets requests pass, since its store fails: ${said}`, {
      code: 'SMS_LIMITER_OPEN',
    });
  }
}

module.exports = { Failing };
