/**
 * Options of shared stores, checked: what comes out of here is what a store may trust.
 *
 * Knows no store. Reading an option may run the caller's code, so options are read before anything
 * else happens.
 */
'use strict';

const { invalidType, invalidValue, outOfRange } = require('../../errors/errors.js');
const { MAX_DELAY_MS } = require('../../native/timers.js');
const { defaultTtl } = require('../../arguments/expiry.js');
const options = require('../../arguments/options.js');

const STORE_OPTIONS = Object.freeze([
  'name',
  'scope',
  'path',
  'access',
  'maxBytes',
  'maxEntries',
  'whenFull',
  'ttl',
  'reads',
  'whenOrphaned',
]);
const PLACE_OPTIONS = Object.freeze(['path', 'access']);
const SCOPES = Object.freeze(/** @type {const} */ (['threads', 'processes']));
const RULES = Object.freeze(/** @type {const} */ (['error', 'evict']));
const READS = Object.freeze(/** @type {const} */ (['copy', 'frozen']));

const ACCESSES = Object.freeze(/** @type {const} */ (['user', 'group']));
const ORPHANS = Object.freeze(/** @type {const} */ (['stay', 'rejoin']));

const DEFAULT_NAME = 'default';
/** A key of the native core's scratch. */
const MAX_NAME_UNITS = 255;
const MIN_BYTES = 256 * 1024;
const MAX_BYTES = 256 * 1024 ** 3;
const MAX_ENTRIES = Number.MAX_SAFE_INTEGER;
const DEFAULT_LOCK_MS = 1000;

/**
 * @typedef {object} SharedOptions
 * @property {string} name
 * @property {'threads' | 'processes'} scope
 * @property {string | undefined} path of the folder, for processes
 * @property {number | undefined} maxBytes
 * @property {number | undefined} maxEntries
 * @property {'error' | 'evict' | undefined} whenFull
 * @property {number} ttlMs 0 for none
 * @property {'copy' | 'frozen'} reads
 * @property {'user' | 'group'} access
 * @property {'stay' | 'rejoin'} whenOrphaned
 */

/**
 * @param {unknown} given
 * @returns {SharedOptions}
 */
function sharedOptions(given) {
  const all = options.record(given, STORE_OPTIONS);
  const { name, scope, path, access, maxBytes, maxEntries, whenFull, ttl, reads } = all;
  const checkedScope = optional(SCOPES, scope, 'option scope');
  if (path !== undefined && checkedScope === 'threads') {
    throw invalidValue('none', "option path, without scope 'processes'", path);
  }
  if (access !== undefined && checkedScope === 'threads') {
    throw invalidValue('none', "option access, without scope 'processes'", access);
  }
  return {
    name: storeName(name),
    scope: checkedScope,
    path: folderPath(path),
    access: accessOf(access),
    whenOrphaned: optional(ORPHANS, all.whenOrphaned, 'option whenOrphaned'),
    maxBytes:
      maxBytes === undefined
        ? undefined
        : options.whole(maxBytes, 'option maxBytes', MIN_BYTES, MAX_BYTES),
    maxEntries:
      maxEntries === undefined
        ? undefined
        : options.whole(maxEntries, 'option maxEntries', 1, MAX_ENTRIES),
    whenFull:
      whenFull === undefined ? undefined : options.oneOf(RULES, whenFull, 'option whenFull'),
    ttlMs: defaultTtl(ttl),
    reads: optional(READS, reads, 'option reads'),
  };
}

/**
 * Where to look for stores that nobody opens.
 *
 * @param {unknown} given
 */
function placeOptions(given) {
  const { path, access } = options.record(given, PLACE_OPTIONS);
  return { path: folderPath(path), access: accessOf(access) };
}

/** @param {unknown} access */
function accessOf(access) {
  return optional(ACCESSES, access, 'option access');
}

/**
 * One of several words; the first where none is given.
 *
 * @template {string} T
 * @param {readonly [T, ...T[]]} allowed
 * @param {unknown} value
 * @param {string} name
 * @returns {T}
 */
function optional(allowed, value, name) {
  return value === undefined ? allowed[0] : options.oneOf(allowed, value, name);
}

/** @param {unknown} name */
function storeName(name) {
  if (name === undefined) return DEFAULT_NAME;
  if (typeof name !== 'string') throw invalidType('a string', 'the name of a store', name);
  if (name === '' || name.length > MAX_NAME_UNITS) {
    throw outOfRange(`1 to ${MAX_NAME_UNITS} characters`, 'the name of a store', name);
  }
  return name;
}

/**
 * The folder of a store that processes share, as it was given.
 *
 * @param {unknown} path
 */
function folderPath(path) {
  if (path === undefined) return undefined;
  if (typeof path !== 'string') throw invalidType('a string', 'option path', path);
  if (path === '' || path.includes('\0')) {
    throw invalidValue('the path of a folder', 'option path', path);
  }
  return path;
}

/**
 * How long a lock is waited for.
 *
 * @param {unknown} timeout
 */
function lockTimeout(timeout) {
  if (timeout === undefined) return DEFAULT_LOCK_MS;
  return options.whole(timeout, 'timeout', 0, MAX_DELAY_MS, ' of milliseconds');
}

module.exports = {
  MAX_BYTES,
  MIN_BYTES,
  STORE_OPTIONS,
  folderPath,
  lockTimeout,
  placeOptions,
  sharedOptions,
  storeName,
};
