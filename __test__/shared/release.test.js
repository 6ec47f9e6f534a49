/**
 * What a store takes goes with the call that closes it, and with the last who can reach it.
 *
 * Must not know what a store takes. Invariant: each case runs in one turn of the event loop of a
 * process of its own, but the last, which waits for a collection.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { runToExit } = require('../helpers/run-program.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const said = async (what, folder) =>
  JSON.parse((await runToExit(0, 'shared-release.js', [what, folder])).stdout);

for (const what of ['closed', 'destroyed']) {
  test(`what_was_${what}_takes_no_memory_in_the_same_turn`, SLOW, () =>
    withFolder(async (folder) => {
      const { megabytes } = await said(what, folder);
      assert.ok(megabytes < 300, `${megabytes} MB`);
    }),
  );
}

test('a_module_that_is_evaluated_anew_finds_what_its_thread_has_open', SLOW, () =>
  withFolder(async (folder) => {
    assert.deepEqual(await said('again', folder), { entries: 300, participants: 1 });
  }),
);

test('stores_that_nobody_can_reach_are_closed', SLOW, () =>
  withFolder(async (folder) => assert.deepEqual(await said('lost', folder), { isFreed: true })),
);
