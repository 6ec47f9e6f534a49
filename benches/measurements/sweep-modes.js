/**
 * The stores of the sweep measurement, each with the sweeper that it has.
 *
 * A mode opens a store, and stores an entry that expires at a given moment of
 * `performance.now()`. Invariant: `ours, none expiring` differs from `ours, expiring` in
 * nothing but the moment, which is an hour later: the same entries are there, none is swept.
 */
'use strict';

const { contender, HOUR_MS, OURS } = require('../rows/contenders.js');

const SWEEP_INTERVAL_MS = 100;

const MODES = {
  'ours, expiring': { name: OURS, open: openOurs, ttlCall: ttlOption(0) },
  'ours, none expiring': { name: OURS, open: openOurs, ttlCall: ttlOption(HOUR_MS) },
  'ttlcache, expiring': { name: 'ttlcache', open: openTtlcache, ttlCall: ttlOption(0) },
  'node-cache, expiring': {
    name: 'node-cache',
    open: openNodeCache,
    ttlCall: 'store.set(key, value, (untilMs - performance.now()) / 1000)',
  },
};

/** The `ttl` until the moment, plus `laterMs`, in whole milliseconds. */
function ttlOption(laterMs) {
  const ttl = `Math.max(1, Math.round(untilMs - performance.now())) + ${laterMs}`;
  return `store.set(key, value, { ttl: ${ttl} })`;
}

/** `{ store, get, set, setUntil, size }` of a mode; `get` is source over `store` and `key`. */
function openMode(mode, entries, storePath) {
  const { name, open, ttlCall } = MODES[mode];
  const { calls, size } = contender(name);
  return {
    store: open(entries, storePath),
    get: calls.get,
    set: new Function('store', 'key', 'value', `${calls.set};`),
    setUntil: new Function('store', 'key', 'value', 'untilMs', `${ttlCall};`),
    size,
  };
}

function openOurs(_entries, storePath) {
  const { ROOT } = require('../rows/contenders.js');
  const MemoryStore = require(storePath ?? ROOT);
  return new MemoryStore({ cleanupInterval: SWEEP_INTERVAL_MS });
}

function openTtlcache() {
  const { TTLCache } = require('@isaacs/ttlcache');
  return new TTLCache({ ttl: Infinity });
}

/** `checkperiod` is in seconds; 1 is its usual least. */
function openNodeCache() {
  const NodeCache = require('node-cache');
  return new NodeCache({ useClones: false, checkperiod: 1 });
}

module.exports = { MODES, openMode };
