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
/** Slots of a store, but for the first, which is nobody's. */
const MAX_ENTRIES = 2 ** 25 - 1;
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

const BOUND_OPTIONS = ['maxEntries', 'maxSize', 'sizeOf'];
const STORE_OPTIONS = Object.freeze(['cleanupInterval', 'autoStartCleanup', ...BOUND_OPTIONS]);
const SET_OPTIONS = Object.freeze(['ttl', 'isPermanent', 'maxAgeMs']);
const SIZED_SET_OPTIONS = Object.freeze([...SET_OPTIONS, 'size']);
const LOAD_OPTIONS = Object.freeze(['ttl', 'staleMs', 'signal']);
const SIZED_LOAD_OPTIONS = Object.freeze([...LOAD_OPTIONS, 'size']);

/** Without a prototype, on which somebody might have put an option. */
const NO_OPTIONS = Object.freeze(Object.create(null));

/** Whether the warning about `maxAgeMs` alone was given: once a process is enough. */
let hasWarned = false;

/** @typedef {(value: unknown, key: string) => unknown} SizeOf */
/** @typedef {(value: unknown, key: string) => unknown} TtlOf */

/**
 * @typedef {object} StoreOptions
 * @property {number} intervalMs
 * @property {boolean} automatic
 * @property {number} maxEntries 0 for no bound
 * @property {number} maxSize 0 for no bound
 * @property {SizeOf | undefined} sizeOf
 */

/**
 * @typedef {object} LoadOptions
 * @property {number | TtlOf} ttl milliseconds, Infinity for ever
 * @property {number} staleMs
 * @property {AbortSignal | undefined} signal
 * @property {number | undefined} size
 */

/**
 * @param {unknown} options of the constructor
 * @returns {StoreOptions}
 */
function storeOptions(options) {
  const given = record(options, STORE_OPTIONS);
  const { cleanupInterval, autoStartCleanup, maxEntries, maxSize, sizeOf } = given;
  if (sizeOf !== undefined && typeof sizeOf !== 'function') {
    throw invalidType('a function', 'option sizeOf', sizeOf);
  }
  if (sizeOf !== undefined && maxSize === undefined) {
    throw invalidType('a number', 'option maxSize, beside sizeOf', maxSize);
  }
  return {
    intervalMs:
      cleanupInterval === undefined
        ? DEFAULT_INTERVAL_MS
        : interval(cleanupInterval, 'option cleanupInterval'),
    automatic: autoStartCleanup === undefined || flag(autoStartCleanup, 'option autoStartCleanup'),
    maxEntries:
      maxEntries === undefined ? 0 : whole(maxEntries, 'option maxEntries', 1, MAX_ENTRIES),
    maxSize: maxSize === undefined ? 0 : whole(maxSize, 'option maxSize', 1, MAX_SIZE),
    sizeOf: /** @type {SizeOf | undefined} */ (sizeOf),
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
  return ttlOf(record(options, SET_OPTIONS));
}

/**
 * The same for a store whose entries have sizes, and the size, where one is given.
 *
 * @param {unknown} options
 * @returns {{ ttlMs: number, size: number | undefined }}
 */
function sizedSetOptions(options) {
  if (typeof options === 'number') return { ttlMs: ttl(options, 'ttl'), size: undefined };
  const given = record(options, SIZED_SET_OPTIONS);
  const { size: ofEntry } = given;
  const checked = ofEntry === undefined ? undefined : size(ofEntry, 'option size');
  return { ttlMs: ttlOf(given), size: checked };
}

/**
 * @param {unknown} options of `getOrSet`
 * @param {boolean} isSized whether entries have sizes
 * @returns {LoadOptions}
 */
function loadOptions(options, isSized) {
  const given =
    typeof options === 'number'
      ? { ttl: options }
      : record(options, isSized ? SIZED_LOAD_OPTIONS : LOAD_OPTIONS);
  const { ttl: ofResult, staleMs, signal, size: ofEntry } = given;
  return {
    ttl: ofResult === undefined ? Number.POSITIVE_INFINITY : ttlOrFunction(ofResult),
    staleMs: staleMs === undefined ? 0 : wholeNumber(staleMs, 'option staleMs', 0, MAX_TTL_MS),
    signal: signal === undefined ? undefined : abortSignal(signal),
    size: ofEntry === undefined ? undefined : size(ofEntry, 'option size'),
  };
}

/** @param {unknown} value */
function ttlOrFunction(value) {
  return typeof value === 'function' ? /** @type {TtlOf} */ (value) : ttl(value, 'option ttl');
}

/** @param {unknown} value */
function abortSignal(value) {
  if (value instanceof AbortSignal) return value;
  throw invalidType('an AbortSignal', 'option signal', value);
}

/**
 * The time to live of a result, as a function computed it: 0 not to store it, Infinity for ever.
 *
 * @param {unknown} value
 */
function computedTtl(value) {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  return wholeNumber(value, 'what option ttl computed', 0, MAX_TTL_MS);
}

/**
 * What an entry counts towards the bound on the size.
 *
 * @param {unknown} value
 * @param {string} name
 */
function size(value, name) {
  return whole(value, name, 0, MAX_SIZE);
}

/** @param {Record<string, unknown>} options */
function ttlOf({ ttl: given, isPermanent, maxAgeMs }) {
  const permanent = isPermanent === undefined || flag(isPermanent, 'option isPermanent');
  const maxAge =
    maxAgeMs === undefined ? 0 : wholeNumber(maxAgeMs, 'option maxAgeMs', 0, MAX_TTL_MS);
  if (given !== undefined) return ttl(given, 'option ttl');
  if (isPermanent === undefined && maxAge > 0) warnOfMaxAgeAlone();
  return permanent ? 0 : maxAge;
}

/**
 * What is to be added to a number, or the sum.
 *
 * @param {unknown} value
 * @param {string} name
 */
function amount(value, name) {
  if (typeof value !== 'number') throw invalidType('a number', name, value);
  if (!Number.isFinite(value)) throw outOfRange('a finite number', name, value);
  return value;
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
  return whole(value, name, least, most, ' of milliseconds');
}

/**
 * @param {unknown} value
 * @param {string} name
 * @param {number} least
 * @param {number} most
 * @param {string} [unit]
 */
function whole(value, name, least, most, unit = '') {
  if (typeof value !== 'number') throw invalidType(`a number${unit}`, name, value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(`a whole number${unit}, ${least} to ${most},`, name, value);
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
 * @template {(...given: any[]) => unknown} F
 * @param {unknown} value
 * @param {string} name
 */
function callable(value, name) {
  if (typeof value !== 'function') throw invalidType('a function', name, value);
  return /** @type {F} */ (value);
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

module.exports = {
  MAX_TTL_MS,
  abortSignal,
  amount,
  callable,
  computedTtl,
  flag,
  interval,
  loadOptions,
  record,
  setTtl,
  size,
  sizedSetOptions,
  storeOptions,
  ttl,
  whole,
};
