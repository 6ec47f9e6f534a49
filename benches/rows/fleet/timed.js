/**
 * Near hits of entries that have a deadline, which each read compares with the clock.
 *
 * Apart from those that have none: who has only these runs code that is made for them.
 */
'use strict';

const { startFleet } = require('./fleets.js');
const { PACES, filled, laneOf, loadOf } = require('./hits.js');
const { inTurns } = require('./turns.js');

const HOUR_MS = 3_600_000;
const LIMIT_NS = 160;

async function run({ quick, storePath }) {
  const load = loadOf();
  const store = await filled(await startFleet(storePath), load, 'deadlines', { ttl: HOUR_MS });
  const map = new Map(load.keys.map((key, index) => [key, load.values[index]]));
  const { get, Map: peer } = await inTurns(
    [
      laneOf('get', store, load, { call: 'store.get(key)', awaited: true }),
      laneOf('Map', map, load, { call: 'store.get(key)', awaited: true }),
    ],
    quick ? PACES.quick : PACES.full,
  );
  return {
    parts: {
      'near hit with a deadline, awaited': { unit: 'ns', limit: LIMIT_NS, ours: get },
      'the same ÷ awaited Map.get': { unit: 'ns', ours: get, peer },
    },
  };
}

module.exports = { run };
