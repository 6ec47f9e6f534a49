/**
 * The typings of `getOrSet`: factories, their options, and what comes out.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

interface Page {
  html: string;
}

const store = new MemoryStore<Page>();
const untyped = new MemoryStore();
const page: Page = { html: '' };

// Factories, async or not; the result is that of the store.
const asked = store.getOrSet('key', () => page);
assert<Equal<typeof asked, Promise<Page>>>();
const askedUntyped = untyped.getOrSet('key', () => 5);
assert<Equal<typeof askedUntyped, Promise<number>>>();
// What is there may be any value of a typed store, whatever this factory makes.
const either = new MemoryStore<Page | null>().getOrSet('key', async () => null);
assert<Equal<typeof either, Promise<Page | null>>>();
store.getOrSet('key', async () => page);
store.getOrSet(7, () => Promise.resolve(page));
store.getOrSet(store.createKey('key'), async (key, { signal }) => {
  assert<Equal<typeof key, string>>();
  assert<Equal<typeof signal, MemoryStore.Signal>>();
  return { html: signal.aborted ? '' : key };
});
const factory: MemoryStore.Factory<Page> = (key) => ({ html: key });
store.getOrSet('key', factory);
accept<MemoryStore.Factory>(() => undefined);
// Here no typings of a platform say more of a signal.
assert<Equal<MemoryStore.Signal, { readonly aborted: boolean }>>();
// @ts-expect-error a result of another type
store.getOrSet('key', () => 5);
// @ts-expect-error a result of another type
store.getOrSet('key', async () => ({ html: 5 }));
// @ts-expect-error a result that may be missing
store.getOrSet('key', async () => store.get('other'));
// @ts-expect-error no factory
store.getOrSet('key');
// @ts-expect-error no function
store.getOrSet('key', page);
// @ts-expect-error the key comes as a string
store.getOrSet('key', (key: number) => ({ html: String(key) }));
// @ts-expect-error a symbol
store.getOrSet(Symbol('key'), () => page);

// Options.
store.getOrSet('key', () => page, undefined);
store.getOrSet('key', () => page, 60_000);
store.getOrSet('key', () => page, {});
store.getOrSet('key', () => page, { ttl: 60_000, staleMs: 3_600_000, size: 10 });
store.getOrSet('key', () => page, { ttl: undefined, staleMs: undefined, signal: undefined });
store.getOrSet('key', () => page, { ttl: (value, key) => value.html.length + key.length });
store.getOrSet('key', () => page, { ttl: () => undefined });
store.getOrSet('key', () => page, { signal: { aborted: false } });
store.getOrSet('key', () => page, { expiresAt: new Date(), staleMs: 1000 });
// @ts-expect-error the deadline of an old value is none for a new one
store.getOrSet('key', () => page, { ttl: 'keep' });
const options: MemoryStore.LoadOptions<Page> = { ttl: ({ html }) => html.length };
store.getOrSet('key', () => page, options);
assert<
  Equal<
    MemoryStore.LoadOptions<Page>,
    {
      readonly ttl?: number | ((value: Page, key: string) => number | undefined) | undefined;
      readonly expiresAt?: Date | number | undefined;
      readonly staleMs?: number | undefined;
      readonly retryMs?: number | undefined;
      readonly factoryTimeoutMs?: number | undefined;
      readonly whenAbandoned?: 'abort' | 'finish' | undefined;
      readonly signal?: MemoryStore.Signal | undefined;
      readonly size?: number | undefined;
      readonly tags?:
        | readonly string[]
        | ((value: Page, key: string) => readonly string[] | undefined)
        | undefined;
    }
  >
>();
store.getOrSet('key', () => page, { tags: ({ html }) => [html], ttl: 5 });
store.getOrSet('key', () => page, { tags: ['page'] });
// @ts-expect-error tags are strings
store.getOrSet('key', () => page, { tags: [5] });
// @ts-expect-error tags are computed at once
store.getOrSet('key', () => page, { tags: async () => ['page'] });
store.getOrSet('key', () => page, { factoryTimeoutMs: 100, whenAbandoned: 'finish', retryMs: 0 });
// @ts-expect-error neither 'abort' nor 'finish'
store.getOrSet('key', () => page, { whenAbandoned: 'stop' });
// @ts-expect-error not a number
store.getOrSet('key', () => page, { ttl: '60s' });
// @ts-expect-error a ttl is a number
store.getOrSet('key', () => page, { ttl: () => '60s' });
// @ts-expect-error a ttl is computed at once
store.getOrSet('key', () => page, { ttl: async () => 60_000 });
// @ts-expect-error not a number
store.getOrSet('key', () => page, { staleMs: () => 1000 });
// @ts-expect-error not a signal
store.getOrSet('key', () => page, { signal: 'abort' });
// @ts-expect-error an option of `set`
store.getOrSet('key', () => page, { isPermanent: false });
// @ts-expect-error not options
store.getOrSet('key', () => page, null);
// @ts-expect-error options are read-only
options.ttl = 5;
