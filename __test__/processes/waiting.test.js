/**
 * Processes that wait for locks and loads of others: whose turn it is, what it costs, who dies.
 *
 * Must not know how a wait is woken. Invariant tested: whoever waits gets what it waits for when it
 * is free, however its holder went, and waits for nothing in the meantime.
 */
const assert = require('node:assert/strict');
const path = require('node:path');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { withProcesses } = require('../helpers/processes.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

/** Runs `body(store, start)`, where `start` starts a process with the store. */
const beside = (body) =>
  withProcessStore({}, (store, place) =>
    withProcesses((start) =>
      body(store, (task, input) => start(`waiting.${task}`, { place, ...input })),
    ),
  );

const median = (numbers) => numbers.sort((one, other) => one - other)[numbers.length >> 1];

test('a_lock_goes_to_another_process_that_waits_before_the_next_task_of_the_same', SLOW, () =>
  beside(async (store, start) => {
    store.set('turns', 0);
    const queue = start('queue', { tasks: 5 });
    await queue.said('queued');
    await waitUntil(() => store.get('turns') > 10, 'the queue has its turns');
    const gaps = await start('takeTurns', { times: 200 }).result;
    await queue.result;
    // The one that runs, and one that was faster: on a busy machine now and then more.
    assert.ok(median(gaps) <= 2, `turns of others before one's own: ${gaps}`);
  }),
);

test('waits_for_400_keys_cost_no_processor_and_all_end', SLOW, () =>
  beside(async (store, start) => {
    const keys = Array.from({ length: 400 }, (_, index) => `key-${index}`);
    for (const key of keys) assert.equal(store.lock(key, 0), true);
    const waiter = start('waitForMany', { count: keys.length });
    await waiter.said('waiting');
    waiter.tell('measure');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    waiter.tell('enough');
    const share = await waiter.said('measured');
    // Polling took 0.4 of a processor; 0.005 is usual now.
    assert.ok(share < 0.05, `${share} of a processor`);
    for (const key of keys) assert.equal(store.release(key), true);
    assert.equal(await waiter.result, keys.length);
  }),
);

describe('who waits gets it when the holder', () => {
  const ends = {
    lets_go: (holder) => holder.tell('finish'),
    is_killed: (holder) => holder.end('SIGKILL'),
    is_terminated: (holder) => holder.end('SIGTERM'),
  };
  for (const [way, end] of Object.entries(ends)) {
    test(way, SLOW, () =>
      beside(async (store, start) => {
        const holder = start('holdBoth', { key: 'a' });
        await holder.said('held');
        const lock = store.withLock('a', () => 'had it', 600_000);
        const load = store.getOrSet('a-load', () => 'made here');
        await end(holder);
        assert.equal(await lock, 'had it');
        assert.equal(await load, way === 'lets_go' ? 'made there' : 'made here');
      }),
    );
  }
});

test('a_lock_that_is_not_had_in_time_names_the_process_that_has_it', SLOW, () =>
  beside(async (store, start) => {
    const holder = start('holdBoth', { key: 'a' });
    await holder.said('held');
    const [{ participants }] = SharedStore.list({ path: path.dirname(store.file) });
    const { thread } = participants.find(({ pid }) => pid === holder.child.pid);
    const message =
      'Timed out after 20 ms waiting for the lock on "a": ' +
      `thread ${thread} of process ${holder.child.pid} keeps it. ` +
      'Make its tasks shorter, or wait longer';
    const error = { name: 'StoreError', code: 'ERR_LOCK_TIMEOUT', message };
    await assert.rejects(
      store.withLock('a', () => {}, 20),
      error,
    );
    holder.tell('finish');
    await holder.result;
  }),
);

describe('who waits may end, and nobody minds', () => {
  const ends = {
    exits: async (waiter) => {
      waiter.tell('exit');
      assert.deepEqual(await waiter.exited, { code: 0, signal: null });
    },
    is_killed: (waiter) => waiter.end('SIGKILL'),
  };
  for (const [way, end] of Object.entries(ends)) {
    test(way, SLOW, () =>
      beside(async (store, start) => {
        const holder = start('holdBoth', { key: 'a' });
        await holder.said('held');
        const waiter = start('waitForBoth', { key: 'a' });
        await waiter.said('waiting');
        await end(waiter);
        holder.tell('finish');
        assert.equal(await holder.result, 'made there');
        assert.equal(await store.withLock('a', () => 'had it', 600_000), 'had it');
        assert.equal(await store.getOrSet('a-load', () => 'again'), 'made there');
      }),
    );
  }
});

test('3000_keys_loaded_at_once_by_two_processes_are_made_once_each', SLOW, () =>
  beside(async (_store, start) => {
    const count = 3000;
    const both = [start('loadMany', { count }), start('loadMany', { count })];
    for (const one of both) await one.said('begun');
    for (const one of both) one.tell('go');
    const [first, second] = await Promise.all(both.map(({ result }) => result));
    assert.deepEqual([first.areRight, second.areRight], [true, true]);
    assert.equal(first.runs + second.runs, count);
  }),
);
