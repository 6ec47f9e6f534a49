/**
 * One contender in one row: opened, filled, and measured a turn at a time.
 *
 * A turn gives nanoseconds per operation, and throws when the answers were wrong. Nothing here
 * knows of other contenders. Invariant: filling, checking and opening stay off the clock.
 */
'use strict';

const { makeLoop, makePeek, makeRead } = require('./loops.js');
const { VERIFIERS, expectFull } = require('./verifiers.js');

/** A lane for `contender`, whose stores `openStore` opens. */
function openLane(contender, openStore, row, load) {
  const keyCount = load.keys.length;
  const isSteady = row.kind === 'steady';
  const timed = { ...contender, awaited: contender.awaited || row.awaited };
  const lane = {
    name: contender.name,
    contender: timed,
    /** Whether the timed loop gives a promise. */
    isAsync: timed.awaited || timed.callsPerWait !== undefined,
    load,
    keyCount,
    open: () => openStore(keyCount, row),
    fill: makeLoop(row.expiring ? 'fillWithTtl' : 'fill', contender),
    loop: makeLoop(row.loop, timed),
    read: makeRead(contender),
    peek: makePeek(contender),
    verify: VERIFIERS[row.verifier ?? row.loop],
    position: 0,
    unit: isSteady ? 'operations' : 'batches',
    /** How many operations one more of `amount` is: a batch is a whole store. */
    operationsPerUnit: isSteady ? (row.operationsPerCall ?? 1) : keyCount,
    /** Of all turns so far. */
    units: 0,
    misses: 0,
  };
  lane.turn = TURNS[row.kind].bind(undefined, lane);
  return lane;
}

/** Fills the store of a lane that needs one, and checks that all of it arrived. */
async function fillLane(lane) {
  if (lane.unit === 'batches') return;
  lane.store = await lane.open();
  const fill = () => lane.fill(lane.store, lane.load, 0, lane.keyCount);
  // Some fill faster in one transaction.
  await (lane.contender.filling?.(lane.store, fill) ?? fill());
  await expectFull(lane, lane.store);
}

const TURNS = { steady: steadyTurn, fill: fillTurn, drain: drainTurn };

async function steadyTurn(lane, units) {
  const { load, store, loop, isAsync } = lane;
  const start = lane.position;
  const end = start + units;
  const begin = process.hrtime.bigint();
  const answer = loop(store, load, start, end);
  const { sum, misses } = isAsync ? await answer : answer;
  const elapsed = process.hrtime.bigint() - begin;
  lane.position = end & load.wrap;
  lane.units += units;
  lane.misses += misses;
  await lane.verify(lane, store, { sum, start, end });
  return Number(elapsed) / (units * lane.operationsPerUnit);
}

async function fillTurn(lane, batches) {
  const { load, loop, isAsync, contender, keyCount } = lane;
  let elapsed = 0n;
  for (let batch = 0; batch < batches; batch += 1) {
    const store = lane.open();
    const begin = process.hrtime.bigint();
    const answer = loop(store, load, 0, keyCount);
    const { sum } = isAsync ? await answer : answer;
    elapsed += process.hrtime.bigint() - begin;
    await lane.verify(lane, store, { sum, start: 0, end: keyCount });
    contender.close?.(store);
  }
  return Number(elapsed) / (batches * keyCount);
}

async function drainTurn(lane, batches) {
  const { load, loop, isAsync, keyCount } = lane;
  lane.store ??= lane.open();
  let elapsed = 0n;
  for (let batch = 0; batch < batches; batch += 1) {
    await lane.fill(lane.store, load, 0, keyCount);
    const begin = process.hrtime.bigint();
    const answer = loop(lane.store, load, 0, keyCount);
    const { sum } = isAsync ? await answer : answer;
    elapsed += process.hrtime.bigint() - begin;
    await lane.verify(lane, lane.store, { sum, start: 0, end: keyCount });
  }
  return Number(elapsed) / (batches * keyCount);
}

module.exports = { fillLane, openLane };
