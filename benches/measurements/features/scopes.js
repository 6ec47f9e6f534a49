/**
 * The scopes in which one process can measure: a thread's own store, and one of all its threads.
 *
 * Invariant: a store is empty when it is opened, has room for what is asked, and evicts nothing.
 */
'use strict';

const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..', '..');
const BYTES_PER_ENTRY = 400;
const LEAST_BYTES = 64 * 2 ** 20;

const SCOPES = {
  MemoryStore(storePath = ROOT) {
    const MemoryStore = require(path.resolve(storePath));
    return { open: () => new MemoryStore(), close: (store) => store.close() };
  },
  SharedStore(storePath = ROOT) {
    const { SharedStore } = require(path.resolve(storePath));
    const open = (entries) => {
      const maxBytes = Math.max(LEAST_BYTES, entries * BYTES_PER_ENTRY);
      const name = `features-${process.pid}`;
      return new SharedStore({ name, scope: 'threads', maxBytes, whenFull: 'error' });
    };
    return { open, close: (store) => store.close() };
  },
};

module.exports = { SCOPES };
