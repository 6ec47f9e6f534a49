/**
 * `secondaryStorage`: a store for option `secondaryStorage` of better-auth.
 *
 * Invariant: of several callers of `getAndDelete` one gets the value, and `increment` counts
 * exactly, in whichever process.
 */
'use strict';

const { adapt } = require('../core/adapted.js');

const PREFIX = 'better-auth:';
const MS_PER_SECOND = 1000;

/** @param {unknown} [options] */
function secondaryStorage(options) {
  const adapted = adapt(options, PREFIX);
  const { store } = adapted;
  return {
    /** @param {string} key */
    async get(key) {
      return (await store.get(adapted.keyOf(key))) ?? null;
    },
    /** @param {string} key */
    async getAndDelete(key) {
      return (await store.take(adapted.keyOf(key))) ?? null;
    },
    /** @param {string} key @param {string} value @param {number} [seconds] */
    async set(key, value, seconds = 0) {
      await store.set(adapted.keyOf(key), value, adapted.expiry(seconds * MS_PER_SECOND));
    },
    /** @param {string} key @param {number} [seconds] of a counter that is new */
    async increment(key, seconds = 0) {
      const expiry = adapted.expiry(seconds * MS_PER_SECOND);
      return store.increment(adapted.keyOf(key), 1, expiry);
    },
    /** @param {string} key */
    async delete(key) {
      await store.delete(adapted.keyOf(key));
    },
    async listKeys() {
      return adapted.keys();
    },
    async clear() {
      await adapted.clear();
    },
    /** Closes the store, if it was opened here. */
    async close() {
      await adapted.close();
    },
  };
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { secondaryStorage, default: secondaryStorage };
module.exports = Object.assign(secondaryStorage, { secondaryStorage, default: secondaryStorage });
