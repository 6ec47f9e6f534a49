/**
 * `SessionStore`: a store behind express-session, and @fastify/session.
 *
 * Of a session is kept what JSON says, since what is handed over has methods and the request on it.
 * Invariant: `touch` writes no data, so it never brings back what another request has changed
 * meanwhile; `get` gives the cookie the time that the entry has left.
 */
'use strict';

const { adapt, after, optionsOf } = require('../core/adapted.js');
const { tell } = require('../core/callbacks.js');
const { baseClass } = require('./base-class.js');
const { sessionOf, sessionsOf, storedOf } = require('./stored-session.js');

const DAY_MS = 86_400_000;
const PREFIX = 'sess:';

/** @typedef {import('../core/callbacks.js').Callback} Callback */
/** @typedef {{ expires?: unknown, maxAge?: unknown, originalMaxAge?: unknown }} Cookie */
/** @typedef {{ cookie?: Cookie }} SessionData */
/** @typedef {import('../../store/interface.js').Expiry} Expiry */

class SessionStore extends baseClass() {
  #adapted;
  /** Says how many milliseconds a session lives whose cookie does not; nothing for the default. */
  #ttl;

  /** @param {unknown} [given] */
  constructor(given) {
    super();
    const { ttl = DAY_MS, ...options } = optionsOf(given);
    const isFunction = typeof ttl === 'function';
    this.#adapted = adapt({ ...options, ttl: isFunction ? DAY_MS : ttl }, PREFIX);
    this.#ttl = isFunction ? ttl : () => undefined;
  }

  /** @param {string} id @param {Callback} callback */
  get(id, callback) {
    tell(callback, () =>
      after(this.#adapted.store.getEntry(this.#adapted.keyOf(id)), (entry) => {
        return entry === undefined ? undefined : sessionOf(this.#adapted, entry);
      }),
    );
  }

  /** @param {string} id @param {SessionData} session @param {Callback} [callback] */
  set(id, session, callback) {
    tell(callback, () => {
      const stored = storedOf(session);
      const expiry = this.#expiry(session, id);
      return after(this.#adapted.store.set(this.#adapted.keyOf(id), stored, expiry), () => {});
    });
  }

  /** @param {string} id @param {SessionData} session @param {Callback} [callback] */
  touch(id, session, callback) {
    tell(callback, () => {
      const expiry = this.#expiry(session, id);
      return after(this.#adapted.store.touch(this.#adapted.keyOf(id), expiry), () => {});
    });
  }

  /** @param {string} id @param {Callback} [callback] */
  destroy(id, callback) {
    tell(callback, () => after(this.#adapted.store.delete(this.#adapted.keyOf(id)), () => {}));
  }

  /** @param {Callback} callback gets the ids */
  ids(callback) {
    tell(callback, () => this.#adapted.keys());
  }

  /** @param {Callback} callback gets the number of sessions */
  length(callback) {
    tell(callback, () => this.#adapted.count());
  }

  /** @param {Callback} callback gets the sessions by their ids */
  all(callback) {
    tell(callback, () =>
      after(this.#adapted.keys(), (ids) => {
        return after(this.#adapted.entriesOf(ids), (entries) => {
          return sessionsOf(this.#adapted, ids, entries);
        });
      }),
    );
  }

  /** @param {Callback} [callback] */
  clear(callback) {
    tell(callback, () => this.#adapted.clear());
  }

  /** Closes the store, if this object opened it. */
  close() {
    return this.#adapted.close();
  }

  /**
   * @param {SessionData} session
   * @param {string} id
   */
  #expiry(session, id) {
    const { expires, maxAge } = session.cookie ?? {};
    if (typeof expires === 'string') return { expiresAt: new Date(expires) };
    if (expires instanceof Date) return { expiresAt: expires };
    const ttl = typeof maxAge === 'number' ? maxAge || -1 : this.#ttl(session, id);
    // 0 ends the session, too: no default may stand for it. For nothing, there is one.
    return /** @type {Expiry} */ (this.#adapted.expiry(ttl === 0 ? -1 : ttl));
  }
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { SessionStore, default: SessionStore };
module.exports = Object.assign(SessionStore, { SessionStore, default: SessionStore });
