/**
 * The rows of the benchmark: what each measures, over which load, against whom.
 *
 * `steady`: the store is filled once and stays full. `fill`: each batch fills a new, empty store.
 * `drain`: each batch empties a store that was filled off the clock. A row with `keys` runs at that
 * number of keys alone. Nothing here knows how a row is run.
 */
'use strict';

const { CONTENDERS, OURS, OURS_COARSE, OURS_EACH, OURS_UNLISTENED } = require('./contenders.js');
const { GROUP_KEYS } = require('./load.js');

const WITHOUT_TTL = ['Map', 'lru-cache', 'ttlcache', 'node-cache', 'keyv'];
const WITH_TTL = ['lru-cache', 'ttlcache', 'node-cache', 'keyv'];
const WITH_BOUND = ['lru-cache', 'ttlcache'];
const READERS = [...WITHOUT_TTL, 'original 1.0.3'];

const ROWS = [
  { name: 'get-hit', title: 'get, hit', kind: 'steady', loop: 'get', peers: READERS },
  {
    name: 'get-fresh-key',
    title: 'get, hit, key built for each call',
    kind: 'steady',
    loop: 'getFresh',
    load: { shape: 'fresh' },
    peers: READERS,
  },
  {
    name: 'get-ttl',
    title: 'get, hit, entry with a TTL',
    kind: 'steady',
    loop: 'get',
    expiring: true,
    peers: [OURS_COARSE, ...WITH_TTL],
  },
  {
    name: 'get-miss',
    title: 'get, miss',
    kind: 'steady',
    loop: 'getMiss',
    load: { shape: 'absent' },
    peers: READERS,
  },
  { name: 'has', title: 'has, hit', kind: 'steady', loop: 'has', peers: READERS },
  {
    name: 'set-new',
    title: 'set, new key (fill an empty store)',
    kind: 'fill',
    loop: 'set',
    load: { permuted: true },
    peers: WITHOUT_TTL,
  },
  { name: 'overwrite', title: 'set, overwrite', kind: 'steady', loop: 'set', peers: WITHOUT_TTL },
  {
    name: 'set-ttl',
    title: 'set with a TTL, overwrite',
    kind: 'steady',
    loop: 'setWithTtl',
    expiring: true,
    peers: WITH_TTL,
  },
  {
    name: 'delete',
    title: 'delete',
    kind: 'drain',
    loop: 'delete',
    load: { permuted: true },
    peers: WITHOUT_TTL,
  },
  {
    name: 'mixed',
    title: '90 % get, 10 % overwrite',
    kind: 'steady',
    loop: 'mixed',
    load: { twins: true },
    peers: WITHOUT_TTL,
  },
  {
    name: 'bounded-get-hit',
    title: 'get, hit, in a full bounded store',
    kind: 'steady',
    loop: 'get',
    bounded: true,
    peers: ['Map', ...WITH_BOUND],
  },
  {
    name: 'evicting-set',
    title: 'set, new key, which evicts another',
    kind: 'steady',
    loop: 'setFromPool',
    load: { pooled: true },
    bounded: true,
    peers: WITH_BOUND,
  },
  {
    name: 'bounded-mixed',
    title: 'zipf get, set on a miss, 10 objects per entry',
    kind: 'steady',
    loop: 'getOrElseSet',
    load: { objectsPerKey: 10 },
    bounded: true,
    hasMisses: true,
    keys: 10_000,
    peers: WITH_BOUND,
  },
  {
    name: 'increment',
    title: 'increment of a number (peers: get and set)',
    kind: 'steady',
    loop: 'increment',
    load: { counters: true },
    keys: 1000,
    peers: ['Map', 'lru-cache', 'ttlcache'],
  },
  {
    name: 'get-or-set-hit',
    title: 'getOrSet, hit, awaited (lru-cache: fetch; others: get)',
    kind: 'steady',
    loop: 'getOrSet',
    awaited: true,
    loading: true,
    keys: 1000,
    peers: ['Map', 'lru-cache', 'keyv'],
  },
  {
    name: 'get-many',
    title: `getMany of ${GROUP_KEYS} keys, per key (peers: a get each)`,
    kind: 'steady',
    loop: 'getMany',
    operationsPerCall: GROUP_KEYS,
    keys: 1000,
    peers: [OURS_EACH, 'Map', 'lru-cache'],
  },
  {
    name: 'set-listened',
    title: 'set, overwrite, with a listener for set',
    kind: 'steady',
    loop: 'set',
    verifier: 'setListened',
    listened: true,
    keys: 1000,
    peers: [OURS_UNLISTENED],
  },
];

const KEY_COUNTS = [1000, 100_000, 1_000_000];
/** What is run under Bun too, at 1,000 keys, against Map and lru-cache. */
const BUN_ROWS = ['get-hit', 'get-fresh-key', 'get-ttl', 'overwrite'];
const BUN_PEERS = ['Map', 'lru-cache'];

/** The row of that name. */
function rowOf(name) {
  const found = ROWS.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no row is called ${name}`);
  return found;
}

/** Those who take part in a row at a number of keys, ours first. */
function contendersOf(row, keyCount, allowedPeers) {
  const names = [OURS, ...row.peers.filter((name) => allowedPeers?.includes(name) ?? true)];
  return CONTENDERS.filter(
    ({ name, maximumKeys = Infinity }) => names.includes(name) && keyCount <= maximumKeys,
  );
}

module.exports = { BUN_PEERS, BUN_ROWS, KEY_COUNTS, ROWS, contendersOf, rowOf };
