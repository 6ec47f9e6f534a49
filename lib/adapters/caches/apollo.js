/**
 * `SharedMemoryCache`: a store for option `cache` of Apollo Server, a `KeyValueCache`.
 *
 * Invariant: every method gives a promise; what fails rejects it.
 */
'use strict';

const { adapt } = require('../core/adapted.js');

const PREFIX = 'apollo:';
const MS_PER_SECOND = 1000;

class SharedMemoryCache {
  #adapted;

  /** @param {unknown} [options] */
  constructor(options) {
    this.#adapted = adapt(options, PREFIX);
  }

  /** @param {string} key */
  async get(key) {
    return this.#adapted.store.get(this.#adapted.keyOf(key));
  }

  /** @param {string} key @param {unknown} value @param {{ ttl?: number | null }} [options] */
  async set(key, value, { ttl } = {}) {
    const expiry = this.#adapted.expiry(ttl && ttl * MS_PER_SECOND);
    await this.#adapted.store.set(this.#adapted.keyOf(key), value, expiry);
  }

  /** @param {string} key */
  async delete(key) {
    return this.#adapted.store.delete(this.#adapted.keyOf(key));
  }

  /** Closes the store, if the cache opened it. */
  async close() {
    await this.#adapted.close();
  }
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { SharedMemoryCache, default: SharedMemoryCache };
module.exports = Object.assign(SharedMemoryCache, {
  SharedMemoryCache,
  default: SharedMemoryCache,
});
