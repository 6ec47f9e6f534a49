/**
 * `RateLimiterSharedMemory`: a limiter of rate-limiter-flexible over any store.
 *
 * Invariant: to consume is one atomic call, and a window begins with its first points.
 */
'use strict';

const { STORE_OPTIONS } = require('../../shared/opening/shared-options.js');
const { adapt, longest, optionsOf } = require('../core/adapted.js');
// @ts-expect-error: an optional peer
const { RateLimiterRes } = require('rate-limiter-flexible');
/** Not among the exports of the package, though its typings say so. @type {any} */
// @ts-expect-error: as above
const RateLimiterStoreAbstract = require('rate-limiter-flexible/lib/RateLimiterStoreAbstract.js');

/** Of an adapter; the other options are the limiter's, which also says how long points live. */
const OPTIONS = Object.freeze(['store', ...STORE_OPTIONS.filter((name) => name !== 'ttl')]);
/** What a limiter is told of a key without an end. */
const FOR_EVER = -1;

class RateLimiterSharedMemory extends RateLimiterStoreAbstract {
  #adapted;

  /** @param {unknown} [all] */
  constructor(all) {
    const { storeClient, ...options } = optionsOf(all);
    super(options);
    const given = OPTIONS.filter((name) => options[name] !== undefined);
    const opening = Object.fromEntries(given.map((name) => [name, options[name]]));
    // A limiter puts its own prefix before keys.
    this.#adapted = adapt(storeClient === undefined ? opening : { ...opening, store: storeClient });
    this.client = this.#adapted.store;
  }

  /** Closes the store, if the limiter opened it. */
  close() {
    return this.#adapted.close();
  }

  /** @param {string} _key @param {number} changed @param {{ value: number, ttl: number }} entry */
  _getRateLimiterRes(_key, changed, { value, ttl }) {
    const left = Math.max(this.points - value, 0);
    return new RateLimiterRes(left, ttl === Infinity ? FOR_EVER : ttl, value, value === changed);
  }

  /** @param {string} key @param {number} points @param {number} ms @param {boolean} isForced */
  async _upsert(key, points, ms, isForced = false) {
    const ttl = ms > 0 ? longest(ms) : Number.POSITIVE_INFINITY;
    if (!isForced) return this.#adapted.store.hit(key, points, { ttl });
    await this.#adapted.store.set(key, points, { ttl });
    return { value: points, ttl };
  }

  /** @param {string} key */
  async _get(key) {
    return (await this.#adapted.store.getEntry(key)) ?? null;
  }

  /** @param {string} key */
  async _delete(key) {
    return this.#adapted.store.delete(key);
  }
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { RateLimiterSharedMemory, default: RateLimiterSharedMemory };
module.exports = Object.assign(RateLimiterSharedMemory, {
  RateLimiterSharedMemory,
  default: RateLimiterSharedMemory,
});
