/**
 * Reading, deciding and writing as one step, without a lock: `update` and `compareAndSet`.
 *
 * Knows a backend by `look` and `exchange`. What decides may run the caller's code, so the store is
 * looked at again after it. Invariant: what is written was decided from what is there right then.
 */
'use strict';

const { isDeepStrictEqual, types } = require('node:util');
const errors = require('./errors.js');

/** @typedef {Pick<import('./backend.js').Direct, 'isOpen' | 'look' | 'exchange'>} Direct */
/** @typedef {import('./backend.js').Seen} Seen */
/** @typedef {import('./backend.js').Update} Update */
/** @typedef {InstanceType<typeof import('./writes.js').Write>} Write */

/** Attempts while others keep writing to the key, before it is said that they are in the way. */
const ATTEMPTS = 1000;
/** What `attempt` gives while others were faster. */
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
  for (let attempts = 0; attempts < ATTEMPTS; attempts += 1) {
    const seen = backend.look(string);
    if (!isDeepStrictEqual(seen?.value, expected)) return false;
    checkOpen(backend, 'compareAndSet');
    if (exchange(seen)) return true;
  }
  throw errors.busy(string, ATTEMPTS);
}

/**
 * Writes what a function makes of the value that is there; gives what is there then. `AGAIN` when
 * others were faster each time.
 *
 * @param {Direct} backend
 * @param {Update} update
 * @param {number} attempts
 */
function tryUpdate(backend, { string, change, writeOf }, attempts) {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const seen = backend.look(string);
    const value = change(seen?.value);
    if (types.isPromise(value)) throw refusedPromise(value);
    checkOpen(backend, 'update');
    if (value === undefined) return seen?.value;
    const write = writeOf(value);
    checkOpen(backend, 'update');
    if (backend.exchange(write, seen)) return value;
  }
  return AGAIN;
}

/**
 * The same with a function that may take its time.
 *
 * @param {Direct} backend
 * @param {Update} update
 * @returns {Promise<unknown>}
 */
async function updateLater(backend, { string, change, writeOf }) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const seen = backend.look(string);
    const value = await change(seen?.value);
    checkOpen(backend, 'update');
    if (value === undefined) return seen?.value;
    const write = writeOf(value);
    checkOpen(backend, 'update');
    if (backend.exchange(write, seen)) return value;
  }
  throw errors.busy(string, ATTEMPTS);
}

/**
 * @param {Direct} backend
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

module.exports = { AGAIN, ATTEMPTS, compareAndSet, tryUpdate, updateLater };
