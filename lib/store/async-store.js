/**
 * `AsyncStore`: the verbs of `Store` behind promises. Whatever fails rejects; nothing is thrown.
 *
 * Names no scope: its backend may answer with values or with promises. Invariant: arguments are
 * checked and converted within the call, so what is changed after it is not seen.
 */
'use strict';

const { Store } = require('./store.js');
const { callable } = require('../arguments/options.js');
const { atCaller } = require('../errors/errors.js');

/** Node has them everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
/** @type {typeof Symbol.asyncDispose} */
const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

/** Those that give something else than a promise of what they give at once. */
const OTHERS = Object.freeze(['constructor', 'entries', 'values', 'forEach', 'scan']);

class AsyncStore extends Store {
  /** @override @param {unknown} [filter] @returns {any} */
  entries(filter) {
    return walk(() => super.entries(filter));
  }

  /** @override @param {unknown} [filter] @param {unknown} [options] @returns {any} */
  scan(filter, options) {
    return walk(() => super.scan(filter, options));
  }

  /** @override @returns {any} */
  async *values() {
    yield* super.values();
  }

  /** @override @param {unknown} callback @param {unknown} [thisArg] @returns {Promise<any>} */
  async forEach(callback, thisArg) {
    const call = callable(callback, 'callback');
    for await (const [key, value] of Store.walk(this, 'forEach')) {
      await call.call(thisArg, value, key, this);
    }
  }
}

const { prototype } = AsyncStore;
for (const name of Object.getOwnPropertyNames(Store.prototype)) {
  if (OTHERS.includes(name)) continue;
  const verb = Reflect.get(Store.prototype, name);
  const later = {
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
  define(name, later[name]);
}
define(Symbol.asyncIterator, prototype.entries);
define(ASYNC_DISPOSE, prototype.close);
define(DISPOSE, Store.prototype.close);

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
 * @param {string | symbol} name
 * @param {unknown} value
 */
function define(name, value) {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

module.exports = { AsyncStore };
