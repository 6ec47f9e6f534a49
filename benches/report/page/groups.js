/**
 * How the page is ordered: as somebody asks who wants a store, not as the rows are measured.
 *
 * Knows names of rows and fields of measurements, no figure. Invariant: each row and measurement is
 * in one group.
 */
'use strict';

/** `rows` by name, `fields` of measurements, and the `--rows` that measures the group. */
const GROUPS = [
  {
    id: 'hot-reads',
    title: 'Hot reads',
    about: 'One thread, a MemoryStore: reading keys that are there, and keys that are not.',
    rows: ['get-hit', 'get-fresh-key', 'get-miss', 'has', 'get-many', 'get-or-set-hit'],
    fields: [],
    asked: '^(get|has)',
  },
  {
    id: 'writes',
    title: 'Writes',
    about: 'The same store: filling, overwriting, counting, emptying.',
    rows: ['overwrite', 'set-new', 'delete', 'mixed', 'increment', 'set-listened'],
    fields: ['exactness'],
    asked: '^(set|overwrite|delete|mixed|increment|exactness)',
  },
  {
    id: 'ttl',
    title: 'Entries with a ttl',
    about:
      'Expiry is exact here: each read of such an entry asks the clock. Others ask it once a ' +
      'millisecond, or never.',
    rows: ['get-ttl', 'set-ttl'],
    fields: ['clock', 'sweep'],
    asked: 'ttl|clock|sweep',
  },
  {
    id: 'bounded',
    title: 'Bounded stores',
    about: 'A full store with maxEntries: what comes drives something out.',
    rows: ['bounded-get-hit', 'evicting-set', 'bounded-mixed'],
    fields: [],
    asked: 'bounded|evicting',
  },
  {
    id: 'hit-ratio',
    title: 'Hit ratio',
    about:
      'How many requests miss. Nobody can miss less than the optimum, which knows the future. ' +
      'Each trace at 1, 5, 10 and 25 % of its objects.',
    rows: [],
    fields: ['hitRatio'],
    asked: 'hit-ratio',
  },
  {
    id: 'threads',
    title: 'Shared by threads',
    about: 'A SharedStore of one process, beside what hands values from thread to thread.',
    rows: [
      ...['shared:get-object', 'shared:get-frozen', 'shared:set-object', 'shared:get-text-100'],
      ...['shared:get-text-1k', 'shared:get-text-64k', 'shared:set-text-100'],
      ...['shared:set-text-1k', 'shared:set-text-64k', 'shared:increment'],
      'shared:get-or-set-hit',
    ],
    fields: ['sharedThreads'],
    asked: '^shared',
  },
  {
    id: 'processes',
    title: 'Shared by processes',
    about: 'The same verbs between programs, beside lmdb on a tmpfs and Redis on a local socket.',
    rows: [
      ...['processes:get-text-100', 'processes:set-text-100', 'processes:get-text-64k'],
      ...['processes:set-text-64k', 'processes:set-get-text-64k', 'processes:get-object'],
      ...['processes:set-object', 'processes:increment'],
    ],
    fields: [
      ...['processesBesideWriter', 'processesStoppedWriter', 'processesStall'],
      'processesOpening',
    ],
    asked: '^processes',
  },
  {
    id: 'adapters',
    title: 'Adapters',
    about: 'The call that a framework makes for each request, awaited.',
    rows: [
      ...['adapters:express-session', 'adapters:keyv', 'adapters:rate-limit'],
      ...['adapters:unstorage', 'adapters:bentocache'],
    ],
    fields: ['adaptersApp'],
    asked: '^adapters',
  },
  {
    id: 'fleet',
    title: 'Fleets of machines',
    about:
      'A FleetStore over Redis, with near copies: what a call takes, how late a change is seen.',
    rows: [],
    fields: [
      ...['fleetHits', 'fleetTimed', 'fleetReads', 'fleetBounds', 'fleetListeners'],
      'fleetRaces',
    ],
    asked: '^fleet',
  },
  {
    id: 'features',
    title: 'Tags, namespaces, filters, limits',
    about: 'What they cost, beside the same call without them.',
    rows: [],
    fields: ['features'],
    asked: '^features',
  },
  {
    id: 'memory',
    title: 'Memory',
    about: 'Bytes of an entry, and what a collection of the garbage has to walk through.',
    rows: [],
    fields: ['memory', 'gcPause', 'sharedOverhead'],
    asked: 'memory|gc-pause|overhead',
  },
  {
    id: 'scale',
    title: 'Scale',
    about:
      'A hundred million entries in one shared store, thirty-three in a MemoryStore, and where a ' +
      'Map ends. Keys of 16 characters, numbers as values.',
    rows: [],
    fields: ['scaleShared', 'scaleLocal', 'scaleMap'],
    asked: 'scale',
  },
];

module.exports = { GROUPS };
