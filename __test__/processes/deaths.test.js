/**
 * Processes that are killed or stopped in the middle of anything.
 *
 * Must not know what a process leaves behind. Invariant tested: the store lives through it, nothing
 * of a dead process is in the way of another, and a stopped one keeps nobody from reading.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
const { SharedStore } = require('../../index.js');
const { withProcesses } = require('../helpers/processes.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { KEYS, isSampleOf } = require('../programs/shared-hot-tasks.js');

const seed = printedSeed('processes-deaths');
const PATIENCE = { timeout: 600_000 };

test('a_lock_of_a_process_that_was_killed_is_free', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const holder = start('process.hold', { place, key: 'key' });
      await holder.said('locked');
      assert.equal(store.lock('key', 20), false);
      assert.equal(store.release('key'), false);
      await holder.end('SIGKILL');
      assert.equal(store.lock('key', 60_000), true);
      assert.equal(store.release('key'), true);
    }),
  ),
);

test('whoever_waits_for_a_lock_gets_it_when_it_is_released_or_its_process_is_killed', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      for (const way of ['release', 'kill']) {
        const holder = start('process.hold', { place, key: way });
        await holder.said('locked');
        const waiting = store.withLock(way, () => 'had it', 60_000);
        if (way === 'release') holder.tell('release');
        else await holder.end('SIGKILL');
        assert.equal(await waiting, 'had it');
      }
    }),
  ),
);

test('a_flight_of_a_process_that_was_killed_is_taken_over', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const leader = start('process.loadForEver', { place });
      await leader.said('begun');
      let runs = 0;
      const loading = store.getOrSet('key', () => {
        runs += 1;
        return 'taken over';
      });
      assert.equal(await store.getOrSet('other', () => 'not in the way'), 'not in the way');
      assert.equal(runs, 0);
      await leader.end('SIGKILL');
      assert.equal(await loading, 'taken over');
      assert.equal(store.get('key'), 'taken over');
    }),
  ),
);

describe('a store lives through processes that are killed at any moment', () => {
  for (const reads of ['copy', 'frozen']) {
    test(reads, PATIENCE, () =>
      withProcessStore({ reads }, (store, place) =>
        withProcesses(async (start) => {
          const draw = randomFrom(seed);
          const run = async (rounds) => {
            for (let round = 0; round < rounds; round += 1) {
              const one = start('hot.forEver', { ...place, seed: draw(2 ** 31) });
              await one.said('busy');
              await pause(draw(10));
              await one.end('SIGKILL');
            }
          };
          await Promise.all([run(15), run(15)]);
          await waitUntil(() => freeOf(store), 'the locks of the dead are free');
          for (let key = 0; key < KEYS; key += 1) {
            const value = store.get(`key-${key}`);
            if (value !== undefined) assert.ok(isSampleOf(`key-${key}`, value), `key-${key}`);
            assert.equal(await store.getOrSet(`load-${key}`, () => key), key);
            store.set(`key-${key}`, { key: `key-${key}`, after: true });
            assert.deepEqual(store.get(`key-${key}`), { key: `key-${key}`, after: true });
          }
          assert.equal(store.keys().length, store.size());
          store.clear();
          assert.equal(store.size(), 0);
          assert.equal(store.stats().dataBytes, 0);
          const again = new SharedStore(place);
          assert.equal(again.stats().participants, 1);
          again.close();
        }),
      ),
    );
  }
});

/** Whether no lock that the killed have used is held. */
function freeOf(store) {
  return [0, 1, 2, 3].every((lock) => store.lock(`lock-${lock}`, 0));
}

test('a_process_that_was_stopped_while_it_writes_keeps_nobody_from_reading', PATIENCE, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const draw = randomFrom(seed);
      const writer = start('hot.forEver', { ...place, seed });
      await writer.said('busy');
      for (let round = 0; round < 40; round += 1) {
        writer.child.kill('SIGSTOP');
        for (let key = 0; key < KEYS; key += 1) {
          const value = store.get(`key-${key}`);
          if (value !== undefined) assert.ok(isSampleOf(`key-${key}`, value), `key-${key}`);
          store.has(`key-${key}`);
          store.ttl(`key-${key}`);
        }
        store.keys();
        writer.child.kill('SIGCONT');
        await pause(draw(5));
      }
    }),
  ),
);

test('a_process_that_was_stopped_keeps_its_lock_and_nothing_else', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const holder = start('process.hold', { place, key: 'key' });
      await holder.said('locked');
      holder.child.kill('SIGSTOP');
      assert.equal(store.lock('key', 20), false);
      store.set('key', 1);
      assert.equal(store.get('key'), 1);
      assert.equal(store.lock('other', 0), true);
      const again = new SharedStore({ ...place, reads: 'frozen' });
      assert.equal(again.get('key'), 1);
      again.close();
      holder.child.kill('SIGCONT');
      holder.tell('release');
      await holder.said('released');
      assert.equal(store.lock('key', 60_000), true);
    }),
  ),
);
