/**
 * What people require: the class `MemoryStore`, which carries every other export.
 */
'use strict';

const { constructible } = require('./lib/constructible.js');
const { StoreError } = require('./lib/errors.js');
const { MemoryStore } = require('./lib/memory-store.js');

module.exports = Object.assign(constructible(MemoryStore), { StoreError });
module.exports.MemoryStore = module.exports;
