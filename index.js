/**
 * What people require: the class `MemoryStore`, which carries every other export.
 */
// TypeScript knows no class that is exported with properties; `index.d.ts` says what they are.
// @ts-nocheck
'use strict';

const { createStore } = require('./lib/adapters/drop-ins/create-store.js');
const { NodeShareCache } = require('./lib/adapters/drop-ins/node-share-cache.js');
const { ShmCache } = require('./lib/adapters/drop-ins/shm-cache.js');
const { MemoryStore: LocalStore } = require('./lib/local/memory-store.js');
const { SharedStore } = require('./lib/shared/shared-store.js');
const { constructible } = require('./lib/store/constructible.js');
const { StoreError } = require('./lib/errors/errors.js');

const MemoryStore = constructible(LocalStore);

// One a line: so the names are seen by an `import` of this file.
module.exports = MemoryStore;
module.exports.MemoryStore = MemoryStore;
module.exports.NodeShareCache = constructible(NodeShareCache);
module.exports.SharedStore = constructible(SharedStore);
module.exports.ShmCache = constructible(ShmCache);
module.exports.StoreError = StoreError;
module.exports.createStore = createStore;
// For TypeScript without `esModuleInterop`.
module.exports.default = MemoryStore;
