/**
 * The demo's sessions: one `MemoryStore`, a random id per log-in, a deadline that moves with use.
 *
 * It counts what it does, so that the report can say how many sessions went away unasked.
 */

const { randomUUID } = require('node:crypto');
const MemoryStore = require('shared-memory-store');

class Sessions {
  /** @type {MemoryStore<{ user: string, visits: number }>} */
  #store;
  #ttl;
  opened = 0;
  deleted = 0;
  hits = 0;
  misses = 0;
  /** How many session objects the garbage collector has reclaimed. */
  collected = 0;
  #watch = new FinalizationRegistry(() => {
    this.collected += 1;
  });

  constructor({ ttl, cleanupInterval }) {
    this.#ttl = ttl;
    this.#store = new MemoryStore({ cleanupInterval });
  }

  /** The store itself, for the measurements at the end. */
  get store() {
    return this.#store;
  }

  create(user) {
    const id = randomUUID();
    const session = { user, visits: 0 };
    this.#watch.register(session);
    this.#store.set(id, session, { ttl: this.#ttl });
    this.opened += 1;
    return id;
  }

  /** The live session, its deadline moved; `undefined` when there is none (any more). */
  visit(id) {
    const session = this.#store.get(id);
    // It may end between the two calls: `touch` has the last word.
    if (session === undefined || !this.#store.touch(id, this.#ttl)) {
      this.misses += 1;
      return undefined;
    }
    this.hits += 1;
    // The store holds the object itself: nothing has to be written back.
    session.visits += 1;
    return session;
  }

  delete(id) {
    const existed = this.#store.delete(id);
    if (existed) this.deleted += 1;
    return existed;
  }

  close() {
    this.#store.close();
  }
}

module.exports = { Sessions };
