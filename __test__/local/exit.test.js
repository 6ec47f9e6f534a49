/**
 * How a process ends while stores are open: by itself, at once, and with the right code.
 *
 * Must not know of threads. Invariant: no store, entry or sweep keeps a process alive, and none
 * turns its end into a crash.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { effort } = require('../helpers/effort');
const { runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');

/** A race with the sweep shows only now and then. */
const RUNS = effort(2, 5);

const ENDS_BY_ITSELF = [
  'no-store',
  'open-store',
  'live-ttl',
  'started-sweep',
  'stopped-sweep',
  'closed-store',
  'many-due-entries',
  'many-stores',
  'used-in-before-exit',
  'used-in-exit',
];

for (const way of ENDS_BY_ITSELF) {
  test(`the_process_ends_by_itself: ${way}`, SLOW, async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const { stdout, stderr } = await runToExit(0, 'exit.js', [way]);
      assert.deepEqual(JSON.parse(stdout), { code: 0, events: ['beforeExit'] });
      assert.equal(stderr, '');
    }
  });
}

const ENDS_BY_EXIT = [
  'process-exit',
  'process-exit-later',
  'process-exit-in-sort',
  'process-exit-in-iteration',
  'process-exit-in-to-json',
];

for (const way of ENDS_BY_EXIT) {
  test(`process_exit_ends_with_its_code_while_sweeping: ${way}`, SLOW, async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const { stdout, stderr } = await runToExit(7, 'exit.js', [way]);
      assert.deepEqual(JSON.parse(stdout), { code: 7, events: [] });
      assert.equal(stderr, '');
    }
  });
}

const ENDS_BY_ERROR = ['throw', 'throw-later', 'throw-in-iteration', 'reject'];

for (const way of ENDS_BY_ERROR) {
  test(`an_uncaught_error_ends_with_its_message_while_sweeping: ${way}`, SLOW, async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const { stderr } = await runToExit(1, 'exit.js', [way]);
      assert.match(stderr, /thrown on purpose/);
    }
  });
}
