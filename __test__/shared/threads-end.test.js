/**
 * Threads that end, by themselves or not, in the middle of anything; and how a process ends.
 *
 * Must not know what a thread leaves behind. Invariant tested: a store lives through any thread,
 * nothing of a dead thread is in the way of another, and no store keeps a process alive.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore, createStore } = require('../../index.js');
const { effort } = require('../helpers/effort.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { runToExit } = require('../helpers/run-program.js');
const { freshName } = require('../helpers/shared-names.js');
const { runThreads, startThread, terminate } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');

const seed = String(printedSeed('shared-threads-end'));
const PATIENCE = { timeout: 600_000 };
const EXITS = effort(2, 5);

describe('a store lives through threads that', () => {
  for (const [way, count, atOnce] of [
    ['terminate', effort('40', '100'), '4'],
    ['alone', effort('24', '60'), '4'],
    ['leave', effort('40', '200'), '4'],
    ['close', effort('40', '200'), '4'],
    ['throw', effort('8', '16'), '4'],
    ['exit', effort('8', '16'), '4'],
  ]) {
    test(way, PATIENCE, async () => {
      const { stdout } = await runToExit(0, 'shared-threads.js', [way, count, atOnce, seed]);
      assert.match(stdout, new RegExp(`${count} threads`));
    });
  }
});

describe('a process ends by itself', () => {
  const ways = [
    ...['open', 'open-named', 'closed', 'locked', 'loading', 'under-lock', 'many-stores'],
    'used-in-exit',
  ];
  for (const way of ways) {
    test(way, SLOW, async () => {
      const { stdout, stderr } = await runToExit(0, 'shared-exit.js', [way]);
      assert.deepEqual(JSON.parse(stdout), { code: 0, events: ['beforeExit'] });
      assert.equal(stderr, '');
    });
  }
});

describe('a process ends with its code', () => {
  const ways = [
    ...['process-exit', 'process-exit-locked'],
    ...['process-exit-with-threads', 'process-exit-while-threads-start'],
  ];
  for (const way of ways) {
    test(way, SLOW, async () => {
      for (let run = 0; run < EXITS; run += 1) {
        const { stdout } = await runToExit(7, 'shared-exit.js', [way]);
        assert.deepEqual(JSON.parse(stdout), { code: 7, events: [] });
      }
    });
  }
});

test('a_thread_that_has_just_started_sees_everything', SLOW, async () => {
  const name = freshName('start');
  const store = createStore(name);
  const values = [
    1,
    'two',
    { three: [3] },
    new Map([[4, { four: 4 }]]),
    undefined,
    Buffer.from('6'),
  ];
  const keys = values.map((_, index) => `key-${index}`);
  const looks = [];
  for (const [index, key] of keys.entries()) store.set(key, values[index]);
  for (let thread = 0; thread < 4; thread += 1) {
    store.set('key-0', thread);
    // Set right before the thread starts.
    looks.push(await startThread('hot.look', { name, keys }).result);
  }
  for (const [thread, seen] of looks.entries()) {
    assert.equal(seen[0], thread);
    assert.deepEqual(seen.slice(1, 5), values.slice(1, 5));
    assert.deepEqual([...seen[5]], [54]);
  }
  store.close();
});

test('what_a_thread_that_ended_has_set_is_there', SLOW, async () => {
  const name = freshName('left');
  const store = new SharedStore({ name });
  const published = new SharedArrayBuffer(64);
  await runThreads(2, 'race.addFirst', { name, published, times: 100 });
  for (let key = 0; key < 100; key += 1) assert.equal(store.get(`key-${key}`).key, key);
  store.close();
});

test('a_flight_of_a_thread_that_was_terminated_is_taken_over', SLOW, async () => {
  const name = freshName('flight');
  const store = new SharedStore({ name });
  const thread = startThread('race.loadForEver', { name });
  await thread.said('begun');
  let runs = 0;
  const loading = store.getOrSet('key', () => {
    runs += 1;
    return 'taken over';
  });
  await terminate(thread);
  assert.equal(await loading, 'taken over');
  assert.equal(runs, 1);
  assert.equal(store.get('key'), 'taken over');
  store.close();
});

test('a_factory_does_not_run_while_another_thread_makes_the_value', SLOW, async () => {
  const name = freshName('flight');
  const store = new SharedStore({ name });
  const thread = startThread('race.loadForEver', { name });
  await thread.said('begun');
  const abort = new AbortController();
  let runs = 0;
  const loading = store.getOrSet('key', () => (runs += 1), { signal: abort.signal });
  const other = store.getOrSet('other', () => 'not in the way');
  assert.equal(await other, 'not in the way');
  // Whoever waits gets the value as soon as anybody sets it.
  store.set('next', 1);
  abort.abort(new Error('given up'));
  await assert.rejects(loading, /given up/);
  assert.equal(runs, 0);
  await terminate(thread);
  store.close();
});
