/**
 * Async contexts: nothing that a store keeps holds a request's, and none leaks into another's.
 *
 * Must not know how timers are made. Invariant tested: a listener that a call tells has the context
 * of that call, one that a timer tells that of its `on`.
 */
const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { channel } = require('node:diagnostics_channel');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { passDeadline } = require('../helpers/expiry.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

const HOUR_MS = 3_600_000;
const als = new AsyncLocalStorage();

describe('after its request a context is collected, though there is still', () => {
  const kept = {
    'an entry with a deadline': (store, index) => store.set(`k${index}`, 1, HOUR_MS),
    'a listener that hears of it': (store, index) => {
      store.set(`k${index}`, 1, HOUR_MS - index);
    },
    'a sweep that it began': (store) => store.startCleanupTask(1),
    'a value that it made': (store, index) => store.getOrSet(`m${index}`, () => 1, HOUR_MS),
  };
  for (const [name, act] of Object.entries(kept)) {
    test(name, async () => {
      const stores = [];
      const contexts = weakly((index) => {
        const context = { payload: new Array(100).fill(index) };
        const store = new MemoryStore({ cleanupInterval: 1 });
        stores.push(store);
        if (name.includes('listener')) store.on('expire', () => {});
        als.run(context, () => act(store, index));
        return context;
      });
      await untilCollected(contexts);
      assert.ok(stores.every((store) => store.size() >= 0));
    });
  }
});

describe('a listener of', () => {
  test('set has the context of the call', () => {
    const store = new MemoryStore();
    const seen = [];
    als.run('listening', () => store.on('set', () => seen.push(als.getStore())));
    als.run('A', () => store.set('k', 1));
    store.set('k', 2);
    assert.deepEqual(seen, ['A', undefined]);
  });

  test('expire has that of its on, when a timer tells it', async () => {
    const store = new MemoryStore();
    const seen = [];
    als.run('listening', () => store.on('expire', (key) => seen.push([key, als.getStore()])));
    als.run('A', () => store.set('a', 1, 1));
    als.run('B', () => store.set('b', 1, 2));
    await waitUntil(() => seen.length === 2, 'both have expired');
    assert.deepEqual(new Set(seen.map(([, context]) => context)), new Set(['listening']));
  });

  test('expire has that of the call that meets it', () => {
    const store = new MemoryStore({ autoStartCleanup: false });
    const seen = [];
    als.run('listening', () => store.on('expire', () => seen.push(als.getStore())));
    store.set('a', 1, 1);
    passDeadline(1);
    als.run('A', () => store.get('a'));
    assert.deepEqual(seen, ['A']);
  });

  test('what comes after one that threw has that of its on', async () => {
    const store = new MemoryStore();
    const seen = [];
    store.once('set', () => {
      throw new Error('from the first event');
    });
    als.run('listening', () => store.on('set', () => seen.push(als.getStore())));
    als.run('A', () => {
      assert.throws(
        () =>
          store.setMany([
            ['a', 1],
            ['b', 2],
          ]),
        { message: /first event/ },
      );
    });
    await waitUntil(() => seen.length > 0, 'the rest was told');
    assert.deepEqual(seen, ['listening']);
  });

  test('a channel has no context, when a timer publishes', async () => {
    const store = new MemoryStore();
    const seen = [];
    const subscriber = ({ store: of }) => of === store && seen.push(als.getStore());
    channel('shared-memory-store:expire').subscribe(subscriber);
    store.on('expire', () => {});
    als.run('A', () => store.set('a', 1, 1));
    await waitUntil(() => seen.length > 0, 'the channel was told');
    channel('shared-memory-store:expire').unsubscribe(subscriber);
    assert.deepEqual(seen, [undefined]);
  });
});
