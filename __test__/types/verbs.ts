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
  increment: numbers.increment('key'),
  decrement: numbers.decrement('key'),
  incrementPresent: numbers.increment('key', 1, { ifPresent: true }),
  hit: numbers.hit('key', 1, { ttl: 1000, max: 100 }),
  limited: numbers.limit('key', { rate: 5, per: 1000, burst: 9, cost: 2 }),
  counted: numbers.count({ prefix: 'a', match: /b/ }),
  removed: numbers.deleteWhere({ match: 'a*' }),
  hitPresent: numbers.hit('key', undefined, { ifPresent: true }),
  compareAndSet: typed.compareAndSet('key', undefined, { userId: 1 }),
  update: typed.update('key', (session) => session),
  getEntry: typed.getEntry('key'),
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
      incrementPresent: number | undefined;
      hit: MemoryStore.Hit;
      limited: MemoryStore.Limited;
      counted: number;
      removed: number;
      hitPresent: MemoryStore.Hit | undefined;
      compareAndSet: boolean;
      update: Session | undefined;
      getEntry: MemoryStore.Entry<Session> | undefined;
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
for (const options of [{ min: 0 }, { max: 9, expiresAt: new Date() }, { ifPresent: false }]) {
  numbers.increment('key', 1, options);
}
untyped.increment('key');
new MemoryStore<string | number>().hit('key');
new MemoryStore.SharedStore<number>().hit('key').value.toFixed();
// @ts-expect-error the values are no numbers
typed.increment('key');
// @ts-expect-error the values are no numbers
typed.decrement('key', 1);
// @ts-expect-error the values are no numbers
typed.hit('key', 1, { ttl: 1000 });
// @ts-expect-error not a number
numbers.increment('key', 1, { min: '0' });
// @ts-expect-error not an option
numbers.increment('key', 1, { least: 0 });
// @ts-expect-error only an option of counters
numbers.set('key', 1, { ifPresent: true });
// @ts-expect-error there may be no entry
numbers.hit('key', 1, { ifPresent: true }).value;
// @ts-expect-error options come third
numbers.increment('key', { ttl: 1000 });
// @ts-expect-error no key
numbers.increment();

// Read, change, write.
typed.update('key', (session = { userId: 1 }) => ({ userId: session.userId + 1 }));
typed.update('key', () => undefined, { ttl: 'keep' });
typed.compareAndSet('key', { userId: 1 }, { userId: 2 }, { expiresAt: new Date() });
// @ts-expect-error there may be no entry
typed.update('key', (session) => ({ userId: session.userId }));
// @ts-expect-error a value of another type
typed.update('key', () => ({ userId: '1' }));
// @ts-expect-error a store without promises takes none
typed.update('key', async (session) => session);
// @ts-expect-error nothing to set
typed.compareAndSet('key', undefined);
const entry = typed.getEntry('key');
if (entry !== undefined) {
  assert<Equal<typeof entry.ttl, number>>();
  assert<Equal<typeof entry.tags, readonly string[]>>();
  // @ts-expect-error it is a moment of the entry, not the entry
  entry.value = { userId: 2 };
}

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
type CommonCounts =
  | ('entries' | 'hits' | 'misses' | 'hitRatio' | 'sets')
  | ('expired' | 'evicted' | 'indexBytes')
  | ('loads' | 'loadErrors' | 'loadMs' | 'staleServed');
type SharedCounts =
  | ('nearHits' | 'unreadable' | 'deletes' | 'locksRecovered' | 'participants')
  | ('lockWaits' | 'lockWaitMs')
  | ('dataBytes' | 'segmentBytes' | 'residentBytes' | 'maxBytes');
assert<Equal<keyof MemoryStore.StoreStats, CommonCounts>>();
assert<Equal<keyof MemoryStore.Stats, CommonCounts | 'nearShare' | 'size'>>();
assert<Equal<keyof MemoryStore.SharedStats, CommonCounts | SharedCounts>>();
assert<Equal<MemoryStore.Stats[keyof MemoryStore.Stats], number>>();
assert<Equal<MemoryStore.SharedStats[keyof MemoryStore.SharedStats], number>>();
// @ts-expect-error read-only
results.stats.hits = 0;
// @ts-expect-error no such count
results.stats.deletes;
