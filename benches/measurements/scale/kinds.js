/**
 * The kinds of stores that are filled: how each is opened, what it takes, and its peer.
 *
 * Knows no step. `bytes` is all that an entry takes of the machine, its key and value included.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { ROOT } = require('../../rows/contenders.js');

/** Room for each entry, and at least so much for a store. */
const ROOM_PER_ENTRY_BYTES = 96;
const LEAST_BYTES = 64 * 2 ** 20;
/** A little less than a `MemoryStore` has room for. */
const LOCAL_ENTRIES = 33_000_000;
const LMDB_BATCH = 500_000;

const KINDS = {
  'scale-shared': {
    field: 'scaleShared',
    title: 'Scale: one store of all processes',
    who: 'SharedStore',
    maximum: Number.POSITIVE_INFINITY,
    open({ storePath = ROOT, memory }, name, entries) {
      const { SharedStore } = require(path.resolve(storePath));
      const maxBytes = Math.max(LEAST_BYTES, entries * ROOM_PER_ENTRY_BYTES);
      const place = { name, scope: 'processes', path: path.join(memory, 'stores') };
      return new SharedStore({ ...place, maxBytes });
    },
    /** What its file has of the memory, as the kernel counts. */
    bytes: (_store, { memory }) => blocksOf(path.join(memory, 'stores')),
    bytesLimit: 48,
    size: (store) => store.size(),
    end: (store) => store.destroy(),
    isWhole: true,
    isFiled: true,
    peer: { name: 'lmdb', open: openLmdb },
  },
  'scale-local': {
    field: 'scaleLocal',
    title: 'Scale: one store of a thread',
    who: 'MemoryStore',
    maximum: LOCAL_ENTRIES,
    open({ storePath = ROOT }) {
      const MemoryStore = require(path.resolve(storePath));
      return new MemoryStore();
    },
    bytes: (_store, _folders, grown) => grown,
    bytesLimit: 48,
    size: (store) => store.size(),
    end: (store) => store.close(),
    isWhole: true,
  },
  // It refuses before: how far it comes is the measurement.
  'scale-map': {
    field: 'scaleMap',
    title: 'Scale: where a Map ends',
    who: 'Map',
    maximum: LOCAL_ENTRIES,
    open: () => new Map(),
    bytes: (_store, _folders, grown) => grown,
    size: (store) => store.size,
    end: (store) => store.clear(),
    isWhole: false,
  },
};

/** Filled as it likes best: in order of the keys, in large transactions. */
function openLmdb({ memory }, entries) {
  const { open } = require('lmdb');
  const mapSize = Math.max(LEAST_BYTES, entries * ROOM_PER_ENTRY_BYTES);
  const store = open({ path: path.join(memory, 'lmdb'), noSync: true, mapSize });
  return {
    store,
    fill(keyOf, told) {
      for (let from = 0; from < entries; from += LMDB_BATCH) {
        const to = Math.min(entries, from + LMDB_BATCH);
        store.transactionSync(() => {
          for (let id = from; id < to; id += 1) store.putSync(keyOf(id), id);
        });
        told(to);
      }
    },
    bytes: () => blocksOf(path.join(memory, 'lmdb')),
    close: () => store.close(),
  };
}

/** The bytes that a file, or the files of a folder, have of their file system. */
function blocksOf(place) {
  const found = fs.statSync(place);
  if (!found.isDirectory()) return found.blocks * 512;
  return fs.readdirSync(place).reduce((sum, name) => sum + blocksOf(path.join(place, name)), 0);
}

module.exports = { KINDS };
