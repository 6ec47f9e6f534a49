/**
 * The arguments of calls for many entries: taken from any iterable, and checked one by one.
 *
 * Knows no store. Iterating runs the caller's code, so it ends before a store is looked at.
 */
'use strict';

const { invalidType } = require('../errors/errors.js');

/**
 * The strings of many keys.
 *
 * @param {unknown} keys
 * @param {(key: unknown) => string} stringOf
 */
function stringsOf(keys, stringOf) {
  /** @type {string[]} */
  const strings = [];
  for (const key of iterable(keys, 'keys')) strings.push(stringOf(key));
  return strings;
}

/**
 * Keys, values and the options that come with them.
 *
 * @param {unknown} entries
 */
function* pairsOf(entries) {
  let count = 0;
  for (const entry of iterable(entries, 'entries')) {
    if (!Array.isArray(entry) || entry.length < 2) {
      throw invalidType('a pair of key and value', `entry ${count} of setMany()`, entry);
    }
    const [key, value, own] = /** @type {[unknown, unknown, unknown?]} */ (entry);
    yield { key, value, own };
    count += 1;
  }
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {Iterable<unknown>}
 */
function iterable(value, name) {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || typeof (/** @type {any} */ (value)[Symbol.iterator]) !== 'function') {
    throw invalidType('an iterable object', name, value);
  }
  return /** @type {Iterable<unknown>} */ (value);
}

module.exports = { pairsOf, stringsOf };
