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
  'maxBytes',
  'maxEntries',
  'whenFull',
  'ttl',
  'reads',
]);
const PLACE_OPTIONS = Object.freeze(['path']);
const SCOPES = Object.freeze(/** @type {const} */ (['threads', 'processes']));
const RULES = Object.freeze(/** @type {const} */ (['error', 'evict']));
const READS = Object.freeze(/** @type {const} */ (['copy', 'frozen']));

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
 */

/**
 * @param {unknown} given
 * @returns {SharedOptions}
 */
function sharedOptions(given) {
  const { name, scope, path, maxBytes, maxEntries, whenFull, ttl, reads } = options.record(
    given,
    STORE_OPTIONS,
  );
  const checkedScope =
    scope === undefined ? 'threads' : options.oneOf(SCOPES, scope, 'option scope');
  if (path !== undefined && checkedScope === 'threads') {
    throw invalidValue('none', "option path, without scope 'processes'", path);
  }
  return {
    name: storeName(name),
    scope: checkedScope,
    path: folderPath(path),
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
    reads: reads === undefined ? 'copy' : options.oneOf(READS, reads, 'option reads'),
  };
}

/**
 * Where to look for stores that nobody opens.
 *
 * @param {unknown} given
 */
function placeOptions(given) {
  const { path } = options.record(given, PLACE_OPTIONS);
  return { path: folderPath(path) };
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
