/**
 * Filters of keys, as callers write them: `{ prefix, match }`.
 *
 * Knows no store. A filter is checked once, and goes to the native core as a string, which keeps
 * what it has compiled. Invariant: a filter is of the keys of a store, or of those of one of its
 * namespaces, and means no others.
 */
'use strict';

const { types } = require('node:util');
const { invalidType, invalidValue } = require('../errors/errors.js');
const { PLAIN, isPlain } = require('../keys/keyspace.js');
const { later } = require('../native/later.js');
const native = require('../native/loader.js');
const { abortSignal, record } = require('./options.js');

const failures = later(() => require('../native/failures.js'));

const NAMES = Object.freeze(['prefix', 'match']);
const SCAN_NAMES = Object.freeze(['signal']);
/** In place of flags: of a glob, and of no pattern. */
const GLOB = '*';
const NONE = '-';
/** Keys of the store and of all namespaces. */
const ANY = '+';
/** What patterns know of the flags of a regular expression. */
const FLAGS = /[^imsuv]/g;

/** @typedef {InstanceType<typeof import('../keys/keyspace.js').Keyspace>} Keyspace */

class Filter {
  /** As the native core reads it; `''` for all plain keys. */
  written;
  /** Whether it means every key that it could. */
  isEmpty;

  /**
   * @param {string} written
   * @param {boolean} [isEmpty]
   */
  constructor(written, isEmpty = false) {
    this.written = written;
    this.isEmpty = isEmpty;
    Object.freeze(this);
  }

  /**
   * Whether the entry that is kept under a string is meant.
   *
   * @param {string} string
   */
  means(string) {
    return this === EVERY ? isPlain(string) : native.isMeant(this.written, string);
  }
}

/** All plain keys. */
const EVERY = new Filter('', true);
/** Those of all namespaces, too. */
const ALL = new Filter(ANY, true);

/**
 * All keys of a keyspace and of those within.
 *
 * @param {Keyspace} space
 */
function allWithin(space) {
  if (space === PLAIN) return ALL;
  return new Filter(`${space.path.length},0,${NONE},${space.path}`, true);
}

/**
 * All keys of a keyspace.
 *
 * @param {Keyspace} space
 */
function everyOf(space) {
  return space === PLAIN ? EVERY : new Filter(written(space, '', '', NONE), true);
}

/**
 * @param {Keyspace} space
 * @param {string} prefix
 * @param {string} source of a pattern
 * @param {string} flags
 */
function written(space, prefix, source, flags) {
  const beginning = space.stringOf(prefix);
  return `${beginning.length},${space.prefix.length},${flags},${beginning}${source}`;
}

/**
 * Which keys a listing is to show.
 *
 * @param {unknown} given
 * @param {Keyspace} space whose keys they are
 */
function filterOf(given, space) {
  if (given === undefined) return everyOf(space);
  const { prefix, match } = record(given, NAMES);
  return filter(space, prefix, match);
}

/**
 * Which keys are to go: what says nothing is refused, for it would be all of them.
 *
 * @param {unknown} given
 * @param {Keyspace} space whose keys they are
 */
function deletionOf(given, space) {
  const { prefix, match } = record(given, NAMES);
  if (prefix === undefined && match === undefined) {
    const what = "prefix or match (all keys are { prefix: '' })";
    throw invalidType(what, 'the filter of deleteWhere()', given);
  }
  return filter(space, prefix, match);
}

/**
 * @param {Keyspace} space
 * @param {unknown} [prefix]
 * @param {unknown} [match]
 */
function filter(space, prefix = '', match = undefined) {
  if (typeof prefix !== 'string') throw invalidType('a string', 'option prefix', prefix);
  if (match === undefined && prefix === '') return everyOf(space);
  if (match === undefined) return new Filter(written(space, prefix, '', NONE));
  const [source, flags] = patternOf(match);
  return checked(written(space, prefix, source, flags), source, flags);
}

/**
 * The plain keys that a pattern means.
 *
 * @param {{ source: string, flags: string }} pattern of a regular expression, or with `*` of a glob
 */
function patternFilter({ source, flags }) {
  return checked(written(PLAIN, '', source, flags), source, flags);
}

/**
 * @param {string} written
 * @param {string} source
 * @param {string} flags
 */
function checked(written, source, flags) {
  const refusal = native.checkFilter(written);
  if (refusal < 0) throw failures().patternFailure(refusal, source, flags);
  return new Filter(written);
}

/**
 * Source and flags of a pattern.
 *
 * @param {unknown} match
 * @returns {[string, string]}
 */
function patternOf(match) {
  if (typeof match === 'string') return [match, GLOB];
  if (!types.isRegExp(match)) throw invalidType('a string or a RegExp', 'option match', match);
  const { source, flags } = match;
  const isSound = typeof source === 'string' && typeof flags === 'string';
  if (!isSound) throw invalidValue('a RegExp with source and flags', 'option match', match);
  return [source, flags.replace(FLAGS, '')];
}

/**
 * What ends a scan.
 *
 * @param {unknown} given
 */
function scanSignal(given) {
  const { signal } = record(given, SCAN_NAMES);
  return signal === undefined ? undefined : abortSignal(signal);
}

module.exports = {
  ALL,
  EVERY,
  Filter,
  allWithin,
  deletionOf,
  everyOf,
  filterOf,
  patternFilter,
  scanSignal,
};
