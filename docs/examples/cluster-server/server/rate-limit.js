/**
 * A rate limit for all workers together: one counter per client, which ends with its window.
 *
 * `hit` counts, begins the window with its first hit and says how long it goes on, in one step:
 * no other worker comes in between.
 */

const { LIMITS } = require('../limits');

class RateLimit {
  #windows;

  constructor(windows) {
    this.#windows = windows;
  }

  /** Counts one request of a client; what the answer has to say about it. */
  take(client) {
    const { value, ttl } = this.#windows.hit(client, 1, { ttl: LIMITS.windowMs });
    return {
      isAllowed: value <= LIMITS.searches,
      used: value,
      resetMs: ttl,
    };
  }
}

module.exports = { RateLimit };
