/**
 * Changes of a store as they come, for a page: some at a time, and no more than somebody can read.
 *
 * Takes part in the store while it lasts. Invariant: what a busy store costs here is bounded: after
 * some changes nobody watches until they have been told, and the page is told that there were more.
 */
'use strict';

const { destroyed } = require('../exit.js');

/** Changes that are told at once; they wait so long for others. */
const MOST = 200;
const WINDOW_MS = 250;
/** What is shown of a key. */
const MOST_UNITS = 200;

/** @typedef {import('../../shared/watching/told.js').ChangeEvent} ChangeEvent */

/**
 * Tells of changes until the signal is aborted.
 *
 * @param {() => any} open the store
 * @param {string} prefix of the keys
 * @param {import('./server.js').Tell} tell
 * @param {AbortSignal} signal
 */
function follow(open, prefix, tell, signal) {
  /** @type {any} */
  let store;
  /** @type {(() => void) | undefined} */
  let stop;
  /** @type {object[]} */
  let changes = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const note = (/** @type {ChangeEvent} */ { type, key, tag }) => {
    changes.push({ type, key: shown(key), tag: shown(tag) });
    if (changes.length >= MOST) pause();
    timer ??= setTimeout(flush, WINDOW_MS);
  };
  const pause = () => {
    stop?.();
    stop = undefined;
  };
  const resume = () => {
    stop ??= store?.watch({ prefix }, note);
  };
  const flush = async () => {
    const told = { changes, isCut: stop === undefined };
    changes = [];
    try {
      await tell('message', told);
      // Others may have come while a slow reader took these.
      timer = changes.length > 0 ? setTimeout(flush, WINDOW_MS) : undefined;
      if (changes.length < MOST) resume();
    } catch (error) {
      end(error);
    }
  };
  const end = (/** @type {unknown} */ error) => {
    clearTimeout(timer);
    store?.close();
    store = undefined;
    if (error === undefined || signal.aborted) return;
    const { message } = /** @type {Error} */ (error);
    tell('refused', { message }).catch(() => {});
  };

  signal.addEventListener('abort', () => end(undefined), { once: true });
  try {
    store = open();
    store.on('orphaned', () => end(destroyed()));
    resume();
  } catch (error) {
    end(error);
  }
}

/** @param {string | undefined} text */
function shown(text) {
  return text === undefined || text.length <= MOST_UNITS ? text : `${text.slice(0, MOST_UNITS)}…`;
}

module.exports = { follow };
