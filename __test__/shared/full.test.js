/**
 * What a store without room does: it refuses, or it lets go of what is read least.
 *
 * Must not know what an entry takes. Invariant tested: a `get` gives the last value that was set,
 * or, in a store that evicts, nothing.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { freshName, withStore } = require('../helpers/shared-names.js');
const { runThreads } = require('../helpers/shared-threads.js');
const { SharedStore } = require('../../index.js');
const { SLOW } = require('../helpers/test-timeout.js');

const KIB = 1024;
const full = { name: 'StoreError', code: 'ERR_STORE_FULL' };
const seed = printedSeed('shared-full');

for (const maxBytes of [256 * KIB, 1024 * KIB]) {
  for (const reads of ['copy', 'frozen']) {
    test(`an_evicting_store_gives_the_last_value_or_none, ${maxBytes}, ${reads}`, SLOW, () =>
      withStore({ maxBytes, whenFull: 'evict', reads }, (store) => {
        const draw = randomFrom(seed);
        const last = new Map();
        for (let step = 0; step < 40_000; step += 1) {
          const key = `key-${draw(800)}`;
          if (draw(3) === 0) {
            const value = { step, pad: 'x'.repeat(draw(4000)) };
            store.set(key, value);
            last.set(key, step);
          } else if (draw(50) === 0) {
            store.delete(key);
            last.delete(key);
          } else {
            const value = store.get(key);
            if (value !== undefined) assert.equal(value.step, last.get(key));
          }
        }
        const { evicted, dataBytes } = store.stats();
        assert.ok(evicted > 0);
        assert.ok(dataBytes <= maxBytes);
        assert.equal(store.keys().length, store.size());
      }),
    );
  }
}

test('an_evicting_store_keeps_what_was_just_set', SLOW, () =>
  withStore({ maxBytes: 256 * KIB, whenFull: 'evict' }, (store) => {
    for (let step = 0; step < 20_000; step += 1) {
      store.set(`key-${step}`, 'x'.repeat(step % 3000));
      assert.equal(store.get(`key-${step}`)?.length, step % 3000);
    }
  }),
);

test('an_evicting_store_keeps_what_is_read_all_the_time', SLOW, () =>
  withStore({ maxBytes: 1024 * KIB, whenFull: 'evict' }, (store) => {
    store.set('hot', 'x'.repeat(100));
    for (let step = 0; step < 20_000; step += 1) {
      store.set(`key-${step}`, 'x'.repeat(500));
      assert.equal(store.get('hot')?.length, 100, `step ${step}`);
    }
  }),
);

test('a_full_store_refuses_and_keeps_all', SLOW, () =>
  withStore({ maxBytes: 512 * KIB }, (store) => {
    const kept = new Map();
    const fill = () => {
      for (;;) {
        const key = `key-${kept.size}`;
        store.set(key, { key, pad: 'x'.repeat(700) });
        kept.set(key, { key, pad: 'x'.repeat(700) });
      }
    };
    assert.throws(fill, full);
    assert.ok(kept.size > 300, `${kept.size} entries`);
    const refused = [
      () => store.set('key-0', 'y'.repeat(100_000)),
      () => store.add('more', 'y'.repeat(100_000)),
      () => store.replace('key-1', 'y'.repeat(100_000)),
      () => store.compareAndSet('key-2', kept.get('key-2'), 'y'.repeat(100_000)),
    ];
    for (const refuse of refused) assert.throws(refuse, full);
    assert.deepStrictEqual(new Map(store), kept);
    // Room that was made is room again.
    for (const key of kept.keys()) store.delete(key);
    assert.equal(store.size(), 0);
    kept.clear();
    assert.throws(fill, full);
    assert.ok(kept.size > 300, `${kept.size} entries`);
    assert.deepStrictEqual(new Map(store), kept);
  }),
);

test('a_full_store_has_room_when_entries_have_expired', SLOW, () =>
  withStore({ maxBytes: 256 * KIB }, (store) => {
    for (let step = 0; step < 20_000; step += 1) {
      store.set(`key-${step}`, 'x'.repeat(1000), 1);
      if (step % 50 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
    }
    store.set('after', 1);
    assert.equal(store.get('after'), 1);
  }),
);

test('a_value_that_is_larger_than_the_store_is_refused_at_once', () => {
  for (const whenFull of ['error', 'evict']) {
    withStore({ maxBytes: 256 * KIB, whenFull }, (store) => {
      store.set('key', 'before');
      const error = { name: 'RangeError', code: 'ERR_TOO_LARGE' };
      assert.throws(() => store.set('key', 'x'.repeat(1024 * KIB)), error);
      assert.throws(() => store.set('other', Buffer.alloc(1024 * KIB)), error);
      assert.throws(() => store.set('k'.repeat(1024 * KIB), 1), error);
      assert.deepEqual([...store], [['key', 'before']]);
      // Of many, those that come before it are stored.
      const many = [
        ['key', 'after'],
        ['other', 'x'.repeat(1024 * KIB)],
      ];
      assert.throws(() => store.setMany(many), error);
      assert.deepEqual([...store], [['key', 'after']]);
    });
  }
});

describe('maxEntries', () => {
  test('refuses one more, but not another value', () =>
    withStore({ maxEntries: 10 }, (store) => {
      for (let key = 0; key < 10; key += 1) store.set(`key-${key}`, key);
      assert.throws(() => store.set('more', 1), full);
      assert.throws(() => store.add('more', 1), full);
      assert.throws(() => store.increment('more'), full);
      assert.equal(store.set('key-3', 'other'), true);
      assert.equal(store.size(), 10);
      store.delete('key-0');
      assert.equal(store.set('more', 1), true);
      assert.equal(store.size(), 10);
    }));

  test('evicts', () =>
    withStore({ maxEntries: 10, whenFull: 'evict' }, (store) => {
      for (let key = 0; key < 1000; key += 1) {
        store.set(`key-${key}`, key);
        assert.equal(store.get(`key-${key}`), key);
        assert.ok(store.size() <= 10);
      }
      assert.equal(store.size(), 10);
      assert.equal(store.stats().evicted, 990);
    }));
});

for (const reads of ['copy', 'frozen']) {
  test(`an_evicting_store_is_coherent_across_threads, ${reads}`, SLOW, async () => {
    const name = freshName('evict');
    const store = new SharedStore({ name, maxBytes: 256 * KIB, whenFull: 'evict' });
    const published = new SharedArrayBuffer(64);
    const results = await runThreads(3, 'hot.evicting', { name, reads, published, seed });
    assert.deepEqual(results.flat(), []);
    assert.equal(store.keys().length, store.size());
    store.close();
  });
}

for (const [what, invalidate] of [
  ['invalidated', (store) => store.namespace('part').invalidateTag('tag')],
  ['cleared with a namespace', (store) => store.namespace('part').clear()],
]) {
  test(`what_was_${what}_is_in_no_writers_way`, SLOW, () =>
    withStore({ maxBytes: 1024 * KIB }, (store) => {
      const part = store.namespace('part');
      let count = 0;
      const fill = () => {
        for (; ; count += 1) part.set(`old-${count}`, 'x'.repeat(500), { tags: ['tag'] });
      };
      assert.throws(fill, full);
      invalidate(store);
      for (let number = 0; number < count / 2; number += 1) {
        store.set(`new-${number}`, 'y'.repeat(500));
      }
      assert.equal(store.get('new-0'), 'y'.repeat(500));
    }),
  );

  test(`what_was_${what}_counts_for_no_bound`, () =>
    withStore({ maxEntries: 3 }, (store) => {
      for (let round = 0; round < 20; round += 1) {
        const part = store.namespace('part');
        for (const key of ['a', 'b', 'c']) part.set(key, 1, { tags: ['tag'] });
        assert.throws(() => store.set('d', 1), full);
        invalidate(store);
      }
      store.limit('limit', { rate: 1, per: 1000 });
      store.increment('count');
    }));
}
