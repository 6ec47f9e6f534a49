/**
 * The JSON of an object as a key, where JSON says what the object is.
 *
 * Knows no store. JSON makes `{}` of a `Map` and of whatever else keeps what it holds elsewhere, so
 * two of them would be one key. Invariant: each property is read once, by JSON itself.
 */
'use strict';

const { types } = require('node:util');

/** Objects within objects: engines differ in how deep JSON goes, and what is deeper is no name. */
const DEPTH = 1000;

/** What JSON shows nothing of, or part, whatever properties it has besides. */
const CLOSED = Object.freeze([
  types.isMap,
  types.isSet,
  types.isRegExp,
  types.isNativeError,
  types.isArrayBufferView,
  types.isAnyArrayBuffer,
  types.isWeakMap,
  types.isWeakSet,
  types.isPromise,
]);

/** Ends the work of JSON. */
const SILENT = new Error('JSON says nothing of it');

/**
 * The JSON of an object, or `undefined` where it does not say which object that is: a circular
 * one, one with a bigint, a `Map` or the like at any depth, one that throws when it is read.
 *
 * @param {object} key
 */
function jsonOf(key) {
  try {
    const read = copyOf(key);
    // To be asked of each value is three times what JSON costs by itself.
    const isFlat = read !== undefined && !hasObjects(read);
    const json = isFlat ? JSON.stringify(read) : JSON.stringify(read ?? key, unlessSilent);
    return json === undefined || isTooDeep(json) ? undefined : json;
  } catch {
    return undefined;
  }
}

/**
 * A copy of a plain object or array, of which JSON makes the same; `undefined` for all others.
 *
 * @param {object} key
 * @returns {object | undefined}
 */
function copyOf(key) {
  if (types.isProxy(key) || 'toJSON' in key) return undefined;
  const prototype = Object.getPrototypeOf(key);
  if (prototype === Object.prototype) return { ...key };
  return prototype === Array.prototype && Array.isArray(key) ? key.slice() : undefined;
}

/** @param {object} read */
function hasObjects(read) {
  for (const name in read) {
    const held = /** @type {Record<string, unknown>} */ (read)[name];
    if (typeof held === 'object' && held !== null) return true;
  }
  return false;
}

/**
 * @param {string} _name
 * @param {unknown} value what `toJSON` gave, where there is one
 */
function unlessSilent(_name, value) {
  if (typeof value === 'object' && value !== null && isSilent(value)) throw SILENT;
  return value;
}

/** @param {object} value */
function isSilent(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return false;
  // A plain object of another realm.
  if (Object.getPrototypeOf(prototype) === null) return false;
  if (CLOSED.some((isClosed) => isClosed(value))) return true;
  if (types.isBoxedPrimitive(value)) return types.isSymbolObject(value);
  return Object.keys(value).length === 0;
}

/** @param {string} json */
function isTooDeep(json) {
  // Each level takes two characters at least.
  if (json.length <= 2 * DEPTH) return false;
  let depth = 0;
  let isText = false;
  for (let index = 0; index < json.length; index += 1) {
    const unit = json[index];
    if (isText) {
      if (unit === '\\') index += 1;
      else if (unit === '"') isText = false;
    } else if (unit === '"') isText = true;
    else if (unit === '{' || unit === '[') depth += 1;
    else if (unit === '}' || unit === ']') depth -= 1;
    if (depth > DEPTH) return true;
  }
  return false;
}

module.exports = { jsonOf };
