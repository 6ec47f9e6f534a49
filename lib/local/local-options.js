/**
 * Options of the constructor of `MemoryStore`, checked. Knows no store.
 */
'use strict';

const { invalidType, invalidValue } = require('../errors/errors.js');
const { MAX_DELAY_MS } = require('../native/timers.js');
const { defaultTtl } = require('../arguments/expiry.js');
const { callable, flag, oneOf, record, whole } = require('../arguments/options.js');
const { MAX_SIZE } = require('../arguments/writes.js');

const DEFAULT_INTERVAL_MS = 60_000;
/** Slots of a store, but for the first, which is nobody's. */
const MAX_ENTRIES = 2 ** 25 - 1;

const NAMES = Object.freeze([
  'ttl',
  'cleanupInterval',
  'autoStartCleanup',
  'maxEntries',
  'maxSize',
  'sizeOf',
  'now',
  'clock',
]);
const CLOCKS = Object.freeze(['exact', 'coarse']);

/** @typedef {import('../arguments/writes.js').SizeOf} SizeOf */

/**
 * @typedef {object} LocalOptions
 * @property {number} ttlMs 0 for none
 * @property {number} intervalMs
 * @property {boolean} automatic
 * @property {number} maxEntries 0 for no bound
 * @property {number} maxSize 0 for no bound
 * @property {SizeOf | undefined} sizeOf
 * @property {(() => unknown) | undefined} now milliseconds; the machine's clock if there is none
 * @property {boolean} isCoarse whether a hit may be judged by a time that is a millisecond old
 */

/**
 * @param {unknown} given
 * @returns {LocalOptions}
 */
function localOptions(given) {
  const read = record(given, NAMES);
  const { ttl, cleanupInterval, autoStartCleanup, maxEntries, maxSize, sizeOf, now, clock } = read;
  const measure = sizeOf === undefined ? undefined : callable(sizeOf, 'option sizeOf');
  if (measure !== undefined && maxSize === undefined) {
    throw invalidType('a number', 'option maxSize, beside sizeOf', maxSize);
  }
  if (now !== undefined && clock !== undefined) {
    throw invalidValue('no clock, beside option now', 'option clock', clock);
  }
  return {
    ttlMs: defaultTtl(ttl),
    intervalMs:
      cleanupInterval === undefined
        ? DEFAULT_INTERVAL_MS
        : interval(cleanupInterval, 'option cleanupInterval'),
    automatic: autoStartCleanup === undefined || flag(autoStartCleanup, 'option autoStartCleanup'),
    maxEntries:
      maxEntries === undefined ? 0 : whole(maxEntries, 'option maxEntries', 1, MAX_ENTRIES),
    maxSize: maxSize === undefined ? 0 : whole(maxSize, 'option maxSize', 1, MAX_SIZE),
    sizeOf: measure,
    now: now === undefined ? undefined : /** @type {() => unknown} */ (callable(now, 'option now')),
    isCoarse: clock !== undefined && oneOf(CLOCKS, clock, 'option clock') === 'coarse',
  };
}

/**
 * What a store is, for people and logs: its bounds.
 *
 * @param {LocalOptions} options
 */
function boundsOf({ maxEntries, maxSize }) {
  return {
    ...(maxEntries === 0 ? {} : { maxEntries }),
    ...(maxSize === 0 ? {} : { maxSize }),
  };
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function interval(value, name) {
  return whole(value, name, 1, MAX_DELAY_MS, ' of milliseconds');
}

module.exports = { boundsOf, interval, localOptions };
