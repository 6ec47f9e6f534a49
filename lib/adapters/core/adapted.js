/**
 * What every adapter stands on: a store that was given or one of its own, and its part of the keys.
 *
 * Knows no interface of others. Invariant: an adapter closes only the store that it opened.
 */
'use strict';

const { invalidType, invalidValue } = require('../../errors/errors.js');
const options = require('../../arguments/options.js');
const { MAX_TTL_MS, defaultTtl } = require('../../arguments/expiry.js');
const { STORE_OPTIONS } = require('../../shared/opening/shared-options.js');
const { SharedStore } = require('../../shared/shared-store.js');

/** @typedef {import('./adapter-options.js').AnyStore} AnyStore */

/** Of an adapter itself; the others are those of the store that it opens. */
const ADAPTER_OPTIONS = Object.freeze(['store', 'prefix', 'ttl']);
/** Who has these is a store: a Map or a cache of another package lacks the last two. */
const VERBS = Object.freeze(/** @type {const} */ (['get', 'set', 'getEntry', 'hit']));
/**
 * What is kept for others is a cache, unless said otherwise: old entries make room. And servers
 * that run on are not to be alone with a store that somebody has destroyed.
 */
const DEFAULTS = Object.freeze({
  scope: 'processes',
  whenFull: 'evict',
  whenOrphaned: 'rejoin',
});

class Adapted {
  /** @type {AnyStore} */
  store;
  /** What all keys of the adapter begin with. */
  prefix;
  /** Milliseconds to live of what is set without a time of its own. @type {number | undefined} */
  ttlMs;
  /** Who listens to the store for the adapter. @type {Set<{ stop(): void }>} */
  listenings = new Set();
  #isOwn;

  /**
   * @param {AnyStore} store
   * @param {{ prefix: string, ttlMs: number | undefined, isOwn: boolean }} how
   */
  constructor(store, { prefix, ttlMs, isOwn }) {
    this.store = store;
    this.prefix = prefix;
    this.ttlMs = ttlMs;
    this.#isOwn = isOwn;
  }

  /**
   * Whether a value that the store gave is the caller's own, to change as he likes.
   *
   * @param {object} value
   */
  isCopy(value) {
    // Frozen ones are handed out again.
    return this.store instanceof SharedStore && !Object.isFrozen(value);
  }

  /** @param {string} key */
  keyOf(key) {
    return this.prefix + key;
  }

  /**
   * The options of a write that is to live for `ttlMs`; none or 0 is the default of the adapter,
   * then that of the store.
   *
   * @param {number | null | undefined} ttlMs
   */
  expiry(ttlMs) {
    const wanted = ttlMs === undefined || ttlMs === null || ttlMs === 0 ? this.ttlMs : ttlMs;
    if (wanted === undefined) return undefined;
    return wanted < 0 ? { expiresAt: 0 } : { ttl: longest(wanted) };
  }

  /**
   * The keys of the adapter that begin with `begin`, without its prefix.
   *
   * @param {string} [begin]
   * @returns {string[] | Promise<string[]>}
   */
  keys(begin = '') {
    return after(this.store.keys({ prefix: this.prefix + begin }), (keys) => {
      return keys.map((key) => key.slice(this.prefix.length));
    });
  }

  /**
   * The entries under these keys, which `keys` gave; `undefined` for those that have gone.
   *
   * @param {string[]} keys
   * @returns {any} a list, or a promise of it
   */
  entriesOf(keys) {
    const entries = keys.map((key) => this.store.getEntry(this.keyOf(key)));
    return entries.some(isPromise) ? Promise.all(entries) : entries;
  }

  /**
   * How many keys the adapter has.
   *
   * @returns {number | Promise<number>}
   */
  count() {
    return this.store.count({ prefix: this.prefix });
  }

  /**
   * Removes the entries whose keys begin with `begin`, and no others: `clear` of a store would take
   * those of its namespaces, too.
   *
   * @param {string} [begin]
   * @returns {void | Promise<void>}
   */
  clear(begin = '') {
    return after(this.store.deleteWhere({ prefix: this.prefix + begin }), () => {});
  }

  /** Ends what listens to the store, and the use of the store, if the adapter opened it. */
  close() {
    for (const one of this.listenings) one.stop();
    return this.#isOwn ? this.store.close() : undefined;
  }
}

/**
 * The options that an adapter was given, to be taken apart: its own properties, and no other
 * object's. What is taken apart unchecked opens the store of everybody, named 'default'.
 *
 * @param {unknown} given
 * @returns {Record<string, any>}
 */
function optionsOf(given) {
  if (isStore(given)) throw invalidType('{ store }, not the store itself,', 'options', given);
  return { __proto__: null, ...(given === undefined ? undefined : options.plainObject(given)) };
}

/**
 * What an adapter was given: `{ store }`, or the options of a `SharedStore` to open.
 *
 * @param {unknown} given
 * @param {string} [prefix] of keys, where none is given
 */
function adapt(given, prefix = '') {
  const { store, ...rest } = options.record(optionsOf(given), [
    ...new Set([...ADAPTER_OPTIONS, ...STORE_OPTIONS]),
  ]);
  const { prefix: wanted = prefix, ttl, ...opening } = rest;
  const ttlMs = ttl === undefined ? undefined : defaultTtl(ttl) || Number.POSITIVE_INFINITY;
  const how = { prefix: prefixOf(wanted), ttlMs, isOwn: store === undefined };
  if (store === undefined) {
    return new Adapted(new SharedStore({ ...DEFAULTS, ...opening }), how);
  }
  if (!isStore(store)) throw invalidType('a store of this package', 'option store', store);
  const [both] = Object.keys(opening).filter((name) => opening[name] !== undefined);
  if (both !== undefined) {
    throw invalidValue('none beside option store', `option ${both}`, opening[both]);
  }
  return new Adapted(store, how);
}

/** @param {unknown} prefix */
function prefixOf(prefix) {
  if (typeof prefix !== 'string') throw invalidType('a string', 'option prefix', prefix);
  return prefix;
}

/**
 * @param {unknown} value
 * @returns {value is AnyStore}
 */
function isStore(value) {
  if (typeof value !== 'object' || value === null) return false;
  return VERBS.every((verb) => typeof Reflect.get(value, verb) === 'function');
}

/**
 * A time to live that a store takes: what is longer than it can count, people mean as long.
 *
 * @param {number} ms
 */
function longest(ms) {
  return ms === Number.POSITIVE_INFINITY ? ms : Math.min(ms, MAX_TTL_MS);
}

/**
 * What is made of an answer, at once or when it comes.
 *
 * @template T, R
 * @param {T | PromiseLike<T>} answer
 * @param {(answer: T) => R | PromiseLike<R>} make
 * @returns {any}
 */
function after(answer, make) {
  return isPromise(answer) ? answer.then(make) : make(answer);
}

/**
 * @template T
 * @param {T | PromiseLike<T>} answer
 * @returns {answer is PromiseLike<T>}
 */
function isPromise(answer) {
  return typeof (/** @type {any} */ (answer)?.then) === 'function';
}

module.exports = { Adapted, adapt, after, isPromise, longest, optionsOf, prefixOf };
