/**
 * Every way to reach the package from CommonJS gives the same class.
 */
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

import Required = require('shared-memory-store');

assert<Equal<typeof Default, typeof Required>>();
assert<Equal<typeof MemoryStore, typeof Required>>();
assert<Equal<typeof namespace.MemoryStore, typeof Required>>();
assert<Equal<typeof StoreError, typeof Required.StoreError>>();
assert<Equal<typeof namespace.StoreError, typeof Required.StoreError>>();
assert<Equal<Key, Required.Key>>();
assert<Equal<MutableKey<string>, Required.MutableKey<string>>>();
assert<Equal<Options, Required.Options>>();
assert<Equal<SetOptions, Required.SetOptions>>();
assert<Equal<LoadOptions<number>, Required.LoadOptions<number>>>();
assert<Equal<Events<number>, Required.Events<number>>>();
assert<Equal<Factory<number>, Required.Factory<number>>>();
assert<Equal<ManyEntry<number>, Required.ManyEntry<number>>>();
assert<Equal<Stats, Required.Stats>>();
assert<Equal<Store<number>, Required.Store<number>>>();
assert<Equal<AsyncStore<number>, Required.AsyncStore<number>>>();
assert<Equal<Frozen<Date[]>, Required.Frozen<Date[]>>>();
assert<Equal<ErrorCode, Required.ErrorCode>>();
assert<Equal<SharedOptions, Required.SharedOptions>>();
assert<Equal<typeof SharedStore, typeof Required.SharedStore>>();
accept<Store<number>>(new SharedStore<number>());
accept<Store<number>>(new MemoryStore<number>());

accept<Required<number>>(new MemoryStore<number>({ cleanupInterval: 1000 }));
accept<MemoryStore<number>>(new Required<number>());
accept<Default<number>>(new namespace.MemoryStore<number>());
accept<Required.MutableKey>(new Default().createKey('a'));
accept<Required.StoreError>(new StoreError('ERR_STORE_FULL', 'full'));

export async function load(): Promise<void> {
  const loaded = await import('shared-memory-store');
  assert<Equal<InstanceType<typeof loaded.MemoryStore>, Required<unknown>>>();
  accept<Required>(new loaded.default());
}
