/**
 * The typings of shared stores: `SharedStore`, `createStore`.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

const { SharedStore, createStore } = MemoryStore;

interface Page {
  html: string;
}

const store = new SharedStore<Page>({ name: 'pages', maxBytes: 2 ** 20, whenFull: 'evict' });
new SharedStore();
new SharedStore({ scope: 'threads', maxEntries: 5, ttl: 1000, reads: 'frozen' });
// @ts-expect-error no such rule
new SharedStore({ whenFull: 'drop' });
// @ts-expect-error no such scope yet
new SharedStore({ scope: 'machines' });
// @ts-expect-error no such option
new SharedStore({ maxAge: 5 });

assert<Equal<ReturnType<typeof store.get>, Page | undefined>>();
assert<Equal<ReturnType<typeof store.take>, Page | undefined>>();
assert<Equal<ReturnType<typeof store.set>, true>>();
assert<Equal<ReturnType<typeof store.add>, boolean>>();
assert<Equal<ReturnType<typeof store.ttl>, number | undefined>>();
assert<Equal<ReturnType<typeof store.getMany>, (Page | undefined)[]>>();
assert<Equal<ReturnType<typeof store.deleteMany>, number>>();
assert<Equal<ReturnType<typeof store.keys>, string[]>>();
assert<Equal<ReturnType<typeof store.close>, void>>();

store.set('a', { html: '' });
store.set(1, { html: '' }, 1000);
store.set('a', { html: '' }, { ttl: 1000 });
store.set('a', { html: '' }, { isPermanent: false, maxAgeMs: 5 });
// @ts-expect-error no page
store.set('a', 'page');
// @ts-expect-error seconds as a string
store.set('a', { html: '' }, { ttl: '5' });
store.compareAndSet('a', undefined, { html: '' });
store.compareAndSet('a', { html: '' }, { html: '' }, 5);
// @ts-expect-error nothing to set
store.compareAndSet('a', { html: '' });
store.setMany([['a', { html: '' }]]);
store.setMany(new Map([['a', { html: '' }]]));

for (const entry of store) assert<Equal<typeof entry, [string, Page]>>();
for (const value of store.values()) assert<Equal<typeof value, Page>>();
store.forEach((value, key, itself) => {
  assert<Equal<typeof value, Page>>();
  assert<Equal<typeof key, string>>();
  accept<MemoryStore.SharedStore<Page>>(itself);
});

const loaded = store.getOrSet('a', async (key) => ({ html: key }));
assert<Equal<typeof loaded, Promise<Page>>>();
// @ts-expect-error no page is made
store.getOrSet('a', () => 5);
const locked = store.withLock('a', async () => 5 as const);
assert<Equal<typeof locked, Promise<5>>>();
assert<Equal<ReturnType<typeof store.lock>, boolean>>();

const { hits, participants, locksRecovered, dataBytes } = store.stats();
assert<Equal<typeof hits, number>>();
assert<Equal<typeof participants | typeof locksRecovered | typeof dataBytes, number>>();
// @ts-expect-error counters are not changed
store.stats().hits = 5;

// Frozen reads, for those who say so: what comes out cannot be changed, what goes in may be.
interface Post {
  title: string;
  tags: string[];
  at: Date;
}
const frozen = new SharedStore<MemoryStore.Frozen<Post>>({ reads: 'frozen' });
const post: Post = { title: '', tags: [], at: new Date() };
frozen.set('a', post);
const read = frozen.get('a');
assert<Equal<typeof read, MemoryStore.Frozen<Post> | undefined>>();
if (read !== undefined) {
  assert<Equal<typeof read.tags, readonly string[]>>();
  assert<Equal<typeof read.at, Date>>();
  // @ts-expect-error it is frozen
  read.title = 'b';
  // @ts-expect-error it is frozen, to the bottom
  read.tags.push('b');
}
assert<Equal<MemoryStore.Frozen<number | null>, number | null>>();

const anything = new SharedStore().get('a');
assert<Equal<typeof anything, unknown>>();

const stop = store.watch('a', (change) => {
  if (change.type === 'set') assert<Equal<typeof change.key, string>>();
  if (change.type === 'clear') assert<Equal<typeof change.key, undefined>>();
  if (change.type === 'invalidate') assert<Equal<typeof change.tag, string>>();
  assert<Equal<typeof change.origin, 'own' | 'other'>>();
});
assert<Equal<typeof stop, () => void>>();
store.watch({ prefix: 'a' }, () => {}, { keepAlive: true });
store.subscribe<Page>('pages', (value, { type, origin }) => {
  assert<Equal<typeof value, Page>>();
  assert<Equal<typeof type, 'message' | 'overflow'>>();
  assert<Equal<typeof origin, 'own' | 'other'>>();
});
async function follow() {
  for await (const { type } of store.watch({ tag: 'a' }, { keepAlive: true })) {
    accept<string>(type);
  }
  for await (const { value } of store.subscribe<number>('numbers')) {
    assert<Equal<typeof value, number>>();
  }
}
accept<() => Promise<void>>(follow);
store.publish('pages', { html: '' });
// @ts-expect-error a channel is a string
store.publish(1, 'a');
store.watch({ namespace: 'a' }, ({ key }) => accept<string | undefined>(key));
store.namespace('a').watch('a', ({ origin }) => accept<string>(origin))();
store.namespace('a').namespace('b').publish('pages', { html: '' });

const named = createStore<number>('numbers');
assert<Equal<ReturnType<typeof named.get>, number | undefined>>();
assert<Equal<ReturnType<typeof named.set>, boolean>>();
assert<Equal<ReturnType<typeof named.listKeys>, string[]>>();
named.set('a', 1, { ttl: 0.5, minBufferSize: 10, immutable: true, skipLock: true });
named.get('a', true);
named.delete(/a/);
named.listKeys('a*');
// @ts-expect-error options, not a time
named.set('a', 1, 5);
// @ts-expect-error not a number
named.set('a', 'one');
// @ts-expect-error not a verb of native-keyshare
named.has('a');
const unnamed = createStore().get('a');
assert<Equal<typeof unnamed, unknown>>();
