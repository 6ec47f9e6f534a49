/**
 * What the caches of processes have in common: values that grow old, in a store that evicts.
 *
 * Checks what the caller gives, then asks the entries. Knows not who empties a cache: its
 * subclasses do. Invariant: an object is open from its constructor on, or nothing is kept open.
 */
'use strict';

const errors = require('../../errors/errors.js');
const { sharedKeyArgument } = require('../../keys/key.js');
const { ageOf } = require('../../arguments/expiry.js');
const options = require('../../arguments/options.js');
const { When, sharedRules } = require('../../arguments/writes.js');
const { later } = require('../../native/later.js');

/** What opens a store comes with the first that is opened. */
const shared = later(() => ({
  ...require('../../shared/backend.js'),
  ...require('../../shared/opening/handle.js'),
  ...require('../../shared/opening/shared-options.js'),
  ...require('../../shared/opening/store-file.js'),
}));

/** The documented defaults. */
const DEFAULT_AGE_MS = 2000;
const DEFAULT_BYTES = 800 * 1024 ** 2;
/** Address space of a store that is built by a cache: its limit may be set up to here. */
const RESERVE_BYTES = 16 * 1024 ** 3;
const INSPECT = Symbol.for('nodejs.util.inspect.custom');
/** Node has it everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
/** Each entry has an age: see `set`. */
const RULES = sharedRules(0);

class Cache {
  #backend;
  /** Milliseconds to live of what is set without an age of its own. */
  #ageMs = DEFAULT_AGE_MS;

  /**
   * @param {string} name
   * @param {string | undefined} path
   * @param {(cache: Cache) => void} begin what is done before anybody gets the object
   */
  constructor(name, path, begin) {
    const { SharedBackend, openHandle, storeFile } = shared();
    const place = { name, file: storeFile(name, { path, access: 'user' }) };
    const wanted = /** @type {const} */ ({
      whenFull: 'evict',
      firstBytes: DEFAULT_BYTES,
      reserveBytes: RESERVE_BYTES,
    });
    this.#backend = new SharedBackend(openHandle(place, wanted), RULES, false);
    try {
      begin(this);
    } catch (error) {
      this.#backend.close();
      throw error;
    }
  }

  /** @param {unknown} key */
  get(key) {
    Cache.#check(this, 'get');
    const string = sharedKeyArgument('get', key, arguments.length);
    return this.#open('get').get(string);
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [maxAgeMs] */
  set(key, value, maxAgeMs) {
    Cache.#check(this, 'set');
    if (arguments.length < 2) throw errors.missingArguments('set', 'a key and a value');
    const ageMs = maxAgeMs === undefined ? this.#ageMs : ageOf(maxAgeMs, 'maxAgeMs');
    const write = RULES.writeOf(RULES.stringOf(key), key, value, ageMs, undefined);
    return this.#open('set').write(write, When.ALWAYS);
  }

  /** @param {unknown} key */
  del(key) {
    Cache.#check(this, 'del');
    const string = sharedKeyArgument('del', key, arguments.length);
    return this.#open('del').remove(string);
  }

  /** @param {unknown} ms */
  setMaxAge(ms) {
    Cache.setAge(this, 'setMaxAge', ms);
  }

  /** @param {unknown} bytes */
  setMaxSize(bytes) {
    Cache.setLimit(this, 'setMaxSize', bytes);
  }

  stats() {
    Cache.#check(this, 'stats');
    return this.#open('stats').stats();
  }

  close() {
    Cache.#check(this, 'close');
    this.#backend.close();
  }

  destroy() {
    Cache.#check(this, 'destroy');
    this.#backend.destroy();
  }

  [INSPECT]() {
    if (!(#backend in this)) return this;
    const name = this.constructor.name;
    const { isOpen } = this.#backend;
    return isOpen ? `${name} { size: ${this.#backend.size()} }` : `${name} (closed)`;
  }

  /**
   * @param {unknown} receiver
   * @param {string} method
   * @param {unknown} ms
   */
  static setAge(receiver, method, ms) {
    const cache = Cache.#check(receiver, method);
    const ageMs = ageOf(ms, 'maxAge');
    cache.#open(method);
    cache.#ageMs = ageMs;
  }

  /**
   * The limit of the store, for everybody; one that is less than its smallest is that.
   *
   * @param {unknown} receiver
   * @param {string} method
   * @param {unknown} bytes
   */
  static setLimit(receiver, method, bytes) {
    const cache = Cache.#check(receiver, method);
    const { handle } = cache.#open(method);
    const limit = options.whole(
      bytes,
      'maxSize',
      shared().MIN_BYTES,
      handle.mostBytes,
      ' of bytes',
    );
    handle.setMaxBytes(limit);
  }

  /**
   * Removes every entry, for everybody.
   *
   * @param {Cache} cache
   */
  static empty(cache) {
    cache.#open('clear').clear();
  }

  /**
   * Removes every entry, if nobody else has the store open: no other object, thread or process.
   *
   * @param {Cache} cache
   */
  static emptyIfAlone(cache) {
    cache.#open('renew').handle.clearIfAlone();
  }

  /**
   * Throws unless a method was called on an open cache.
   *
   * @param {unknown} receiver
   * @param {string} method
   */
  static checkOpen(receiver, method) {
    Cache.#check(receiver, method).#open(method);
  }

  /**
   * @param {unknown} receiver
   * @param {string} method
   * @returns {Cache}
   */
  static #check(receiver, method) {
    if (typeof receiver === 'object' && receiver !== null && #backend in receiver) return receiver;
    throw errors.invalidThis(method, receiver);
  }

  /** @param {string} method */
  #open(method) {
    if (!this.#backend.isOpen) throw errors.storeClosed(method);
    return this.#backend;
  }
}

Object.defineProperty(Cache.prototype, DISPOSE, {
  value: Cache.prototype.close,
  writable: true,
  configurable: true,
});

module.exports = { Cache, RESERVE_BYTES };
