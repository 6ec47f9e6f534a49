/** Mocha waits until nothing is left to do: an open store must not be something. */
const assert = require('node:assert/strict');
const { MemoryStore, SharedStore, createStore } = require('shared-memory-store');
const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
const { Session } = require('shared-memory-store/session');

describe('stores that are left open', () => {
  it('do not keep the process alive', async () => {
    const store = new MemoryStore({ cleanupInterval: 10 });
    store.on('expire', () => {});
    store.set('key', 1, { ttl: 3_600_000 });
    await store.getOrSet('made', async () => 1, { ttl: 1, staleMs: 3_600_000 });
    const shared = new SharedStore({ name: 'mocha' });
    shared.set('key', 1, { ttl: 3_600_000 });
    await shared.withLock('key', async () => {});
    await shared.getOrSet('made', async () => ({ of: 'all' }), { ttl: 3_600_000 });
    createStore('mocha').lock('held');
    const session = new Session({ store: new AsyncStore() });
    assert.deepEqual(await session.get(await session.create({ user: 1 })), { user: 1 });
  });
});
