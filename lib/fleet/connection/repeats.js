/**
 * Sends again what a server of a cluster refuses while it hands the slot of its keys to another.
 *
 * Knows no command. Invariant: what comes later for a key waits for what is sent again, so that
 * calls for a key reach the servers in the order in which they came.
 */
'use strict';

const { pause } = require('../pause.js');

/** The waits between two attempts: the first, and the longest. */
const FIRST_MS = 2;
const LONGEST_MS = 50;

class Repeats {
  /** What is sent again for a key, or waits for that. @type {Map<string, Promise<unknown>>} */
  #last = new Map();

  /** @param {string} key whether something for it is sent again */
  has(key) {
    return this.#last.size > 0 && this.#last.has(key);
  }

  /**
   * What comes of it in the end.
   *
   * @template T
   * @param {string} key
   * @param {() => Promise<T>} send
   * @param {(error: unknown) => boolean} isForNow whether an answer means that it may go later
   * @param {number} endMs no attempt is begun so late that its answer may come after this
   * @returns {Promise<T>}
   */
  send(key, send, isForNow, endMs) {
    const before = this.#last.get(key) ?? Promise.resolve();
    const answer = before.then(() => repeat(send, isForNow, endMs));
    const over = () => {
      if (this.#last.get(key) === last) this.#last.delete(key);
    };
    const last = answer.then(over, over);
    this.#last.set(key, last);
    return answer;
  }
}

/**
 * @template T
 * @param {() => Promise<T>} send
 * @param {(error: unknown) => boolean} isForNow
 * @param {number} endMs
 * @returns {Promise<T>}
 */
async function repeat(send, isForNow, endMs) {
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_MS)) {
    try {
      return await send();
    } catch (error) {
      // The last attempt is to be answered in time.
      if (!isForNow(error) || performance.now() + waitMs + LONGEST_MS >= endMs) throw error;
      await pause(waitMs);
    }
  }
}

module.exports = { Repeats };
