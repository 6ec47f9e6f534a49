/**
 * The child process of one row of adapters: the contenders in turns, each call awaited.
 *
 * As `rows/child.js`. Invariant: every answer that was measured was looked at, and a wrong one ends
 * the row.
 */
'use strict';

const path = require('node:path');

const { startServer } = require('../../processes/redis.js');
const { SEED, makeLoad } = require('../load.js');
const { OURS } = require('../contenders.js');
const { measureLanes } = require('../turns.js');
const { temporaryFolder } = require('../../shared/folders.js');
const { CONTENDERS } = require('./contenders.js');
const { adapterRowOf } = require('./rows.js');

const MAX_BYTES = 2 ** 26;

/**
 * A loop over the calls of one contender: a function of its own, so that its call sites see one
 * kind of store. The sources differ, or V8 would give them one type feedback.
 */
function makeLoop(name) {
  return new Function(`return async function loop(call, isRight, load, amount) {
    'use strict'; // For ${name} alone.
    const { keys, order, mask } = load;
    let right = 0;
    for (let i = 0; i < amount; i += 1) {
      const key = keys[order[i & mask]];
      if (isRight(await call(key), key)) right += 1;
    }
    return right;
  }`)();
}

/** One contender, opened, filled, read key by key: as a lane of `rows/turns.js`. */
async function laneOf(name, open, place, load) {
  const { set, call, isRight } = await open(place);
  for (const key of load.keys) await set(key);
  for (const key of load.keys) {
    if (!isRight(await call(key), key)) throw new Error(`${name}: ${key} is another value`);
  }
  const loop = makeLoop(name);
  // The answer is compared whole above; within the time, that would be what is measured.
  const isThere = (answer) => answer !== undefined && answer !== null;
  const turn = async (amount) => {
    const begun = process.hrtime.bigint();
    const right = await loop(call, isThere, load, amount);
    const spent = Number(process.hrtime.bigint() - begun);
    if (right !== amount) throw new Error(`${name}: ${amount - right} answers are not there`);
    return spent / amount;
  };
  return { name, turn, unit: 'operations', operationsPerUnit: 1, units: 0, misses: 0 };
}

async function main({ row: rowName, keyCount, storePath, ...pace }) {
  const { interface: wanted } = adapterRowOf(rowName);
  const load = makeLoad({}, keyCount);
  const folder = temporaryFolder();
  const lanes = [];
  const skipped = {};
  for (const [name, open] of Object.entries(CONTENDERS[wanted])) {
    const place = { path: path.join(folder, 'stores'), maxBytes: MAX_BYTES };
    const options = { ...place, name: `bench ${lanes.length}` };
    try {
      lanes.push(await laneOf(name, open, { options, storePath, socket: startServer }, load));
    } catch (error) {
      if (name === OURS) throw error;
      skipped[name] = error.message.split('\n')[0];
    }
  }
  const measured = await measureLanes(lanes, pace, { row: {}, keyCount });
  return { seed: SEED, ...measured, skipped };
}

main(JSON.parse(process.argv[2])).then(
  (result) => process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0)),
  (error) => {
    process.stderr.write(`${error.stack}\n`, () => process.exit(1));
  },
);
