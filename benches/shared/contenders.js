/**
 * Who is measured in the rows of shared stores, and what a call to each is.
 *
 * As `rows/contenders.js`, and nothing here knows which rows exist. Invariant: all hold the same
 * keys and values; but for `Map` and `Atomics.add`, each could hand them to other threads.
 */
'use strict';

const path = require('node:path');

const { OURS, ROOT } = require('../rows/contenders.js');
const { memoryFolder } = require('./folders.js');

const STORE_NAME = 'bench';
const INCREMENT_IN_TWO = 'const count = store.get(key) + 1; store.set(key, count)';

const MAP_CALLS = {
  get: 'store.get(key)',
  set: 'store.set(key, value)',
  increment: INCREMENT_IN_TWO,
  getOrSet: 'store.get(key)',
};
const OURS_CALLS = {
  ...MAP_CALLS,
  increment: 'const count = store.increment(key)',
  getOrSet: 'store.getOrSet(key, factory)',
};
const LMDB_CALLS = {
  ...MAP_CALLS,
  set: 'store.putSync(key, value)',
  // Others may write between the two, if they are not one transaction.
  increment: `const count = store.transactionSync(() => {
    const sum = store.get(key) + 1;
    store.putSync(key, sum);
    return sum;
  })`,
};

const OURS_AS_SUCH = {
  calls: OURS_CALLS,
  size: (store) => store.size(),
  prepare(storePath = ROOT) {
    const { SharedStore } = require(path.resolve(storePath));
    return (_capacity, { reads }) => new SharedStore({ name: STORE_NAME, reads });
  },
};

/** `prepare(storePath)` gives `open(capacity, row)`, or throws where the package is not there. */
const SHARED_CONTENDERS = [
  { ...OURS_AS_SUCH, name: OURS },
  { ...alike('the same, get and set', 'two'), calls: MAP_CALLS },
  { ...alike('the same, awaited get', 'awaited'), calls: MAP_CALLS },
  {
    name: 'ours, createStore',
    calls: MAP_CALLS,
    size: (store) => store.listKeys().length,
    prepare(storePath = ROOT) {
      const { createStore } = require(path.resolve(storePath));
      return () => createStore(`${STORE_NAME} createStore`);
    },
  },
  { name: 'Map', calls: MAP_CALLS, size: (store) => store.size, prepare: () => () => new Map() },
  lmdb('lmdb', {}),
  lmdb('lmdb, structures', { sharedStructuresKey: Symbol.for('structures') }),
  lmdb('lmdb, strings', { encoding: 'string' }),
  lmdb('lmdb, checked cache', { cache: { validated: true }, useVersions: true }),
  keyshare('native-keyshare, msgpackr', true),
  keyshare('native-keyshare, v8', false),
  {
    // No store: where the counter of a key is has to be known.
    name: 'Atomics.add',
    calls: {
      get: 'store.read(key)',
      set: 'store.places.set(key, i); store.cells[i] = value',
      increment: 'const count = Atomics.add(store.cells, order[i & mask], 1) + 1',
    },
    size: (store) => store.places.size,
    prepare: () => openCells,
  },
];

/** Ours by another name, in a store of its own. */
function alike(name, suffix) {
  return {
    ...OURS_AS_SUCH,
    name,
    prepare(storePath = ROOT) {
      const { SharedStore } = require(path.resolve(storePath));
      return (_capacity, { reads }) => new SharedStore({ name: `${STORE_NAME} ${suffix}`, reads });
    },
  };
}

function lmdb(name, options) {
  const ownKeys = options.sharedStructuresKey === undefined ? 0 : 1;
  return {
    name,
    calls: LMDB_CALLS,
    // Its structures are an entry beside ours, once there are some.
    size: (store) => store.getStats().entryCount - ownKeys,
    filling: (store, fill) => store.transactionSync(fill),
    prepare() {
      const { open } = require('lmdb');
      const folder = memoryFolder();
      return () => open({ path: path.join(folder, 'store'), noSync: true, ...options });
    },
  };
}

function keyshare(name, isMsgpackr) {
  return {
    name,
    calls: MAP_CALLS,
    size: (store) => store.listKeys().length,
    prepare() {
      const { createStore } = require('native-keyshare');
      // Without it, it would quietly take `v8`.
      if (isMsgpackr) require('msgpackr');
      return () => createStore(name, isMsgpackr);
    },
  };
}

function openCells(capacity) {
  const cells = new Int32Array(new SharedArrayBuffer(capacity * Int32Array.BYTES_PER_ELEMENT));
  const places = new Map();
  return { cells, places, read: (key) => cells[places.get(key)] };
}

module.exports = { LMDB_CALLS, SHARED_CONTENDERS, lmdb };
