/**
 * Channels of an adapter's store: messages of any length to all who subscribe.
 *
 * Knows no interface of others. A message that is too long to be published lies in the store as an
 * entry for a while, and its key is published. Invariant: who subscribed gets each message, or is
 * told that some may be missing.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const { invalidType } = require('../../errors/errors.js');
const { after, isPromise } = require('./adapted.js');
const { Listening } = require('./listening.js');

/** How long a long message lies there: a listener that is later than this has lost it. */
const KEPT_MS = 60_000;
const TOO_SLOW = 'this process was too slow';
const UNREAD = 'the store failed when a long one was read';

/** @typedef {InstanceType<typeof import('./adapted.js').Adapted>} Adapted */
/** @typedef {{ message: unknown } | { at: string }} Sent itself, or where it lies */
/**
 * @typedef {object} Hearing
 * @property {(message: any) => void} hear
 * @property {(reason: string) => void} miss messages may be missing
 */

class Channels {
  #adapted;
  /** @type {any} */
  #store;

  /** @param {Adapted} adapted */
  constructor(adapted) {
    this.#adapted = adapted;
    this.#store = adapted.store;
    if (typeof this.#store.subscribe !== 'function') {
      throw invalidType('a store that has channels, as a SharedStore', 'option store', this.#store);
    }
  }

  /**
   * @param {string} name
   * @param {unknown} message
   * @returns {unknown} once it is sent
   */
  publish(name, message) {
    /** @param {any} error */
    const tooLong = (error) => {
      if (error?.code !== 'ERR_OUT_OF_RANGE') throw error;
      const at = this.#adapted.keyOf(randomUUID());
      return after(this.#store.set(at, message, { ttl: KEPT_MS }), () => this.#send(name, { at }));
    };
    try {
      const answer = this.#send(name, { message });
      return isPromise(answer) ? answer.then(undefined, tooLong) : answer;
    } catch (error) {
      return tooLong(error);
    }
  }

  /**
   * @param {string} name
   * @param {Hearing} hearing
   */
  subscribe(name, { hear, miss }) {
    /** @param {unknown} message */
    const found = (message) => {
      if (listening.isOver) return;
      if (message === undefined) miss(TOO_SLOW);
      else hear(message);
    };
    /** @param {Sent} sent @param {{ type: string }} about */
    const listener = (sent, { type }) => {
      if (type === 'overflow') miss(TOO_SLOW);
      else if ('at' in sent) this.#fetch(sent.at, found, () => listening.isOver || miss(UNREAD));
      else hear(sent.message);
    };
    const listening = new Listening(this.#adapted, {
      begin: () => this.#store.subscribe(this.#adapted.keyOf(name), listener),
      miss,
    });
    return listening;
  }

  /**
   * Gets a long message; at once from a store that answers at once, so that it comes in order.
   *
   * @param {string} at
   * @param {(message: unknown) => void} found
   * @param {() => void} failed
   */
  #fetch(at, found, failed) {
    let message;
    try {
      message = this.#store.peek(at);
    } catch {
      return failed();
    }
    if (!isPromise(message)) return found(message);
    message.then(found, failed);
    return undefined;
  }

  /** @param {string} name @param {Sent} sent */
  #send(name, sent) {
    return this.#store.publish(this.#adapted.keyOf(name), sent);
  }
}

module.exports = { Channels };
