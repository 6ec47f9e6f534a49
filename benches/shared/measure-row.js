/**
 * One row of shared stores, measured: contenders opened, checked, and given their turns.
 *
 * As `rows/child.js`, for rows and contenders that are passed in. Invariant: before the clock
 * starts, each contender has been read entry by entry, and gave what was stored.
 */
'use strict';

const { isDeepStrictEqual } = require('node:util');

const { SEED } = require('../rows/load.js');
const { measureLanes, openLanes } = require('../rows/turns.js');
const { makeSharedLoad } = require('./load.js');

async function measureRow(row, contenders, { keyCount, storePath, ...pace }) {
  const load = makeSharedLoad({ values: row.values, keyCount });
  const { lanes, skipped } = await openLanes(row, load, contenders, storePath);
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

module.exports = { measureRow };
