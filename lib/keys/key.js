/**
 * What addresses an entry: the string form of any key, and the form it was given in.
 *
 * Knows no store. Invariant: two keys that are not the same thing to a program never get one
 * string form by a failed conversion; what JSON cannot say is a key by identity.
 */
'use strict';

const { KeyForm: Form } = require('../native/contract.js');
const { invalidKey, missingArguments, unsayableKey } = require('../errors/errors.js');
const { jsonOf } = require('./json-key.js');
const { plainString } = require('./keyspace.js');
const { MutableKey } = require('./mutable-key.js');

/** @type {ReadonlyMap<string, boolean | null | undefined>} */
const LITERALS = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
]);

/** The string form of a key by identity. */
const IDENTITY = /^\[object (Object|Function) #[1-9][0-9]*\]$/;

/** Numbers of the keys by identity, of this thread. @type {WeakMap<object, number>} */
const identities = new WeakMap();
let identityCount = 0;

/**
 * The string that addresses an entry.
 *
 * @param {unknown} key
 * @returns {string}
 */
function stringOf(key) {
  // Before the rest: a switch over `typeof` is a call in V8.
  if (typeof key === 'string') return key;
  switch (typeof key) {
    case 'symbol':
      throw invalidKey(key);
    case 'object':
      return key === null ? 'null' : objectString(key);
    case 'function':
      return objectString(key);
    default:
      return String(key);
  }
}

/**
 * The same for a store that others share, where what an object is says nothing to the others.
 *
 * @param {unknown} key
 * @returns {string}
 */
function sharedStringOf(key) {
  if (typeof key === 'string') return key;
  if (typeof key === 'function') throw unsayableKey(key);
  if (typeof key !== 'object' || key === null) return stringOf(key);
  const mutable = MutableKey.of(key);
  if (mutable !== undefined) return sharedStringOf(mutable.value);
  const json = jsonOf(key);
  if (json === undefined) throw unsayableKey(key);
  return json;
}

/**
 * @param {unknown} key
 * @returns {number} one of `Form`
 */
function formOf(key) {
  switch (typeof key) {
    case 'string':
      return Form.STRING;
    case 'number':
      return Form.NUMBER;
    case 'bigint':
      return Form.BIGINT;
    case 'object':
      return key === null ? Form.LITERAL : Form.ORIGINAL;
    case 'function':
      return Form.ORIGINAL;
    default:
      return Form.LITERAL;
  }
}

/**
 * The key as it was given, but for originals, which the store keeps.
 *
 * @param {string} string
 * @param {number} form
 */
function primitiveOf(string, form) {
  switch (form) {
    case Form.NUMBER:
      return Number(string);
    case Form.BIGINT:
      return BigInt(string);
    case Form.LITERAL:
      return LITERALS.get(string);
    default:
      return string;
  }
}

/**
 * The string under which an entry of no namespace is kept.
 *
 * @param {unknown} key
 */
function plainStringOf(key) {
  return plainString(stringOf(key));
}

/**
 * The same for a store that others share.
 *
 * @param {unknown} key
 */
function sharedPlainStringOf(key) {
  return plainString(sharedStringOf(key));
}

/**
 * The string of the key that a method got, if it got one: of an entry of no namespace.
 *
 * @param {string} method
 * @param {unknown} key
 * @param {number} count of arguments
 */
function keyArgument(method, key, count) {
  if (typeof key === 'string') return plainString(key);
  if (count < 1) throw missingArguments(method, 'a key');
  return plainStringOf(key);
}

/**
 * The same for a store that others share.
 *
 * @param {string} method
 * @param {unknown} key
 * @param {number} count of arguments
 */
function sharedKeyArgument(method, key, count) {
  if (typeof key === 'string') return plainString(key);
  if (count < 1) throw missingArguments(method, 'a key');
  return sharedPlainStringOf(key);
}

/**
 * Whether a string is the string form of a key by identity.
 *
 * @param {string} string
 */
function isIdentity(string) {
  return IDENTITY.test(string);
}

/**
 * Such a string of the same kind, which no object has or will have.
 *
 * @param {string} string
 */
function newIdentity(string) {
  identityCount += 1;
  return string.replace(/[0-9]+/, String(identityCount));
}

/** @param {object} key */
function objectString(key) {
  const mutable = MutableKey.of(key);
  if (mutable !== undefined) return mutable.string;
  return (typeof key === 'object' ? jsonOf(key) : undefined) ?? identityString(key);
}

/** @param {object} key */
function identityString(key) {
  let identity = identities.get(key);
  if (identity === undefined) {
    identityCount += 1;
    identity = identityCount;
    identities.set(key, identity);
  }
  return `[object ${typeof key === 'function' ? 'Function' : 'Object'} #${identity}]`;
}

module.exports = {
  Form,
  LITERALS,
  formOf,
  isIdentity,
  keyArgument,
  newIdentity,
  plainStringOf,
  primitiveOf,
  sharedKeyArgument,
  sharedPlainStringOf,
  sharedStringOf,
  stringOf,
};
