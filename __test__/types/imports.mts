/**
 * Every way to reach the package from an ES module gives the same class.
 */
import type { default as DefaultType } from 'shared-memory-store';
import * as namespace from 'shared-memory-store';
import Default, {
  type Events,
  type Factory,
  type Key,
  type LoadOptions,
  type ManyEntry,
  MemoryStore,
  type MutableKey,
  type Options,
  type SetOptions,
  type Stats,
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

accept<Default<number>>(new MemoryStore<number>({ cleanupInterval: 1000 }));
accept<MemoryStore<number>>(new Default<number>());
accept<MemoryStore<number>>(new namespace.default<number>());
accept<MutableKey>(new namespace.MemoryStore().createKey('a'));
accept<Error>(new StoreError('ERR_STORE_FULL', 'full'));
const { MemoryStore: Loaded } = await import('shared-memory-store');
assert<Equal<typeof Loaded, typeof MemoryStore>>();
