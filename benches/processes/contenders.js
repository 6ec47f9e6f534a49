/**
 * Who is measured in the rows of stores that processes share, and what a call to each is.
 *
 * As `shared/contenders.js`, and nothing here knows which rows exist. Invariant: all hold the same
 * keys and values in memory, and each could hand them to other processes.
 */
'use strict';

const path = require('node:path');

const { HOUR_MS, OURS, ROOT } = require('../rows/contenders.js');
const { LMDB_CALLS, lmdb } = require('../shared/contenders.js');
const { memoryFolder } = require('../shared/folders.js');
const { prepareRedis } = require('./redis.js');

const STORE_NAME = 'bench';
/** What people send before they wait, where a store has batches. */
const CALLS_AT_ONCE = 100;

const CALLS = {
  get: 'store.get(key)',
  set: 'store.set(key, value)',
  increment: 'const count = store.increment(key)',
};

const REDIS = {
  calls: CALLS,
  size: (store) => store.size(),
  prepare() {
    const open = prepareRedis();
    return (_capacity, { values }) => open(values);
  },
};

const PROCESS_CONTENDERS = [
  {
    name: OURS,
    calls: CALLS,
    size: (store) => store.size(),
    prepare(storePath = ROOT) {
      const { SharedStore } = require(path.resolve(storePath));
      const place = { name: STORE_NAME, scope: 'processes', path: memoryFolder() };
      return () => new SharedStore(place);
    },
  },
  {
    // Whatever it holds has a deadline.
    name: 'NodeShareCache',
    calls: CALLS,
    size: (store) => store.stats().entries,
    prepare(storePath = ROOT) {
      const { NodeShareCache } = require(path.resolve(storePath));
      const folder = memoryFolder();
      return () => {
        const cache = new NodeShareCache(STORE_NAME, undefined, true, { path: folder });
        cache.setMaxAge(HOUR_MS);
        return cache;
      };
    },
  },
  lmdb('lmdb', {}),
  lmdb('lmdb, structures', { sharedStructuresKey: Symbol.for('structures') }),
  lmdb('lmdb, strings', { encoding: 'string' }),
  {
    ...lmdb('lmdb, put by 100', {}),
    // The transaction of the last one has them all.
    calls: { ...LMDB_CALLS, set: 'pending[0] = store.put(key, value)' },
    callsPerWait: CALLS_AT_ONCE,
    filling: undefined,
  },
  { ...REDIS, name: 'redis', awaited: true },
  {
    ...REDIS,
    name: 'redis by 100',
    calls: {
      ...CALLS,
      set: 'pending.push(store.set(key, value))',
      increment: 'const count = 1; pending.push(store.increment(key))',
    },
    callsPerWait: CALLS_AT_ONCE,
  },
];

module.exports = { PROCESS_CONTENDERS };
