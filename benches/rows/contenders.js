/**
 * Who is measured: how each store is opened, and what a call to it looks like.
 *
 * A call is a piece of source over the names `store`, `key` and `value` (and `group` or `factory`);
 * `loops.js` makes a loop of it. Nothing here knows which rows exist. Invariant: every contender
 * holds the same keys and the same value objects, and every deadline is an hour away, so that none
 * passes while measured.
 */
'use strict';

const path = require('node:path');

const OURS = 'shared-memory-store';
/** Ours in another way, to compare ours with. */
const OURS_UNLISTENED = 'the same, no listener';
const OURS_COARSE = 'the same, clock: coarse';
const OURS_EACH = 'the same, a get each';
const HOUR_MS = 3_600_000;
const ROOT = path.join(__dirname, '..', '..');

const MAP_CALLS = {
  get: 'store.get(key)',
  has: 'store.has(key)',
  set: 'store.set(key, value)',
  delete: 'store.delete(key)',
  increment: 'const count = store.get(key) + 1; store.set(key, count)',
  getOrSet: 'store.get(key)',
  getMany: `const found = new Array(group.length);
    for (let at = 0; at < group.length; at += 1) found[at] = store.get(group[at])`,
};
const TTL_CALLS = { ...MAP_CALLS, setWithTtl: `store.set(key, value, { ttl: ${HOUR_MS} })` };
const OURS_CALLS = {
  ...TTL_CALLS,
  peek: 'store.peek(key)',
  increment: 'const count = store.increment(key)',
  getOrSet: 'store.getOrSet(key, factory)',
  getMany: 'const found = store.getMany(group)',
};

/** How many events the listener of a store has heard. */
const heard = new WeakMap();

const OURS_AS_SUCH = {
  calls: OURS_CALLS,
  size: (store) => store.size(),
  close: (store) => store.close(),
  evicted: (store) => store.stats().evicted,
  prepare(storePath = ROOT) {
    const MemoryStore = require(path.resolve(storePath));
    return (capacity, { bounded } = {}) =>
      new MemoryStore(bounded ? { maxEntries: capacity } : undefined);
  },
};

/**
 * A contender whose calls give promises says `awaited`: each is waited for. Or its calls put them
 * into `pending`, and `callsPerWait` says how many calls are made before all are waited for.
 *
 * `prepare(storePath)` loads the package and gives `open(capacity, mode)`; it throws when the
 * package is not there. A mode may say `expiring` (entries get a deadline), `bounded` (room for
 * `capacity` entries and no more), `listened` (somebody listens) or `loading` (for `getOrSet`).
 */
const CONTENDERS = [
  {
    ...OURS_AS_SUCH,
    name: OURS,
    heard: (store) => heard.get(store).events,
    prepare(storePath) {
      const open = OURS_AS_SUCH.prepare(storePath);
      return (capacity, mode) => {
        const store = open(capacity, mode);
        if (mode?.listened) listenTo(store);
        return store;
      };
    },
  },
  { ...OURS_AS_SUCH, name: OURS_UNLISTENED },
  {
    ...OURS_AS_SUCH,
    name: OURS_COARSE,
    prepare(storePath = ROOT) {
      const MemoryStore = require(path.resolve(storePath));
      return () => new MemoryStore({ clock: 'coarse' });
    },
  },
  { ...OURS_AS_SUCH, name: OURS_EACH, calls: { ...OURS_CALLS, getMany: MAP_CALLS.getMany } },
  {
    name: 'Map',
    calls: MAP_CALLS,
    size: (store) => store.size,
    prepare: () => () => new Map(),
  },
  {
    name: 'lru-cache',
    calls: { ...TTL_CALLS, peek: 'store.peek(key)', getOrSet: 'store.fetch(key)' },
    size: (store) => store.size,
    prepare() {
      const { LRUCache } = require('lru-cache');
      return (capacity, { expiring, bounded, loading } = {}) =>
        new LRUCache({
          max: bounded ? capacity : capacity + 1,
          ...(expiring && { ttl: HOUR_MS }),
          ...(loading && { fetchMethod: refuseToLoad }),
        });
    },
  },
  {
    name: 'ttlcache',
    calls: TTL_CALLS,
    size: (store) => store.size,
    close: (store) => store.cancelTimer(),
    prepare() {
      const { TTLCache } = require('@isaacs/ttlcache');
      // Only what has a deadline is evicted: without one, `set` beyond `max` never comes back.
      return (capacity, { expiring, bounded } = {}) =>
        new TTLCache({
          max: bounded ? capacity : capacity + 1,
          ttl: expiring || bounded ? HOUR_MS : Infinity,
        });
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

function listenTo(store) {
  const counter = { events: 0 };
  heard.set(store, counter);
  store.on('set', () => {
    counter.events += 1;
  });
}

/** Makes no value: rows that load only ask for what is there. */
function refuseToLoad(key) {
  throw new Error(`${key} was not there`);
}

/** The contender of that name. */
function contender(name) {
  const found = CONTENDERS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no contender is called ${name}`);
  return found;
}

module.exports = {
  CONTENDERS,
  HOUR_MS,
  OURS,
  OURS_COARSE,
  OURS_EACH,
  OURS_UNLISTENED,
  ROOT,
  contender,
  refuseToLoad,
};
