/** Waits of those who ask again. Knows nothing of what they ask. */
'use strict';

const { outside } = require('../native/timers.js');
const { clearTimeout, setTimeout } = require('node:timers');

/**
 * Comes after so long, or when a signal is aborted; it keeps the process, for somebody waits.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = outside(() => setTimeout(over, ms));
    signal?.addEventListener('abort', over);
    function over() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    }
  });
}

module.exports = { pause };
