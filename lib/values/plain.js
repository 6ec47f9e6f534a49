/**
 * Which values the compact encoding carries exactly as a structured clone would.
 *
 * Knows no encoding but what it loses. Each property is read once: what is judged is what is
 * encoded, a copy. Invariant: what is plain here comes back the same; whatever is doubtful is not
 * plain, and takes the slower way.
 */
'use strict';

const { types } = require('node:util');

/** Deeper values, circular ones among them, are not plain. */
const DEPTH = 32;
/** Objects and arrays in a value: more would make the search for repeated ones slow. */
const OBJECTS = 64;
/** Longer arrays may have properties that only a slow look finds. */
const ARRAY_LENGTH = 64;
/** Objects with more keys are dictionaries, not records. */
const KEYS = 64;
/** Longer keys would fill the structures that threads share. In UTF-16 units. */
const KEY_UNITS = 64;

/** What is no plain value. */
const NOT_PLAIN = Symbol('not plain');

/** The objects that were met in the value that is being copied. @type {object[]} */
let met = [];

/**
 * A copy of a value that is plain, or `NOT_PLAIN`.
 *
 * @param {object} value
 * @param {Record<string, unknown>} [copy] its properties, read already
 */
function plainCopy(value, copy) {
  // A getter may encode another value meanwhile.
  const outer = met;
  met = [];
  try {
    if (copy === undefined) return copyObject(value, 1);
    met.push(value);
    return plainRecord(copy, 1);
  } finally {
    met = outer;
  }
}

/**
 * @param {object} value
 * @param {number} depth
 * @returns {object | symbol}
 */
function copyObject(value, depth) {
  // One that is met twice is one in its clone, too; so is one that holds itself.
  if (depth > DEPTH || met.length >= OBJECTS || met.includes(value)) return NOT_PLAIN;
  if (types.isProxy(value)) return NOT_PLAIN;
  met.push(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return plainRecord({ ...value }, depth);
  if (prototype === Array.prototype && Array.isArray(value)) return copyArray(value, depth);
  return NOT_PLAIN;
}

/**
 * @param {Record<string, unknown>} copy of the object alone
 * @param {number} depth
 */
function plainRecord(copy, depth) {
  const keys = Object.keys(copy);
  // Nothing at all: perhaps something else in disguise.
  if (keys.length > KEYS || keys.length === 0) return NOT_PLAIN;
  const values = Object.values(copy);
  for (let index = 0; index < keys.length; index += 1) {
    const key = /** @type {string} */ (keys[index]);
    if (!isPlainKey(key)) return NOT_PLAIN;
    const held = values[index];
    if (isPlainPrimitive(held)) continue;
    if (typeof held !== 'object' || held === null) return NOT_PLAIN;
    const inner = copyObject(held, depth + 1);
    if (inner === NOT_PLAIN) return NOT_PLAIN;
    copy[key] = inner;
  }
  return copy;
}

/**
 * @param {unknown[]} array
 * @param {number} depth
 */
function copyArray(array, depth) {
  const { length } = array;
  // Holes, and properties that are no elements.
  if (length > ARRAY_LENGTH || Object.keys(array).length !== length) return NOT_PLAIN;
  const copy = [];
  for (let index = 0; index < length; index += 1) {
    if (!Object.hasOwn(array, index)) return NOT_PLAIN;
    const held = array[index];
    if (isPlainPrimitive(held)) {
      copy.push(held);
      continue;
    }
    if (typeof held !== 'object' || held === null) return NOT_PLAIN;
    const inner = copyObject(held, depth + 1);
    if (inner === NOT_PLAIN) return NOT_PLAIN;
    copy.push(inner);
  }
  return copy;
}

/** @param {unknown} value */
function isPlainPrimitive(value) {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return isPlainNumber(value);
    case 'boolean':
    case 'undefined':
      return true;
    default:
      return value === null;
  }
}

/** @param {number} value */
function isPlainNumber(value) {
  // The encoder makes whole numbers of what is whole: minus zero, and what is beyond 2^53.
  if (value === 0) return !Object.is(value, -0);
  return Number.isSafeInteger(value) || !Number.isInteger(value);
}

/**
 * Not one that the encoder takes for something else.
 *
 * @param {string} key
 */
function isPlainKey(key) {
  // The first two mean something to whoever notes structures in objects.
  if (key === '__proto__' || key === '__keys__' || key === 'constructor') return false;
  if (key === 'toJSON' || key === 'then') return false;
  return key.length <= KEY_UNITS && key.isWellFormed();
}

module.exports = { NOT_PLAIN, isPlainNumber, plainCopy };
