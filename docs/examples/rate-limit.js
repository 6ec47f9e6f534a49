/**
 * A rate limit in five lines: the window of a client is the time to live of its counter.
 *
 *     node docs/examples/rate-limit.js
 */

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const MemoryStore = require('shared-memory-store');

const LIMIT = 3;
const WINDOW_MS = 1000;
const counters = new MemoryStore({ cleanupInterval: 1000 });

/** Whether `client` may do one thing more in its current window. */
function allow(client) {
  // The time to live counts when the entry is made: the window begins with the first call.
  return counters.increment(client, 1, { ttl: WINDOW_MS }) <= LIMIT;
}

async function main() {
  const answers = ['a', 'a', 'a', 'a', 'b'].map(allow);
  assert.deepEqual(answers, [true, true, true, false, true]);
  console.log(`client a may try again in ${counters.ttl('a')} ms`);

  // The window ends on its own, and the next call opens a new one.
  while (counters.has('a')) await pause(10);
  assert.equal(allow('a'), true);
}

main();
