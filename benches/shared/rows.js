/**
 * The rows of shared stores: what each measures, over which values, against whom.
 *
 * As `rows/rows.js`. A row runs at its own numbers of keys, the first of them alone when it has to
 * be quick. Nothing here knows how a row is run.
 */
'use strict';

const { OURS } = require('../rows/contenders.js');
const { SHARED_CONTENDERS } = require('./contenders.js');

const KEYSHARES = ['native-keyshare, msgpackr', 'native-keyshare, v8'];
const OBJECT_PEERS = ['ours, createStore', 'lmdb', 'lmdb, structures', ...KEYSHARES];
const TEXT_PEERS = ['lmdb', 'lmdb, strings', ...KEYSHARES];
/** Some stores hold two megabytes in a processor's cache, none a hundred. */
const LARGE_TEXT_KEYS = 100;

const SHARED_ROWS = [
  {
    name: 'shared:get-object',
    title: 'shared get, object of five fields, copied',
    loop: 'get',
    values: 'object',
    keys: [1000, 100_000],
    peers: OBJECT_PEERS,
  },
  {
    name: 'shared:get-frozen',
    title: "shared get, object of five fields, reads: 'frozen'",
    loop: 'get',
    values: 'object',
    reads: 'frozen',
    keys: [1000, 100_000],
    peers: ['Map', 'lmdb', 'lmdb, checked cache'],
  },
  {
    name: 'shared:set-object',
    title: 'shared set, object of five fields, overwrite',
    loop: 'set',
    values: 'object',
    keys: [1000, 100_000],
    peers: OBJECT_PEERS,
  },
  getText('text-100', 'string of 100 bytes', [1000, 1_000_000], ['Map']),
  getText('text-1k', 'string of 1 KB', [1000], []),
  getText('text-64k', 'string of 64 KB', [LARGE_TEXT_KEYS], []),
  setText('text-100', 'string of 100 bytes', [1000]),
  setText('text-1k', 'string of 1 KB', [1000]),
  setText('text-64k', 'string of 64 KB', [LARGE_TEXT_KEYS]),
  {
    name: 'shared:increment',
    title: 'shared increment of a number, one thread',
    loop: 'increment',
    values: 'counter',
    keys: [1000],
    peers: ['the same, get and set', 'Map', 'Atomics.add'],
  },
  {
    name: 'shared:get-or-set-hit',
    title: 'shared getOrSet, hit, object of five fields, awaited (peers: get)',
    loop: 'getOrSet',
    values: 'object',
    awaited: true,
    keys: [1000],
    peers: ['the same, awaited get', 'Map', 'lmdb'],
  },
].map((row) => ({ kind: 'steady', ...row }));

function getText(values, what, keys, more) {
  const name = `shared:get-${values}`;
  const title = `shared get, ${what}`;
  return { name, title, loop: 'getText', values, keys, peers: [...more, ...TEXT_PEERS] };
}

function setText(values, what, keys) {
  const name = `shared:set-${values}`;
  const title = `shared set, ${what}, overwrite`;
  return { name, title, loop: 'set', verifier: 'setText', values, keys, peers: TEXT_PEERS };
}

/** The row of that name. */
function sharedRowOf(name) {
  const found = SHARED_ROWS.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no row is called ${name}`);
  return found;
}

/** Those who take part in a row, ours first. */
function sharedContendersOf({ peers }) {
  return SHARED_CONTENDERS.filter(({ name }) => name === OURS || peers.includes(name));
}

module.exports = { SHARED_ROWS, sharedContendersOf, sharedRowOf };
