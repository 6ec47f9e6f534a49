/**
 * Arguments and options, checked: what comes out of here is what a store may trust.
 *
 * Knows no store. Reading an option may run the caller's code (a getter), so options are read
 * before anything else happens. Invariant: only own properties of plain objects are options.
 */
'use strict';

const { invalidType, invalidValue, outOfRange, unknownOption } = require('../errors/errors.js');

/** Without a prototype, on which an option could have been put. */
const NO_OPTIONS = Object.freeze(Object.create(null));

const ownProperty = Object.prototype.hasOwnProperty;

/**
 * The own properties of an options object, all of which have to be known.
 *
 * @param {unknown} given
 * @param {readonly string[]} names
 * @returns {Record<string, unknown>}
 */
function record(given, names) {
  if (given === undefined) return NO_OPTIONS;
  const object = plainObject(given);
  const options = Object.create(null);
  for (const name in object) {
    if (!hasOwn(object, name)) continue;
    if (!names.includes(name)) throw unknownOption(names, name);
    options[name] = object[name];
  }
  return options;
}

/**
 * An object that was made as `{…}` is, in this realm or another.
 *
 * @param {unknown} given
 * @returns {Record<string, unknown>}
 */
function plainObject(given) {
  if (typeof given === 'object' && given !== null && isPlain(given)) {
    return /** @type {Record<string, unknown>} */ (given);
  }
  throw invalidType('a plain object', 'options', given);
}

/** @param {object} object */
function isPlain(object) {
  // biome-ignore lint/suspicious/noProto: a third of what `getPrototypeOf` costs a hot write
  if (/** @type {any} */ (object).__proto__ === Object.prototype) return true;
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Within a loop over the names of an object V8 answers this for nothing.
 *
 * @param {object} object
 * @param {string} name
 */
function hasOwn(object, name) {
  return ownProperty.call(object, name);
}

/**
 * @template {string} T
 * @param {readonly T[]} allowed
 * @param {unknown} value
 * @param {string} name
 * @returns {T}
 */
function oneOf(allowed, value, name) {
  const found = allowed.find((known) => known === value);
  if (found !== undefined) return found;
  const what = `one of ${allowed.map((known) => `'${known}'`).join(', ')}`;
  throw typeof value === 'string'
    ? invalidValue(what, name, value)
    : invalidType(what, name, value);
}

/**
 * A number to add, or a sum.
 *
 * @param {unknown} value
 * @param {string} name
 */
function amount(value, name) {
  if (typeof value !== 'number') throw invalidType('a number', name, value);
  if (!Number.isFinite(value)) throw outOfRange('a finite number', name, value);
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @param {number} least
 * @param {number} most
 * @param {string} [unit]
 */
function whole(value, name, least, most, unit = '') {
  if (typeof value !== 'number') throw invalidType(`a number${unit}`, name, value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(`a whole number${unit}, ${least} to ${most},`, name, value);
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function flag(value, name) {
  if (typeof value !== 'boolean') throw invalidType('a boolean', name, value);
  return value;
}

/**
 * @template {(...given: any[]) => unknown} F
 * @param {unknown} value
 * @param {string} name
 */
function callable(value, name) {
  if (typeof value !== 'function') throw invalidType('a function', name, value);
  return /** @type {F} */ (value);
}

/**
 * A signal of this realm, of another, or of a package that brings its own.
 *
 * @param {unknown} value
 */
function abortSignal(value) {
  if (isSignal(value)) return /** @type {AbortSignal} */ (value);
  throw invalidType('an AbortSignal', 'option signal', value);
}

/** @param {unknown} value */
function isSignal(value) {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = /** @type {AbortSignal} */ (value);
  return (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  );
}

/**
 * Why a signal was aborted. Some makes do not say.
 *
 * @param {AbortSignal} signal
 */
function abortReason(signal) {
  if ('reason' in signal) return signal.reason;
  return new DOMException('This operation was aborted', 'AbortError');
}

module.exports = {
  NO_OPTIONS,
  abortReason,
  abortSignal,
  amount,
  callable,
  flag,
  hasOwn,
  isPlain,
  oneOf,
  plainObject,
  record,
  whole,
};
