/**
 * Factories for `getOrSet` that a test lets go on when it likes.
 *
 * Must not know of stores. Invariant: a held factory is pending until the test settles it, and
 * notes each run.
 */
const assert = require('node:assert/strict');
const { setImmediate: turn } = require('node:timers/promises');

/**
 * A factory whose run number n ends when `runs[n].resolve(value)` or `.reject(error)` is called.
 * Each run also has what the factory was given, `key` and `signal`.
 */
function heldFactory() {
  const runs = [];
  const factory = (key, context) =>
    new Promise((resolve, reject) => {
      runs.push({ key, signal: context.signal, resolve, reject });
    });
  return { factory, runs };
}

/**
 * How each promise ends: `{ value }` or `{ reason }`. Holds the process open as long as that takes:
 * a timer of a store does not.
 */
async function outcomes(promises) {
  const open = setInterval(() => {}, 1000);
  const settled = await Promise.allSettled(promises);
  clearInterval(open);
  return settled.map(({ status, value, reason }) =>
    status === 'fulfilled' ? { value } : { reason },
  );
}

/** Asserts that a load ends by its time. */
async function assertLate(loading) {
  const [{ reason }] = await outcomes([loading]);
  assert.deepEqual([reason?.name, reason?.code], ['StoreError', 'ERR_FACTORY_TIMEOUT']);
  return reason;
}

module.exports = { assertLate, heldFactory, outcomes, turn };
