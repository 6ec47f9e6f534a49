/**
 * `AsyncStore`, `AsyncNamespace`: the verbs of a store behind promises. Whatever fails rejects;
 * nothing is thrown.
 *
 * Names no scope: its backend may answer with values or with promises. Invariant: arguments are
 * checked and converted within the call, so what is changed after it is not seen.
 */
'use strict';

const { nameInstances } = require('./constructible.js');
const { Store } = require('./store.js');
const { WholeStore } = require('./whole-store.js');
const { callable } = require('../arguments/options.js');
const { atCaller } = require('../errors/errors.js');

/** @typedef {import('./store.js').Parts} Parts */
/** @typedef {InstanceType<typeof Store>} AnyStore */

/** Node has them everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
/** @type {typeof Symbol.asyncDispose} */
const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

/** Those that give something else than a promise of what they give at once. */
const OTHERS = Object.freeze([
  'constructor',
  'entries',
  'values',
  'forEach',
  'scan',
  'namespace',
  'toJSON',
]);

class AsyncStore extends WholeStore {
  /**
   * @param {Parts['backend']} backend
   * @param {Parts['rules']} rules
   * @param {() => object} [about]
   */
  constructor(backend, rules, about) {
    super(backend, rules, (of) => new AsyncNamespace(of), about);
  }
}

class AsyncNamespace extends Store {
  /** @param {Parts} of */
  constructor({ backend, rules }) {
    super(backend, rules, (of) => new AsyncNamespace(of));
  }

  /** What it holds may be known to a server alone. @override */
  toJSON() {
    const { isOpen } = Store.partsOf(this, 'toJSON').backend;
    return { store: 'Namespace', ...(isOpen ? {} : { isOpen }) };
  }
}

const WALKS = {
  /** @this {AnyStore} @param {unknown} [filter] @returns {any} */
  entries(filter) {
    return walk(() => Store.prototype.entries.call(this, filter));
  },

  /** @this {AnyStore} @param {unknown} [filter] @param {unknown} [options] @returns {any} */
  scan(filter, options) {
    return walk(() => Store.prototype.scan.call(this, filter, options));
  },

  /** A promise among them is waited for, as `get` has it. @this {AnyStore} @returns {any} */
  values() {
    return walk(() => Store.prototype.values.call(this));
  },

  /**
   * @this {AnyStore}
   * @param {unknown} callback
   * @param {unknown} [thisArg]
   * @returns {Promise<any>}
   */
  async forEach(callback, thisArg) {
    const call = callable(callback, 'callback');
    for await (const [key, value] of Store.walk(this, 'forEach')) {
      await call.call(thisArg, value, key, this);
    }
  },
};

for (const Class of [AsyncStore, AsyncNamespace]) {
  const { prototype } = Class;
  const names = new Set([
    ...Object.getOwnPropertyNames(Store.prototype),
    ...Object.getOwnPropertyNames(Object.getPrototypeOf(prototype)),
  ]);
  for (const name of names) {
    if (!OTHERS.includes(name)) define(prototype, name, later(name, Reflect.get(prototype, name)));
  }
  for (const [name, walk] of Object.entries(WALKS)) define(prototype, name, walk);
  define(prototype, Symbol.asyncIterator, WALKS.entries);
}
nameInstances(AsyncNamespace.prototype, 'Namespace');
define(AsyncStore.prototype, ASYNC_DISPOSE, AsyncStore.prototype.close);
define(AsyncStore.prototype, DISPOSE, WholeStore.prototype.close);

/**
 * A verb that gives a promise of what it would give at once.
 *
 * @param {string} name
 * @param {Function} verb
 */
function later(name, verb) {
  const named = {
    /** @this {unknown} @param {unknown[]} given */
    async [name](...given) {
      const answer = Reflect.apply(verb, this, given);
      if (!(answer instanceof Promise)) return answer;
      try {
        return await answer;
      } catch (error) {
        throw atCaller(error);
      }
    },
  };
  return named[name];
}

/**
 * A walk that begins within the call; what fails there, its first step rejects with.
 *
 * @param {() => Iterable<unknown> | AsyncIterable<unknown>} begin
 */
function walk(begin) {
  try {
    return each(begin());
  } catch (error) {
    return failed(error);
  }
}

/** @param {Iterable<unknown> | AsyncIterable<unknown>} walk */
async function* each(walk) {
  yield* walk;
}

/** @param {unknown} error */
// biome-ignore lint/correctness/useYield: its first step fails
async function* failed(error) {
  throw error;
}

/**
 * @param {object} prototype
 * @param {string | symbol} name
 * @param {unknown} value
 */
function define(prototype, name, value) {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

module.exports = { AsyncNamespace, AsyncStore };
