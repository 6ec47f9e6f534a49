/** A store as tests use it: made anew for each, seldom closed. */
const { MemoryStore, SharedStore, createStore } = require('shared-memory-store');

test('stores with entries that expire are left open', async () => {
  const store = new MemoryStore({ cleanupInterval: 10, ttl: 3_600_000 });
  store.on('expire', () => {});
  store.set('key', { some: 'value' }, { ttl: 5 });
  await store.getOrSet('made', async () => 1, { ttl: 60_000, staleMs: 60_000 });
  expect(store.get('made')).toBe(1);
  const shared = new SharedStore({ name: 'left open', ttl: 60_000 });
  shared.set('key', { some: 'value' });
  expect(shared.get('key')).toEqual({ some: 'value' });
  await shared.withLock('key', () => {});
  expect(await shared.getOrSet('made', async () => 1)).toBe(1);
  expect(createStore('left open').get('key')).toEqual({ some: 'value' });
});

test('what events.once gives comes from a store, too', async () => {
  const { once } = require('node:events');
  const store = new MemoryStore();
  const told = once(store, 'delete');
  store.set('key', 'value');
  store.delete('key');
  expect((await told)[0]).toBe('key');
});
