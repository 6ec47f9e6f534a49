/**
 * What people require: the class `MemoryStore`, which carries every other export.
 */
'use strict';

const { constructible } = require('./lib/constructible.js');
const { StoreError } = require('./lib/errors.js');
const { MemoryStore: Class } = require('./lib/local/memory-store.js');

const MemoryStore = constructible(Class);

// `default` is for TypeScript without `esModuleInterop`.
module.exports = Object.assign(MemoryStore, { MemoryStore, StoreError, default: MemoryStore });
