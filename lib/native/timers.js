/**
 * Timers that belong to no request, and the context in which what they do is done.
 *
 * Knows no store. A timer inherits the async context of whoever starts it, and holds what is in it
 * until it goes off. Invariant: what is started here holds nothing of its starter's, and keeps no
 * process alive.
 */
'use strict';

const { AsyncResource } = require('node:async_hooks');
// Not the global ones, which a page or a test's clock may replace.
const { clearTimeout, setTimeout } = require('node:timers');

/** The longest delay that a timer takes: milliseconds in 31 bits. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The context in which this file was loaded. */
const root = asyncContext('STORE_TIMER');

/**
 * The async context of now, to run in later. Those who look for what was left open see nothing.
 *
 * @param {string} type
 */
function asyncContext(type) {
  const context = new AsyncResource(type, { requireManualDestroy: true });
  context.emitDestroy();
  return context;
}

/**
 * Runs a function in the context in which this file was loaded.
 *
 * @template T
 * @param {() => T} act
 * @returns {T}
 */
function outside(act) {
  return root.runInAsyncScope(act);
}

/**
 * @param {() => void} act
 * @param {number} delayMs
 * @param {(act: () => void, delayMs: number) => NodeJS.Timeout} [start] whose timers
 */
function startTimer(act, delayMs, start = setTimeout) {
  const timer = outside(() => start(act, Math.min(delayMs, MAX_DELAY_MS)));
  // Not all that stand in for timers have it.
  timer.unref?.();
  return timer;
}

/** @param {NodeJS.Timeout | undefined} timer */
function stopTimer(timer) {
  if (timer !== undefined) clearTimeout(timer);
}

/**
 * Runs a function in a turn of its own, which the process does not end before: it is the process
 * that hears of what it throws.
 *
 * @param {() => void} act
 */
function inOwnTurn(act) {
  return outside(() => setTimeout(act, 0));
}

/**
 * Has the process hear of what somebody threw whom nobody waits for.
 *
 * @param {unknown} error
 */
function throwApart(error) {
  inOwnTurn(() => {
    throw error;
  });
}

module.exports = {
  MAX_DELAY_MS,
  asyncContext,
  inOwnTurn,
  outside,
  startTimer,
  stopTimer,
  throwApart,
};
