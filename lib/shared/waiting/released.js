/**
 * Waits for what others have claimed, without blocking the event loop and without polling.
 *
 * A thread of the native core sleeps for all who wait in this process. Knows no lock and no load.
 * Invariant: a wait that is over may be over for nothing, so whoever waited looks again; and it is
 * over when the store closes.
 */
'use strict';

const { clearTimeout, setTimeout } = require('node:timers');
const { ClaimTable, Waiting } = require('../../native/contract.js');
const native = require('../../native/loader.js');
const { MAX_DELAY_MS } = require('../../native/timers.js');

/** Where no thread is to be had, one looks again after so long. */
const POLL_MS = 16;

/** @typedef {InstanceType<typeof import('../opening/handle.js').Handle>} Handle */
/** @typedef {import('../../loads/load.js').Sleep} Sleep */

/**
 * Resolves when the lock of a key may be had, or after a time; keeps the process alive.
 *
 * @param {Handle} handle of an open store
 * @param {string} string
 * @param {number} timeoutMs
 */
function lockReleased(handle, string, timeoutMs) {
  return released(handle, ClaimTable.LOCKS, string, timeoutMs);
}

/**
 * Resolves when no other thread makes a key's value any more, or after a time; keeps the process
 * alive.
 *
 * @param {Handle} handle of an open store
 * @param {string} string
 * @param {number} timeoutMs
 * @param {Sleep} [sleep] which may end it early
 */
function loadReleased(handle, string, timeoutMs, sleep) {
  return released(handle, ClaimTable.LOADS, string, timeoutMs, sleep);
}

/**
 * Tells once no other thread makes a key's value any more, whenever that is; keeps no process
 * alive.
 *
 * @param {Handle} handle of an open store
 * @param {string} string
 * @param {() => void} tell
 * @returns {(() => void) | undefined} takes that back; `undefined` where nobody will be told
 */
function onLoadReleased(handle, string, tell) {
  const { id } = handle;
  const ticket = native.awaitClaim(id, string, ClaimTable.LOADS, tell);
  if (ticket <= 0) return undefined;
  return () => {
    if (handle.id === id) native.endWait(id, ticket);
  };
}

/**
 * @param {Handle} handle
 * @param {number} table
 * @param {string} string
 * @param {number} timeoutMs
 * @param {Sleep} [sleep] which may end it early
 * @returns {Promise<void>}
 */
function released(handle, table, string, timeoutMs, sleep) {
  return new Promise((resolve) => {
    const { id } = handle;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    const ticket = native.awaitClaim(id, string, table, over);
    if (ticket === Waiting.OVER) {
      resolve();
      return;
    }
    const giveUp = () => {
      // Closed meanwhile, the store has told all who waited.
      if (ticket > 0 && handle.id === id) native.endWait(id, ticket);
      over();
    };
    const longestMs = ticket === Waiting.IMPOSSIBLE ? POLL_MS : MAX_DELAY_MS;
    timer = setTimeout(giveUp, Math.min(Math.max(Math.ceil(timeoutMs), 1), longestMs));
    if (sleep !== undefined) sleep.end = giveUp;
  });
}

module.exports = { loadReleased, lockReleased, onLoadReleased };
