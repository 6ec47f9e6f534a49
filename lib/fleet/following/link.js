/**
 * A connection to one server, on which it answers in order and says unasked what it has to say.
 *
 * Knows no meaning of either. Invariant: what is said unasked is handed on before any answer that
 * came after it; once the link is over nothing is handed on, and nobody waits for an answer.
 */
'use strict';

const { outside, startTimer, stopTimer } = require('../../native/timers.js');
const { Push, Reader, Refusal } = require('./reader.js');
const { command, connect, greetingOf } = require('./wire.js');

/** @typedef {import('../connection/address.js').Address} Address */
/** @typedef {{ resolve: (answer: any) => void, reject: (reason: unknown) => void }} Asker */
/**
 * @typedef {object} LinkOptions
 * @property {number} silentMs how long somebody waits for any answer before the link is over
 * @property {'utf8' | 'latin1'} [encoding] of strings
 * @property {(parts: unknown[]) => void} [hear] what is said unasked
 * @property {(reason: Error) => void} [over] told once, unless it was closed
 */

class Link {
  address;
  #socket;
  #silentMs;
  #over;
  /** Who waits for an answer, in order. @type {Asker[]} */
  #asked = [];
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {Error | undefined} */
  #reason;

  /**
   * @param {Address} address
   * @param {LinkOptions} how
   */
  constructor(address, { silentMs, encoding, hear = () => {}, over = () => {} }) {
    this.address = address;
    this.#silentMs = silentMs;
    this.#over = over;
    const reader = new Reader(encoding);
    const socket = outside(() => connect(address));
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#watch();
      try {
        for (const message of reader.read(chunk)) {
          if (this.isOver) return;
          if (message instanceof Push) hear(message.parts);
          else this.#answer(message);
        }
      } catch (error) {
        // It speaks something else, or what it says cannot be told.
        this.#end(/** @type {Error} */ (error));
      }
    });
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  get isOver() {
    return this.#reason !== undefined;
  }

  /** What the server says of itself. @returns {Promise<any>} */
  greet() {
    return this.ask(greetingOf(this.address));
  }

  /**
   * The answer to a command; rejects if that is an error.
   *
   * @param {string[]} words
   * @returns {Promise<any>}
   */
  ask(words) {
    return new Promise((resolve, reject) => {
      if (this.#reason !== undefined) return reject(this.#reason);
      this.#asked.push({ resolve, reject });
      if (this.#asked.length === 1) this.#watch();
      this.#socket.write(command(words));
    });
  }

  /** @param {string[]} words of a command whose answer is said as if unasked */
  tell(words) {
    if (!this.isOver) this.#socket.write(command(words));
  }

  /** @param {boolean} isHeld whether it keeps the process, as it does at first */
  hold(isHeld) {
    // A socket that is closed notes each for when it is connected, and never is.
    if (this.isOver) return;
    if (isHeld) this.#socket.ref();
    else this.#socket.unref();
  }

  close() {
    this.#over = () => {};
    this.#end(new Error('the connection is not wanted any more'));
  }

  /** @param {unknown} message */
  #answer(message) {
    const asker = this.#asked.shift();
    this.#watch();
    if (message instanceof Refusal) asker?.reject(message);
    else asker?.resolve(message);
  }

  /** A server that says nothing for so long has not said what has changed, either. */
  #watch() {
    stopTimer(this.#timer);
    if (this.#asked.length === 0 || this.isOver) return;
    const reason = `no answer within ${this.#silentMs} ms`;
    this.#timer = startTimer(() => this.#end(new Error(reason)), this.#silentMs);
  }

  /** @param {Error} reason */
  #end(reason) {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    stopTimer(this.#timer);
    this.#socket.destroy();
    this.#over(reason);
    for (const { reject } of this.#asked.splice(0)) reject(reason);
  }
}

module.exports = { Link };
