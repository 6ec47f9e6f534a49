/**
 * One contender in one row: opened, filled, and measured a turn at a time.
 *
 * A turn gives nanoseconds per operation, and throws when a hit was no hit, a miss no miss, or a
 * write did not arrive. Nothing here knows of other contenders. Invariant: filling, checking and
 * opening stay off the clock.
 */
'use strict';

const { makeLoop, makeRead } = require('./loops.js');

/** A lane for `contender`, whose stores `openStore` opens. */
function openLane(contender, openStore, row, load) {
  const keyCount = load.keys.length;
  const lane = {
    name: contender.name,
    contender,
    load,
    keyCount,
    open: () => openStore(keyCount, row.expiring === true),
    fill: makeLoop(row.expiring ? 'fillWithTtl' : 'fill', contender),
    loop: makeLoop(row.loop, contender),
    read: makeRead(contender),
    verify: VERIFIERS[row.loop],
    position: 0,
    unit: row.kind === 'steady' ? 'operations' : 'batches',
  };
  lane.turn = TURNS[row.kind].bind(undefined, lane);
  return lane;
}

/** Fills the store of a lane that needs one, and checks that all of it arrived. */
async function fillLane(lane) {
  if (lane.unit === 'batches') return;
  lane.store = lane.open();
  await lane.fill(lane.store, lane.load, 0, lane.keyCount);
  await expectFull(lane, lane.store);
}

const TURNS = { steady: steadyTurn, fill: fillTurn, drain: drainTurn };

async function steadyTurn(lane, operations) {
  const { load, store, loop, contender } = lane;
  const start = lane.position;
  const end = start + operations;
  const begin = process.hrtime.bigint();
  const answer = loop(store, load, start, end);
  const sum = contender.awaited ? await answer : answer;
  const elapsed = process.hrtime.bigint() - begin;
  lane.position = end & load.mask;
  await lane.verify(lane, store, { sum, start, end });
  return Number(elapsed) / operations;
}

async function fillTurn(lane, batches) {
  const { load, loop, contender, keyCount } = lane;
  let elapsed = 0n;
  for (let batch = 0; batch < batches; batch += 1) {
    const store = lane.open();
    const begin = process.hrtime.bigint();
    const answer = loop(store, load, 0, keyCount);
    const sum = contender.awaited ? await answer : answer;
    elapsed += process.hrtime.bigint() - begin;
    await lane.verify(lane, store, { sum, start: 0, end: keyCount });
    contender.close?.(store);
  }
  return Number(elapsed) / (batches * keyCount);
}

async function drainTurn(lane, batches) {
  const { load, loop, contender, keyCount } = lane;
  lane.store ??= lane.open();
  let elapsed = 0n;
  for (let batch = 0; batch < batches; batch += 1) {
    await lane.fill(lane.store, load, 0, keyCount);
    const begin = process.hrtime.bigint();
    const answer = loop(lane.store, load, 0, keyCount);
    const sum = contender.awaited ? await answer : answer;
    elapsed += process.hrtime.bigint() - begin;
    await lane.verify(lane, lane.store, { sum, start: 0, end: keyCount });
  }
  return Number(elapsed) / (batches * keyCount);
}

const VERIFIERS = {
  get: expectIds,
  getFresh: expectIds,
  getMiss: (lane, _store, { sum }) => expectEqual(lane, 'misses that were hits', sum, 0),
  has: (lane, _store, { sum, start, end }) => expectEqual(lane, 'hits', sum, end - start),
  set: expectLastWrite,
  setWithTtl: expectLastWrite,
  delete: expectEmptied,
  mixed: (lane, store, turn) => expectIds(lane, store, turn, (index) => index % 10 !== 9),
};

/** The sum of the ids that were read is the sum of the ids that were asked for. */
function expectIds(lane, _store, { sum, start, end }, isRead = () => true) {
  const { order, mask } = lane.load;
  let expected = 0;
  for (let index = start; index < end; index += 1) {
    if (isRead(index)) expected = (expected + order[index & mask]) | 0;
  }
  expectEqual(lane, 'checksum of the values', sum, expected);
}

async function expectLastWrite(lane, store, { end }) {
  const { probes, order, mask } = lane.load;
  const stored = await lane.read(store, probes[order[(end - 1) & mask]]);
  expectEqual(lane, 'id of the last value written', stored?.id, order[end & mask]);
  await expectFull(lane, store);
}

async function expectEmptied(lane, store, { sum }) {
  expectEqual(lane, 'entries deleted', sum, lane.keyCount);
  expectEqual(lane, 'size', await lane.contender.size(store), 0);
}

async function expectFull(lane, store) {
  expectEqual(lane, 'size', await lane.contender.size(store), lane.keyCount);
}

function expectEqual({ name }, what, actual, expected) {
  if (actual !== expected) throw new Error(`${name}: ${what}: ${actual}, not ${expected}`);
}

module.exports = { fillLane, openLane };
