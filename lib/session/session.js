/**
 * `Session`: data of a visitor in any async store, under an id that a cookie carries.
 *
 * Must not know how a store keeps data, nor how cookies travel. Invariant: within this process,
 * what changes a session runs alone for its id, whichever `Session` over the same store does it.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const { constructible } = require('../store/constructible.js');
const errors = require('../errors/errors.js');
const { defaultTtl } = require('../arguments/expiry.js');
const { SessionCookie } = require('./cookie.js');
const { KeyQueue } = require('../loads/key-queue.js');
const { MemoryStore } = require('../local/memory-store.js');
const { record } = require('../arguments/options.js');
const { idOfRequest, idOfWebSocket, isId } = require('./request.js');
const { cookieAppender } = require('./response.js');

const OPTIONS = Object.freeze(['store', 'cookieName', 'ttl', 'rolling', 'cookie']);
const DEFAULT_COOKIE_NAME = 'session_id';

/**
 * What a session needs of a store: one of this package, or any other. Answers may be promises.
 *
 * @typedef {object} Store
 * @property {(id: string) => unknown} get
 * @property {(id: string, data: object, options?: { ttl: number }) => unknown} set
 * @property {(id: string) => unknown} delete
 * @property {(id: string, ttl: number) => unknown} [touch]
 * @property {(id: string, change: Change, options?: { ttl: number }) => unknown} [update] atomic:
 *   nobody else writes to the session between what the function is given and what it gives
 */

/** @typedef {(data: unknown) => object | undefined} Change `undefined` changes nothing */

/** What waits for a session of a store. @type {WeakMap<Store, InstanceType<typeof KeyQueue>>} */
const queues = new WeakMap();

class Session {
  /** @type {Store} */
  #store;
  #queue;
  #cookie;
  /** 0 for none. */
  #ttlMs;
  #isRolling;

  /** @param {unknown} [given] */
  constructor(given) {
    const { store, cookieName, ttl, rolling, cookie } = record(given, OPTIONS);
    const ttlMs = defaultTtl(ttl);
    this.#isRolling = checkedRolling(rolling, ttlMs);
    this.#ttlMs = ttlMs;
    const name = cookieName === undefined ? DEFAULT_COOKIE_NAME : cookieName;
    this.#cookie = new SessionCookie(name, cookie, ttlMs);
    this.#store = store === undefined ? new MemoryStore() : checkedStore(store);
    this.#queue = queueOf(this.#store);
  }

  /** @param {unknown} data */
  async create(data) {
    const checked = checkedData(data);
    const id = randomUUID();
    await this.#put(id, checked);
    return id;
  }

  /** @param {unknown} id */
  async get(id) {
    const known = idArgument(id);
    if (known === undefined) return undefined;
    if (!this.#isRolling) return dataOf(await this.#store.get(known));
    if (typeof this.#store.touch === 'function') return this.#renew(known);
    return this.#queue.run(known, () => this.#renew(known));
  }

  /**
   * @param {unknown} id
   * @param {unknown} data
   */
  async update(id, data) {
    const known = idArgument(id);
    const changes = { ...checkedData(data) };
    if (known === undefined) return false;
    return this.#queue.run(known, () => this.#merge(known, changes));
  }

  /**
   * @param {unknown} id
   * @param {unknown} [res]
   * @param {unknown} [options] of the cookie
   */
  async delete(id, res, options) {
    const known = idArgument(id);
    const removal = this.#cookie.toRemove(options);
    const append = res === undefined ? undefined : cookieAppender(res);
    if (known !== undefined) await this.#queue.run(known, () => this.#store.delete(known));
    append?.(removal);
  }

  /** @param {unknown} req */
  async fromRequest(req) {
    return this.get(idOfRequest(req, this.#cookie.name));
  }

  /** @param {unknown} ws */
  async fromWebSocket(ws) {
    return this.get(idOfWebSocket(ws, this.#cookie.name));
  }

  /** @param {unknown} req */
  idFromRequest(req) {
    return idOfRequest(req, this.#cookie.name);
  }

  /**
   * @param {unknown} res
   * @param {unknown} id
   * @param {unknown} [options] of the cookie
   */
  setCookie(res, id, options) {
    const append = cookieAppender(res);
    append(this.#cookie.toSet(id, options));
  }

  /**
   * @param {string} id
   * @param {object} data
   */
  #put(id, data) {
    if (this.#ttlMs === 0) return this.#store.set(id, data);
    return this.#store.set(id, data, { ttl: this.#ttlMs });
  }

  /**
   * The data of a session that now ends later. Without the store's `touch` it has to run alone.
   *
   * @param {string} id
   */
  async #renew(id) {
    const data = dataOf(await this.#store.get(id));
    if (data === undefined) return undefined;
    if (typeof this.#store.touch !== 'function') {
      await this.#put(id, data);
      return data;
    }
    // It may have ended since: `touch` has the last word.
    const isLive = await this.#store.touch(id, this.#ttlMs);
    return isLive === false ? undefined : data;
  }

  /**
   * Whether there was a session to change.
   *
   * @param {string} id
   * @param {object} changes
   */
  async #merge(id, changes) {
    if (typeof this.#store.update !== 'function') {
      const data = dataOf(await this.#store.get(id));
      if (data !== undefined) await this.#put(id, { ...data, ...changes });
      return data !== undefined;
    }
    let isFound = false;
    /** @type {Change} */
    const change = (found) => {
      const data = dataOf(found);
      isFound = data !== undefined;
      return isFound ? { ...data, ...changes } : undefined;
    };
    // It keeps the deadline, unless the session lives on with each use.
    const options = this.#isRolling ? { ttl: this.#ttlMs } : undefined;
    const updated = await this.#store.update(id, change, options);
    // Another's store may say that it did nothing.
    return isFound && updated !== false;
  }
}

/** @param {Store} store */
function queueOf(store) {
  const queue = queues.get(store) ?? new KeyQueue();
  queues.set(store, queue);
  return queue;
}

/**
 * What a cookie jar gives for a cookie that is not there is no id, and no error either.
 *
 * @param {unknown} id
 */
function idArgument(id) {
  if (id === undefined || id === null) return undefined;
  if (typeof id !== 'string') throw errors.invalidType('a string', 'id', id);
  return isId(id) ? id : undefined;
}

/** @param {unknown} data */
function checkedData(data) {
  if (dataOf(data) === undefined || Array.isArray(data)) {
    throw errors.invalidType('an object', 'data', data);
  }
  return /** @type {object} */ (data);
}

/**
 * What a store has found; anything but an object is not ours.
 *
 * @param {unknown} value
 */
function dataOf(value) {
  return typeof value === 'object' && value !== null ? value : undefined;
}

/**
 * @param {unknown} value
 * @returns {Store}
 */
function checkedStore(value) {
  const store = /** @type {Store | null} */ (value);
  const isObject = typeof store === 'object' && store !== null;
  if (isObject && [store.get, store.set, store.delete].every(isFunction)) return store;
  throw errors.invalidType('an object with get, set and delete', 'option store', value);
}

/** @param {unknown} value */
function isFunction(value) {
  return typeof value === 'function';
}

/**
 * @param {unknown} rolling
 * @param {number} ttlMs
 */
function checkedRolling(rolling, ttlMs) {
  if (rolling === undefined) return false;
  if (typeof rolling !== 'boolean')
    throw errors.invalidType('a boolean', 'option rolling', rolling);
  if (rolling && ttlMs === 0) {
    throw errors.invalidValue('false without option ttl', 'option rolling', rolling);
  }
  return rolling;
}

exports.Session = constructible(Session);
