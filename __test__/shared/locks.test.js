/**
 * Locks of keys: whose they are, who waits for them, and when they are free.
 *
 * Must not know how a thread waits. Invariant tested: a lock has one owner, a thread, and it is
 * free when its owner has released it as often as it took it, or has ended.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore, createStore } = require('../../index.js');
const { freshName, withNamed, withStore } = require('../helpers/shared-names.js');
const { startThread, terminate } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const timeoutError = { name: 'StoreError', code: 'ERR_LOCK_TIMEOUT' };

test('a_lock_is_taken_again_by_its_owner_and_released_as_often', () =>
  withStore({}, (store) => {
    assert.deepEqual([store.lock('key'), store.lock('key', 0)], [true, true]);
    assert.deepEqual([store.release('key'), store.release('key')], [true, true]);
    assert.equal(store.release('key'), false);
  }));

test('who_waits_behind_a_task_of_the_same_thread_is_told_so', () =>
  withStore({}, async (store) => {
    let finish = () => {};
    const task = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const first = store.withLock('key', task);
    const message = /lock on "key": another task keeps it\. Make its tasks shorter/;
    await assert.rejects(
      store.withLock('key', () => {}, 5),
      { ...timeoutError, message },
    );
    finish();
    await first;
  }));

test('a_key_that_is_not_locked_cannot_be_released', () =>
  withStore({}, (store) => assert.equal(store.release('key'), false)));

test('a_lock_is_no_entry', () =>
  withStore({}, (store) => {
    store.lock('key');
    assert.equal(store.has('key'), false);
    assert.deepEqual(store.keys(), []);
    assert.equal(store.size(), 0);
  }));

test('a_lock_lives_through_delete_clear_growth_and_expiry', () =>
  withStore({}, async (store) => {
    const name = freshName('lives');
    const own = new SharedStore({ name });
    own.set('key', 'x', 1);
    own.lock('key');
    own.set('key', 'x'.repeat(10_000));
    own.delete('key');
    own.clear();
    const answers = await startThread('race.trespass', { name, key: 'key' }).result;
    assert.equal(answers.lock, false);
    assert.equal(own.release('key'), true);
    own.close();
    store.set('unused', 1);
  }));

test('the_objects_of_one_thread_are_one_owner', () =>
  withNamed((store, name) => {
    const shared = new SharedStore({ name });
    assert.equal(store.lock('key'), true);
    assert.equal(shared.lock('key', 0), true);
    assert.equal(shared.release('key'), true);
    assert.equal(store.release('key'), true);
    assert.equal(shared.release('key'), false);
    shared.close();
  }));

test('keys_are_locked_alone', () =>
  withStore({}, (store) => {
    for (let key = 0; key < 300; key += 1) assert.equal(store.lock(`key-${key}`, 0), true);
    for (let key = 0; key < 300; key += 1) assert.equal(store.release(`key-${key}`), true);
    for (let key = 0; key < 300; key += 1) assert.equal(store.release(`key-${key}`), false);
  }));

/** Runs `body` while another thread holds the lock of `key`; `free()` makes it release. */
async function whileHeld(input, body) {
  const name = freshName('held');
  const store = new SharedStore({ name });
  const named = createStore(name);
  const words = new SharedArrayBuffer(8);
  const state = new Int32Array(words);
  const thread = startThread('race.hold', { name, key: 'key', words, ...input });
  await thread.said('locked');
  const free = () => {
    Atomics.store(state, 1, 1);
    Atomics.notify(state, 1);
  };
  try {
    await body({ store, named, thread, free });
  } finally {
    free();
    await terminate(thread);
    store.close();
    named.close();
  }
}

