/**
 * The demo's rate limiter: one counter per client, which ends with its window.
 *
 * The window is the time to live of the entry; nothing else keeps time here.
 */

const MemoryStore = require('shared-memory-store');

class RateLimit {
  /** @type {MemoryStore<{ used: number }>} */
  #store;
  #windowMs;
  #limit;
  windowsOpened = 0;
  refused = 0;
  /** How many counters the garbage collector has reclaimed. */
  collected = 0;
  #watch = new FinalizationRegistry(() => {
    this.collected += 1;
  });

  constructor({ windowMs, limit, cleanupInterval }) {
    this.#windowMs = windowMs;
    this.#limit = limit;
    this.#store = new MemoryStore({ cleanupInterval });
  }

  get store() {
    return this.#store;
  }

  /** Counts one request of `client`; gives how many are left, negative when over the limit. */
  take(client) {
    const counter = this.#store.get(client);
    if (counter === undefined) return this.#open(client);
    counter.used += 1;
    const left = this.#limit - counter.used;
    if (left < 0) this.refused += 1;
    return left;
  }

  /** Milliseconds until the window of `client` ends. */
  retryAfterMs(client) {
    return this.#store.ttl(client) ?? 0;
  }

  #open(client) {
    const counter = { used: 1 };
    this.#watch.register(counter);
    this.#store.set(client, counter, { ttl: this.#windowMs });
    this.windowsOpened += 1;
    return this.#limit - 1;
  }

  close() {
    this.#store.close();
  }
}

module.exports = { RateLimit };
