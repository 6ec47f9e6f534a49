/**
 * `createStore`: the named stores of native-keyshare, over the same stores as `SharedStore`.
 *
 * Checks what the caller gives, with that package's shapes: seconds, patterns, locks that others
 * wait for. Invariant: of each store a thread has one object, until it is closed.
 */
'use strict';

const errors = require('../../errors/errors.js');
const { sharedKeyArgument } = require('../../keys/key.js');
const { keysOf, plainString } = require('../../keys/keyspace.js');
const { MAX_TTL_MS } = require('../../arguments/expiry.js');
const { EVERY, patternFilter } = require('../../arguments/filter.js');
const options = require('../../arguments/options.js');
const { patternOf } = require('../../arguments/pattern.js');
const { When, sharedRules } = require('../../arguments/writes.js');
const { later } = require('../../native/later.js');
const { lockTimeout, storeName } = require('../../shared/opening/shared-options.js');

/** What opens a store comes with the first that is opened. */
const shared = later(() => ({
  ...require('../../shared/backend.js'),
  ...require('../../shared/opening/handle.js'),
  ...require('../../shared/waiting/locked-keys.js'),
}));

const MS_PER_SECOND = 1000;
const SET_OPTIONS = Object.freeze(['ttl', 'minBufferSize', 'immutable', 'skipLock']);

/** Entries without a time of their own are for ever. */
const RULES = sharedRules(0);

/** @type {Map<string, KeyshareStore>} */
const stores = new Map();

class KeyshareStore {
  #backend;
  #name;

  /** @param {string} name */
  constructor(name) {
    const { SharedBackend, openHandle } = shared();
    this.#name = name;
    this.#backend = new SharedBackend(openHandle({ name, file: undefined }, {}), RULES, false);
  }

  /** @param {unknown} key @param {unknown} value @param {unknown} [given] */
  set(key, value, given) {
    KeyshareStore.#check(this, 'set');
    if (arguments.length < 2) throw errors.missingArguments('set', 'a key and a value');
    const { ttlMs, skipLock } = setOptions(given);
    const write = RULES.writeOf(RULES.stringOf(key), key, value, ttlMs, undefined);
    const backend = this.#open('set');
    const { patiently, unlessLocked } = shared();
    return unlessLocked(() => {
      return patiently(skipLock, (waitMs) => backend.write(write, When.ALWAYS, waitMs));
    });
  }

  /** @param {unknown} key @param {unknown} [skipLock] */
  get(key, skipLock) {
    KeyshareStore.#check(this, 'get');
    const string = sharedKeyArgument('get', key, arguments.length);
    const isSkipped = skipLock !== undefined && options.flag(skipLock, 'skipLock');
    const backend = this.#open('get');
    return shared().patiently(isSkipped, (waitMs) => backend.get(string, waitMs));
  }

  /** @param {unknown} pattern */
  delete(pattern) {
    KeyshareStore.#check(this, 'delete');
    const wanted = patternOf(pattern, 'delete', arguments.length);
    const backend = this.#open('delete');
    if (typeof wanted === 'string') return removed(backend, plainString(wanted));
    const { listing } = backend.entries;
    listing.overtakeLoads(patternFilter(wanted));
    const keys = listing.matches(wanted.source, wanted.flags);
    return keys.filter((key) => removed(backend, plainString(key))).length > 0;
  }

  /** @param {unknown} [pattern] */
  listKeys(pattern) {
    KeyshareStore.#check(this, 'listKeys');
    if (pattern === undefined) return keysOf(this.#open('listKeys').keys(EVERY));
    const wanted = patternOf(pattern, 'listKeys', 1);
    const backend = this.#open('listKeys');
    if (typeof wanted !== 'string')
      return backend.entries.listing.matches(wanted.source, wanted.flags);
    return backend.has(plainString(wanted)) ? [wanted] : [];
  }

  /** @param {unknown} key @param {unknown} [timeout] */
  lock(key, timeout) {
    KeyshareStore.#check(this, 'lock');
    const timeoutMs = lockTimeout(timeout);
    const string = sharedKeyArgument('lock', key, arguments.length);
    return this.#open('lock').lock(string, timeoutMs);
  }

  /** @param {unknown} key */
  release(key) {
    KeyshareStore.#check(this, 'release');
    const string = sharedKeyArgument('release', key, arguments.length);
    return this.#open('release').release(string);
  }

  clear() {
    KeyshareStore.#check(this, 'clear');
    this.#open('clear').clear();
  }

  close() {
    KeyshareStore.#check(this, 'close');
    if (!this.#backend.isOpen) return;
    if (stores.get(this.#name) === this) stores.delete(this.#name);
    this.#backend.close();
  }

  /**
   * Whether whoever opens the name gets the store of this object.
   *
   * @param {KeyshareStore} store
   */
  static isNamed(store) {
    return store.#backend.handle.isNamed();
  }

  /**
   * @param {unknown} receiver
   * @param {string} method
   */
  static #check(receiver, method) {
    if (typeof receiver !== 'object' || receiver === null || !(#backend in receiver)) {
      throw errors.invalidThis(method, receiver);
    }
  }

  /** @param {string} method */
  #open(method) {
    if (!this.#backend.isOpen) throw errors.storeClosed(method);
    return this.#backend;
  }
}

/**
 * @param {unknown} [name]
 * @returns {KeyshareStore}
 */
function createStore(name) {
  const checked = storeName(name);
  const known = stores.get(checked);
  if (known !== undefined && KeyshareStore.isNamed(known)) return known;
  const store = new KeyshareStore(checked);
  stores.set(checked, store);
  return store;
}

/** @param {unknown} given */
function setOptions(given) {
  const { ttl, minBufferSize, immutable, skipLock } = options.record(given, SET_OPTIONS);
  if (minBufferSize !== undefined) options.whole(minBufferSize, 'option minBufferSize', 0, 2 ** 53);
  if (immutable !== undefined) options.flag(immutable, 'option immutable');
  return {
    ttlMs: ttl === undefined ? 0 : ttlOf(ttl),
    skipLock: skipLock !== undefined && options.flag(skipLock, 'option skipLock'),
  };
}

/**
 * Seconds, with a fraction perhaps, as milliseconds.
 *
 * @param {unknown} seconds
 */
function ttlOf(seconds) {
  if (typeof seconds !== 'number') {
    throw errors.invalidType('a number of seconds', 'option ttl', seconds);
  }
  const mostSeconds = MAX_TTL_MS / MS_PER_SECOND;
  if (!(seconds > 0 && seconds <= mostSeconds)) {
    throw errors.outOfRange(
      `more than 0 seconds, ${mostSeconds} at the most,`,
      'option ttl',
      seconds,
    );
  }
  return Math.ceil(seconds * MS_PER_SECOND);
}

/**
 * Whether an entry was removed; `false` when another thread kept it locked.
 *
 * @param {InstanceType<typeof import('../../shared/backend.js').SharedBackend>} backend
 * @param {string} string
 */
function removed(backend, string) {
  const { patiently, unlessLocked } = shared();
  return unlessLocked(() => patiently(false, (waitMs) => backend.remove(string, waitMs)));
}

module.exports = { createStore };
