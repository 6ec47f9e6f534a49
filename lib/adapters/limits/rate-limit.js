/**
 * `RateLimitStore`: counters for express-rate-limit and what takes the stores of that package.
 *
 * Also the `context` of elysia-rate-limit. Invariant: a counter and its window are one atomic call,
 * so a client is counted exactly, however many processes count.
 */
'use strict';

const { adapt, after, longest, optionsOf } = require('../core/adapted.js');
const { Failing } = require('../core/failing.js');

const PREFIX = 'rl:';
/** That of express-rate-limit, which may count before it has said what it wants. */
const DEFAULT_WINDOW_MS = 60_000;
/** A window of a store is more than 0. */
const LEAST_WINDOW_MS = 1;
/** The last point in time that a `Date` can say. */
const LAST_DATE_MS = 8.64e15;

class RateLimitStore {
  /** Others count the same clients. */
  localKeys = false;
  prefix;
  #adapted;
  #failing;
  #windowMs = DEFAULT_WINDOW_MS;

  /** @param {unknown} [given] */
  constructor(given) {
    const { onError, ...options } = optionsOf(given);
    this.#failing = new Failing(onError);
    this.#adapted = adapt(options, PREFIX);
    this.#windowMs = this.#adapted.ttlMs ?? DEFAULT_WINDOW_MS;
    this.prefix = this.#adapted.prefix;
  }

  /** @param {{ windowMs?: unknown, duration?: unknown }} options of the limiter */
  init({ windowMs, duration }) {
    const wanted = windowMs ?? duration;
    if (typeof wanted === 'number') this.#windowMs = windowOf(wanted);
  }

  /** @param {string} key */
  get(key) {
    return after(this.#adapted.store.getEntry(this.#adapted.keyOf(key)), (entry) => {
      return entry === undefined ? undefined : counted(entry);
    });
  }

  /** @param {string} key @param {number} [durationMs] of elysia-rate-limit */
  increment(key, durationMs) {
    const ttl = durationMs === undefined ? this.#windowMs : windowOf(durationMs);
    return this.#failing.run(
      () => after(this.#adapted.store.hit(this.#adapted.keyOf(key), 1, { ttl }), counted),
      () => counted({ value: 1, ttl }),
    );
  }

  /** @param {string} key */
  decrement(key) {
    const how = { ifPresent: true, min: 0 };
    return this.#failing.run(
      () => after(this.#adapted.store.decrement(this.#adapted.keyOf(key), 1, how), () => {}),
      () => {},
    );
  }

  /** @param {string} key */
  resetKey(key) {
    return after(this.#adapted.store.delete(this.#adapted.keyOf(key)), () => {});
  }

  resetAll() {
    return this.#adapted.clear();
  }

  shutdown() {
    return this.#adapted.close();
  }

  /** Of elysia-rate-limit. @param {string} [key] */
  reset(key) {
    return key === undefined ? this.resetAll() : this.resetKey(key);
  }

  kill() {
    return this.shutdown();
  }
}

/**
 * What limiters want to know of a client: the first two express-rate-limit, the others
 * elysia-rate-limit.
 *
 * @param {{ value: number, ttl: number }} entry
 */
function counted({ value, ttl }) {
  const now = Date.now();
  const resetTime = new Date(Math.min(now + ttl, LAST_DATE_MS));
  return { totalHits: value, resetTime, count: value, nextReset: resetTime, start: now };
}

/** @param {number} ms */
function windowOf(ms) {
  return Math.max(longest(ms), LEAST_WINDOW_MS);
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { RateLimitStore, default: RateLimitStore };
module.exports = Object.assign(RateLimitStore, { RateLimitStore, default: RateLimitStore });
