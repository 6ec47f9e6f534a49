/**
 * A process warning of a failure that nobody else hears of, told once.
 *
 * Knows no store. Invariant: what an adapter goes on in spite of, somebody was told.
 */
'use strict';

const { description } = require('../../errors/description.js');
const { isPromise } = require('./adapted.js');

class WarnOnce {
  #text;
  #code;
  #hasWarned = false;

  /**
   * @param {string} text what happens now, before the reason
   * @param {string} code
   */
  constructor(text, code) {
    this.#text = text;
    this.#code = code;
  }

  /**
   * What `call` gives, at once or later; nothing if it throws or rejects, which is told.
   *
   * @template T
   * @param {() => T} call
   * @returns {T | undefined}
   */
  run(call) {
    const tell = this.tell.bind(this);
    try {
      const answer = call();
      return isPromise(answer) ? /** @type {any} */ (answer.then(undefined, tell)) : answer;
    } catch (error) {
      tell(error);
      return undefined;
    }
  }

  /** @param {unknown} error */
  tell(error) {
    this.say(error instanceof Error ? error.message : description(error));
  }

  /** @param {string} reason in words of our own, where there is no error */
  say(reason) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(`${this.#text}: ${reason}`, { code: this.#code });
  }
}

module.exports = { WarnOnce };
