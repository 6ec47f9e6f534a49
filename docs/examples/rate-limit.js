/**
 * A rate limit in five lines: a client's window is a counter with a time to live.
 *
 *     node docs/examples/rate-limit.js
 *
 * With a `SharedStore` of scope `'processes'` in its place, it is one limit for all workers.
 */

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const MemoryStore = require('shared-memory-store');

const LIMIT = 3;
const WINDOW_MS = 2000;
const windows = new MemoryStore({ cleanupInterval: 1000 });

/** Counts a request: whether it is allowed, how many are left, and when there will be more. */
function take(client) {
  // The first hit begins the window; those that follow leave its end where it is.
  const { value, ttl } = windows.hit(client, 1, { ttl: WINDOW_MS });
  return { isAllowed: value <= LIMIT, left: Math.max(LIMIT - value, 0), resetMs: ttl };
}

async function main() {
  const answers = ['a', 'a', 'a', 'a', 'b'].map(take);
  assert.deepEqual(
    answers.map(({ isAllowed }) => isAllowed),
    [true, true, true, false, true],
  );
  assert.deepEqual(
    answers.map(({ left }) => left),
    [2, 1, 0, 0, 2],
  );
  console.log(`client a may try again in ${answers[3].resetMs} ms`);

  // The window ends on its own, and the next call opens a new one.
  while (windows.has('a')) await pause(10);
  const { isAllowed, left, resetMs } = take('a');
  assert.ok(isAllowed && left === 2 && resetMs <= WINDOW_MS);
}

main();
