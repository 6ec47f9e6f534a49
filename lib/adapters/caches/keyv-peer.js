/**
 * What Keyv itself wants to know of an adapter, and a Keyv over one.
 *
 * Knows no store. Invariant: Keyv is loaded when one is made, and not before.
 */
'use strict';

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

/**
 * @param {object} store an adapter
 * @param {{ namespace: unknown, ttl: unknown }} options
 */
function keyvOver(store, options) {
  // @ts-expect-error: an optional peer, which only who calls this needs
  const { Keyv } = require('keyv');
  return new Keyv({ store, ...options, ...AS_THEY_ARE });
}

module.exports = { CAPABILITIES, keyvOver };
