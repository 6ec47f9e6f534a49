/**
 * The child process of one row at one number of keys: measures the contenders in turns.
 *
 * Started by `launch.js` with the specification as JSON, it prints its result as one line of JSON.
 * It must not know how results are shown.
 */
'use strict';

const { SEED, makeLoad } = require('./load.js');
const { contendersOf, rowOf } = require('./rows.js');
const { measureLanes, openLanes } = require('./turns.js');

async function main({ row: name, keyCount, peers, storePath, ...pace }) {
  const row = rowOf(name);
  const load = makeLoad(row.load ?? {}, keyCount);
  const contenders = contendersOf(row, keyCount, peers);
  const { lanes, skipped } = await openLanes(row, load, contenders, storePath);
  return { seed: SEED, ...(await measureLanes(lanes, pace, { row, keyCount })), skipped };
}

main(JSON.parse(process.argv[2])).then((result) => {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
});
