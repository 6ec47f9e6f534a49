/**
 * What one process sets, another reads: every kind of value, at once, and in order.
 *
 * Must not know how processes share a store. Invariant tested: what a reader gets is what a writer
 * set last, whole, when the call that set it returns.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore, createStore } = require('../../index.js');
const { cloneableSamples } = require('../helpers/cloneable-samples.js');
const { runProcesses, runUnrelated, withProcesses } = require('../helpers/processes.js');
const { freshName } = require('../helpers/shared-names.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

for (const reads of ['copy', 'frozen']) {
  describe(`values of every kind, ${reads},`, () => {
    test('are in a process that has the store open', SLOW, () =>
      withProcessStore({}, (store, place) =>
        withProcesses(async (start) => {
          const reader = start('process.samples', { place, reads });
          await reader.said('open');
          for (const [name, value] of cloneableSamples()) store.set(name, value);
          reader.tell('look');
          assert.deepEqual(await reader.result, []);
        }),
      ),
    );

    test('come from a process that has ended', SLOW, () =>
      withProcessStore({ reads }, async (store, place) => {
        const count = await runUnrelated('process.samples', { place, writes: true });
        assert.equal(store.size(), count);
        for (const [name, value] of cloneableSamples()) {
          for (let read = 0; read < 10; read += 1) {
            assert.deepStrictEqual(store.get(name), structuredClone(value), name);
          }
        }
      }),
    );
  });
}

test('a_value_is_in_the_other_process_when_set_returns', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const times = 2000;
      const other = start('process.echo', { place, times });
      await other.said('open');
      for (let number = 1; number <= times; number += 1) {
        store.set('question', { number });
        while (store.get('answer')?.number !== number);
      }
      await other.result;
    }),
  ),
);

test('what_was_set_first_is_seen_first', SLOW, () =>
  withProcessStore({}, (_store, place) =>
    withProcesses(async (start) => {
      const input = { place, times: 50_000 };
      const readers = [start('process.inTurn', input), start('process.inTurn', input)];
      start('process.inTurn', { ...input, writes: true });
      for (const { result } of readers) assert.deepEqual(await result, []);
    }),
  ),
);

test('processes_read_each_others_shapes', SLOW, () =>
  withProcessStore({}, async (store, place) => {
    const wrong = await runProcesses(3, 'race.shapes', { ...place, times: 2000 });
    assert.deepEqual(wrong.flat(), []);
    assert.equal(store.size(), 6000);
  }),
);

test('a_store_of_threads_of_the_same_name_is_another', () => {
  const name = freshName('scopes');
  const [shared, ofThreads] = [new SharedStore({ name, scope: 'processes' }), createStore(name)];
  try {
    shared.set('key', 'of processes');
    assert.equal(ofThreads.get('key'), undefined);
    ofThreads.set('key', 'of threads');
    assert.equal(shared.get('key'), 'of processes');
  } finally {
    shared.destroy();
    ofThreads.close();
  }
});

test('the_default_folder_is_one_for_all_processes', SLOW, async () => {
  const name = freshName('default-folder');
  const place = { name, scope: 'processes' };
  const store = new SharedStore(place);
  try {
    store.set('key', { of: 'all' });
    assert.deepEqual(await runUnrelated('process.look', { place, value: 1 }), { of: 'all' });
    assert.equal(store.get('key'), 1);
  } finally {
    store.destroy();
  }
});

test('a_store_is_there_when_nobody_has_it_open_any_more', SLOW, () =>
  withProcessStore({ maxEntries: 10 }, async (store, place) => {
    store.set('key', { kept: [1, 2] });
    store.close();
    assert.deepEqual(await runUnrelated('process.look', { place, value: 'next' }), {
      kept: [1, 2],
    });
    const again = new SharedStore(place);
    assert.equal(again.get('key'), 'next');
    again.close();
    // It has kept what it is, too.
    const mismatch = { name: 'StoreError', code: 'ERR_STORE_MISMATCH' };
    assert.throws(() => new SharedStore({ ...place, maxEntries: 11 }), mismatch);
  }),
);
