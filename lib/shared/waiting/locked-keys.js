/**
 * Calls that wait for a key which another thread has locked, and what they give if it stays so.
 *
 * Knows no entry. Invariant: no call waits in native code for longer than a slice at a time, since
 * a thread that waits there cannot be ended.
 */
'use strict';

const { time } = require('../../native/clock.js');
const { SLICE_MS } = require('../entries.js');

/** How long a call waits. */
const LOCK_WAIT_MS = 1000;

/**
 * Does something that waits for a key that others have locked, a little at a time: a thread that
 * waits in native code cannot be ended.
 *
 * @template T
 * @param {boolean} isSkipped whether not to wait
 * @param {(waitMs: number) => T} act
 * @returns {T}
 */
function patiently(isSkipped, act) {
  if (isSkipped) return act(0);
  const dueMs = time() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return act(SLICE_MS);
    } catch (error) {
      const isLocked = /** @type {{ code?: string }} */ (error).code === 'ERR_LOCK_TIMEOUT';
      if (!isLocked || time() >= dueMs) throw error;
    }
  }
}

/**
 * What a call did; `false` when another thread kept the key locked.
 *
 * @param {() => boolean} act
 */
function unlessLocked(act) {
  try {
    return act();
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code === 'ERR_LOCK_TIMEOUT') return false;
    throw error;
  }
}

module.exports = { patiently, unlessLocked };
