/**
 * Factories for `getOrSet` that a test lets go on when it likes.
 *
 * Must not know of stores. Invariant: a held factory is pending until the test settles it, and
 * notes each run.
 */
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

/** How each promise ends: `{ value }` or `{ reason }`. */
async function outcomes(promises) {
  const settled = await Promise.allSettled(promises);
  return settled.map(({ status, value, reason }) =>
    status === 'fulfilled' ? { value } : { reason },
  );
}

module.exports = { heldFactory, outcomes, turn };
