/** Time stands still, and is moved by hand. */
const { MemoryStore, SharedStore } = require('shared-memory-store');
const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');

const HOUR_MS = 3_600_000;

afterEach(() => jest.useRealTimers());

test('what is set while time stands still is there when it goes on', async () => {
  jest.useFakeTimers({ now: 0 });
  const stores = [new MemoryStore(), new SharedStore({ name: 'fake timers' }), new AsyncStore()];
  for (const store of stores) await store.set('key', 'value', { ttl: HOUR_MS });
  jest.useRealTimers();
  for (const store of stores) expect(await store.get('key')).toBe('value');
});

test('a store with a clock of its own expires as time is moved', () => {
  jest.useFakeTimers();
  const store = new MemoryStore({ now: () => Date.now() });
  const expired = [];
  store.on('expire', (key) => expired.push(key));
  store.set('key', 'value', { ttl: HOUR_MS });
  jest.advanceTimersByTime(HOUR_MS - 1);
  expect(store.get('key')).toBe('value');
  jest.advanceTimersByTime(1);
  expect(store.has('key')).toBe(false);
  expect(store.size()).toBe(0);
  expect(expired).toEqual(['key']);
});

test('a load that is waited for ends while time stands still', async () => {
  jest.useFakeTimers();
  const store = new SharedStore({ name: 'fake timers' });
  expect(await store.getOrSet('loaded', async () => 'value')).toBe('value');
  expect(await store.withLock('loaded', () => 'within')).toBe('within');
});
