/**
 * Which values the compact encoding carries exactly as a structured clone would.
 *
 * Knows no encoding but what it loses. Invariant: what is called plain here comes back the same;
 * whatever is doubtful is not plain, and takes the slower way.
 */
'use strict';

/** Deeper values, circular ones among them, are not plain. */
const DEPTH = 32;
/** Longer arrays may have properties that only a slow look finds. */
const ARRAY_LENGTH = 64;
/** Objects with more keys are dictionaries, not records. */
const KEYS = 64;
/** Longer keys would fill the structures that threads share. In UTF-16 units. */
const KEY_UNITS = 64;

/**
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {boolean}
 */
function isPlain(value, depth = 0) {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      // The encoder makes whole numbers of what is whole: minus zero, and what is beyond 2^53.
      return value === 0 ? !Object.is(value, -0) : isExact(value);
    case 'boolean':
    case 'undefined':
      return true;
    case 'object':
      return value === null || (depth < DEPTH && isPlainObject(value, depth + 1));
    default:
      return false;
  }
}

/** @param {number} value */
function isExact(value) {
  return Number.isSafeInteger(value) || !Number.isInteger(value);
}

/**
 * @param {object} value
 * @param {number} depth
 */
function isPlainObject(value, depth) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return isPlainArray(/** @type {unknown[]} */ (value), depth);
  if (prototype !== Object.prototype) return false;
  const keys = Object.keys(value);
  if (keys.length > KEYS) return false;
  for (const key of keys) if (!isPlainKey(key)) return false;
  for (const held of Object.values(value)) if (!isPlain(held, depth)) return false;
  return true;
}

/**
 * Not one that the encoder takes for something else.
 *
 * @param {string} key
 */
function isPlainKey(key) {
  if (key === '__proto__' || key === 'constructor' || key === 'toJSON' || key === 'then') {
    return false;
  }
  return key.length <= KEY_UNITS && key.isWellFormed();
}

/**
 * @param {unknown[]} array
 * @param {number} depth
 */
function isPlainArray(array, depth) {
  const { length } = array;
  if (!Array.isArray(array) || length > ARRAY_LENGTH) return false;
  // Holes, and properties that are no elements.
  if (Object.keys(array).length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (!isPlain(array[index], depth)) return false;
  }
  return true;
}

module.exports = { isPlain };
