/**
 * Changes and messages across processes: all, in order per key, or an overflow.
 *
 * Must not know how they travel. Invariant tested: what a watcher makes of what it is told is what
 * the store holds, whoever wrote at the same time, and whoever was killed meanwhile.
 */
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
const { withProcesses } = require('../helpers/processes.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

for (const whenFull of ['error', 'evict']) {
  test(`a_watcher_beside_writers_knows_what_is_there, ${whenFull}`, SLOW, () =>
    withProcessStore({ maxBytes: 1 << 20, whenFull }, (store, place) =>
      withProcesses(async (start) => {
        const watcher = start('watching.replay', { place });
        await watcher.said('watching');
        const times = 20_000;
        const writers = [1, 2].map((seed) => start('watching.change', { place, seed, times }));
        await Promise.all(writers.map(({ result }) => result));
        store.set('the end', 1);
        watcher.tell('finish');
        const { changes } = await watcher.result;
        assert.ok(changes > 1);
      }),
    ),
  );
}

test('a_watcher_knows_what_is_there_or_has_to_look_though_writers_are_killed', SLOW, () =>
  withProcessStore({ maxBytes: 1 << 20 }, (store, place) =>
    withProcesses(async (start) => {
      const watcher = start('watching.replay', { place });
      await watcher.said('watching');
      for (let round = 0; round < 6; round += 1) {
        const writers = [0, 1].map(() => start('watching.changeForEver', { place }));
        for (const writer of writers) await writer.said('open');
        await Promise.all(writers.map((writer) => writer.end('SIGKILL')));
      }
      // Takes each lock that one of the dead may have held.
      store.size();
      store.set('the end', 1);
      watcher.tell('finish');
      assert.ok((await watcher.result).changes > 1);
    }),
  ),
);

test('no_message_is_missing_untold_though_publishers_and_listeners_are_killed', SLOW, () =>
  withProcessStore({ maxBytes: 1 << 20 }, (store, place) =>
    withProcesses(async (start) => {
      const follower = start('watching.follow', { place });
      await follower.said('following');
      for (let round = 0; round < 4; round += 1) {
        const others = [0, 1].map((at) => {
          return start('watching.publishForEver', { place, by: `${round} ${at}` });
        });
        const listener = start('watching.follow', { place });
        for (const other of others) await other.said('open');
        await listener.said('following');
        await Promise.all([...others, listener].map((other) => other.end('SIGKILL')));
      }
      let isOver = false;
      const result = follower.result.finally(() => {
        isOver = true;
      });
      // One of them may be what an overflow stands for.
      await waitUntil(() => {
        store.publish('numbers', { by: 'the end' });
        return isOver;
      }, 'it has heard the end');
      const { came, gaps } = await result;
      assert.equal(gaps, 0);
      assert.ok(came > 0);
    }),
  ),
);

test('messages_come_in_order_to_all_processes', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const times = 500;
      const listeners = [0, 1].map(() => start('watching.listen', { place, times }));
      for (const listener of listeners) await listener.said('listening');
      const values = Array.from({ length: times }, (_, n) => (n % 2 ? { n: n + 1 } : n + 1));
      for (const value of values) store.publish('channel', value);
      for (const { result } of listeners) {
        assert.deepEqual(
          await result,
          values.map((value) => [value, 'other']),
        );
      }
    }),
  ),
);

/** Milliseconds of a processor that this process uses in `ms`, while it waits. */
async function busyMs(ms) {
  const before = process.cpuUsage();
  await pause(ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

for (const [what, damage] of [
  ['cut', (file) => fs.truncateSync(file, 0)],
  [
    'zeroed',
    (file) => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size), { flag: 'r+' }),
  ],
]) {
  test(`a_watcher_of_a_file_that_is_${what}_is_told_once_and_costs_nothing`, SLOW, () =>
    withProcessStore({ maxBytes: 1 << 20 }, async (store) => {
      const told = [];
      const stop = store.watch({ prefix: '' }, ({ type }) => told.push(type));
      store.set('key', 1);
      await waitUntil(() => told.length === 1, 'it was told of the entry');
      damage(store.file);
      await waitUntil(() => told.length > 1, 'it was told of the damage');
      // A thread that does not sleep takes all of that.
      const busy = await busyMs(1000);
      assert.ok(busy < 500, `${busy} ms`);
      assert.deepEqual(told, ['set', 'overflow']);
      assert.throws(() => store.get('key'), { code: 'ERR_CORRUPTED' });
      stop();
    }),
  );
}
