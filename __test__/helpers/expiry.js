/**
 * Lets deadlines of a store pass, by the monotonic clock and without the event loop.
 *
 * Must not know how a store keeps time. Invariant: when a wait returns, at least the asked-for
 * milliseconds have passed since it was called, and no timer of JavaScript has run.
 */

/** A time to live that no test run outlives. */
const HOUR_MS = 3_600_000;

/** A store may round a deadline up to its next whole millisecond. */
const ROUNDING_MS = 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread until entries that were set before with `ttlMs` are past their deadline. */
function passDeadline(ttlMs) {
  const until = performance.now() + ttlMs + ROUNDING_MS;
  for (let left = until - performance.now(); left > 0; left = until - performance.now()) {
    Atomics.wait(sleeper, 0, 0, left);
  }
}

/** Sets `key` with the shortest time to live and lets it expire. */
function setExpired(store, key, value = 'expired') {
  store.set(key, value, { ttl: 1 });
  passDeadline(1);
}

module.exports = { HOUR_MS, ROUNDING_MS, passDeadline, setExpired };
