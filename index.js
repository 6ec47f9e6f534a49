/**
 * What people require: the class `MemoryStore`, which carries every other export.
 */
'use strict';

const { constructible } = require('./lib/constructible.js');
const { StoreError } = require('./lib/errors.js');
const { MemoryStore: LocalClass } = require('./lib/local/memory-store.js');
const { createStore } = require('./lib/shared/keyshare.js');
const { SharedStore: SharedClass } = require('./lib/shared/shared-store.js');

const MemoryStore = constructible(LocalClass);
const SharedStore = constructible(SharedClass);

module.exports = Object.assign(MemoryStore, {
  MemoryStore,
  SharedStore,
  StoreError,
  createStore,
  // For TypeScript without `esModuleInterop`.
  default: MemoryStore,
});
