/**
 * Processes and threads that come and go, all at once.
 *
 * Must not know who has a store open. Invariant tested: whoever opens a store finds it whole and
 * finds room, however many have come and gone before, by themselves or not.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { effort } = require('../helpers/effort.js');
const { runToExit } = require('../helpers/run-program.js');
const { runProcesses, runUnrelated, withProcesses } = require('../helpers/processes.js');
const { filesIn, withFolder, withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const PATIENCE = { timeout: 900_000 };
const AT_ONCE = 4;
/** Processes of a run; `OPENERS=3000` for a very long one. */
const OPENERS = Number(process.env.OPENERS ?? effort(24, 60));
/** Threads of a process; all that are killed are more than a store has places for. */
const CROWD = 20;
const CROWDS = 13;

describe('many processes, one after another,', () => {
  for (const [way, leaves] of [
    ['close it', false],
    ['leave it', true],
  ]) {
    test(way, PATIENCE, () =>
      withProcessStore({}, async (store, place) => {
        let started = 0;
        const run = async () => {
          while (started < OPENERS) {
            started += 1;
            await runUnrelated('process.openers', { place, times: 1, leaves });
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, run));
        assert.equal(store.get('opened'), started);
        await waitUntil(() => store.stats().participants === 1, 'they have left');
      }),
    );
  }

  test('are killed with more threads than a store has places for', PATIENCE, () =>
    withProcessStore({}, (store, place) =>
      withProcesses(async (start) => {
        for (let killed = 0; killed < CROWDS; killed += 1) {
          const one = start('process.crowd', { place, count: CROWD });
          await one.said('open');
          assert.equal(store.stats().participants, CROWD + 1);
          await one.end('SIGKILL');
          await waitUntil(() => store.stats().participants === 1, 'the killed do not count');
          // What they had locked is free.
          assert.equal(store.lock(`${one.child.pid}-0`, 60_000), true);
        }
        store.set('key', 1);
        assert.equal(await runUnrelated('process.look', { place }), 1);
      }),
    ),
  );
});

test('a_store_is_opened_more_often_than_it_has_places_in_one_process', SLOW, () =>
  withProcessStore({}, (store, place) => {
    store.set('key', 1);
    for (let time = 0; time < 1000; time += 1) {
      const one = new SharedStore(place);
      assert.equal(one.get('key'), 1);
      one.close();
    }
    store.close();
    for (let time = 0; time < 300; time += 1) {
      const one = new SharedStore(place);
      assert.equal(one.get('key'), 1);
      one.close();
    }
  }),
);

test('all_who_open_a_new_store_at_the_same_time_open_one', PATIENCE, () =>
  withFolder(async (folder) => {
    for (let round = 0; round < 5; round += 1) {
      const place = { name: `new-${round}`, scope: 'processes', path: folder };
      await runProcesses(AT_ONCE, 'process.openers', { place, times: 20 });
      const store = new SharedStore(place);
      assert.equal(store.get('opened'), AT_ONCE * 20);
      store.close();
      assert.equal(filesIn(folder).length, round + 1);
    }
  }),
);

test('threads_and_processes_open_it_at_once', PATIENCE, () =>
  withProcessStore({}, async (store, place) => {
    const times = 50;
    await Promise.all([
      runProcesses(3, 'process.threads', { place, count: 3, times }),
      runUnrelated('process.threads', { place, count: 3, times }),
    ]);
    assert.equal(store.get('opened'), 4 * 3 * times);
    await waitUntil(() => store.stats().participants === 1, 'all others have left');
  }),
);

test('participants_of_all_processes_are_counted', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const others = [0, 1].map(() => start('process.keep', { place }));
      for (const other of others) await other.said('open');
      assert.equal(store.stats().participants, 3);
      for (const other of others) {
        other.tell('set');
        other.tell('look');
        await other.result;
        await other.exited;
      }
      await waitUntil(() => store.stats().participants === 1, 'the others have left');
      assert.equal(store.stats().sets, 2);
    }),
  ),
);

describe('a process ends by itself', () => {
  const ways = [
    ...['open', 'closed', 'locked', 'loading', 'under-lock', 'used-in-exit', 'many-stores'],
  ];
  for (const way of ways) {
    test(way, SLOW, () =>
      withFolder(async (folder) => {
        const { stdout, stderr } = await runToExit(0, 'shared-exit.js', [way, folder]);
        assert.deepEqual(JSON.parse(stdout), { code: 0, events: ['beforeExit'] });
        assert.equal(stderr, '');
      }),
    );
  }
});

describe('a process ends with its code', () => {
  const ways = [
    ...['process-exit', 'process-exit-locked'],
    ...['process-exit-with-threads', 'process-exit-while-threads-start'],
  ];
  for (const way of ways) {
    test(way, SLOW, () =>
      withFolder(async (folder) => {
        for (let run = 0; run < 3; run += 1) {
          const { stdout } = await runToExit(7, 'shared-exit.js', [way, folder]);
          assert.deepEqual(JSON.parse(stdout), { code: 7, events: [] });
        }
        // What they had locked is free, and what they had set is there, unless a thread emptied it.
        const store = new SharedStore({ name: 'exit', scope: 'processes', path: folder });
        assert.equal(store.lock('key', 60_000), true);
        const found = store.get('greeting');
        if (!way.includes('threads')) assert.deepEqual(found, { from: 'the first thread' });
        store.close();
      }),
    );
  }
});
