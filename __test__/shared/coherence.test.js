/**
 * What threads see of each other's writes: the newest, at once, and nothing that has expired.
 *
 * Must not know of copies, versions or stripes. Invariant tested: no thread ever sees an older
 * value after a newer one, nor one older than a write that had returned before it asked.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { effort } = require('../helpers/effort.js');
const { freshName } = require('../helpers/shared-names.js');
const { runThreads } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { FORMS } = require('../programs/shared-coherence-tasks.js');

const THREADS = 4;
const OPERATIONS = 300_000;
const ROUNDS = effort(1000, 3000);
const DURATION_MS = effort(200, 400);

/** The complaints of threads that share a store, which is kept open here. */
async function complaintsOf(task, input, threads = THREADS) {
  const name = freshName('coherence');
  const keeper = new SharedStore({ name });
  const published = new SharedArrayBuffer(4 * 16);
  const times = new SharedArrayBuffer(8 * 10_000);
  const results = await runThreads(threads, `coherence.${task}`, {
    ...{ name, published, times, operations: OPERATIONS },
    ...input,
  });
  keeper.close();
  return results;
}

for (const reads of ['copy', 'frozen']) {
  for (const form of Object.keys(FORMS)) {
    test(`nobody_sees_an_older_value_after_a_newer_one, ${form}, ${reads}`, SLOW, async () => {
      const complaints = await complaintsOf('rising', { form, reads });
      assert.deepEqual(complaints.flat(), []);
    });
  }

  for (const form of ['number', 'object']) {
    test(`nobody_sees_what_was_deleted, ${form}, ${reads}`, SLOW, async () => {
      const complaints = await complaintsOf('comingAndGoing', { form, reads });
      assert.deepEqual(complaints.flat(), []);
    });

    test(`nobody_sees_what_has_expired, ${form}, ${reads}`, SLOW, async () => {
      const results = await complaintsOf('expiring', { form, reads, durationMs: DURATION_MS }, 3);
      assert.deepEqual(
        results.flatMap(({ complaints }) => complaints),
        [],
      );
      const sum = (name) => results.reduce((total, result) => total + result[name], 0);
      assert.ok(sum('hits') > 0 && sum('misses') > 0, 'it was seen, and it was seen to expire');
    });
  }

  test(`a_value_is_there_when_set_returns, in ${ROUNDS} turns, ${reads}`, SLOW, async () => {
    const forms = Object.keys(FORMS);
    const complaints = await complaintsOf('pingPong', { reads, rounds: ROUNDS, forms }, 2);
    assert.deepEqual(complaints.flat(), []);
  });
}

test('nobody_sees_a_counter_fall', SLOW, async () => {
  const complaints = await complaintsOf('counting', {});
  assert.deepEqual(complaints.flat(), []);
});
