/** Waits of those who ask again. Knows nothing of what they ask. */
'use strict';

const { untilAborted } = require('../loads/until-aborted.js');
const { outside } = require('../native/timers.js');
const { clearTimeout, setTimeout } = require('node:timers');

/** @typedef {import('../loads/load.js').Sleep} Sleep */

/**
 * Comes after so long, or when its sleep is ended; it keeps the process, for somebody waits.
 *
 * @param {number} ms
 * @param {Sleep} [sleep]
 * @returns {Promise<void>}
 */
function pause(ms, sleep) {
  return new Promise((resolve) => {
    const timer = outside(() => setTimeout(over, ms));
    function over() {
      clearTimeout(timer);
      resolve();
    }
    if (sleep !== undefined) sleep.end = over;
  });
}

/**
 * The same, ended by a signal, whose reason is thrown then.
 *
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 */
function pauseUnlessAborted(ms, signal) {
  if (signal === undefined) return pause(ms);
  const sleep = { end: () => {} };
  return untilAborted(
    pause(ms, sleep),
    signal,
    () => {},
    () => sleep.end(),
  );
}

module.exports = { pause, pauseUnlessAborted };
