/**
 * The tags of entries, as callers give them: strings, each once.
 *
 * Knows no store. Invariant: tags that were checked are never changed.
 */
'use strict';

const { invalidType, invalidValue, outOfRange } = require('../errors/errors.js');

/** Tags of one entry. */
const MOST_TAGS = 128;
/** Units of one tag. */
const MOST_TAG_UNITS = 1024;

/** @typedef {(value: unknown, key: string) => unknown} TagsOf */

/** Those of an entry that has none. @type {readonly string[]} */
const NO_TAGS = Object.freeze([]);

/**
 * The option `tags`.
 *
 * @param {unknown} value
 * @param {string} [name]
 * @returns {readonly string[]}
 */
function tagsArgument(value, name = 'option tags') {
  if (!Array.isArray(value)) throw invalidType('an array of strings', name, value);
  if (value.length === 0) return NO_TAGS;
  const tags = new Set(value.map((tag) => tagOf(tag, `a tag in ${name}`)));
  if (tags.size > MOST_TAGS) {
    throw outOfRange(`at the most ${MOST_TAGS} tags`, `the length of ${name}`, tags.size);
  }
  return Object.freeze([...tags]);
}

/**
 * What `invalidateTag` takes: a tag, or any number of them.
 *
 * @param {unknown} given
 */
function tagsToInvalidate(given) {
  if (typeof given === 'string') return [tagOf(given, 'tag')];
  if (!Array.isArray(given)) throw invalidType('a string or an array of strings', 'tag', given);
  return [...new Set(given.map((tag) => tagOf(tag, 'a tag in tag')))];
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function tagOf(value, name) {
  if (typeof value !== 'string') throw invalidType('a string', name, value);
  if (value === '') throw invalidValue('a string that is not empty', name, value);
  if (value.length <= MOST_TAG_UNITS) return value;
  throw outOfRange(
    `at the most ${MOST_TAG_UNITS} characters`,
    `the length of ${name}`,
    value.length,
  );
}

module.exports = { MOST_TAG_UNITS, MOST_TAGS, NO_TAGS, tagsArgument, tagsToInvalidate };
