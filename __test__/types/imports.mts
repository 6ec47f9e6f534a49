/**
 * Every way to reach the package from an ES module gives the same class.
 */
import type { default as DefaultType } from 'shared-memory-store';
import * as namespace from 'shared-memory-store';
import Default, {
  type AsyncStore,
  type ErrorCode,
  type Events,
  type Factory,
  type Frozen,
  type Key,
  type LoadOptions,
  type ManyEntry,
  MemoryStore,
  type MutableKey,
  type Options,
  type SetOptions,
  type SharedOptions,
  SharedStore,
  type Stats,
  type Store,
  StoreError,
} from 'shared-memory-store';
import { accept, assert, type Equal } from './exact.js';

assert<Equal<typeof Default, typeof MemoryStore>>();
assert<Equal<typeof namespace.default, typeof MemoryStore>>();
assert<Equal<typeof namespace.MemoryStore, typeof MemoryStore>>();
assert<Equal<typeof namespace.StoreError, typeof StoreError>>();
assert<Equal<DefaultType<number>, MemoryStore<number>>>();
assert<Equal<Key, Default.Key>>();
assert<Equal<MutableKey<string>, Default.MutableKey<string>>>();
assert<Equal<Options, Default.Options>>();
assert<Equal<SetOptions, Default.SetOptions>>();
assert<Equal<LoadOptions<number>, Default.LoadOptions<number>>>();
assert<Equal<Events<number>, Default.Events<number>>>();
assert<Equal<Factory<number>, Default.Factory<number>>>();
assert<Equal<ManyEntry<number>, Default.ManyEntry<number>>>();
assert<Equal<Stats, Default.Stats>>();
assert<Equal<Store<number>, Default.Store<number>>>();
assert<Equal<AsyncStore<number>, Default.AsyncStore<number>>>();
assert<Equal<Frozen<Date[]>, Default.Frozen<Date[]>>>();
assert<Equal<ErrorCode, Default.ErrorCode>>();
assert<Equal<SharedOptions, Default.SharedOptions>>();
assert<Equal<typeof SharedStore, typeof Default.SharedStore>>();
accept<Store<number>>(new SharedStore<number>());
accept<Store<number>>(new MemoryStore<number>());

accept<Default<number>>(new MemoryStore<number>({ cleanupInterval: 1000 }));
accept<MemoryStore<number>>(new Default<number>());
accept<MemoryStore<number>>(new namespace.default<number>());
accept<MutableKey>(new namespace.MemoryStore().createKey('a'));
accept<Error>(new StoreError('ERR_STORE_FULL', 'full'));
const { MemoryStore: Loaded } = await import('shared-memory-store');
assert<Equal<typeof Loaded, typeof MemoryStore>>();
