/**
 * Memory stays where it is, over millions of operations that leave nothing behind.
 *
 * Must not know how a store works. Invariant: what is compared is one process with itself, early
 * and late, never with an absolute size.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');
const { SCENARIOS } = require('../programs/leak-scenarios');

/** Less than the smallest thing that could leak: a map entry, a reference, a heap number. */
const LEAK_BYTES = 40;
/** Node's young generation otherwise grows by megabytes for as long as it likes. */
const NODE_FLAGS = ['--max-semi-space-size=1'];
/** What an allocator may keep back between two plateaus, whatever was done. */
const NOISE_BYTES = 6 * 2 ** 20;

for (const [name, { bytes = LEAK_BYTES }] of Object.entries(SCENARIOS)) {
  test(`memory_is_flat: ${name}`, SLOW, async () => {
    const { stdout } = await runToExit(0, 'leak.js', [name], { nodeFlags: NODE_FLAGS });
    const result = JSON.parse(stdout);
    const allowed = bytes + NOISE_BYTES / result.operations;
    for (const measure of ['heapBytesPerOperation', 'residentBytesPerOperation']) {
      assert.ok(
        result[measure] < allowed,
        `${measure}: ${result[measure]} of ${allowed}\n${stdout}`,
      );
    }
  });
}
