/** A store as tests use it, in each kind of pool. */
import { afterEach, expect, test, vi } from 'vitest';

const HOUR_MS = 3_600_000;
const load = () => import('shared-memory-store');

afterEach(() => {
  vi.useRealTimers();
  vi.resetModules();
});

test('stores are left open, and read back', async () => {
  const { MemoryStore, SharedStore } = await load();
  const store = new MemoryStore({ cleanupInterval: 10 });
  store.set('key', { some: 'value' }, { ttl: HOUR_MS });
  expect(store.get('key')).toEqual({ some: 'value' });
  const shared = new SharedStore({ name: 'left open' });
  shared.set('key', { some: 'value', at: new Date(0), of: new Map([[1, 2]]) });
  expect(shared.get('key').at.getTime()).toBe(0);
  expect(await shared.getOrSet('made', async () => 1)).toBe(1);
});

test('options and values of this realm are taken', async () => {
  const { MemoryStore, SharedStore } = await load();
  const controller = new AbortController();
  const how = { ttl: HOUR_MS, signal: controller.signal };
  expect(await new MemoryStore().getOrSet('key', async () => 'made', how)).toBe('made');
  const shared = new SharedStore({ name: 'realm' });
  expect(await shared.getOrSet('key', async () => ({ list: [1] }), how)).toEqual({ list: [1] });
  expect(() => new MemoryStore({ unknown: 1 })).toThrow(TypeError);
});

test('modules are evaluated anew', async () => {
  for (let time = 0; time < 20; time += 1) {
    vi.resetModules();
    const { SharedStore } = await load();
    expect(new SharedStore({ name: 'anew' }).increment('times')).toBeGreaterThan(time);
  }
});

test('fake timers move a clock that is given', async () => {
  const { MemoryStore } = await load();
  vi.useFakeTimers();
  const store = new MemoryStore({ now: () => Date.now() });
  store.set('key', 'value', { ttl: HOUR_MS });
  vi.advanceTimersByTime(HOUR_MS);
  expect(store.get('key')).toBeUndefined();
});

test('what is set under fake timers outlives them', async () => {
  const { MemoryStore } = await load();
  vi.useFakeTimers({ now: 0 });
  const store = new MemoryStore();
  store.set('key', 'value', { ttl: HOUR_MS });
  vi.useRealTimers();
  expect(store.get('key')).toBe('value');
});
