/**
 * `createRateLimitStore`: a class for option `store` of @fastify/rate-limit, which makes its own.
 *
 * Invariant: a route is one counter in all processes, since it is named by its method and url.
 */
'use strict';

const { adapt, after, longest, optionsOf } = require('../core/adapted.js');
const { tell } = require('../core/callbacks.js');
const { Failing } = require('../core/failing.js');

const PREFIX = 'fastify-rate-limit:';

/** @typedef {import('../core/callbacks.js').Callback} Callback */
/**
 * @typedef {object} Parameters of the plugin, or of a route
 * @property {boolean} [continueExceeding]
 * @property {boolean} [exponentialBackoff]
 * @property {unknown} [max]
 * @property {unknown} [timeWindow]
 * @property {{ method?: unknown, url?: unknown }} [routeInfo]
 */

/** @param {unknown} [given] */
function createRateLimitStore(given) {
  const { onError, ...options } = optionsOf(given);
  const failing = new Failing(onError);
  const adapted = adapt(options, PREFIX);

  return class RateLimitStore {
    #parameters;
    #route;

    /** @param {Parameters} [parameters] @param {string} [route] */
    constructor(parameters = {}, route = '') {
      this.#parameters = parameters;
      this.#route = route;
    }

    /** @param {Parameters} parameters */
    child(parameters) {
      const { method = '', url = '' } = parameters.routeInfo ?? {};
      // A limiter that is made by hand has no route: it is known by its limit.
      const own = `${method}${url}` || `${told(parameters.max)}/${told(parameters.timeWindow)}`;
      return new RateLimitStore(parameters, `${this.#route}${own}-`);
    }

    /**
     * @param {string} key
     * @param {Callback} callback
     * @param {number} windowMs
     * @param {number} max
     */
    incr(key, callback, windowMs, max) {
      const ttl = longest(Math.max(windowMs, 1));
      const whole = adapted.keyOf(this.#route + key);
      const count = () =>
        after(adapted.store.hit(whole, 1, { ttl }), (hit) => this.#counted(whole, hit, ttl, max));
      const pass = () => ({ current: 1, ttl });
      tell(callback, () => failing.run(count, pass));
    }

    /** @param {string} key @param {Callback} callback */
    read(key, callback) {
      const whole = adapted.keyOf(this.#route + key);
      const look = () =>
        after(adapted.store.getEntry(whole), (entry) => ({
          current: entry?.value ?? 0,
          ttl: entry?.ttl ?? 0,
        }));
      tell(callback, () => failing.run(look, () => ({ current: 0, ttl: 0 })));
    }

    /** Closes the store, if it was opened for this class. */
    static close() {
      return adapted.close();
    }

    /**
     * What became of a hit: beyond the limit, the window may begin anew, and be longer. A client is
     * let in when the wait that he was told is over, and not before.
     *
     * @param {string} key
     * @param {{ value: number, ttl: number }} hit
     * @param {number} windowMs
     * @param {number} max
     */
    #counted(key, hit, windowMs, max) {
      const { continueExceeding, exponentialBackoff } = this.#parameters;
      const beyond = hit.value - max;
      const isRenewed = beyond > 0 && (continueExceeding || exponentialBackoff);
      if (!isRenewed) return { current: hit.value, ttl: hit.ttl };
      // With both, the plugin's own stores keep to the first.
      const times = continueExceeding ? 1 : 2 ** (beyond - 1);
      const ttl = Math.min(windowMs * times, Number.MAX_SAFE_INTEGER);
      return after(adapted.store.touch(key, longest(ttl)), () => ({ current: hit.value, ttl }));
    }
  };
}

/** A limit as a part of a key. @param {unknown} limit */
function told(limit) {
  return typeof limit === 'number' ? limit : '';
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { createRateLimitStore, default: createRateLimitStore };
module.exports = Object.assign(createRateLimitStore, {
  createRateLimitStore,
  default: createRateLimitStore,
});
