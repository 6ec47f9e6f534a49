/**
 * Under which strings a store keeps the keys of its namespaces, and its own, so that none collide.
 *
 * Knows no store. A string of a namespace is NUL, each name of its path with a NUL behind it, a NUL
 * more, and the key. A plain key is itself, but one that begins with NUL has one more in front.
 * Invariant: what begins with NUL and something else belongs to a namespace, and whatever keeps
 * entries at hand under plain keys keeps nothing that begins with NUL.
 */
'use strict';

const { outOfRange, invalidType, invalidValue } = require('../errors/errors.js');

const NUL = '\0';
const NUL_UNIT = 0;
/** What ends the path in a string of a namespace. */
const END_OF_PATH = NUL + NUL;
/** Of a name; in UTF-16 units. */
const MOST_NAME_UNITS = 255;
/** Namespaces within namespaces: each makes the keys of its entries longer. */
const MOST_NAMES = 16;

/** The keys of a store, or of one of its namespaces. */
class Keyspace {
  /** From the outermost on; none of the store itself. @type {readonly string[]} */
  names;
  /** What the strings of its namespaces begin with, too. */
  path;
  /** What its own strings begin with. */
  prefix;

  /** @param {readonly string[]} names */
  constructor(names) {
    this.names = Object.freeze([...names]);
    this.path = NUL + names.map((name) => escaped(name) + NUL).join('');
    this.prefix = names.length === 0 ? '' : this.path + NUL;
  }

  /**
   * Whether a string is that of a key in some namespace, as they are made here.
   *
   * @param {string} string
   */
  static isWhole(string) {
    return !isPlain(string) && string.includes(END_OF_PATH, 2);
  }

  /**
   * That of a namespace in it.
   *
   * @param {unknown} name
   */
  within(name) {
    if (typeof name !== 'string') throw invalidType('a string', 'a namespace', name);
    if (name === '') throw invalidValue('at least one character', 'a namespace', name);
    if (name.length > MOST_NAME_UNITS) {
      throw outOfRange(`${MOST_NAME_UNITS} characters at the most`, 'a namespace', name);
    }
    if (this.names.length === MOST_NAMES) {
      throw outOfRange(`one within ${MOST_NAMES} others at the most`, 'a namespace', name);
    }
    return new Keyspace([...this.names, name]);
  }

  /**
   * The string that a key is kept under.
   *
   * @param {string} key in string form
   */
  stringOf(key) {
    return this.names.length === 0 ? plainString(key) : this.prefix + key;
  }

  /**
   * The string that one of its tags is kept under: as a key, so that each has tags of its own.
   *
   * @param {string} tag
   */
  tagOf(tag) {
    return this.stringOf(tag);
  }

  /**
   * Whether a string is that of a key in it, not in one of its namespaces.
   *
   * @param {string} string
   */
  has(string) {
    return this.names.length === 0 ? isPlain(string) : string.startsWith(this.prefix);
  }

  /**
   * Whether a string is that of a key in it or in one of its namespaces.
   *
   * @param {string} string
   */
  covers(string) {
    return this.names.length === 0 || string.startsWith(this.path);
  }
}

/** The keys of a store that are in no namespace. */
const PLAIN = new Keyspace([]);

/**
 * The string that a key of no namespace is kept under.
 *
 * @param {string} key in string form
 */
function plainString(key) {
  return key.charCodeAt(0) === NUL_UNIT ? NUL + key : key;
}

/**
 * The key that is kept under a string, in string form.
 *
 * @param {string} string
 */
function keyOf(string) {
  if (string.charCodeAt(0) !== NUL_UNIT) return string;
  if (isPlain(string)) return string.slice(1);
  return string.slice(string.indexOf(END_OF_PATH) + END_OF_PATH.length);
}

/**
 * The same of many.
 *
 * @param {string[]} strings which become the keys
 */
function keysOf(strings) {
  for (const [index, string] of strings.entries()) {
    if (!isKey(string)) strings[index] = keyOf(string);
  }
  return strings;
}

/**
 * The path of the namespace whose key a string is, from the outermost on.
 *
 * @param {string} string
 */
function namesOf(string) {
  if (isPlain(string)) return [];
  return string.slice(1, string.indexOf(END_OF_PATH)).split(NUL).map(unescaped);
}

/**
 * The paths of the namespaces that a string is of, from the outermost on.
 *
 * @param {string} string
 */
function pathsOf(string) {
  /** @type {string[]} */
  const paths = [];
  if (isPlain(string)) return paths;
  const end = string.indexOf(END_OF_PATH);
  for (let at = 0; at < end; paths.push(string.slice(0, at + 1))) at = string.indexOf(NUL, at + 1);
  return paths;
}

/**
 * Whether a string is that of a key in no namespace.
 *
 * @param {string} string
 */
function isPlain(string) {
  return string.charCodeAt(0) !== NUL_UNIT || string.charCodeAt(1) === NUL_UNIT;
}

/**
 * Whether a string may be kept at hand under a plain key.
 *
 * @param {string} string
 */
function isKey(string) {
  return string.charCodeAt(0) !== NUL_UNIT;
}

/**
 * What all strings of the namespace begin with that one is of.
 *
 * @param {string} string
 */
function prefixOf(string) {
  return string.slice(0, string.indexOf(END_OF_PATH) + END_OF_PATH.length);
}

/**
 * The tags of an entry as they are kept: those of its namespace.
 *
 * @param {string} string of the entry
 * @param {readonly string[]} tags
 * @returns {readonly string[]}
 */
function keptTags(string, tags) {
  if (tags.length === 0) return tags;
  if (isPlain(string)) return tags.some(isEscaped) ? tags.map(plainString) : tags;
  const prefix = prefixOf(string);
  return tags.map((tag) => prefix + tag);
}

/**
 * The tags of an entry as they were given.
 *
 * @param {readonly string[]} kept
 * @returns {readonly string[]}
 */
function givenTags(kept) {
  return kept.some(isEscaped) ? kept.filter((tag) => !isPath(tag)).map(keyOf) : kept;
}

/**
 * Whether a tag is the path of a namespace: one of an entry by itself.
 *
 * @param {string} tag
 */
function isPath(tag) {
  return !isPlain(tag) && !Keyspace.isWhole(tag);
}

/** @param {string} string */
function isEscaped(string) {
  return !isKey(string);
}

/**
 * A name without NUL, of which no other name makes the same.
 *
 * @param {string} name
 */
function escaped(name) {
  return name.replaceAll('%', '%2').replaceAll(NUL, '%1');
}

/** @param {string} name that was escaped */
function unescaped(name) {
  return name.replaceAll('%1', NUL).replaceAll('%2', '%');
}

module.exports = {
  Keyspace,
  PLAIN,
  givenTags,
  isKey,
  isPlain,
  keptTags,
  keyOf,
  keysOf,
  namesOf,
  pathsOf,
  plainString,
  prefixOf,
};
