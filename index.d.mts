/** The typings of the ESM entry: the same class and names as `index.d.ts`. */
import MemoryStore = require('./index.js');

export default MemoryStore;
export import StoreError = MemoryStore.StoreError;
export { MemoryStore };
export type Key = MemoryStore.Key;
export type MutableKey<K extends MemoryStore.Key = MemoryStore.Key> = MemoryStore.MutableKey<K>;
export type Options = MemoryStore.Options;
export type SetOptions = MemoryStore.SetOptions;
