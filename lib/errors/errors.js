/**
 * The errors that people see: class, stable code, one sentence. Knows no store.
 *
 * Form of a message: `Expected <what> for <name>, got <value>`. Describing a value never runs
 * code of the value's.
 */
'use strict';

const { description } = require('./description.js');
const { atCaller, beginAtCaller } = require('./stack.js');
const { closestOf } = require('./suggestion.js');

/** The state of a store, or of the installation, made a call impossible. */
class StoreError extends Error {
  /** Stable, part of the API. @type {string} */
  code;

  /**
   * @param {string} code `ERR_…`
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
    // Somebody else's subclass begins where it is made.
    if (new.target === StoreError) beginAtCaller(this);
  }
}
Object.defineProperty(StoreError.prototype, 'name', {
  value: 'StoreError',
  writable: true,
  configurable: true,
});

/**
 * @template {Error} E
 * @param {E} error
 * @param {string} code
 * @returns {E & { code: string }}
 */
function withCode(error, code) {
  return beginAtCaller(Object.assign(error, { code }));
}

/** @param {string} what @param {string} name @param {unknown} value */
function invalidType(what, name, value) {
  return withCode(new TypeError(sentence(what, name, value)), 'ERR_INVALID_ARG_TYPE');
}

/** @param {string} what @param {string} name @param {unknown} value */
function invalidValue(what, name, value) {
  return withCode(new TypeError(sentence(what, name, value)), 'ERR_INVALID_ARG_VALUE');
}

/** @param {string} what @param {string} name @param {unknown} value */
function outOfRange(what, name, value) {
  return withCode(new RangeError(sentence(what, name, value)), 'ERR_OUT_OF_RANGE');
}

/** @param {readonly string[]} names @param {string} name */
function unknownOption(names, name) {
  const closest = closestOf(names, name);
  const known = names.map((option) => `"${option}"`).join(', ');
  const advice = closest === undefined ? `Known options: ${known}.` : `Did you mean "${closest}"?`;
  const message = `Unknown option ${description(name)}. ${advice}`;
  return withCode(new TypeError(message), 'ERR_UNKNOWN_OPTION');
}

function bothExpiries() {
  const message = 'Expected ttl or expiresAt for the options, got both';
  return withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
}

/** @param {string} name @param {number} value */
function notAhead(name, value) {
  const message =
    `${sentence('more than 0 milliseconds', name, value)}. ` +
    'For a point in time, which may have passed, use expiresAt';
  return withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
}

/** @param {readonly string[]} names @param {unknown} name */
function unknownEvent(names, name) {
  const what = `one of ${names.map((known) => `'${known}'`).join(', ')}`;
  return withCode(new TypeError(sentence(what, 'an event', name)), 'ERR_UNKNOWN_EVENT');
}

/** @param {string} key @param {unknown} value */
function notANumber(key, value) {
  const name = `the value under ${description(key)}`;
  return withCode(new TypeError(sentence('a number', name, value)), 'ERR_NOT_A_NUMBER');
}

/** @param {string} method @param {string} needed */
function missingArguments(method, needed) {
  const message = `Expected ${needed} for ${method}(), got fewer arguments`;
  return withCode(new TypeError(message), 'ERR_MISSING_ARGS');
}

/** @param {unknown} key */
function invalidKey(key) {
  const what = 'anything but a symbol';
  return withCode(new TypeError(sentence(what, 'a key', key)), 'ERR_INVALID_KEY');
}

/** @param {unknown} key */
function unsayableKey(key) {
  const message =
    `${sentence('what JSON can say', 'a key that others share', key)}. Functions, circular ` +
    'objects, Maps, Sets, errors, bytes and the like are keys of a MemoryStore only; use a string';
  return withCode(new TypeError(message), 'ERR_INVALID_KEY');
}

/** @param {string} method @param {unknown} receiver */
function invalidThis(method, receiver) {
  const message = sentence('a store of this class', `\`this\` of ${method}()`, receiver);
  return withCode(new TypeError(message), 'ERR_INVALID_THIS');
}

/** @param {string} name */
function constructCallRequired(name) {
  const message = `Expected \`new\` for ${name}(), got a call without it`;
  return withCode(new TypeError(message), 'ERR_CONSTRUCT_CALL_REQUIRED');
}

/** @param {string | symbol} property */
function invalidProperty(property) {
  const message = sentence("'value'", 'a property of a mutable key to change', property);
  return withCode(new TypeError(message), 'ERR_INVALID_PROPERTY');
}

/** @param {unknown} cause */
function headersImmutable(cause) {
  const message =
    'Expected headers that can still be changed for res, got ones that cannot (sent already, or ' +
    'those of Response.error(), Response.redirect() or fetch(): make a new Response instead)';
  return withCode(new TypeError(message, { cause }), 'ERR_HEADERS_IMMUTABLE');
}

/** @param {string} method */
function storeClosed(method) {
  const message = `${method}() was called on a closed store. Open a new store to go on`;
  return new StoreError('ERR_STORE_CLOSED', message);
}

/** @param {string} name of a store */
function noThread(name) {
  const message =
    `The system gave no thread to watch the store ${description(name)} with. End other threads, ` +
    'or raise the limit on them, and watch again';
  return new StoreError('ERR_STORE_UNAVAILABLE', message);
}

/** @param {string} channel */
function messageTooLong(channel) {
  const message =
    `The message on ${description(channel)} is too long: it has to fit half of what the store ` +
    'keeps for those who listen (32 to 512 KiB, by maxBytes). Set an entry, and publish its key';
  return withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
}

/**
 * Others keep writing to a key, for too long.
 *
 * @param {string} key
 * @param {number} triedMs
 */
function busy(key, triedMs) {
  const message =
    `Others wrote to ${description(key)} during each attempt in ${triedMs} ms. Make the function ` +
    'faster, or let fewer of them write at once';
  return new StoreError('ERR_LOCK_TIMEOUT', message);
}

/**
 * Others keep writing to a key.
 *
 * @param {string} key
 * @param {number} attempts
 */
function outpaced(key, attempts) {
  const message =
    `Others wrote to ${description(key)} during each of ${attempts} attempts. Let fewer of them ` +
    'write at once, or use withLock()';
  return new StoreError('ERR_LOCK_TIMEOUT', message);
}

/**
 * @param {string} key
 * @param {number} waitedMs
 * @param {boolean} hasPlace whether the store had a place to note the lock
 * @param {string} [keeper] who has it, in words
 */
function lockTimeout(key, waitedMs, hasPlace, keeper = 'another task') {
  const reason = hasPlace
    ? `${keeper} keeps it. Make its tasks shorter, or wait longer`
    : 'all places of the store for locks are taken. Lock fewer keys at once';
  const waited = `Timed out after ${waitedMs} ms waiting for the lock on ${description(key)}`;
  return new StoreError('ERR_LOCK_TIMEOUT', `${waited}: ${reason}`);
}

/**
 * Another participant keeps a key, or what it lies in, for too long.
 *
 * @param {string} key
 * @param {string} [keeper] who that is, in words
 */
function keptLocked(key, keeper = 'another participant') {
  const waited = `Timed out waiting for ${description(key)}`;
  return new StoreError(
    'ERR_LOCK_TIMEOUT',
    `${waited}: ${keeper} keeps it locked. Try again later`,
  );
}

/**
 * An error with what led to it, if something did.
 *
 * @template {Error} E
 * @param {E} error
 * @param {unknown} cause
 * @returns {E}
 */
function withCause(error, cause) {
  if (cause === undefined) return error;
  return Object.defineProperty(error, 'cause', {
    value: cause,
    writable: true,
    configurable: true,
  });
}

/**
 * An error of a store for somebody else who gets it, too: what he does to it is his own.
 *
 * @param {unknown} error
 */
function another(error) {
  if (!(error instanceof StoreError)) return error;
  return withCause(new StoreError(error.code, error.message), error.cause);
}

/**
 * @param {unknown} part of the value, or all of it
 * @param {{ cause?: unknown, key?: string | undefined, path?: string, expected?: string }} [where]
 */
function notCloneable(part, where = {}) {
  const { cause, key, path = 'value', expected = 'a value that can be cloned' } = where;
  const name = key === undefined ? 'a store or snapshot' : `the key ${description(key)}`;
  const at = path === 'value' ? '' : `, at ${path}`;
  const message = `${sentence(expected, name, part)}${at}`;
  return withCode(new TypeError(message, { cause }), 'ERR_NOT_CLONEABLE');
}

/**
 * @param {string} file
 * @param {string} got
 * @param {unknown} [cause]
 */
function damagedSnapshot(file, got, cause) {
  const message = `Expected a whole snapshot for ${description(file)}, got ${got}`;
  return Object.assign(new StoreError('ERR_CORRUPTED', message), { cause });
}

/**
 * A value that this engine cannot read.
 *
 * @param {boolean} isForeign whether another engine wrote it
 * @param {unknown} cause
 */
function unreadable(isForeign, cause) {
  const got = isForeign ? 'one that another engine wrote' : 'a damaged one';
  const code = isForeign ? 'ERR_UNSUPPORTED_PLATFORM' : 'ERR_CORRUPTED';
  const message = `Expected a value that this engine can read for the store, got ${got}`;
  return withCause(new StoreError(code, message), cause);
}

/**
 * Whether an error says that the stack of the caller is at its end.
 *
 * @param {unknown} error
 */
function isEndOfStack(error) {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack');
}

/** @param {string} file */
function foreignSnapshot(file) {
  const message =
    `Expected a snapshot that this engine can read for ${description(file)}, got one with values ` +
    'that another (Node.js, Bun) has cloned';
  return new StoreError('ERR_UNSUPPORTED_PLATFORM', message);
}

/** @param {string} key @param {number} bytes @param {number} most */
function snapshotTooLarge(key, bytes, most) {
  const name = `key or value of ${description(key)} in a snapshot`;
  const message = `Expected ${most} bytes at the most for ${name}, got ${bytes}`;
  return withCode(new RangeError(message), 'ERR_TOO_LARGE');
}

function factoryCutOff() {
  const message = 'The factory was interrupted before it returned';
  return new StoreError('ERR_FACTORY_CUT_OFF', message);
}

/** @param {string} key @param {number} limitMs */
function factoryTimeout(key, limitMs) {
  const message =
    `The factory for ${description(key)} gave no value within ${limitMs} ms. Let it heed its ` +
    'signal, or pass a longer factoryTimeoutMs';
  return new StoreError('ERR_FACTORY_TIMEOUT', message);
}

function storeFull() {
  const message =
    'The store is full: no slot or memory is left for another entry. Delete entries, or open the ' +
    'store with maxEntries, so that it evicts';
  return new StoreError('ERR_STORE_FULL', message);
}

/** @param {string} what @param {string} name @param {unknown} value */
function sentence(what, name, value) {
  return `Expected ${what} for ${name}, got ${description(value)}`;
}

module.exports = {
  StoreError,
  another,
  atCaller,
  bothExpiries,
  busy,
  constructCallRequired,
  damagedSnapshot,
  factoryCutOff,
  factoryTimeout,
  foreignSnapshot,
  headersImmutable,
  invalidKey,
  invalidProperty,
  invalidThis,
  invalidType,
  invalidValue,
  isEndOfStack,
  keptLocked,
  lockTimeout,
  messageTooLong,
  missingArguments,
  noThread,
  notAhead,
  notANumber,
  outpaced,
  notCloneable,
  outOfRange,
  snapshotTooLarge,
  storeClosed,
  storeFull,
  unknownEvent,
  unknownOption,
  unreadable,
  unsayableKey,
  withCause,
  withCode,
};
