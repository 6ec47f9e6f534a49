/**
 * A bus of bentocache: what one process writes, the first levels of the others hear.
 *
 * Invariant: whoever has missed messages forgets what they might have been about.
 */
'use strict';

const { Channels } = require('../../core/channels.js');
const { WarnOnce } = require('../../core/warn-once.js');
const { Namespaces, emptyAll } = require('./first-levels.js');

/** What bentocache takes for the order to empty the first level of a namespace. */
const CLEAR = 'clear';

/** @typedef {{ type: string, keys: string[], namespace?: string }} Message */
/** @typedef {(message: Message) => unknown} Handler */

class Bus {
  #adapted;
  #channels;
  #id = '';
  #namespaces = new Namespaces();
  /** @type {Map<string, InstanceType<typeof import('../../core/listening.js').Listening>>} */
  #heard = new Map();
  #missed = new WarnOnce('First levels of bentocache are emptied', 'SMS_BENTOCACHE_MISSED');

  /** @param {InstanceType<typeof import('../../core/adapted.js').Adapted>} adapted */
  constructor(adapted) {
    this.#adapted = adapted;
    this.#channels = new Channels(adapted);
  }

  /** @param {string} id */
  setId(id) {
    this.#id = id;
    return this;
  }

  /** @param {string} channel @param {Message} message */
  async publish(channel, message) {
    this.#namespaces.add(message.namespace);
    await this.#channels.publish(channel, [this.#id, message]);
  }

  /** @param {string} channel @param {Handler} handler */
  async subscribe(channel, handler) {
    const listening = this.#channels.subscribe(channel, {
      hear: ([from, message]) => {
        if (from === this.#id) return;
        this.#namespaces.add(message.namespace);
        // bentocache writes to what it gets; one from a store of frozen reads is frozen.
        handler({ ...message });
      },
      miss: (reason) => {
        this.#missed.say(`messages of other processes may be lost: ${reason}`);
        emptyAll();
        for (const namespace of this.#namespaces) handler(clearing(namespace));
      },
    });
    const before = this.#heard.get(channel);
    this.#heard.set(channel, listening);
    before?.stop();
    await listening.begun;
  }

  /** @param {string} channel */
  async unsubscribe(channel) {
    const listening = this.#heard.get(channel);
    this.#heard.delete(channel);
    listening?.stop();
  }

  /** There is no connection that could be lost. */
  onReconnect() {}

  async disconnect() {
    this.#heard.clear();
    await this.#adapted.close();
  }
}

/** @param {string | undefined} namespace @returns {Message} */
function clearing(namespace) {
  return { type: CLEAR, keys: [], ...(namespace === undefined ? {} : { namespace }) };
}

module.exports = { Bus };
