/**
 * The typings of iteration: entries, values, `for … of`, `forEach`.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

interface Session {
  userId: number;
}

const store = new MemoryStore<Session>();

for (const entry of store) assert<Equal<typeof entry, [string, Session]>>();
for (const [key, value] of store.entries()) {
  assert<Equal<typeof key, string>>();
  assert<Equal<typeof value, Session>>();
}
for (const value of store.values()) assert<Equal<typeof value, Session>>();

// Whatever takes an iterable takes a store.
const map = new Map(store);
assert<Equal<typeof map, Map<string, Session>>>();
const entries = [...store];
assert<Equal<typeof entries, [string, Session][]>>();
const values = Array.from(store.values(), ({ userId }) => userId);
assert<Equal<typeof values, number[]>>();
accept<Iterable<[string, Session]>>(store);
accept<Iterable<[MemoryStore.Key, Session]>>(store);
accept<Iterator<Session>>(store.values());
accept<IteratorResult<[string, Session]>>(store.entries().next());

// An iterator can be iterated itself.
for (const [key] of store.entries()[Symbol.iterator]()) assert<Equal<typeof key, string>>();

store.forEach((value, key, itself) => {
  assert<Equal<typeof value, Session>>();
  assert<Equal<typeof key, string>>();
  assert<Equal<typeof itself, MemoryStore<Session>>>();
});
store.forEach(() => {});
store.forEach((value) => {
  assert<Equal<typeof this, undefined>>();
  value.userId;
});
store.forEach(
  function (value) {
    this.total += value.userId;
  },
  { total: 0 },
);
assert<Equal<ReturnType<typeof store.forEach>, void>>();
// @ts-expect-error no function
store.forEach('callback');
// @ts-expect-error the value is no string
store.forEach((_value: string) => {});

// A store of nothing in particular.
for (const [, value] of new MemoryStore()) assert<Equal<typeof value, unknown>>();