describe('while another thread holds a lock', () => {
  for (const isNamed of [false, true]) {
    const input = { named: isNamed };
    const by = isNamed ? 'by createStore' : 'by SharedStore';
    test(`it cannot be taken in no time, ${by}`, SLOW, () =>
      whileHeld(input, ({ store, named }) => {
        assert.deepEqual([store.lock('key', 0), named.lock('key', 0)], [false, false]);
      }),
    );

    test(`a lock is waited for as long as was said, ${by}`, SLOW, () =>
      whileHeld(input, ({ store, named }) => {
        for (const one of [store, named]) {
          const startMs = performance.now();
          assert.equal(one.lock('key', 60), false);
          assert.ok(performance.now() - startMs >= 59);
        }
      }),
    );

    test(`it cannot be released, ${by}`, SLOW, () =>
      whileHeld(input, ({ store, named }) => {
        assert.deepEqual([store.release('key'), named.release('key')], [false, false]);
        assert.equal(store.lock('key', 0), false);
      }),
    );

    test(`set and delete of createStore give up after a second, ${by}`, SLOW, () =>
      whileHeld(input, ({ store, named }) => {
        store.set('key', 'before');
        for (const act of [() => named.set('key', 'after'), () => named.delete('key')]) {
          const startMs = performance.now();
          assert.equal(act(), false);
          assert.ok(performance.now() - startMs >= 990);
          assert.equal(store.get('key'), 'before');
        }
      }),
    );

    test(`get of createStore throws after a second, ${by}`, SLOW, () =>
      whileHeld(input, ({ store, named }) => {
        for (const prepare of [() => {}, () => store.set('key', 1)]) {
          prepare();
          const startMs = performance.now();
          assert.throws(() => named.get('key'), timeoutError);
          assert.ok(performance.now() - startMs >= 990);
        }
      }),
    );

    test(`skipLock does not wait, ${by}`, SLOW, () =>
      whileHeld(input, ({ named }) => {
        assert.equal(named.set('key', 'past it', { skipLock: true }), true);
        assert.equal(named.get('key', true), 'past it');
        // A copy that was made so is no way past the lock.
        for (let read = 0; read < 50; read += 1) named.get('key', true);
        assert.throws(() => named.get('key'), timeoutError);
      }),
    );

    test(`other keys are not locked, ${by}`, SLOW, () =>
      whileHeld(input, ({ named }) => {
        assert.equal(named.set('other', 1), true);
        assert.equal(named.get('other'), 1);
        assert.equal(named.lock('other', 0), true);
        assert.equal(named.delete('oth*'), true);
      }),
    );

    test(`SharedStore reads and writes, ${by}`, SLOW, () =>
      whileHeld(input, ({ store }) => {
        assert.equal(store.set('key', 1), true);
        assert.equal(store.get('key'), 1);
        assert.equal(store.increment('key'), 2);
        assert.equal(store.delete('key'), true);
      }),
    );

    test(`withLock gives up after its time, ${by}`, SLOW, () =>
      whileHeld(input, async ({ store }) => {
        let runs = 0;
        await assert.rejects(
          store.withLock('key', () => (runs += 1), 30),
          timeoutError,
        );
        assert.equal(runs, 0);
      }),
    );

    test(`whoever does not get it is told who has it, ${by}`, SLOW, () =>
      whileHeld(input, async ({ store, named }) => {
        const [{ participants }] = SharedStore.list().filter(({ name }) => name === store.name);
        const threads = participants.map(({ thread }) => thread);
        assert.equal(threads.length, 2);
        // This one came first.
        const message = new RegExp(`: thread ${Math.max(...threads)} of this process keeps it`);
        await assert.rejects(
          store.withLock('key', () => {}, 30),
          { ...timeoutError, message },
        );
        assert.throws(() => named.get('key'), { ...timeoutError, message });
      }),
    );

    test(`whoever waits gets it when it is released, ${by}`, SLOW, () =>
      whileHeld(input, async ({ store, named, free }) => {
        const waiting = store.withLock('key', () => 'had it', 60_000);
        free();
        assert.equal(await waiting, 'had it');
        assert.equal(named.set('key', 1), true);
      }),
    );

    for (const way of ['asleep', 'blocked', 'twice']) {
      test(`it is free when the thread is terminated, ${way}, ${by}`, SLOW, () =>
        whileHeld({ ...input, way }, async ({ store, named, thread }) => {
          await terminate(thread);
          assert.equal(store.lock('key', 60_000), true);
          assert.equal(named.set('key', 1), true);
          assert.equal(store.release('key'), true);
        }),
      );
    }

    for (const way of ['end', 'exit']) {
      test(`it is free when the thread ends by itself, ${way}, ${by}`, SLOW, () =>
        whileHeld({ ...input, way }, async ({ store }) => {
          // Without blocking: the thread ends with the help of this one.
          await waitUntil(() => store.lock('key', 0), 'the lock is free');
        }),
      );
    }

    test(`it is free when the thread closes the store, ${by}`, SLOW, () =>
      whileHeld({ ...input, way: 'close' }, async ({ store, free }) => {
        free();
        assert.equal(store.lock('key', 60_000), true);
      }),
    );
  }
});

test('a_lock_is_free_when_its_thread_has_closed_the_store', SLOW, async () => {
  const name = freshName('closed');
  const store = createStore(name);
  store.lock('key');
  store.close();
  assert.equal(createStore(name).release('key'), false);
  createStore(name).close();
});

describe('withLock', () => {
  test('gives what the task gives', () =>
    withStore({}, async (store) => {
      assert.equal(await store.withLock('key', () => 1), 1);
      assert.equal(await store.withLock('key', async () => 2), 2);
    }));

  for (const [what, task] of [
    [
      'throws',
      () => {
        throw new Error('on purpose');
      },
    ],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
  ]) {
    test(`releases the lock of a task that ${what}`, () =>
      withStore({}, async (store) => {
        await assert.rejects(store.withLock('key', task), /on purpose/);
        assert.equal(store.release('key'), false);
        assert.equal(await store.withLock('key', () => 'next', 0), 'next');
      }));
  }

  test('runs one task after another within a thread, whatever object it is called on', () =>
    withStore({}, async (store) => {
      const name = freshName('tasks');
      const objects = [new SharedStore({ name }), new SharedStore({ name, reads: 'frozen' })];
      let running = 0;
      let most = 0;
      const task = async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      };
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => objects[n % 2].withLock('key', task, 60_000)),
      );
      assert.equal(most, 1);
      for (const object of objects) object.close();
      store.set('unused', 1);
    }));

  test('runs tasks of different keys side by side', () =>
    withStore({}, async (store) => {
      let go;
      const first = store.withLock('a', () => new Promise((resolve) => (go = resolve)));
      await store.withLock('b', () => go());
      await first;
    }));

  test('may wait no time at all', () =>
    withStore({}, async (store) => {
      assert.equal(await store.withLock('key', () => 1, 0), 1);
    }));

  test('does not begin in time behind a task of this thread', SLOW, () =>
    withStore({}, async (store) => {
      let end;
      const first = store.withLock('key', () => new Promise((resolve) => (end = resolve)));
      await waitUntil(() => end !== undefined, 'the first task has begun');
      let runs = 0;
      const late = store.withLock('key', () => (runs += 1), 20);
      await assert.rejects(late, { code: 'ERR_LOCK_TIMEOUT' });
      end();
      await first;
      assert.equal(runs, 0);
    }),
  );

  test('is refused by a closed store', () =>
    withStore({}, async (store) => {
      store.close();
      await assert.rejects(
        store.withLock('key', () => 1),
        { code: 'ERR_STORE_CLOSED' },
      );
    }));
});
