/**
 * Tells whether a leak scenario leaves memory behind; see `programs/leak.js`.
 *
 * Must not know of stores. Invariant: what is compared is one process with itself, early and late,
 * never with an absolute size. A suspicion is looked at again, over many times the rounds: a leak
 * grows with them, and what an allocator keeps back on a busy machine does not.
 */
const assert = require('node:assert/strict');
const { runToExit } = require('./run-program');

/** Less than the smallest thing that could leak: a map entry, a reference, a heap number. */
const LEAK_BYTES = 40;
/** Node's young generation otherwise grows by megabytes for as long as it likes. */
const NODE_FLAGS = ['--max-semi-space-size=1'];
/** What an allocator may keep back between two plateaus, whatever was done. */
const NOISE_BYTES = 6 * 2 ** 20;
/** How many times the usual rounds a suspicion is looked at for. */
const SECOND_LOOK = 8;

/**
 * @param {string} scenario
 * @param {string} file The program that has the scenario.
 * @param {number} [bytes] What an operation may leave.
 */
async function assertMemoryIsFlat(scenario, file, bytes = LEAK_BYTES) {
  if ((await leaks(scenario, file, bytes, 1)) === undefined) return;
  const leak = await leaks(scenario, file, bytes, SECOND_LOOK);
  assert.equal(leak, undefined);
}

/** What grew, in words; `undefined` when nothing did. */
async function leaks(scenario, file, bytes, times) {
  const programArguments = [scenario, file, String(times)];
  const { stdout } = await runToExit(0, 'leak.js', programArguments, { nodeFlags: NODE_FLAGS });
  const result = JSON.parse(stdout);
  const allowed = bytes + NOISE_BYTES / result.operations;
  for (const measure of ['heapBytesPerOperation', 'residentBytesPerOperation']) {
    if (!(result[measure] < allowed)) {
      return `${measure}: ${result[measure]} of ${allowed}\n${stdout}`;
    }
  }
  return undefined;
}

module.exports = { assertMemoryIsFlat };
