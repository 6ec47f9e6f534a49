/**
 * Options and times, checked: what comes out of here is what a store may trust. Knows no store.
 *
 * Reading an option may run the caller's code (a getter), so options are read before anything
 * else happens.
 */
'use strict';

const { invalidType, outOfRange, unknownOption } = require('./errors.js');

/** Timers and the sweeper count milliseconds in 31 bits. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;
/** Up to here a float counts every millisecond: 285,616 years. */
const MAX_TTL_MS = 2 ** 53;
const DEFAULT_INTERVAL_MS = 60_000;

const STORE_OPTIONS = Object.freeze(['cleanupInterval', 'autoStartCleanup']);
const SET_OPTIONS = Object.freeze(['ttl', 'isPermanent', 'maxAgeMs']);

/** Without a prototype, on which somebody might have put an option. */
const NO_OPTIONS = Object.freeze(Object.create(null));

/** Whether the warning about `maxAgeMs` alone was given: once a process is enough. */
let hasWarned = false;

/**
 * @param {unknown} options of the constructor
 * @returns {{ intervalMs: number, automatic: boolean }}
 */
function storeOptions(options) {
  const { cleanupInterval, autoStartCleanup } = record(options, STORE_OPTIONS);
  return {
    intervalMs:
      cleanupInterval === undefined
        ? DEFAULT_INTERVAL_MS
        : interval(cleanupInterval, 'option cleanupInterval'),
    automatic: autoStartCleanup === undefined || flag(autoStartCleanup, 'option autoStartCleanup'),
  };
}

/**
 * The time to live that the third argument of `set` asks for; 0 for none.
 *
 * @param {unknown} options
 * @returns {number} milliseconds
 */
function setTtl(options) {
  if (options === undefined) return 0;
  if (typeof options === 'number') return ttl(options, 'ttl');
  const { ttl: given, isPermanent, maxAgeMs } = record(options, SET_OPTIONS);
  const permanent = isPermanent === undefined || flag(isPermanent, 'option isPermanent');
  const maxAge =
    maxAgeMs === undefined ? 0 : wholeNumber(maxAgeMs, 'option maxAgeMs', 0, MAX_TTL_MS);
  if (given !== undefined) return ttl(given, 'option ttl');
  if (isPermanent === undefined && maxAge > 0) warnOfMaxAgeAlone();
  return permanent ? 0 : maxAge;
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function interval(value, name) {
  return wholeNumber(value, name, 1, MAX_INTERVAL_MS);
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function ttl(value, name) {
  return wholeNumber(value, name, 1, MAX_TTL_MS);
}

/**
 * @param {unknown} value
 * @param {string} name
 * @param {number} least
 * @param {number} most
 */
function wholeNumber(value, name, least, most) {
  if (typeof value !== 'number') throw invalidType('a number of milliseconds', name, value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(`a whole number of milliseconds, ${least} to ${most},`, name, value);
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
 * @param {unknown} options
 * @param {readonly string[]} names
 * @returns {Record<string, unknown>}
 */
function record(options, names) {
  if (options === undefined) return NO_OPTIONS;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidType('an object', 'options', options);
  }
  for (const name in options) {
    if (!names.includes(name) && Object.hasOwn(options, name)) throw unknownOption(names, name);
  }
  return /** @type {Record<string, unknown>} */ (options);
}

function warnOfMaxAgeAlone() {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    'The option maxAgeMs has no effect without isPermanent: false. To let an entry expire, pass ' +
      '{ isPermanent: false, maxAgeMs } or { ttl }.',
    { code: 'SMS_MAX_AGE_ALONE' },
  );
}

module.exports = { interval, setTtl, storeOptions, ttl };
