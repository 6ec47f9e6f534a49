/**
 * The rows of adapters: the call that a framework makes for each request, and who answers it.
 *
 * Nothing here knows how a row is run, nor loads a package.
 */
'use strict';

const KEYS = [1000];

const ADAPTER_ROWS = [
  {
    name: 'adapters:express-session',
    title: 'express-session, get of a session',
    interface: 'sessions',
  },
  {
    name: 'adapters:keyv',
    title: 'Keyv, get of an object of five fields',
    interface: 'keyv',
  },
  {
    name: 'adapters:rate-limit',
    title: 'express-rate-limit, increment',
    interface: 'limits',
  },
  {
    name: 'adapters:unstorage',
    title: 'unstorage, getItem of an object of five fields',
    interface: 'unstorage',
  },
  {
    name: 'adapters:bentocache',
    title: 'bentocache, get of an object of five fields',
    interface: 'bentocache',
  },
].map((row) => ({ keys: KEYS, ...row }));

/** The row of that name. */
function adapterRowOf(name) {
  const found = ADAPTER_ROWS.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no row is called ${name}`);
  return found;
}

module.exports = { ADAPTER_ROWS, adapterRowOf };
