/**
 * Reading, deciding and writing as one step, without a lock: `update` and `compareAndSet`.
 *
 * Knows a backend by `look`, `exchange` and `write`. What decides may run the caller's code, so the
 * store is looked at again after it. Invariant: what is written was decided from what is there.
 */
'use strict';

const { isDeepStrictEqual, types } = require('node:util');
const errors = require('../errors/errors.js');
const { keyOf } = require('../keys/keyspace.js');
const { time } = require('../native/clock.js');
const { When } = require('../arguments/writes.js');

/** @typedef {import('./backend.js').Direct} Backend */
/** @typedef {'isOpen' | 'ownWrites' | 'hasWritten' | 'look' | 'exchange' | 'write'} Needed */
/** @typedef {Pick<Backend, Needed>} Direct */
/** One that answers by promises. @typedef {import('./backend.js').Far} Far */
/** @typedef {import('./backend.js').Seen} Seen */
/** @typedef {import('../arguments/writes.js').Update} Update */

/** Comparisons while others keep writing to the key. */
const ATTEMPTS = 1000;
/** Attempts of an update, before others that are too late wait for it. */
const FREE_ATTEMPTS = 8;
/** Attempts of an update between two looks at the clock. */
const ATTEMPTS_A_LOOK = 16;
/** Attempts of an update whose own function writes to the key each time. */
const OWN_ATTEMPTS = 1000;
/** How long an update of a key is tried that others write to all the time. */
const UPDATE_MS = 10_000;
/** What an attempt gives that came too late. */
const AGAIN = Symbol('again');

/**
 * Exchanges a value that equals another, or none for `undefined`.
 *
 * @param {Direct} backend
 * @param {string} string
 * @param {unknown} expected
 * @param {(seen: Seen | undefined) => boolean} exchange
 */
function compareAndSet(backend, string, expected, exchange) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const seen = backend.look(string);
    if (!isDeepStrictEqual(seen?.value, expected)) return false;
    checkOpen(backend, 'compareAndSet');
    if (exchange(seen)) return true;
  }
  throw errors.outpaced(keyOf(string), ATTEMPTS);
}

/**
 * Writes what a function makes of the value that is there; gives what is there then. After some
 * attempts for which others were too fast, it is done alone.
 *
 * @param {import('./backend.js').Backend} backend
 * @param {Update} request
 */
function update(backend, request) {
  const { string } = request;
  const { tally } = /** @type {import('./backend.js').Tallying} */ (backend);
  request.looked = tally?.looked;
  request.stored = tally?.stored;
  if (backend.mayWait) return backend.alone(string, (direct) => updateLater(direct, request));
  const direct = /** @type {import('./backend.js').Direct} */ (backend);
  const given = direct.whole((it) => tryUpdate(it, request, FREE_ATTEMPTS));
  if (given !== AGAIN) return given;
  return backend.alone(string, (it) => keepTrying(/** @type {Direct} */ (it), request));
}

/**
 * What is there after an update by a function that others are too fast for, though all who update
 * wait: they set the key.
 *
 * @param {Direct} backend
 * @param {Update} request
 */
function keepTrying(backend, request) {
  const endMs = time() + UPDATE_MS;
  do {
    const given = tryUpdate(backend, request, ATTEMPTS_A_LOOK);
    if (given !== AGAIN) return given;
  } while (time() < endMs);
  throw errors.busy(keyOf(request.string), UPDATE_MS);
}

/**
 * What is there after an update, or `AGAIN` where others were faster each time.
 *
 * @param {Direct} backend
 * @param {Update} request
 * @param {number} attempts
 */
function tryUpdate(backend, request, attempts) {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = backend.ownWrites;
    const seen = backend.look(request.string);
    request.looked?.(seen !== undefined);
    const value = request.change(seen?.value);
    if (types.isPromise(value)) throw refusedPromise(value);
    // A function that writes to the key itself would be too late for ever.
    if (backend.hasWritten(request.string, before)) request.own += 1;
    const given = finish(backend, request, seen, value, request.own >= OWN_ATTEMPTS);
    if (given !== AGAIN) return given;
  }
  return AGAIN;
}

/**
 * The same with a function that may take its time, which is never too late for good: whoever was
 * faster has got on.
 *
 * @param {Direct | Far} backend
 * @param {Update} request
 */
async function updateLater(backend, request) {
  for (;;) {
    const before = backend.ownWrites;
    const looked = backend.look(request.string);
    const seen = looked instanceof Promise ? await looked : looked;
    request.looked?.(seen !== undefined);
    const value = await request.change(seen?.value);
    if (backend.hasWritten(request.string, before)) request.own += 1;
    const finished = finish(backend, request, seen, value, request.own >= OWN_ATTEMPTS);
    const given = finished instanceof Promise ? await finished : finished;
    if (given !== AGAIN) return given;
  }
}

/**
 * @param {Direct | Far} backend
 * @param {Update} update
 * @param {Seen | undefined} seen what the function was given
 * @param {unknown} value that it gave
 * @param {boolean} isLast whether to write whatever is there by now
 */
function finish(backend, { writeOf, stored }, seen, value, isLast) {
  checkOpen(backend, 'update');
  if (value === undefined) return seen?.value;
  const write = writeOf(value);
  checkOpen(backend, 'update');
  const given = (/** @type {boolean} */ isDone) => {
    // What has expired already is not stored.
    if (isDone && write.ttlMs >= 0) stored?.();
    return isDone ? value : AGAIN;
  };
  const isDone = backend.exchange(write, seen);
  if (isDone instanceof Promise) return isDone.then(given);
  return given(isDone || (isLast && backend.write(write, When.ALWAYS) === true));
}

/**
 * @param {Direct | Far} backend
 * @param {string} method
 */
function checkOpen(backend, method) {
  if (!backend.isOpen) throw errors.storeClosed(method);
}

/** @param {Promise<unknown>} promise */
function refusedPromise(promise) {
  // Nobody waits for it: its failure is not to be reported besides.
  promise.then(undefined, () => {});
  return errors.invalidValue('a value, not a promise,', 'what change() gives', promise);
}

module.exports = { compareAndSet, update };
