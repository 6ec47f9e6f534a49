/**
 * The typings of what processes share: scope `processes`, `NodeShareCache`, `ShmCache`.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

const { NodeShareCache, SharedStore, ShmCache } = MemoryStore;

interface Page {
  html: string;
}

const store = new SharedStore<Page>({ name: 'pages', scope: 'processes', path: '/tmp' });
assert<Equal<ReturnType<typeof store.destroy>, void>>();
// @ts-expect-error no path
new SharedStore({ scope: 'processes', path: 5 });
// @ts-expect-error a URL is no path
new SharedStore({ scope: 'processes', path: { href: 'file:///tmp' } });

new SharedStore({ scope: 'processes', access: 'group', whenOrphaned: 'rejoin' });
store.on('orphaned', () => {});
// @ts-expect-error no such access
new SharedStore({ scope: 'processes', access: 'world' });
// @ts-expect-error no such event
store.on('orphan', () => {});
const [listed] = SharedStore.list({ path: '/tmp' });
assert<Equal<typeof listed, MemoryStore.ListedStore | undefined>>();
accept<number | undefined>(listed?.participants[0]?.pid);
accept<string | undefined>(listed?.error?.code);
assert<Equal<ReturnType<typeof SharedStore.remove>, boolean>>();
SharedStore.remove('pages', { path: '/tmp' });
// @ts-expect-error a name is needed
SharedStore.remove();
// @ts-expect-error no such option
SharedStore.list({ folder: '/tmp' });
const observer: MemoryStore.StoreObserver = SharedStore.observe('pages', { path: '/tmp' });
SharedStore.observe({ file: '/tmp/a.store' });
assert<Equal<ReturnType<typeof observer.stats>, MemoryStore.ObservedStats>>();
assert<Equal<ReturnType<typeof observer.get>, unknown>>();
for (const { key, ttl } of observer.entries({ prefix: 'a', namespace: ['b'] })) {
  accept<string>(key);
  accept<number>(ttl);
}
accept<string | undefined>(observer.claims()[0]?.key);
// @ts-expect-error a name is needed
SharedStore.observe();
// @ts-expect-error it writes nothing
observer.set('key', 1);

const cache = new NodeShareCache<Page>('pages');
new NodeShareCache();
new NodeShareCache('pages', 800 * 1024 ** 2, true);
new NodeShareCache('pages', undefined, undefined, { path: '/tmp' });
// @ts-expect-error not a name
new NodeShareCache(5);
// @ts-expect-error bytes
new NodeShareCache('pages', '800M');
// @ts-expect-error not a boolean
new NodeShareCache('pages', 1, 1);
// @ts-expect-error no such option
new NodeShareCache('pages', 1, true, { folder: '/tmp' });

assert<Equal<ReturnType<typeof cache.get>, Page | undefined>>();
assert<Equal<ReturnType<typeof cache.set>, true>>();
assert<Equal<ReturnType<typeof cache.del>, boolean>>();
assert<Equal<ReturnType<typeof cache.stats>, MemoryStore.SharedStats>>();
assert<Equal<ReturnType<typeof cache.setMaxAge>, void>>();
assert<Equal<ReturnType<typeof cache.setMaxSize>, void>>();
assert<Equal<ReturnType<typeof cache.setLock>, void>>();
assert<Equal<ReturnType<typeof cache.setLogLevel>, void>>();
assert<Equal<ReturnType<typeof cache.close>, void>>();
assert<Equal<ReturnType<typeof cache.destroy>, void>>();
cache.set('a', { html: '' });
cache.set(1, { html: '' }, 1000);
// @ts-expect-error no page
cache.set('a', 'page');
// @ts-expect-error an age is a number
cache.set('a', { html: '' }, { ttl: 5 });
cache.setLogLevel(3);
// @ts-expect-error no such level
cache.setLogLevel(4);
// @ts-expect-error not a boolean
cache.setLock(1);
// @ts-expect-error not a verb of node-share-memory-cache
cache.has('a');
cache[Symbol.dispose]();

const shm = new ShmCache<Page>({ name: 'pages', size: 1, maxAge: 5, maxSize: 2 ** 20, path: '/' });
new ShmCache();
// @ts-expect-error no such option
new ShmCache({ maxage: 5 });
// @ts-expect-error options, not a name
new ShmCache('pages');
assert<Equal<ReturnType<typeof shm.get>, Page | undefined>>();
assert<Equal<ReturnType<typeof shm.set>, true>>();
assert<Equal<ReturnType<typeof shm.del>, boolean>>();
shm.set('a', { html: '' }, 1000);
shm.setMaxAge(5);
shm.setMaxSize(2 ** 23);
// @ts-expect-error only a NodeShareCache has it
shm.setLock(true);
const tag = shm[Symbol.toStringTag];
assert<Equal<typeof tag, 'ShmCache'>>();

const anything = new NodeShareCache().get('a');
assert<Equal<typeof anything, unknown>>();
accept<MemoryStore.NodeShareCache<Page>>(cache);
accept<MemoryStore.ShmCache<Page>>(shm);
const options: MemoryStore.ShmCacheOptions = { name: 'pages' };
const cacheOptions: MemoryStore.NodeShareCacheOptions = { path: '/tmp' };
accept<MemoryStore.ShmCacheOptions>(options);
accept<MemoryStore.NodeShareCacheOptions>(cacheOptions);
