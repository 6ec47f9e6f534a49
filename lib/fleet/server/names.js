/**
 * The names of what a fleet store keeps at the server. Knows no connection.
 *
 * A key's value, claim, fence and lock have one hash tag, the key, so a cluster keeps them in one
 * slot: a script may touch all of them. Invariant: different keys have different names, and what is
 * between the braces holds no brace that closes them.
 */
'use strict';

const SPECIAL = /[%}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ESCAPED = /%(25|7D|u[0-9A-F]{4})/g;
/** The hash tag of the empty key: braces with nothing between them are none. */
const EMPTY = '%';
/** What means something in the patterns of the server. */
const GLOB = /[*?[\]\\^]/g;

class Names {
  store;
  prefix;
  /** Of the names of all that belongs to keys, as a pattern of the server. */
  pattern;
  /**
   * What the names of the versions of tags and namespaces begin with, and that of the count by
   * which they rise: all in one slot.
   */
  marks;

  /** @param {string} store its name */
  constructor(store) {
    this.store = store;
    this.prefix = `${store}{`;
    this.pattern = `${store.replace(GLOB, '\\$&')}{*`;
    this.marks = `${this.prefix}${EMPTY}}t`;
  }

  /**
   * How a tag or the path of a namespace is written, in names and beside the value of an entry.
   *
   * @param {string} mark
   */
  static escaped(mark) {
    return tagOf(mark);
  }

  /** @param {string} escaped */
  static unescaped(escaped) {
    return escaped.replace(ESCAPED, (_escape, code) => unescaped(code));
  }

  /** @param {string} string of a channel, in the form of a key */
  channel(string) {
    return `${this.value(string)}m`;
  }

  /** @param {string} escaped */
  mark(escaped) {
    return this.marks + escaped;
  }

  /** @param {string} key */
  value(key) {
    return `${this.prefix}${tagOf(key)}}`;
  }

  /**
   * The names of a key's value, claim, fence and lock: the keys of each script.
   *
   * @param {string} key
   */
  all(key) {
    const value = this.value(key);
    return [value, `${value}c`, `${value}f`, `${value}l`];
  }

  /**
   * Whether this is the name of a version of a mark.
   *
   * @param {string} name
   */
  isMark(name) {
    return name.length > this.marks.length && name.startsWith(this.marks);
  }

  /**
   * The mark whose version has this name.
   *
   * @param {string} name
   */
  markOf(name) {
    return Names.unescaped(name.slice(this.marks.length));
  }

  /**
   * The key of the value that has this name; `undefined` for the name of something else.
   *
   * @param {string} name
   */
  keyOf(name) {
    if (!name.startsWith(this.prefix) || !name.endsWith('}')) return undefined;
    const tag = name.slice(this.prefix.length, -1);
    return tag === EMPTY ? '' : Names.unescaped(tag);
  }

  /**
   * The key of the claim that has this name; `undefined` for the name of something else.
   *
   * @param {string} name
   */
  claimedKeyOf(name) {
    return name.endsWith('}c') ? this.keyOf(name.slice(0, -1)) : undefined;
  }
}

/** @param {string} key */
function tagOf(key) {
  if (key === '') return EMPTY;
  return key.replace(SPECIAL, escaped);
}

/** @param {string} unit */
function escaped(unit) {
  if (unit === '%') return '%25';
  if (unit === '}') return '%7D';
  // Half a pair, which has no bytes of its own in UTF-8.
  return `%u${unit.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** @param {string} code */
function unescaped(code) {
  return String.fromCharCode(Number.parseInt(code.replace('u', ''), 16));
}

module.exports = { Names };
