/**
 * `KeyvAdapter`: a store behind Keyv, and so behind cache-manager, NestJS and cacheable.
 *
 * One object serves Keyv 5, which puts the namespace before keys itself and says a time to live,
 * and Keyv 6, which leaves the namespace to the adapter and says a point in time. Keyv 6 alone
 * reads `capabilities`. Invariant: entries lie under the same keys for both.
 */
'use strict';

const { EventEmitter } = require('node:events');
const { adapt } = require('../core/adapted.js');
const { CAPABILITIES, creatorOf } = require('./keyv-peer.js');

class KeyvAdapter extends EventEmitter {
  /** Keyv 5 iterates over the stores of a list of databases, of which this says one. */
  opts = { dialect: 'redis', url: '' };
  /** Keyv writes its own here. @type {string | undefined} */
  namespace = undefined;
  #adapted;
  #isSix = false;

  /** @param {unknown} [options] */
  constructor(options) {
    super();
    // Each Keyv over this object listens for errors.
    this.setMaxListeners(0);
    this.#adapted = adapt(options);
  }

  get capabilities() {
    this.#isSix = true;
    return CAPABILITIES;
  }

  // Keyv 6 takes methods that are not `async` for those of a Map.

  /** @param {string} key */
  async get(key) {
    try {
      return await this.#adapted.store.get(this.#keyOf(key));
    } catch (error) {
      // Keyv 5 takes a rejection here for a miss, and hears of the event alone.
      if (!this.#isSix && this.listenerCount('error') > 0) this.emit('error', error);
      throw error;
    }
  }

  /** @param {string[]} keys */
  async getMany(keys) {
    return this.#adapted.store.getMany(keys.map((key) => this.#keyOf(key)));
  }

  /** @param {string} key */
  async has(key) {
    return this.#adapted.store.has(this.#keyOf(key));
  }

  /** @param {string[]} keys */
  async hasMany(keys) {
    return Promise.all(keys.map((key) => this.has(key)));
  }

  /** @param {string} key @param {unknown} value @param {number} [when] */
  async set(key, value, when) {
    return this.#adapted.store.set(this.#keyOf(key), value, this.#expiry(when));
  }

  /** @param {{ key: string, value: unknown, ttl?: number, expires?: number }[]} entries */
  async setMany(entries) {
    const writes = entries.map(({ key, value, ttl, expires }) => {
      const options = this.#expiry(this.#isSix ? expires : ttl);
      return /** @type {const} */ ([this.#keyOf(key), value, options]);
    });
    await this.#adapted.store.setMany(writes);
    return entries.map(() => true);
  }

  /** @param {string} key */
  async delete(key) {
    return this.#adapted.store.delete(this.#keyOf(key));
  }

  /** @param {string[]} keys */
  async deleteMany(keys) {
    const were = await Promise.all(keys.map((key) => this.delete(key)));
    return this.#isSix ? were : were.includes(true);
  }

  async clear() {
    await this.#adapted.clear(this.#begin());
  }

  /** Of the namespace; Keyv 5 takes it off the keys itself. */
  async *iterator() {
    const begin = this.#begin();
    for (const key of await this.#adapted.keys(begin)) {
      const value = await this.#adapted.store.peek(this.#adapted.keyOf(key));
      if (value !== undefined) yield [this.#isSix ? key.slice(begin.length) : key, value];
    }
  }

  async disconnect() {
    await this.#adapted.close();
  }

  /** What the keys of the namespace begin with. */
  #begin() {
    return this.namespace ? `${this.namespace}:` : '';
  }

  /** @param {string} key */
  #keyOf(key) {
    return this.#adapted.keyOf(this.#isSix ? this.#begin() + key : key);
  }

  /** @param {number | undefined} when */
  #expiry(when) {
    return this.#isSix && when !== undefined ? { expiresAt: when } : this.#adapted.expiry(when);
  }
}

const createKeyv = creatorOf(KeyvAdapter);
// The first line tells an `import` the names; the second is what there is.
module.exports = { KeyvAdapter, createKeyv, default: KeyvAdapter };
module.exports = Object.assign(KeyvAdapter, { KeyvAdapter, createKeyv, default: KeyvAdapter });
