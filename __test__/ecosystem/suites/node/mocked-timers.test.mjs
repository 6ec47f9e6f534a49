/** The timers and the date of node:test, mocked. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { MemoryStore, SharedStore } from 'shared-memory-store';
import { MemoryStore as AsyncStore } from 'shared-memory-store/memory-store';

const HOUR_MS = 3_600_000;

test('what is set while time stands still is there when it goes on', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: 0 });
  const stores = [new MemoryStore(), new SharedStore({ name: 'mocked' }), new AsyncStore()];
  for (const store of stores) await store.set('key', 'value', { ttl: HOUR_MS });
  mock.timers.reset();
  for (const store of stores) assert.equal(await store.get('key'), 'value');
});

test('a clock that is given is moved by the mocked date', () => {
  mock.timers.enable({ apis: ['Date'], now: 0 });
  const store = new MemoryStore({ now: () => Date.now() });
  store.set('key', 'value', { ttl: HOUR_MS });
  mock.timers.tick(HOUR_MS - 1);
  assert.equal(store.get('key'), 'value');
  mock.timers.tick(1);
  assert.equal(store.get('key'), undefined);
  mock.timers.reset();
});

test('loads and locks end while time stands still', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
  const store = new SharedStore({ name: 'mocked' });
  assert.equal(await store.getOrSet('loaded', async () => 'value'), 'value');
  assert.equal(await store.withLock('loaded', () => 'within'), 'within');
  mock.timers.reset();
});
