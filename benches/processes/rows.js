/**
 * The rows of stores that processes share: what each measures, over which values, against whom.
 *
 * As `shared/rows.js`. All have one process: what others do to it, the measurements show. Nothing
 * here knows how a row is run.
 */
'use strict';

const { OURS } = require('../rows/contenders.js');
const { PROCESS_CONTENDERS } = require('./contenders.js');

const FEW_KEYS = [1000];
/** Some stores hold two megabytes in a processor's cache, none a hundred. */
const LARGE_TEXT_KEYS = [100];
const TEXT_READERS = ['NodeShareCache', 'lmdb', 'lmdb, strings', 'redis'];
const TEXT_WRITERS = [...TEXT_READERS, 'lmdb, put by 100', 'redis by 100'];
const OBJECT_READERS = ['NodeShareCache', 'lmdb', 'lmdb, structures', 'redis'];

const PROCESS_ROWS = [
  getText('text-100', 'string of 100 bytes', FEW_KEYS),
  getText('text-64k', 'string of 64 KB', LARGE_TEXT_KEYS),
  {
    name: 'processes:set-get-text-64k',
    title: 'processes set, then get of that key: string of 64 KB, copied in and out each time',
    loop: 'setGetText',
    values: 'text-64k',
    keys: LARGE_TEXT_KEYS,
    peers: TEXT_READERS,
  },
  setText('text-100', 'string of 100 bytes', FEW_KEYS),
  setText('text-64k', 'string of 64 KB', LARGE_TEXT_KEYS),
  {
    name: 'processes:get-object',
    title: 'processes get, object of five fields, copied',
    loop: 'get',
    values: 'object',
    keys: FEW_KEYS,
    peers: OBJECT_READERS,
  },
  {
    name: 'processes:set-object',
    title: 'processes set, object of five fields, overwrite',
    loop: 'set',
    values: 'object',
    keys: FEW_KEYS,
    peers: [...OBJECT_READERS, 'lmdb, put by 100', 'redis by 100'],
  },
  {
    name: 'processes:increment',
    title: 'processes increment of a number (lmdb: a transaction, redis: INCR)',
    loop: 'increment',
    values: 'counter',
    keys: FEW_KEYS,
    peers: ['lmdb', 'redis', 'redis by 100'],
  },
].map((row) => ({ kind: 'steady', ...row }));

function getText(values, what, keys) {
  const name = `processes:get-${values}`;
  const title = `processes get, ${what}, hot`;
  return { name, title, loop: 'getText', values, keys, peers: TEXT_READERS };
}

function setText(values, what, keys) {
  const name = `processes:set-${values}`;
  const title = `processes set, ${what}, overwrite`;
  return { name, title, loop: 'set', verifier: 'setText', values, keys, peers: TEXT_WRITERS };
}

/** The row of that name. */
function processRowOf(name) {
  const found = PROCESS_ROWS.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no row is called ${name}`);
  return found;
}

/** Those who take part in a row, ours first. */
function processContendersOf({ peers }) {
  return PROCESS_CONTENDERS.filter(({ name }) => name === OURS || peers.includes(name));
}

module.exports = { PROCESS_ROWS, processContendersOf, processRowOf };
