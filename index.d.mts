/** The typings of the ESM entry: the same class and names as `index.d.ts`. */
import MemoryStore = require('./index.js');

export default MemoryStore;
export import NodeShareCache = MemoryStore.NodeShareCache;
export import SharedStore = MemoryStore.SharedStore;
export import ShmCache = MemoryStore.ShmCache;
export import StoreError = MemoryStore.StoreError;
export import createStore = MemoryStore.createStore;
export { MemoryStore };
export type Key = MemoryStore.Key;
export type MutableKey<K extends MemoryStore.Key = MemoryStore.Key> = MemoryStore.MutableKey<K>;
export type Options<V = unknown> = MemoryStore.Options<V>;
export type SetOptions = MemoryStore.SetOptions;
export type Events<V = unknown> = MemoryStore.Events<V>;
export type Factory<V = unknown> = MemoryStore.Factory<V>;
export type LoadOptions<V = unknown> = MemoryStore.LoadOptions<V>;
export type ManyEntry<V = unknown> = MemoryStore.ManyEntry<V>;
export type RestoreResult = MemoryStore.RestoreResult;
export type SnapshotOptions = MemoryStore.SnapshotOptions;
export type SnapshotProgress = MemoryStore.SnapshotProgress;
export type SnapshotResult = MemoryStore.SnapshotResult;
export type Stats = MemoryStore.Stats;
export type KeyshareSetOptions = MemoryStore.KeyshareSetOptions;
export type KeyshareStore<V = unknown> = MemoryStore.KeyshareStore<V>;
export type SharedOptions = MemoryStore.SharedOptions;
export type NodeShareCacheOptions = MemoryStore.NodeShareCacheOptions;
export type SharedStats = MemoryStore.SharedStats;
export type ShmCacheOptions = MemoryStore.ShmCacheOptions;
