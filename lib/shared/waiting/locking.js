/**
 * The verbs of locks, for the classes that have them, and `SharedNamespace`, one of those.
 *
 * Knows a backend by `lock`, `release` and `withLock`. Invariant: a lock on a key of a namespace is
 * not one on the same key elsewhere.
 */
'use strict';

const { callable } = require('../../arguments/options.js');
const errors = require('../../errors/errors.js');
const { later } = require('../../native/later.js');
const { Namespace } = require('../../store/namespaces/namespace.js');
const { Store } = require('../../store/store.js');

const wanted = later(() => require('../opening/shared-options.js'));

/** @typedef {InstanceType<typeof import('../backend.js').SharedBackend>} SharedBackend */
/** @typedef {import('../../store/store.js').Parts} Parts */
/** @typedef {InstanceType<typeof Store>} AnyStore */

/** What a namespace of a shared store is. */
class SharedNamespace extends Namespace {
  /** @param {Parts} of */
  constructor(of) {
    super(of, (within) => new SharedNamespace(within));
  }
}

/**
 * The verbs; each is called on a store.
 *
 * @type {Record<string, (this: AnyStore, ...given: any[]) => unknown>}
 */
const VERBS = {
  /** @param {unknown} key @param {unknown} [timeout] */
  lock(key, timeout) {
    const { rules } = Store.partsOf(this, 'lock', arguments.length, 'a key');
    const string = rules.stringOf(key);
    const timeoutMs = wanted().lockTimeout(timeout);
    return opened(this, 'lock').lock(string, timeoutMs);
  },

  /** @param {unknown} key */
  release(key) {
    const { rules } = Store.partsOf(this, 'release', arguments.length, 'a key');
    const string = rules.stringOf(key);
    return opened(this, 'release').release(string);
  },

  /** @param {unknown} key @param {unknown} task @param {unknown} [timeout] */
  async withLock(key, task, timeout) {
    const { rules } = Store.partsOf(this, 'withLock');
    if (arguments.length < 2) throw errors.missingArguments('withLock', 'a key and a function');
    const run = callable(task, 'task');
    const timeoutMs = wanted().lockTimeout(timeout);
    const string = rules.stringOf(key);
    // May open the store anew, and then has other locks.
    const backend = opened(this, 'withLock');
    try {
      return await backend.withLock(string, run, timeoutMs);
    } catch (error) {
      throw errors.atCaller(error);
    }
  },
};

/**
 * @param {AnyStore} receiver
 * @param {string} method
 */
function opened(receiver, method) {
  return /** @type {SharedBackend} */ (/** @type {unknown} */ (Store.opened(receiver, method)));
}

/** @param {object} prototype */
function defineLocking(prototype) {
  for (const [name, value] of Object.entries(VERBS)) {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

module.exports = { SharedNamespace, defineLocking };
