/**
 * Snapshots while the store changes, by the same thread and by others.
 *
 * Must not know the order in which entries are written. Invariant tested: what is there all the
 * time is in the file once, each value is one that its key had, and the call ends.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { freshName } = require('../helpers/shared-names.js');
const { startThread } = require('../helpers/shared-threads.js');
const { STORES, withFile } = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');

const ENTRIES = 20_000;
const THREADS = 2;
const ROUNDS = 3;

function fill(store) {
  for (let number = 0; number < ENTRIES; number += 1) {
    store.set(`kept-${number}`, { kept: number });
    store.set(`moved-${number}`, { moved: number });
  }
  return store;
}

async function restored(file) {
  const store = new MemoryStore();
  const { entries } = await store.restore(file);
  assert.equal(entries, store.size(), 'no key is in the file twice');
  return store;
}

test('a_snapshot_ends_while_entries_are_added_all_the_time', SLOW, () =>
  withFile(async (file) => {
    const store = fill(new MemoryStore());
    let added = 0;
    const onProgress = () => {
      for (const end = added + ENTRIES / 40; added < end; added += 1)
        store.set(`added-${added}`, added);
    };
    const { entries } = await store.snapshot(file, { onProgress });
    assert.ok(added > ENTRIES);
    assert.equal(entries, ENTRIES * 2);
    assert.equal((await restored(file)).has('added-0'), false);
  }),
);

test('entries_that_go_and_come_back_are_written_once', SLOW, () =>
  withFile(async (file) => {
    const store = fill(new MemoryStore());
    const onProgress = () => {
      for (let number = 0; number < ENTRIES; number += 7) {
        store.delete(`moved-${number}`);
        store.set(`moved-${number}`, { moved: number });
      }
    };
    await Promise.all([store.snapshot(file, { onProgress }), store.snapshot(file)]);
    const other = await restored(file);
    for (let number = 0; number < ENTRIES; number += 1) {
      assert.deepEqual(other.get(`kept-${number}`), { kept: number });
    }
  }),
);

const CHANGES = {
  clear: (store) => store.clear(),
  'clear and set again': (store) => {
    store.clear();
    fill(store);
  },
  'delete all': (store) => store.deleteMany(store.keys()),
  'overwrite all': (store) => store.setMany(store.keys().map((key) => [key, { over: key }])),
  'let all expire': (store) => {
    for (const key of store.keys()) store.touch(key, 1);
  },
  'give all a deadline': (store) => {
    for (const key of store.keys()) store.touch(key, HOUR_MS);
  },
};

for (const [kind, open] of Object.entries(STORES)) {
  for (const [what, change] of Object.entries(CHANGES)) {
    test(`a_snapshot_lives_through: ${what}, ${kind}`, SLOW, () =>
      withFile(async (file) => {
        const store = fill(open());
        let isChanged = false;
        const onProgress = () => {
          if (!isChanged) change(store);
          isChanged = true;
        };
        const { entries } = await store.snapshot(file, { onProgress });
        assert.ok(isChanged && entries <= ENTRIES * 2);
        for (const [key, value] of await restored(file)) {
          const [first, number] = key.split('-');
          if (value.over === undefined) assert.deepEqual(value, { [first]: Number(number) });
          else assert.equal(value.over, key);
        }
        store.close();
      }),
    );
  }

  test(`the_event_loop_goes_on, ${kind}`, SLOW, () =>
    withFile(async (file) => {
      const store = fill(open());
      let turns = 0;
      const timer = setInterval(() => {
        turns += 1;
      }, 1);
      for (const method of ['snapshot', 'restore']) {
        turns = 0;
        await store[method](file);
        assert.ok(turns > 3, `${turns} turns in ${method}`);
      }
      clearInterval(timer);
      store.close();
    }),
  );
}

test('keys_that_are_renamed_meanwhile_are_written_by_one_of_their_names', SLOW, () =>
  withFile(async (file) => {
    const store = new MemoryStore();
    const keys = Array.from({ length: 5000 }, (_, number) => store.createKey(`a${number}`));
    for (const [number, key] of keys.entries()) store.set(key, 'x'.repeat(100) + number);
    let times = 0;
    const onProgress = () => {
      times += 1;
      if (times < 5) for (const key of keys) key.value = `b${key}`;
    };
    const { entries } = await store.snapshot(file, { onProgress });
    assert.equal(entries, keys.length);
    const values = new Set((await restored(file)).values());
    assert.equal(values.size, keys.length);
  }),
);

test('threads_that_write_all_the_time_do_no_harm', SLOW, () =>
  withFile(async (file) => {
    const name = freshName('snapshot');
    const store = new MemoryStore.SharedStore({ name, maxBytes: 64 * 1024 ** 2 });
    const keys = 1000;
    for (let number = 0; number < keys; number += 1) {
      store.set(`kept-${number}`, { of: `kept-${number}`, count: 0 });
    }
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const threads = Array.from({ length: THREADS }, (_, index) =>
      startThread('snapshot.write', { name, keys, stop, seed: index + 1 }),
    );
    await Promise.all(threads.map(({ said }) => said('writing')));
    for (let round = 0; round < ROUNDS; round += 1) {
      await store.snapshot(file);
      const other = await restored(file);
      for (let number = 0; number < keys; number += 1) assert.ok(other.has(`kept-${number}`));
      for (const [key, { of, count }] of other) assert.ok(of === key && Number.isInteger(count));
    }
    await store.restore(file);
    Atomics.store(stop, 0, 1);
    const counts = await Promise.all(threads.map(({ result }) => result));
    assert.ok(counts.every((count) => count > 0));
    store.close();
  }),
);
