/**
 * Filters of keys, as callers write them: `{ prefix, match }`.
 *
 * Knows no store. A filter is checked once, and goes to the native core as a string, which keeps
 * what it has compiled. Invariant: whatever lists or counts keys is given a filter, so what a store
 * keeps out of all of its listings is said where its filters are made; `within` is for a part of a
 * store whose keys begin alike.
 */
'use strict';

const { types } = require('node:util');
const { invalidType, invalidValue } = require('../errors/errors.js');
const { patternFailure } = require('../native/failures.js');
const native = require('../native/loader.js');
const { abortSignal, record } = require('./options.js');

const NAMES = Object.freeze(['prefix', 'match']);
const SCAN_NAMES = Object.freeze(['signal']);
/** In place of flags: of a glob, and of no pattern. */
const GLOB = '*';
const NONE = '-';
/** What patterns know of the flags of a regular expression. */
const FLAGS = /[^ims]/g;

class Filter {
  /** As the native core reads it; `''` for all keys. */
  written;
  #prefix;
  #source;
  #flags;

  /**
   * @param {string} prefix
   * @param {string} source of a pattern
   * @param {string} flags
   * @param {number} hiddenUnits at the start of each key, which patterns do not see
   */
  constructor(prefix, source, flags, hiddenUnits = 0) {
    this.#prefix = prefix;
    this.#source = source;
    this.#flags = flags;
    const isEmpty = prefix === '' && flags === NONE;
    this.written = isEmpty ? '' : `${prefix.length},${hiddenUnits},${flags},${prefix}${source}`;
    Object.freeze(this);
  }

  /** Whether it means every key. */
  get isEmpty() {
    return this.written === '';
  }

  /**
   * The same of keys that begin alike: prefix and pattern are those of what comes behind that.
   *
   * @param {string} beginning
   */
  within(beginning) {
    return new Filter(beginning + this.#prefix, this.#source, this.#flags, beginning.length);
  }

  /**
   * Whether a key, in string form, is meant.
   *
   * @param {string} string
   */
  means(string) {
    return this.isEmpty || native.isMeant(this.written, string);
  }
}

/** All keys. */
const EVERY = new Filter('', '', NONE);

/**
 * Which keys a listing is to show.
 *
 * @param {unknown} given
 */
function filterOf(given) {
  if (given === undefined) return EVERY;
  const { prefix, match } = record(given, NAMES);
  return filter(prefix, match);
}

/**
 * Which keys are to go: what says nothing is refused, for it would be all of them.
 *
 * @param {unknown} given
 */
function deletionOf(given) {
  const { prefix, match } = record(given, NAMES);
  if (prefix === undefined && match === undefined) {
    const what = "prefix or match (all keys are { prefix: '' })";
    throw invalidType(what, 'the filter of deleteWhere()', given);
  }
  return filter(prefix, match);
}

/**
 * @param {unknown} prefix
 * @param {unknown} match
 */
function filter(prefix = '', match = undefined) {
  if (typeof prefix !== 'string') throw invalidType('a string', 'option prefix', prefix);
  if (match === undefined) return prefix === '' ? EVERY : new Filter(prefix, '', NONE);
  const [source, flags] = patternOf(match);
  const checked = new Filter(prefix, source, flags);
  const refusal = native.checkFilter(checked.written);
  if (refusal < 0) throw patternFailure(refusal, source, flags);
  return checked;
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

module.exports = { EVERY, Filter, deletionOf, filterOf, scanSignal };
