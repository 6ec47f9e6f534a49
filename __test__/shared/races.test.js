/**
 * Races of threads for one key: every count counts, and every first is one thread's alone.
 *
 * Must not know how a store is locked. Invariant tested: what happened is what some order of the
 * calls, one after another, would have done.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { freshName } = require('../helpers/shared-names.js');
const { runThreads } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** Runs `count` threads on a store that is kept open here, and `check(results, store)`. */
async function race(task, count, input, check, prepare = () => {}) {
  const name = freshName('race');
  const store = new SharedStore({ name });
  prepare(store);
  const published = new SharedArrayBuffer(4 * 16);
  const results = await runThreads(count, `race.${task}`, { name, published, ...input });
  check(results, store);
  store.close();
}

const ascending = (one, other) => one - other;
const upTo = (count) => Array.from({ length: count }, (_, index) => index);

test('eight_threads_increment_exactly', SLOW, () =>
  race('increment', 8, { times: 20_000, by: 1 }, (sums, store) => {
    assert.equal(store.get('count'), 160_000);
    // Each sum was given once.
    assert.equal(new Set(sums.flat()).size, 160_000);
  }),
);

test('eight_threads_increment_and_decrement_to_nothing', SLOW, async () => {
  const name = freshName('race');
  const store = new SharedStore({ name });
  const published = new SharedArrayBuffer(4 * 16);
  const input = { name, published, times: 10_000, count: 2 };
  await Promise.all([
    ...[runThreads(4, 'race.increment', { ...input, by: 3 })],
    ...[runThreads(4, 'race.increment', { ...input, by: -3 })],
  ]);
  assert.equal(store.get('count'), 0);
  store.close();
});

const COUNTS = {
  countByLock: [8, 300],
  countByNamedLock: [8, 300],
  countByWithLock: [4, 40],
  countByCompare: [4, 3000],
};
for (const [task, [threads, times]] of Object.entries(COUNTS)) {
  test(`${threads}_threads_count_exactly, ${task}`, SLOW, () =>
    race(task, threads, { times }, (_results, store) => {
      const count = store.get('count');
      assert.equal(count.n ?? count, threads * times);
    }),
  );
}

test('add_is_won_by_one_thread', SLOW, () =>
  race('addFirst', 6, { times: 5000 }, (won, store) => {
    assert.deepEqual(won.flat().sort(ascending), upTo(5000));
    for (const [index, keys] of won.entries()) {
      for (const key of keys) assert.deepEqual(store.get(`key-${key}`), { by: index, key });
    }
  }),
);

describe('what is there is given to one thread', () => {
  const fill = (store) => {
    for (let key = 0; key < 5000; key += 1) store.set(`key-${key}`, { key, pad: 'x'.repeat(50) });
  };
  const input = { times: 5000 };
  test('by take', SLOW, () =>
    race(
      ...['takeAll', 6, input],
      (taken, store) => {
        assert.deepEqual(taken.flat().sort(ascending), upTo(5000));
        assert.equal(store.size(), 0);
      },
      fill,
    ),
  );
  test('by delete', SLOW, () =>
    race(
      ...['deleteAll', 6, input],
      (deleted, store) => {
        const sum = deleted.reduce((one, other) => one + other);
        assert.equal(sum, 5000);
        assert.equal(store.size(), 0);
      },
      fill,
    ),
  );
});

test('threads_read_each_others_shapes', SLOW, () =>
  race('shapes', 4, { times: 4000 }, (wrong, store) => {
    assert.deepEqual(wrong.flat(), []);
    assert.equal(store.size(), 16_000);
  }),
);

test('a_factory_runs_in_one_thread_of_four', SLOW, () =>
  race('load', 4, { times: 50 }, (results, store) => {
    const runs = results.reduce((sum, result) => sum + result.runs, 0);
    assert.equal(runs, 50);
    for (const { values } of results) assert.deepEqual(values, results[0].values);
    assert.deepEqual(store.get('key-7'), results[0].values[7]);
  }),
);
