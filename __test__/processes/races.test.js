/**
 * Races of processes for one key: every count counts, and every first is one process's alone.
 *
 * Must not know how a store is locked. Invariant tested: what happened is what some order of the
 * calls, one after another, would have done.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { runProcesses } = require('../helpers/processes.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const ascending = (one, other) => one - other;
const upTo = (count) => Array.from({ length: count }, (_, index) => index);

/** Runs `count` processes on a store that is open here, too, and `check(results, store)`. */
const race = (task, count, input, check, prepare = () => {}) =>
  withProcessStore({}, async (store, place) => {
    prepare(store);
    check(await runProcesses(count, `race.${task}`, { ...place, ...input }), store);
  });

test('four_processes_increment_exactly', SLOW, () =>
  race('increment', 4, { times: 20_000, by: 1 }, (sums, store) => {
    assert.equal(store.get('count'), 80_000);
    // Each sum was given once.
    assert.equal(new Set(sums.flat()).size, 80_000);
  }),
);

for (const [task, times] of Object.entries({ countByLock: 200, countByWithLock: 30 })) {
  test(`four_processes_count_exactly, ${task}`, SLOW, () =>
    race(task, 4, { times }, (_results, store) => {
      const count = store.get('count');
      assert.equal(count.n ?? count, 4 * times);
    }),
  );
}

test('four_processes_count_exactly, countByCompare', SLOW, () =>
  race('countByCompare', 4, { times: 1000 }, (_lost, store) => {
    assert.deepEqual(store.get('count'), { n: 4000 });
  }),
);

test('add_is_won_by_one_process', SLOW, () =>
  race('addFirst', 4, { times: 3000 }, (won, store) => {
    assert.deepEqual(won.flat().sort(ascending), upTo(3000));
    for (const [index, keys] of won.entries()) {
      for (const key of keys) assert.deepEqual(store.get(`key-${key}`), { by: index, key });
    }
  }),
);

describe('what is there is given to one process', () => {
  const fill = (store) => {
    for (let key = 0; key < 3000; key += 1) store.set(`key-${key}`, { key, pad: 'x'.repeat(50) });
  };
  const input = { times: 3000 };
  test('by take', SLOW, () => {
    const check = (taken, store) => {
      assert.deepEqual(taken.flat().sort(ascending), upTo(3000));
      assert.equal(store.size(), 0);
    };
    return race('takeAll', 4, input, check, fill);
  });

  test('by delete', SLOW, () => {
    const check = (deleted, store) => {
      assert.equal(
        deleted.reduce((one, other) => one + other),
        3000,
      );
      assert.equal(store.size(), 0);
    };
    return race('deleteAll', 4, input, check, fill);
  });
});

test('a_factory_runs_in_one_process_of_four', SLOW, () =>
  race('load', 4, { times: 50 }, (results, store) => {
    const runs = results.reduce((sum, result) => sum + result.runs, 0);
    assert.equal(runs, 50);
    for (const { values } of results) assert.deepEqual(values, results[0].values);
    assert.deepEqual(store.get('key-7'), results[0].values[7]);
  }),
);

test('four_processes_take_exactly_what_a_limit_has', SLOW, () =>
  race('limit', 4, { times: 250_000, rate: 100_000 }, (allowed, store) => {
    assert.equal(
      allowed.reduce((one, other) => one + other),
      100_000,
    );
    assert.equal(store.get('limit'), 100_000);
  }),
);

test('what_one_process_removes_by_a_filter_while_others_write_is_counted_once', SLOW, () =>
  race('dropMeanwhile', 4, { times: 3000 }, (removed, store) => {
    const meanwhile = removed.reduce((one, other) => one + other);
    assert.equal(meanwhile + store.deleteWhere({ prefix: 'drop:' }), 9000);
    assert.equal(store.count({ prefix: 'keep:' }), 9000);
    assert.equal(store.size(), 9000);
  }),
);
