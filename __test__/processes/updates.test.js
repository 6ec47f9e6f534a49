/**
 * Updates of one entry by processes that are killed in their midst.
 *
 * Must not know how an update holds others off. Invariant tested: an update is there whole or not
 * at all, those that were answered are there, and the living go on.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { withProcesses } = require('../helpers/processes.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const SURVIVORS = 2;
const VICTIMS = 4;
/** What a victim has counted for certain before it is killed. */
const COUNTED = 100;

const sumOf = (by) => Object.values(by).reduce((one, other) => one + other, 0);

test('a_process_that_is_killed_loses_no_update_and_holds_up_none', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      store.set('count', { n: 0, by: {} });
      const survivors = Array.from({ length: SURVIVORS }, (_, index) =>
        start('update.countOn', { ...place, index }),
      );
      await Promise.all(survivors.map((one) => one.said('counting')));
      for (let victim = 0; victim < VICTIMS; victim += 1) {
        const one = start('update.countOn', { ...place, index: SURVIVORS + victim });
        await one.said('counting');
        await one.end('SIGKILL');
        const { by } = store.get('count');
        assert.ok(by[SURVIVORS + victim] >= COUNTED, 'what was answered is there');
        for (let index = 0; index < SURVIVORS; index += 1) {
          const before = by[index];
          await waitUntil(() => store.get('count').by[index] > before, 'a survivor counts on');
        }
        const { n, by: now } = store.get('count');
        assert.equal(sumOf(now), n, 'each update is there whole');
      }
      for (const one of survivors) one.tell('stop');
      const made = await Promise.all(survivors.map((one) => one.result));
      const { n, by } = store.get('count');
      assert.deepEqual(
        made,
        survivors.map((_, index) => by[index]),
      );
      assert.equal(sumOf(by), n);
      store.update('count', (value) => ({ ...value, n: n + 1 }));
      assert.equal(store.get('count').n, n + 1);
    }),
  ),
);
