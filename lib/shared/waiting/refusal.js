/**
 * What the native core answers about a key, below zero: an error that names who or what is in the
 * way.
 *
 * Asked for when it has happened: what it says is of that moment. Knows no entry.
 */
'use strict';

const { keptLocked } = require('../../errors/errors.js');
const { keyOf } = require('../../keys/keyspace.js');
const { Refusal } = require('../../native/contract.js');
const { sharedFailure } = require('../../native/failures.js');
const native = require('../../native/loader.js');
const { noRoomToWrite } = require('../opening/shortage.js');

/** @typedef {InstanceType<typeof import('../opening/handle.js').Handle>} Handle */

/**
 * A read was refused.
 *
 * @param {number} number
 * @param {Handle} handle
 * @param {string} string of a key
 */
function readRefusal(number, handle, string) {
  const key = keyOf(string);
  if (number === Refusal.BUSY) return keptLocked(key, keeperOf(handle, string));
  return sharedFailure(number, key);
}

/**
 * A write was.
 *
 * @param {number} number
 * @param {Handle} handle
 * @param {string} string of a key
 */
function writeRefusal(number, handle, string) {
  if (number === Refusal.FULL && handle.id !== 0) return noRoomToWrite(handle, keyOf(string));
  return readRefusal(number, handle, string);
}

/**
 * Who keeps a key from others at this moment, in words; nothing where nobody does, or it is this
 * very thread. A thread has the number that `SharedStore.list` shows.
 *
 * @param {Handle} handle
 * @param {string} string of a key
 */
function keeperOf(handle, string) {
  const [pid, thread, isOwn] = handle.id === 0 ? [] : native.holderOf(handle.id, string);
  if (pid === undefined || isOwn === 1) return undefined;
  return `thread ${thread} of ${pid === process.pid ? 'this process' : `process ${pid}`}`;
}

module.exports = { keeperOf, readRefusal, writeRefusal };
