/**
 * The typings of options: of a store, and of an entry.
 */
import MemoryStore = require('shared-memory-store');

import { assert, type Equal } from './exact.js';

// Of a store.
new MemoryStore();
new MemoryStore({});
new MemoryStore(undefined);
new MemoryStore({ cleanupInterval: 5000 });
new MemoryStore({ cleanupInterval: undefined, autoStartCleanup: undefined });
new MemoryStore({ cleanupInterval: 5000, autoStartCleanup: false });
new MemoryStore({ maxEntries: 1000 });
new MemoryStore({ ttl: Number.POSITIVE_INFINITY });
// @ts-expect-error there is nothing to keep
new MemoryStore({ ttl: 'keep' });
new MemoryStore({ maxEntries: undefined, maxSize: undefined, sizeOf: undefined });
new MemoryStore<string>({ maxSize: 1000, sizeOf: (value, key) => value.length + key.length });
new MemoryStore({ maxEntries: 10, maxSize: 1000, sizeOf: () => 1 });
// @ts-expect-error not a number
new MemoryStore({ maxEntries: '1000' });
// @ts-expect-error not a number
new MemoryStore({ maxSize: 1000n });
// @ts-expect-error not a function
new MemoryStore({ maxSize: 1000, sizeOf: 1 });
// @ts-expect-error a size is a number
new MemoryStore({ maxSize: 1000, sizeOf: () => '1' });
// @ts-expect-error the value is a string
new MemoryStore<string>({ maxSize: 1000, sizeOf: (value: number) => value });
// @ts-expect-error the value of an untyped store is unknown
new MemoryStore({ maxSize: 1000, sizeOf: (value) => value.length });
// @ts-expect-error not an option: `max` is that of others
new MemoryStore({ max: 1000 });
const shared: MemoryStore.Options = Object.freeze({ cleanupInterval: 1000 });
new MemoryStore(shared);
// @ts-expect-error not an option: a typo must not be silent
new MemoryStore({ cleanupIntervall: 5000 });
// @ts-expect-error not a number
new MemoryStore({ cleanupInterval: '5000' });
// @ts-expect-error not a boolean
new MemoryStore({ autoStartCleanup: 1 });
// @ts-expect-error not an object
new MemoryStore(5000);
// @ts-expect-error not an object
new MemoryStore(null);
// @ts-expect-error without `new`
MemoryStore();
// @ts-expect-error options are read-only
shared.cleanupInterval = 1;
assert<
  Equal<
    MemoryStore.Options,
    {
      readonly ttl?: number | undefined;
      readonly maxEntries?: number | undefined;
      readonly maxSize?: number | undefined;
      readonly sizeOf?: ((value: unknown, key: string) => number) | undefined;
      readonly cleanupInterval?: number | undefined;
      readonly autoStartCleanup?: boolean | undefined;
      readonly now?: (() => number) | undefined;
      readonly clock?: 'exact' | 'coarse' | undefined;
    }
  >
>();

// Of an entry.
const store = new MemoryStore<number>();
store.set('key', 1, undefined);
store.set('key', 1, {});
store.set('key', 1, 30_000);
store.set('key', 1, { ttl: 30_000 });
store.set('key', 1, { ttl: undefined });
store.set('key', 1, { isPermanent: false, maxAgeMs: 30_000 });
store.set('key', 1, { isPermanent: true });
store.set('key', 1, { maxAgeMs: 30_000 });
store.set('key', 1, { size: 10, ttl: 1000 });
store.set('key', 1, { ttl: 'keep' });
store.set('key', 1, { ttl: Number.POSITIVE_INFINITY });
store.set('key', 1, { expiresAt: new Date() });
store.set('key', 1, { expiresAt: Date.now() + 1000 });
// @ts-expect-error neither a date nor a number
store.set('key', 1, { expiresAt: '2027-01-01' });
// @ts-expect-error a date is no options
store.set('key', 1, new Date());
// @ts-expect-error not a number
store.set('key', 1, { size: '10' });
const entry: MemoryStore.SetOptions = { ttl: 1 };
store.set('key', 1, entry);
// @ts-expect-error not an option
store.set('key', 1, { maxAge: 30_000 });
// @ts-expect-error not a number
store.set('key', 1, { ttl: '30s' });
// @ts-expect-error not a number
store.set('key', 1, { ttl: 1n });
// @ts-expect-error not a boolean
store.set('key', 1, { isPermanent: 0, maxAgeMs: 30_000 });
// @ts-expect-error neither options nor a number
store.set('key', 1, '30s');
// @ts-expect-error neither options nor a number
store.set('key', 1, null);
// @ts-expect-error options are read-only
entry.ttl = 2;

// Of the other methods.
store.startCleanupTask(1000);
store.startCleanupTask(undefined);
// @ts-expect-error not a number
store.startCleanupTask('1000');
// @ts-expect-error no arguments
store.stopCleanupTask(1000);
// @ts-expect-error no time to live
store.touch('key');
store.touch('key', { ttl: 1 });
store.touch('key', { expiresAt: Date.now() });
store.touch('key', Number.POSITIVE_INFINITY);
// @ts-expect-error it changes the deadline, so there is nothing to keep
store.touch('key', { ttl: 'keep' });
// @ts-expect-error not an option
store.touch('key', { maxAgeMs: 1 });
// @ts-expect-error a date is no options
store.touch('key', new Date());
