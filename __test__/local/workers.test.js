/**
 * Stores in worker threads, in vm contexts, and in modules that are loaded more than once.
 *
 * Each test runs a process of its own: what is looked for is a crash or a hang at a thread's end.
 */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { effort } = require('../helpers/effort');
const { runToExit } = require('../helpers/run-program');

const PATIENCE = { timeout: 600_000 };
const MANY = effort(12, 32);
const SHORT = effort(16, 50);
const TERMINATED = effort(32, 100);
const EXITS = effort(3, 10);

/** Loaded in the main thread too, or in the workers alone. */
for (const main of ['main', 'workers only']) {
  test(`workers_end_by_themselves_with_a_running_sweep, ${main}`, PATIENCE, async () => {
    const { stdout } = await runToExit(0, 'workers.js', ['return', `${MANY}`, '8', main]);
    assert.match(stdout, new RegExp(`${MANY} workers`));
  });

  test(`workers_that_close_their_stores_end, ${main}`, PATIENCE, async () => {
    await runToExit(0, 'workers.js', ['close', `${MANY}`, '8', main]);
  });

  test(`many_short_workers_one_after_another, ${main}`, PATIENCE, async () => {
    await runToExit(0, 'workers.js', ['return', `${SHORT}`, '1', main]);
  });

  test(`many_workers_are_terminated_while_sweeping, ${main}`, PATIENCE, async () => {
    await runToExit(0, 'workers.js', ['terminate', `${TERMINATED}`, '4', main]);
  });

  test(`a_worker_that_throws_ends_alone, ${main}`, PATIENCE, async () => {
    await runToExit(0, 'workers.js', ['throw', '8', '4', main]);
  });

  test(`process_exit_in_a_worker_ends_the_worker_alone, ${main}`, PATIENCE, async () => {
    await runToExit(0, 'workers.js', ['exit', '8', '4', main]);
  });

  test(`the_process_exits_while_workers_sweep, ${main}`, PATIENCE, async () => {
    for (let run = 0; run < EXITS; run += 1) {
      await runToExit(5, 'workers.js', ['process-exit', '6', '6', main]);
    }
  });
}

test('stores_work_from_vm_contexts_and_from_fresh_copies_of_the_package', PATIENCE, async () => {
  await runToExit(0, 'contexts.js');
});
