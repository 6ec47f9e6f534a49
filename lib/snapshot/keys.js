/**
 * Forms of keys in snapshots: how a key was given, as far as its string form says it.
 *
 * Knows no store and no value. Objects are kept as the JSON that is their string form. A key by
 * identity was an object of a program that may be gone. Invariant: it never becomes the key of
 * another object.
 */
'use strict';

const { Keyspace, isPlain, keyOf: shownKey, plainString } = require('../keys/keyspace.js');
const { LITERALS, isIdentity, newIdentity, stringOf } = require('../keys/key.js');
const { MutableKey } = require('../keys/mutable-key.js');
const { Damage } = require('./format.js');

const KeyForm = Object.freeze({
  STRING: 0,
  NUMBER: 1,
  BIGINT: 2,
  LITERAL: 3,
  OBJECT: 4,
  IDENTITY: 5,
  /** A string that says whose key it is, too: of an entry of a namespace. */
  NAMESPACE: 6,
  /** The same of a key by identity. */
  NAMESPACE_IDENTITY: 7,
});

/** Longer ones are strings: to read their digits takes time that grows with the square. */
const BIGINT_DIGITS = 1000;
const BIGINT = /^-?[1-9][0-9]*$/;

/**
 * The form of a key that was given as neither string nor object. A bigint that is a whole number,
 * too, counts for that one: the store does not tell them apart one by one.
 *
 * @param {string} string
 */
function formOfPrimitive(string) {
  if (LITERALS.has(string)) return KeyForm.LITERAL;
  if (String(Number(string)) === string) return KeyForm.NUMBER;
  return isBigint(string) ? KeyForm.BIGINT : KeyForm.STRING;
}

/**
 * The form of a key that was given as an object. A mutable key counts for its current string.
 *
 * @param {string} string
 * @param {object} original
 */
function formOfObject(string, original) {
  if (MutableKey.is(original)) return KeyForm.STRING;
  if (isIdentity(string)) return KeyForm.IDENTITY;
  return objectOf(string) === undefined ? KeyForm.STRING : KeyForm.OBJECT;
}

/**
 * The key of an entry that is read, as `set` may get it.
 *
 * @param {number} form
 * @param {string} string
 */
function keyOf(form, string) {
  switch (form) {
    case KeyForm.STRING:
      return string;
    case KeyForm.NUMBER:
      return expected(String(Number(string)) === string, Number(string));
    case KeyForm.BIGINT:
      return isBigint(string) ? BigInt(string) : expected(false, string);
    case KeyForm.LITERAL:
      return expected(LITERALS.has(string), LITERALS.get(string));
    case KeyForm.OBJECT: {
      const object = objectOf(string);
      return expected(object !== undefined, object);
    }
    case KeyForm.IDENTITY:
      return expected(isIdentity(string), string);
    case KeyForm.NAMESPACE:
      return expected(Keyspace.isWhole(string), string);
    case KeyForm.NAMESPACE_IDENTITY:
      return expected(Keyspace.isWhole(string) && isIdentity(shownKey(string)), string);
    default:
      throw new Damage('an unknown form of a key');
  }
}

/**
 * How the key of an entry is written down: a plain one as itself.
 *
 * @param {string} string that the entry is kept under
 * @param {number} form of the key
 */
function writtenKey(string, form) {
  if (isPlain(string)) return { string: shownKey(string), form };
  const isByIdentity = form === KeyForm.IDENTITY;
  return { string, form: isByIdentity ? KeyForm.NAMESPACE_IDENTITY : KeyForm.NAMESPACE };
}

/**
 * Whether an entry is one of a namespace.
 *
 * @param {number} form
 */
function isOfNamespace(form) {
  return form === KeyForm.NAMESPACE || form === KeyForm.NAMESPACE_IDENTITY;
}

/**
 * The string under which an entry is stored again.
 *
 * @param {number} form
 * @param {string} string
 */
function restoredString(form, string) {
  if (form === KeyForm.IDENTITY) return newIdentity(string);
  if (form === KeyForm.NAMESPACE) return string;
  if (form !== KeyForm.NAMESPACE_IDENTITY) return plainString(string);
  const key = shownKey(string);
  return string.slice(0, string.length - key.length) + newIdentity(key);
}

/**
 * The object that a string is the string form of, if it is one.
 *
 * @param {string} string
 * @returns {object | undefined}
 */
function objectOf(string) {
  try {
    const object = JSON.parse(string);
    const isObject = typeof object === 'object' && object !== null;
    return isObject && stringOf(object) === string ? object : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} string */
function isBigint(string) {
  return string.length <= BIGINT_DIGITS && BIGINT.test(string);
}

/**
 * @template T
 * @param {boolean} holds
 * @param {T} key
 */
function expected(holds, key) {
  if (!holds) throw new Damage('a key that is not of its form');
  return key;
}

module.exports = {
  KeyForm,
  formOfObject,
  formOfPrimitive,
  isOfNamespace,
  keyOf,
  restoredString,
  writtenKey,
};
