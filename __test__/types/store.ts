/**
 * The typings of a store's methods: what goes in, what comes out, for typed and untyped stores.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

interface Session {
  userId: number;
}

const typed = new MemoryStore<Session>();
const untyped = new MemoryStore();

// Values: `unknown` unless said otherwise.
assert<Equal<typeof untyped, MemoryStore<unknown>>>();
const anything = untyped.get('key');
assert<Equal<typeof anything, unknown>>();
const session = typed.get('key');
assert<Equal<typeof session, Session | undefined>>();
const values = typed.all();
assert<Equal<typeof values, Session[]>>();
untyped.set('key', undefined);
untyped.set('key', Symbol('value'));
typed.set('key', { userId: 1 });
// @ts-expect-error a value of another type
typed.set('key', { userId: '1' });
// @ts-expect-error `undefined` is not a Session
typed.set('key', undefined);
// @ts-expect-error no value
typed.set('key');
// @ts-expect-error no key
typed.get();
// @ts-expect-error it may be absent
typed.get('key').userId;

// Results.
const results = {
  set: typed.set('key', { userId: 1 }),
  has: typed.has('key'),
  delete: typed.delete('key'),
  clear: typed.clear(),
  size: typed.size(),
  keys: typed.keys(),
  getKeys: typed.getKeys(),
  ttl: typed.ttl('key'),
  touch: typed.touch('key', 1000),
  start: typed.startCleanupTask(),
  stop: typed.stopCleanupTask(),
};
assert<
  Equal<
    typeof results,
    {
      set: true;
      has: boolean;
      delete: boolean;
      clear: true;
      size: number;
      keys: string[];
      getKeys: MemoryStore.Key[];
      ttl: number | undefined;
      touch: boolean;
      start: boolean;
      stop: boolean;
    }
  >
>();
assert<Equal<ReturnType<typeof typed.close>, void>>();
assert<Equal<(typeof typed)[typeof Symbol.toStringTag], 'MemoryStore'>>();

// Keys: all but symbols.
const cyclic: { self?: object } = {};
for (const key of ['a', 1, 1n, true, null, undefined, { a: 1 }, ['a'], () => 1, cyclic] as const) {
  untyped.set(key, 1);
  untyped.get(key);
  untyped.has(key);
  untyped.delete(key);
  untyped.ttl(key);
  untyped.touch(key, 1);
}
// @ts-expect-error a symbol
untyped.set(Symbol('key'), 1);
// @ts-expect-error a symbol
untyped.get(Symbol('key'));
// @ts-expect-error a symbol
untyped.createKey(Symbol('key'));

// `size` is a method, unlike that of a Map.
// @ts-expect-error not a number
untyped.size + 1;
// @ts-expect-error not writable
untyped[Symbol.toStringTag] = 'Other';
// @ts-expect-error no such method
untyped.setAll;

// `using` closes a store.
{
  using store = new MemoryStore<number>();
  store.set('key', 1);
}

// A subclass.
class Sessions extends MemoryStore<Session> {
  constructor() {
    super({ cleanupInterval: 1000 });
  }

  override get(key: string): Session | undefined {
    return super.get(key);
  }
}
assert<Equal<ReturnType<Sessions['all']>, Session[]>>();
class Pages extends MemoryStore.SharedStore<string> {
  override set(key: string, value: string): true {
    return super.set(key, value, { ttl: 1000 });
  }

  override stats() {
    return { ...super.stats(), entries: this.size() };
  }
}
accept<MemoryStore.Store<string>>(new Pages());

// What is written for any store takes each.
function count<V>(store: MemoryStore.Store<V>): number {
  return store.size() + [...store.values()].length;
}
count(typed);
count(new Pages());
class Mine implements Pick<MemoryStore.Store<number>, 'get' | 'set'> {
  get(_key: MemoryStore.Key): number | undefined {
    return undefined;
  }
  set(_key: MemoryStore.Key, _value: number): true {
    return true;
  }
}
accept<Pick<MemoryStore.Store<number>, 'get' | 'set'>>(new Mine());
