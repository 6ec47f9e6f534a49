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

test('a_hundred_stores_of_a_number_each_take_little', SLOW, async () => {
  const { megabytes } = await said('many', '');
  assert.ok(megabytes < 50, `${megabytes} MB`);
});

const smaps = process.platform === 'linux' ? false : 'only Linux says what it dumps';

test('a_core_dump_holds_no_store', { ...SLOW, skip: smaps }, () =>
  withFolder(async (folder) => {
    const { megabytes } = await said('dumped', folder);
    // Of 4 GiB: what else the process has come by, such as the heaps of its threads.
    assert.ok(megabytes < 1024, `${megabytes} MB`);
  }),
);

test('a_module_that_is_evaluated_anew_finds_what_its_thread_has_open', SLOW, () =>
  withFolder(async (folder) => {
    assert.deepEqual(await said('again', folder), { entries: 40, participants: 1 });
  }),
);

test('stores_that_nobody_can_reach_are_closed', SLOW, () =>
  withFolder(async (folder) => assert.deepEqual(await said('lost', folder), { isFreed: true })),
);
