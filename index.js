/**
 * What people require: the class `MemoryStore`, which carries every other export.
 */
'use strict';

const { constructible } = require('./lib/store/constructible.js');
const { StoreError } = require('./lib/store/errors.js');
const { MemoryStore: LocalClass } = require('./lib/local/memory-store.js');
const { createStore } = require('./lib/adapters/drop-ins/keyshare.js');
const { NodeShareCache: NodeShareClass } = require('./lib/adapters/drop-ins/node-share-cache.js');
const { ShmCache: ShmClass } = require('./lib/adapters/drop-ins/shm-cache.js');
const { SharedStore: SharedClass } = require('./lib/shared/shared-store.js');

const MemoryStore = constructible(LocalClass);
const SharedStore = constructible(SharedClass);
const NodeShareCache = constructible(NodeShareClass);
const ShmCache = constructible(ShmClass);

module.exports = Object.assign(MemoryStore, {
  MemoryStore,
  NodeShareCache,
  SharedStore,
  ShmCache,
  StoreError,
  createStore,
  // For TypeScript without `esModuleInterop`.
  default: MemoryStore,
});
