/**
 * The contenders of a row: opened, filled, warmed up, and measured in turns.
 *
 * It must not know what a row measures nor how results are shown. Invariant: in every round each
 * contender has one turn, and the contender that begins changes from round to round.
 */
'use strict';

const { OURS } = require('./contenders.js');
const { fillLane, openLane } = require('./lane.js');

/** Warm-up doubles what it runs at most this often: 2^31 operations are always enough. */
const WARM_UP_DOUBLINGS = 31;
const MAXIMUM_OPERATIONS = 2_000_000;
const MAXIMUM_BATCHES = 500;
/** From here on a full collection before each round costs less than what it keeps out. */
const COLLECT_EACH_ROUND_KEYS = 100_000;

/** Opens and fills a lane for each contender whose package is there. */
async function openLanes(row, load, contenders, storePath) {
  const lanes = [];
  const skipped = {};
  for (const contender of contenders) {
    const opener = openerOf(contender, storePath);
    if (opener.failure !== undefined) skipped[contender.name] = opener.failure;
    else lanes.push(openLane(contender, opener.openStore, row, load));
  }
  for (const lane of lanes) await fillLane(lane);
  return { lanes, skipped };
}

/** Nanoseconds per operation in each round, by contender; `missRatios` where the row has misses. */
async function measureLanes(lanes, { rounds, turnMs, warmUpMs }, { row, keyCount }) {
  // Moves everything to the old generation and replaces ropes by the strings they became.
  collect();
  collect();
  for (const lane of lanes) lane.amount = await warmUp(lane, warmUpMs, turnMs);
  await playRound(lanes, 0);
  const before = lanes.map(({ units, misses }) => ({ units, misses }));
  const results = await playRounds(lanes, rounds, keyCount);
  const missRatios = row.hasMisses ? missRatiosOf(lanes, before) : undefined;
  return { operations: operationsOf(lanes), results, missRatios };
}

/** `{ openStore }`, or `{ failure }` where the package of a peer is not there. */
function openerOf(contender, storePath) {
  try {
    return { openStore: contender.prepare(storePath) };
  } catch (error) {
    if (contender.name === OURS) throw error;
    return { failure: error.message.split('\n')[0] };
  }
}

/** Runs a lane until it has had its warm-up; gives how much of it fills a turn. */
async function warmUp(lane, warmUpMs, turnMs) {
  const maximum = lane.unit === 'batches' ? MAXIMUM_BATCHES : MAXIMUM_OPERATIONS;
  let amount = lane.unit === 'batches' ? 1 : 512;
  let spentNs = 0;
  let unitNs = 0;
  for (let doubling = 0; doubling < WARM_UP_DOUBLINGS; doubling += 1) {
    unitNs = (await lane.turn(amount)) * lane.operationsPerUnit;
    spentNs += unitNs * amount;
    if (spentNs >= warmUpMs * 1e6) break;
    amount = Math.min(amount * 2, maximum);
  }
  return Math.min(Math.max(Math.round((turnMs * 1e6) / unitNs), 1), maximum);
}

async function playRounds(lanes, rounds, keyCount) {
  const results = Object.fromEntries(lanes.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    if (keyCount >= COLLECT_EACH_ROUND_KEYS) collect();
    const times = await playRound(lanes, round);
    for (const [name, ns] of times) results[name].push(ns);
  }
  return results;
}

/** One turn each; `[name, ns per operation]` of each. */
async function playRound(lanes, round) {
  const times = [];
  for (let turn = 0; turn < lanes.length; turn += 1) {
    const lane = lanes[(round + turn) % lanes.length];
    // What the last turn left behind in a fill is a whole store: not this contender's to pay.
    if (lane.unit === 'batches') collect();
    // Timers and what was posted from other threads run here, not only when a row is over.
    await nextTurnOfTheEventLoop();
    times.push([lane.name, await lane.turn(lane.amount)]);
  }
  return times;
}

function operationsOf(lanes) {
  return Object.fromEntries(
    lanes.map(({ name, amount, operationsPerUnit }) => [name, amount * operationsPerUnit]),
  );
}

/** The share of misses in the measured rounds, for rows in which stores differ in it. */
function missRatiosOf(lanes, before) {
  return Object.fromEntries(
    lanes.map(({ name, units, misses }, index) => {
      const former = before[index];
      return [name, (misses - former.misses) / (units - former.units)];
    }),
  );
}

function nextTurnOfTheEventLoop() {
  return new Promise((resolve) => setImmediate(resolve));
}

function collect() {
  if (globalThis.Bun) globalThis.Bun.gc(true);
  else globalThis.gc();
}

module.exports = { measureLanes, openLanes };
