/**
 * What Keyv itself wants to know of an adapter, and a Keyv over one.
 *
 * Knows no store. Invariant: Keyv is loaded when one is made, and not before.
 */
'use strict';

const { optionsOf } = require('../core/adapted.js');

const METHODS = Object.freeze([
  ...['get', 'getMany', 'has', 'hasMany', 'set', 'setMany'],
  ...['delete', 'deleteMany', 'clear', 'disconnect', 'iterator'],
]);
/** Values as they are, for Keyv 5 and 6: the store copies them itself, a `Map` or a `Date` too. */
const AS_THEY_ARE = Object.freeze({
  serialize: undefined,
  deserialize: undefined,
  serialization: false,
});

/** What Keyv 6 asks for: every method gives a promise, and times are points in time. */
const CAPABILITIES = Object.freeze({
  ...{ compatible: true, store: 'keyvStorage', expires: true },
  methods: Object.freeze(
    Object.fromEntries(METHODS.map((name) => [name, { exists: true, methodType: 'async' }])),
  ),
});

/** @typedef {new (options: object) => object} Adapter */

/**
 * What makes a Keyv over a store of its own, which keeps values as they are.
 *
 * @param {Adapter} Adapter
 */
function creatorOf(Adapter) {
  return function createKeyv(/** @type {unknown} */ given) {
    const options = keyvOptions(Adapter, given);
    // @ts-expect-error: an optional peer, which only who calls this needs
    const { Keyv } = require('keyv');
    return new Keyv(options);
  };
}

/**
 * What a Keyv is made of.
 *
 * @param {Adapter} Adapter
 * @param {unknown} given
 */
function keyvOptions(Adapter, given) {
  // Keyv counts `ttl` itself, so that it knows when an entry expires.
  const { namespace, ttl, ...options } = optionsOf(given);
  // Keyv 5 has a namespace of its own, but not where an `undefined` one is said.
  const named = namespace === undefined ? {} : { namespace };
  return { store: new Adapter(options), ttl, ...named, ...AS_THEY_ARE };
}

module.exports = { CAPABILITIES, creatorOf, keyvOptions };
