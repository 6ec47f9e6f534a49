/**
 * The child process of one row of shared stores: measures the contenders in turns.
 *
 * As `rows/child.js`. Invariant: before the clock starts, each contender has been read entry by
 * entry, and gave what was stored.
 */
'use strict';

const { isDeepStrictEqual } = require('node:util');

const { SEED } = require('../rows/load.js');
const { measureLanes, openLanes } = require('../rows/turns.js');
const { makeSharedLoad } = require('./load.js');
const { sharedContendersOf, sharedRowOf } = require('./rows.js');

async function main({ row: name, keyCount, storePath, ...pace }) {
  const row = sharedRowOf(name);
  const load = makeSharedLoad({ values: row.values, keyCount });
  const { lanes, skipped } = await openLanes(row, load, sharedContendersOf(row), storePath);
  for (const lane of lanes) await expectAll(lane);
  return { seed: SEED, ...(await measureLanes(lanes, pace, { row, keyCount })), skipped };
}

/** Every key has the value of its own, with all that is in it. */
async function expectAll({ name, store, read, load: { keys, values } }) {
  for (const [id, key] of keys.entries()) {
    const stored = await read(store, key);
    if (!isDeepStrictEqual(stored, values[id])) throw new Error(`${name}: ${key} is another value`);
  }
}

main(JSON.parse(process.argv[2])).then((result) => {
  // Some peers keep a process alive, and have no way to be closed.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
});
