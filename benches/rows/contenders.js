/**
 * Who is measured: how each store is opened, and what a call to it looks like.
 *
 * A call is a piece of source over the names `store`, `key` and `value`; `loops.js` makes a loop
 * of it. Nothing here knows which rows exist. Invariant: every contender holds the same keys and
 * the same value objects, and every deadline is an hour away, so that none passes while measured.
 */
'use strict';

const path = require('node:path');

const OURS = 'shared-memory-store';
const HOUR_MS = 3_600_000;
const ROOT = path.join(__dirname, '..', '..');

const MAP_CALLS = {
  get: 'store.get(key)',
  has: 'store.has(key)',
  set: 'store.set(key, value)',
  delete: 'store.delete(key)',
};
const TTL_CALLS = { ...MAP_CALLS, setWithTtl: `store.set(key, value, { ttl: ${HOUR_MS} })` };

/**
 * `prepare(storePath)` loads the package and gives `open(capacity, expiring)`; it throws when the
 * package is not there.
 */
const CONTENDERS = [
  {
    name: OURS,
    calls: TTL_CALLS,
    size: (store) => store.size(),
    close: (store) => store.close(),
    prepare(storePath = ROOT) {
      const MemoryStore = require(path.resolve(storePath));
      return () => new MemoryStore();
    },
  },
  {
    name: 'Map',
    calls: MAP_CALLS,
    size: (store) => store.size,
    prepare: () => () => new Map(),
  },
  {
    name: 'lru-cache',
    calls: TTL_CALLS,
    size: (store) => store.size,
    prepare() {
      const { LRUCache } = require('lru-cache');
      return (capacity, expiring) =>
        new LRUCache(expiring ? { max: capacity + 1, ttl: HOUR_MS } : { max: capacity + 1 });
    },
  },
  {
    name: 'ttlcache',
    calls: TTL_CALLS,
    size: (store) => store.size,
    close: (store) => store.cancelTimer(),
    prepare() {
      const { TTLCache } = require('@isaacs/ttlcache');
      return (capacity, expiring) =>
        new TTLCache({ max: capacity + 1, ttl: expiring ? HOUR_MS : Infinity });
    },
  },
  {
    name: 'node-cache',
    calls: {
      ...MAP_CALLS,
      setWithTtl: `store.set(key, value, ${HOUR_MS / 1000})`,
      delete: 'store.del(key)',
    },
    size: (store) => store.keys().length,
    prepare() {
      const NodeCache = require('node-cache');
      return () => new NodeCache({ useClones: false, checkperiod: 0 });
    },
  },
  {
    name: 'keyv',
    awaited: true,
    maximumKeys: 1000,
    calls: { ...MAP_CALLS, setWithTtl: `store.set(key, value, ${HOUR_MS})` },
    size: (store) => store.store.size,
    prepare() {
      const { Keyv } = require('keyv');
      return () => new Keyv();
    },
  },
  {
    // Its `set` throws on a string key and stores all the same, so it is filled, then only read.
    name: 'original 1.0.3',
    calls: { ...MAP_CALLS, set: 'try { store.set(key, value); } catch {}' },
    size: (store) => store.size(),
    prepare() {
      const OriginalStore = require('shared-memory-store-original');
      return () => new OriginalStore({ autoStartCleanup: false });
    },
  },
];

/** The contender of that name. */
function contender(name) {
  const found = CONTENDERS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no contender is called ${name}`);
  return found;
}

module.exports = { CONTENDERS, HOUR_MS, OURS, ROOT, contender };
