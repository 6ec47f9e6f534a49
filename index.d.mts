/** The typings of the ESM entry: the same class and names as `index.d.ts`. */
import MemoryStore = require('./index.js');

export type * from './lib/adapters/drop-ins/keyshare.js';
export type * from './lib/adapters/drop-ins/node-share-cache.js';
export type * from './lib/adapters/drop-ins/shm-cache.js';
export type * from './lib/shared/shared-store.js';
export type * from './lib/store/interface.js';
export default MemoryStore;
export import Events = MemoryStore.Events;
export import MutableKey = MemoryStore.MutableKey;
export import NodeShareCache = MemoryStore.NodeShareCache;
export import Options = MemoryStore.Options;
export import SharedStore = MemoryStore.SharedStore;
export import ShmCache = MemoryStore.ShmCache;
export import Stats = MemoryStore.Stats;
export import StoreError = MemoryStore.StoreError;
export import createStore = MemoryStore.createStore;
export { MemoryStore };
