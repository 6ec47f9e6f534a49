/**
 * Options of `getOrSet`, checked, and how long what was made is kept.
 *
 * Knows no store. Invariant: what computes a time to live runs before it is known whether the
 * result is still wanted.
 */
'use strict';

const { invalidType, outOfRange } = require('../errors/errors.js');
const { MAX_DELAY_MS } = require('../native/timers.js');
const { Expiry, MAX_TTL_MS, expiryOf, ttlMsOf } = require('./expiry.js');
const { abortSignal, oneOf, record, whole } = require('./options.js');
const { NO_TAGS, tagsArgument } = require('./tags.js');
const { sizeArgument } = require('./writes.js');
const { keyOf } = require('../keys/keyspace.js');

const NAMES = Object.freeze([
  'ttl',
  'expiresAt',
  'staleMs',
  'signal',
  'factoryTimeoutMs',
  'whenAbandoned',
  'retryMs',
  'tags',
]);
const SIZED_NAMES = Object.freeze([...NAMES, 'size']);
const OF_MS = ' of milliseconds';

/** How long a factory may take, unless its caller says otherwise. */
const FACTORY_TIMEOUT_MS = 30_000;
/** How long a stale value is fresh again after a renewal that failed. */
const RETRY_MS = 1000;

/** @typedef {(value: unknown, key: string) => unknown} TtlOf */
/** @typedef {import('./tags.js').TagsOf} TagsOf */
/** @typedef {{ readonly signal: AbortSignal }} Context */
/** @typedef {(key: string, context: Context) => unknown} Factory */

/**
 * @typedef {object} LoadOptions
 * @property {number | TtlOf} expiry as that of a write, or computed from what was made
 * @property {readonly string[] | TagsOf} tags as those of a write, or computed from what was made
 * @property {number} staleMs
 * @property {AbortSignal | undefined} signal
 * @property {number | undefined} size
 * @property {number} factoryTimeoutMs
 * @property {boolean} isFinished whether a load goes on that all callers have given up
 * @property {number} retryMs
 */

/**
 * A value that is asked for, and what makes it where it is not there.
 *
 * @typedef {object} LoadRequest
 * @property {string} string
 * @property {unknown} key as it was given
 * @property {Factory} factory
 * @property {LoadOptions} how
 * @property {((isThere: boolean) => void) | undefined} [looked] is told whether it was there
 * @property {(() => void) | undefined} [stored] is told when what was made is
 * @property {(() => void) | undefined} [failed] is told when nothing was made, or it is not stored
 */

/**
 * @param {unknown} given
 * @param {InstanceType<typeof import('./writes.js').WriteRules>} rules
 * @returns {LoadOptions}
 */
function loadOptions(given, rules) {
  const object = typeof given === 'number' ? { ttl: given } : given;
  const read = record(object, rules.isSized ? SIZED_NAMES : NAMES);
  const { ttl, expiresAt, tags, staleMs, signal, size } = read;
  const { factoryTimeoutMs, whenAbandoned, retryMs } = read;
  const isComputed = typeof ttl === 'function' && expiresAt === undefined;
  return {
    expiry: isComputed
      ? /** @type {TtlOf} */ (ttl)
      : expiryOf(ttl, expiresAt, undefined, undefined),
    tags: tags === undefined ? NO_TAGS : loadTags(tags, rules),
    staleMs: staleMs === undefined ? 0 : milliseconds(staleMs, 'option staleMs'),
    signal: signal === undefined ? undefined : abortSignal(signal),
    size: size === undefined ? undefined : sizeArgument(size, 'option size'),
    factoryTimeoutMs: factoryTimeoutMs === undefined ? FACTORY_TIMEOUT_MS : limit(factoryTimeoutMs),
    isFinished:
      whenAbandoned !== undefined &&
      oneOf(['abort', 'finish'], whenAbandoned, 'option whenAbandoned') === 'finish',
    retryMs: retryMs === undefined ? RETRY_MS : milliseconds(retryMs, 'option retryMs'),
  };
}

/**
 * @param {unknown} value
 * @param {InstanceType<typeof import('./writes.js').WriteRules>} rules
 * @returns {readonly string[] | TagsOf}
 */
function loadTags(value, rules) {
  if (typeof value !== 'function' || !rules.hasTags) return rules.tags(value);
  return /** @type {TagsOf} */ (value);
}

/** @param {unknown} value @param {string} name */
function milliseconds(value, name) {
  return whole(value, name, 0, MAX_TTL_MS, OF_MS);
}

/** @param {unknown} value */
function limit(value) {
  if (value === Number.POSITIVE_INFINITY) return value;
  return whole(value, 'option factoryTimeoutMs', 1, MAX_DELAY_MS, OF_MS);
}

/**
 * Until when a result is kept, fresh and then stale, and how much of that it is stale.
 *
 * @param {LoadOptions} how
 * @param {unknown} value
 * @param {string} string the key
 * @param {number} defaultMs of the store; 0 for ever
 */
function keptExpiry({ expiry, staleMs }, value, string, defaultMs) {
  const said = typeof expiry === 'function' ? computed(expiry(value, keyOf(string))) : expiry;
  // So much lower is so much later.
  if (said <= Expiry.AT) return { expiry: said - staleMs, staleMs };
  const freshMs = ttlMsOf(said, defaultMs);
  if (freshMs <= 0) return { expiry: freshMs, staleMs: 0 };
  const keptMs = Math.min(freshMs + staleMs, MAX_TTL_MS);
  return { expiry: keptMs, staleMs: keptMs - freshMs };
}

/**
 * The tags of a result.
 *
 * @param {LoadOptions} how
 * @param {unknown} value
 * @param {string} string the key
 */
function keptTags({ tags }, value, string) {
  if (typeof tags !== 'function') return tags;
  const computedTags = tags(value, keyOf(string));
  return computedTags === undefined
    ? NO_TAGS
    : tagsArgument(computedTags, 'what option tags computed');
}

/** @param {unknown} ttl */
function computed(ttl) {
  const name = 'what option ttl computed';
  if (ttl === undefined) return Expiry.UNSAID;
  if (typeof ttl !== 'number') throw invalidType('a number of milliseconds', name, ttl);
  if (Number.isNaN(ttl)) throw outOfRange('a number of milliseconds', name, ttl);
  if (ttl === Number.POSITIVE_INFINITY) return Expiry.FOR_EVER;
  return ttl > 0 ? Math.min(Math.ceil(ttl), MAX_TTL_MS) : Expiry.PAST;
}

module.exports = { keptExpiry, keptTags, loadOptions };
