/** The ESM entry: the same class object and names as `index.js`. */
import MemoryStore from './index.js';

export default MemoryStore;
export const { NodeShareCache, SharedStore, ShmCache, StoreError, createStore } = MemoryStore;
export { MemoryStore };
