/**
 * The async `MemoryStore`: the in-process one behind promises, with atomic updates.
 *
 * Must not know of sessions. Invariant: the calls on one key take effect in the order in which
 * they were made, and a key that waits for nothing is served within the call.
 */
'use strict';

const { constructible } = require('../../store/constructible.js');
const errors = require('../../store/errors.js');
const { MemoryStore: LocalStore } = require('../../local/memory-store.js');
const { MAX_TTL_MS, ttl: checkedTtl } = require('../../store/options.js');
const { KeyQueue } = require('../../loads/key-queue.js');
const { record } = require('../../store/options.js');

const SET_OPTIONS = Object.freeze(['ttl']);
const NEVER = Number.POSITIVE_INFINITY;

/** Node has them everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
/** @type {typeof Symbol.asyncDispose} */
const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

/** @typedef {InstanceType<typeof LocalStore>} Local */

/**
 * What the in-process store holds: a value, and when it ends on the clock of `performance`. An
 * update computes what is left from that, so that many updates do not add up their roundings.
 *
 * @typedef {{ value: unknown, endsAt: number }} Entry
 */

class MemoryStore {
  #local;
  /** Of entries that are set without one; 0 for none. */
  #ttlMs;
  #queue = new KeyQueue();

  /** @param {unknown} [given] */
  constructor(given) {
    const { ttlMs, rest } = storeOptions(given);
    this.#ttlMs = ttlMs;
    this.#local = new LocalStore(rest);
  }

  /** @param {unknown} key */
  async get(key) {
    return this.#run('get', key, (local, string) => entryOf(local, string)?.value);
  }

  /** @param {unknown} key */
  async has(key) {
    return this.#run('has', key, (local, string) => entryOf(local, string) !== undefined);
  }

  /**
   * @param {unknown} key
   * @param {unknown} value
   * @param {unknown} [options]
   */
  async set(key, value, options) {
    if (arguments.length < 2) throw errors.missingArguments('set', 'a key and a value');
    const ttlMs = setTtl(options) || this.#ttlMs;
    return this.#run('set', key, (local, string) => {
      const endsAt = ttlMs > 0 ? performance.now() + ttlMs : NEVER;
      place(local, string, { value, endsAt }, ttlMs);
    });
  }

  /** @param {unknown} key */
  async delete(key) {
    return this.#run('delete', key, (local, string) => {
      local.delete(string);
    });
  }

  /**
   * @param {unknown} key
   * @param {unknown} ttl
   */
  async touch(key, ttl) {
    if (arguments.length < 2) throw errors.missingArguments('touch', 'a key and a time to live');
    const ttlMs = checkedTtl(ttl, 'ttl');
    return this.#run('touch', key, (local, string) => {
      const entry = entryOf(local, string);
      if (entry === undefined || !local.touch(string, ttlMs)) return false;
      entry.endsAt = performance.now() + ttlMs;
      return true;
    });
  }

  /**
   * @param {unknown} key
   * @param {unknown} change
   */
  async update(key, change) {
    const string = keyArgument('update', key);
    if (typeof change !== 'function') throw errors.invalidType('a function', 'change', change);
    return this.#queue.run(string, async () => {
      const entry = entryOf(this.#local, string);
      if (entry === undefined) return false;
      const value = await change(entry.value);
      return value === undefined || this.#replace(string, entry, value);
    });
  }

  async clear() {
    const local = this.#local;
    if (this.#queue.isIdle) {
      local.clear();
      return;
    }
    // A key that is busy is cleared in its turn; the others do not wait for it.
    for (const key of local.keys()) {
      if (!this.#queue.isBusy(key)) local.delete(key);
    }
    await Promise.all(this.#queue.busyKeys().map((key) => this.delete(key)));
  }

  async close() {
    this.#local.close();
  }

  [DISPOSE]() {
    this.#local.close();
  }

  /**
   * Runs a task of a key: within the call, unless an update of the key is under way.
   *
   * @template T
   * @param {string} method
   * @param {unknown} key
   * @param {(local: Local, key: string) => T} task
   * @returns {T | Promise<T>}
   */
  #run(method, key, task) {
    const string = keyArgument(method, key);
    const local = this.#local;
    if (!this.#queue.isBusy(string)) return task(local, string);
    return this.#queue.run(string, () => task(local, string));
  }

  /**
   * Puts a new value in place of an entry that may have gone meanwhile; it keeps the deadline.
   *
   * @param {string} key
   * @param {Entry} entry
   * @param {unknown} value
   */
  #replace(key, entry, value) {
    if (entryOf(this.#local, key) !== entry) return false;
    const { endsAt } = entry;
    if (endsAt === NEVER) return place(this.#local, key, { value, endsAt }, 0);
    const leftMs = Math.min(Math.ceil(endsAt - performance.now()), MAX_TTL_MS);
    return leftMs > 0 && place(this.#local, key, { value, endsAt }, leftMs);
  }
}

const { prototype } = MemoryStore;
Object.defineProperty(prototype, ASYNC_DISPOSE, {
  value: prototype.close,
  writable: true,
  configurable: true,
});
Object.defineProperty(prototype, Symbol.toStringTag, { value: 'MemoryStore', configurable: true });

/**
 * The live entry of a key. Its own deadline counts: that of the in-process store is later by the
 * time that an update took from its look at the clock to the store's.
 *
 * @param {Local} local
 * @param {string} key
 * @returns {Entry | undefined}
 */
function entryOf(local, key) {
  const entry = /** @type {Entry | undefined} */ (local.get(key));
  if (entry === undefined || entry.endsAt === NEVER) return entry;
  return entry.endsAt > performance.now() ? entry : undefined;
}

/**
 * @param {Local} local
 * @param {string} key
 * @param {Entry} entry
 * @param {number} ttlMs 0 for none
 */
function place(local, key, entry, ttlMs) {
  return ttlMs > 0 ? local.set(key, entry, ttlMs) : local.set(key, entry);
}

/**
 * @param {string} method
 * @param {unknown} key
 */
function keyArgument(method, key) {
  if (typeof key !== 'string') throw errors.invalidType('a string', `the key of ${method}()`, key);
  return key;
}

/**
 * The options of this store, and those of the in-process one.
 *
 * @param {unknown} options
 */
function storeOptions(options) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return { ttlMs: 0, rest: options };
  }
  const { ttl, ...rest } = /** @type {Record<string, unknown>} */ (options);
  const { sizeOf } = rest;
  if (typeof sizeOf === 'function') {
    rest.sizeOf = (/** @type {Entry} */ entry, /** @type {string} */ key) =>
      sizeOf(entry.value, key);
  }
  return { ttlMs: ttl === undefined ? 0 : checkedTtl(ttl, 'option ttl'), rest };
}

/**
 * The time to live that the third argument of `set` asks for; 0 for none.
 *
 * @param {unknown} options
 */
function setTtl(options) {
  if (typeof options === 'number') return checkedTtl(options, 'ttl');
  const { ttl } = record(options, SET_OPTIONS);
  return ttl === undefined ? 0 : checkedTtl(ttl, 'option ttl');
}

exports.MemoryStore = constructible(MemoryStore);
