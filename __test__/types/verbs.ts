/**
 * The typings of the verbs beside `set` and `get`: conditional, counting, of many, and `stats`.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

interface Session {
  userId: number;
}

const typed = new MemoryStore<Session>();
const untyped = new MemoryStore();
const numbers = new MemoryStore<number>();

const results = {
  peek: typed.peek('key'),
  take: typed.take('key'),
  add: typed.add('key', { userId: 1 }),
  replace: typed.replace('key', { userId: 1 }),
  increment: typed.increment('key'),
  decrement: typed.decrement('key'),
  getMany: typed.getMany(['key']),
  setMany: typed.setMany([['key', { userId: 1 }]]),
  deleteMany: typed.deleteMany(['key']),
  stats: typed.stats(),
};
assert<
  Equal<
    typeof results,
    {
      peek: Session | undefined;
      take: Session | undefined;
      add: boolean;
      replace: boolean;
      increment: number;
      decrement: number;
      getMany: (Session | undefined)[];
      setMany: true;
      deleteMany: number;
      stats: MemoryStore.Stats;
    }
  >
>();
const peeked = untyped.peek('key');
assert<Equal<typeof peeked, unknown>>();

// Conditional writes take what `set` takes.
for (const options of [undefined, 1000, {}, { ttl: 1000 }, { size: 1 }] as const) {
  typed.add('key', { userId: 1 }, options);
  typed.replace('key', { userId: 1 }, options);
  numbers.increment('key', 1, options);
  numbers.decrement('key', 1, options);
}
// @ts-expect-error a value of another type
typed.add('key', { userId: '1' });
// @ts-expect-error a value of another type
typed.replace('key', 5);
// @ts-expect-error no value
typed.add('key');
// @ts-expect-error no value
typed.replace('key');
// @ts-expect-error not an option
typed.add('key', { userId: 1 }, { maxAge: 1000 });
// @ts-expect-error a symbol
typed.take(Symbol('key'));
// @ts-expect-error no key
typed.peek();

// Counters.
numbers.increment('key', undefined, 1000);
numbers.increment('key', -0.5);
// @ts-expect-error not a number
numbers.increment('key', '1');
// @ts-expect-error not a number
numbers.decrement('key', 1n);
// @ts-expect-error options come third
numbers.increment('key', { ttl: 1000 });
// @ts-expect-error no key
numbers.increment();

// Many: any iterable, a `Map`, another store.
const keys: MemoryStore.Key[] = ['a', 1, { id: 1 }, typed.createKey('b')];
typed.getMany(keys);
typed.getMany(new Set(keys));
typed.getMany(typed.keys());
typed.deleteMany(keys.values());
typed.setMany(new Map([['key', { userId: 1 }]]));
typed.setMany(new MemoryStore<Session>());
typed.setMany([]);
typed.setMany([['a', { userId: 1 }, 1000]], { ttl: 1000 });
typed.setMany(
  [
    ['a', { userId: 1 }, { ttl: 1000 }],
    [1, { userId: 2 }],
  ],
  1000,
);
typed.setMany([['a', { userId: 1 }, undefined]]);
const entries: readonly MemoryStore.ManyEntry<Session>[] = [['a', { userId: 1 }]];
typed.setMany(entries);
accept<MemoryStore.ManyEntry>(['key', 'value']);
accept<MemoryStore.ManyEntry<number>>(['key', 1, { ttl: 1000 }]);
// @ts-expect-error not iterable
typed.getMany(5);
// @ts-expect-error a symbol
typed.getMany([Symbol('key')]);
// @ts-expect-error not iterable
typed.deleteMany({ key: 1 });
// @ts-expect-error no keys
typed.deleteMany();
// @ts-expect-error a key alone
typed.setMany([['key']]);
// @ts-expect-error keys alone
typed.setMany(['key']);
// @ts-expect-error a value of another type
typed.setMany([['key', 1]]);
// @ts-expect-error a value of another type
typed.setMany(new Map([['key', 1]]));
// @ts-expect-error not an option
typed.setMany([['key', { userId: 1 }, { maxAge: 1000 }]]);
// @ts-expect-error not options
typed.setMany([['key', { userId: 1 }]], '1000');

// Counts.
assert<
  Equal<
    MemoryStore.Stats,
    {
      readonly hits: number;
      readonly misses: number;
      readonly hitRatio: number;
      readonly nearShare: number;
      readonly sets: number;
      readonly expired: number;
      readonly evicted: number;
      readonly entries: number;
      readonly size: number;
      readonly indexBytes: number;
    }
  >
>();
// @ts-expect-error read-only
results.stats.hits = 0;
// @ts-expect-error no such count
results.stats.deletes;
