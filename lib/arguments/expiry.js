/**
 * When an entry is to expire, as callers say it: `ttl`, `expiresAt`, `isPermanent` with `maxAgeMs`.
 *
 * Knows no store. An expiry is one number: milliseconds to live, rounded up, or one of the cases
 * that are not above 0, a point in time among them. Invariant: a point in time stays one until the
 * entry is written, however long the caller's code takes before that.
 */
'use strict';

const { types } = require('node:util');
const {
  bothExpiries,
  invalidType,
  notAhead,
  outOfRange,
  unknownOption,
} = require('../errors/errors.js');
const { flag, hasOwn, plainObject, whole } = require('./options.js');

/** What an expiry is where it is no number of milliseconds. */
const Expiry = Object.freeze({
  /** The entry has no deadline. */
  FOR_EVER: 0,
  /** The deadline has passed: nothing is to be there after the call. */
  PAST: -1,
  /** The deadline that the entry has. */
  KEEP: -2,
  /** The store's default. */
  UNSAID: -3,
  /** It was not read: options with tags are read whole elsewhere. */
  TAGGED: -4,
  /** This and below: a point in time, so many milliseconds since the epoch lower. */
  AT: -16,
});

/** Up to here a float counts every millisecond: 285,616 years. */
const MAX_TTL_MS = 2 ** 53;
const OF_MS = ' of milliseconds';
const NAMES = Object.freeze(['ttl', 'expiresAt', 'isPermanent', 'maxAgeMs']);
/** Of every write. */
const WRITE_NAMES = Object.freeze([...NAMES, 'tags']);
const getTime = Date.prototype.getTime;

/** Whether the warning about `maxAgeMs` alone was given: once a process is enough. */
let hasWarned = false;

/**
 * What the options of a write say, or a number in their place; `TAGGED` for options that may have
 * more to say than when.
 *
 * @param {unknown} given
 */
function writeExpiry(given) {
  if (given === undefined) return Expiry.UNSAID;
  if (typeof given === 'number') return ttlOf(given, 'ttl');
  const object = plainObject(given);
  let ttl;
  let expiresAt;
  let isPermanent;
  let maxAgeMs;
  // Read one by one: a copy of the options would cost more than the rest of a hot write.
  for (const name in object) {
    if (!hasOwn(object, name)) continue;
    if (name === 'ttl') ttl = object.ttl;
    else if (name === 'expiresAt') expiresAt = object.expiresAt;
    else if (name === 'isPermanent') isPermanent = object.isPermanent;
    else if (name === 'maxAgeMs') maxAgeMs = object.maxAgeMs;
    else if (name === 'tags') return Expiry.TAGGED;
    else throw unknownOption(WRITE_NAMES, name);
  }
  return expiryOf(ttl, expiresAt, isPermanent, maxAgeMs);
}

/**
 * @param {unknown} ttl
 * @param {unknown} expiresAt
 * @param {unknown} isPermanent
 * @param {unknown} maxAgeMs
 */
function expiryOf(ttl, expiresAt, isPermanent, maxAgeMs) {
  const permanent = isPermanent === undefined || flag(isPermanent, 'option isPermanent');
  const maxAge = maxAgeMs === undefined ? 0 : maxAgeOf(maxAgeMs);
  if (ttl !== undefined) {
    if (expiresAt !== undefined) throw bothExpiries();
    return ttlOf(ttl, 'option ttl');
  }
  if (expiresAt !== undefined) return expiresAtOf(expiresAt);
  if (isPermanent === undefined) {
    if (maxAge > 0) warnOfMaxAgeAlone();
    return Expiry.UNSAID;
  }
  if (permanent || maxAge === Number.POSITIVE_INFINITY) return Expiry.FOR_EVER;
  return maxAge > 0 ? maxAge : Expiry.UNSAID;
}

/** @param {unknown} value */
function maxAgeOf(value) {
  if (value === Number.POSITIVE_INFINITY) return value;
  return whole(value, 'option maxAgeMs', 0, MAX_TTL_MS, OF_MS);
}

/**
 * The second argument of `touch`.
 *
 * @param {unknown} given
 */
function touchExpiry(given) {
  if (typeof given !== 'object' || given === null) return ttlOf(given, 'ttl');
  const expiry = writeExpiry(given);
  if (expiry === Expiry.TAGGED) throw unknownOption(NAMES, 'tags');
  if (expiry === Expiry.UNSAID) throw invalidType('ttl or expiresAt', 'touch()', given);
  return expiry;
}

/**
 * A time to live, as `ttl` says it.
 *
 * @param {unknown} value
 * @param {string} name
 */
function ttlOf(value, name) {
  if (typeof value !== 'number') {
    if (value === 'keep') return Expiry.KEEP;
    throw invalidType("a number of milliseconds or 'keep'", name, value);
  }
  return msOf(value, name);
}

/**
 * The default time to live of a store; 0 for none.
 *
 * @param {unknown} value
 */
function defaultTtl(value) {
  return value === undefined ? Expiry.FOR_EVER : ageOf(value, 'option ttl');
}

/**
 * A time to live where no point in time can be said; 0 for ever.
 *
 * @param {unknown} value
 * @param {string} name
 */
function ageOf(value, name) {
  if (typeof value !== 'number') throw invalidType('a number of milliseconds', name, value);
  if (!(value > 0)) throw outOfRange('more than 0 milliseconds', name, value);
  return msOf(value, name);
}

/**
 * @param {number} value
 * @param {string} name
 */
function msOf(value, name) {
  if (value > 0 && value <= MAX_TTL_MS) return Math.ceil(value);
  if (value === Number.POSITIVE_INFINITY) return Expiry.FOR_EVER;
  if (value > 0)
    throw outOfRange(`at the most ${MAX_TTL_MS} milliseconds, or Infinity,`, name, value);
  throw notAhead(name, value);
}

/**
 * A point in time: a `Date`, or milliseconds since the epoch.
 *
 * @param {unknown} value
 */
function expiresAtOf(value) {
  const name = 'option expiresAt';
  const at = types.isDate(value) ? getTime.call(value) : value;
  if (typeof at !== 'number') {
    throw invalidType('a Date or a number of milliseconds since the epoch', name, value);
  }
  if (Number.isNaN(at)) throw outOfRange('a valid point in time', name, at);
  if (at === Number.POSITIVE_INFINITY) return Expiry.FOR_EVER;
  return at > 0 ? Expiry.AT - Math.min(at, MAX_TTL_MS) : Expiry.PAST;
}

/**
 * Milliseconds to live from now on: 0 for ever, below 0 for what has expired already.
 *
 * @param {number} expiry
 * @param {number} defaultMs
 */
function ttlMsOf(expiry, defaultMs) {
  if (expiry >= Expiry.PAST) return expiry;
  if (expiry > Expiry.AT) return defaultMs;
  const leftMs = Math.ceil(Expiry.AT - expiry - Date.now());
  return leftMs > 0 ? leftMs : Expiry.PAST;
}

/**
 * Whether an expiry is a point in time, which may have passed.
 *
 * @param {number} expiry
 */
function isMoment(expiry) {
  return expiry === Expiry.PAST || expiry <= Expiry.AT;
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
  Expiry,
  MAX_TTL_MS,
  NAMES,
  WRITE_NAMES,
  ageOf,
  defaultTtl,
  expiresAtOf,
  expiryOf,
  isMoment,
  touchExpiry,
  ttlMsOf,
  writeExpiry,
};
