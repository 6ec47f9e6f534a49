/**
 * Near hits: what a read costs that needs no server, beside a `Map` and others' near caches.
 *
 * All hold the same texts in memory; none of these reads leaves the process. Knows no report.
 */
'use strict';

const { makeSharedLoad } = require('../../shared/load.js');
const { makeLoop } = require('../loops.js');
const { VERIFIERS } = require('../verifiers.js');
const { startFleet, warm } = require('./fleets.js');
const { PEERS } = require('./peers.js');
const { inTurns } = require('./turns.js');

const KEYS = 1000;
const PACES = {
  full: { rounds: 15, turnMs: 60, warmUpMs: 1000 },
  quick: { rounds: 5, turnMs: 20, warmUpMs: 200 },
};
/** Calls of a turn that leaves no other to run. */
const MOST_CALLS = 1_000_000;

/** Each with the lane that it is compared with, and what it may be at most. */
const PARTS = {
  'near hit, near() ÷ Map.get': { lane: 'near', peer: 'Map', limit: 2.5 },
  'near hit, awaited ÷ awaited Map.get': { lane: 'get', peer: 'Map, awaited', limit: 1.4 },
  'near hit, awaited ÷ near cache of node-redis': { lane: 'get', peer: 'node-redis', limit: 0.05 },
  'near hit, awaited ÷ layered-loader': { lane: 'get', peer: 'layered-loader', limit: 0.9 },
  'near hit, near() ÷ layered-loader, not awaited': {
    lane: 'near',
    peer: 'layered-loader, not awaited',
    limit: 0.9,
  },
  'near hit, awaited ÷ cacheable': { lane: 'get', peer: 'cacheable' },
  'near hit, awaited ÷ bentocache': { lane: 'get', peer: 'bentocache' },
};

async function run({ quick, storePath }) {
  const fleet = await startFleet(storePath);
  const load = loadOf();
  const map = new Map(load.keys.map((key, index) => [key, load.values[index]]));
  const store = await filled(fleet, load, 'hits', {});
  const lanes = [
    laneOf('near', store, load, { call: 'store.near(key)', awaited: false }),
    laneOf('Map', map, load, { call: 'store.get(key)', awaited: false }),
    laneOf('get', store, load, { call: 'store.get(key)', awaited: true }),
    laneOf('Map, awaited', map, load, { call: 'store.get(key)', awaited: true }),
  ];
  const skipped = {};
  for (const [name, open] of Object.entries(PEERS)) {
    try {
      const { store: peer, ...how } = await open(fleet.url, load);
      lanes.push(laneOf(name, peer, load, how));
    } catch (error) {
      skipped[name] = error.message.split('\n')[0];
    }
  }
  const times = await inTurns(lanes, quick ? PACES.quick : PACES.full);
  return { parts: partsOf(times), skipped };
}

function loadOf() {
  return makeSharedLoad({ values: 'text-100', keyCount: KEYS });
}

/** A lane whose call reads a text; a wrong one ends the measurement. */
function laneOf(name, store, load, { call, awaited }) {
  const loop = makeLoop('getText', { name, calls: { get: call }, awaited });
  const run = async (start, end) => {
    const { sum } = await loop(store, load, start, end);
    VERIFIERS.getText({ name, load }, store, { sum, start, end });
  };
  return { name, run, mostCalls: MOST_CALLS };
}

/** A store whose entries are all near. */
async function filled({ openNear, folder }, { keys, values }, name, options) {
  const store = openNear({ path: folder }, { name, ...options });
  await store.setMany(keys.map((key, index) => [key, values[index]]));
  for (const key of keys) await warm(store, key);
  return store;
}

function partsOf(times) {
  const measured = Object.entries(PARTS).filter(([, { peer }]) => !peer || times[peer]);
  return Object.fromEntries(
    measured.map(([name, { lane, peer, limit }]) => {
      return [name, { unit: 'ns', limit, ours: times[lane], peer: times[peer] }];
    }),
  );
}

module.exports = { PACES, filled, laneOf, loadOf, run };
