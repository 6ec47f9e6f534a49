/**
 * Waits for something to become true: polled, with a deadline that is only there to end a failure.
 *
 * Must not know what is waited for. Invariant: it never passes by time alone.
 */
const { setTimeout: pause } = require('node:timers/promises');

const PATIENCE_MS = 60_000;
const POLL_MS = 2;

/** @param {() => boolean | Promise<boolean>} condition @param {string} what */
async function waitUntil(condition, what) {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`Waited ${PATIENCE_MS} ms until ${what}`);
    await pause(POLL_MS);
  }
}

module.exports = { waitUntil };
