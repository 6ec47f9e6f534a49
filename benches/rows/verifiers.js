/**
 * What is checked after each turn: that hits were hits, misses misses, and writes arrived.
 *
 * A wrong answer throws and so ends the row. Nothing here is timed.
 */
'use strict';

/**
 * Ours remembers what it evicted by hashes. Now and then it takes a new key for one of those, and
 * keeps it until the pool comes to it again: then nothing has to be evicted for it. On a fast
 * machine, which goes through the pool more often, that was one write in 700.
 */
const KEPT_SHARE = 0.005;

/** By the name of the loop, or the row's own `verifier`. */
const VERIFIERS = {
  get: expectIds,
  getText: expectTexts,
  getFresh: expectIds,
  getMiss: (lane, _store, { sum }) => expectEqual(lane, 'misses that were hits', sum, 0),
  has: (lane, _store, { sum, start, end }) => expectEqual(lane, 'hits', sum, end - start),
  set: expectLastWrite,
  setText: expectLastText,
  setGetText: expectWrittenTexts,
  setListened: expectHeard,
  setWithTtl: expectLastWrite,
  delete: expectEmptied,
  mixed: (lane, store, turn) => expectIds(lane, store, turn, (index) => index % 10 !== 9),
  setFromPool: expectEvicted,
  getOrElseSet: expectIdsAndBound,
  increment: expectCounts,
  getOrSet: expectIds,
  getMany: expectGroups,
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

/** The same of texts, by their first characters; `offset` is 1 where each was just written. */
function expectTexts(lane, _store, { sum, start, end }, offset = 0) {
  const { values, order, mask } = lane.load;
  let expected = 0;
  for (let index = start + offset; index < end + offset; index += 1) {
    expected = (expected + values[order[index & mask]].charCodeAt(0)) | 0;
  }
  expectEqual(lane, 'checksum of the texts', sum, expected);
}

/** Each text that was read is the one that was written before, not the one before that. */
async function expectWrittenTexts(lane, store, turn) {
  expectTexts(lane, store, turn, 1);
  await expectLastText(lane, store, turn);
}

/** The same where a call reads a group of keys. */
function expectGroups(lane, _store, { sum, start, end }) {
  const { groups, groupMask, order } = lane.load;
  const size = groups[0].length;
  let expected = 0;
  for (let call = start; call < end; call += 1) {
    const first = (call & groupMask) * size;
    for (let place = first; place < first + size; place += 1) {
      expected = (expected + order[place % order.length]) | 0;
    }
  }
  expectEqual(lane, 'checksum of the values', sum, expected);
}

/** The same in a store that holds only some of what is asked for. */
async function expectIdsAndBound(lane, store, turn) {
  expectIds(lane, store, turn);
  await expectFull(lane, store);
}

async function expectLastWrite(lane, store, { end }) {
  const { probes, order, mask } = lane.load;
  const stored = await lane.read(store, probes[order[(end - 1) & mask]]);
  expectEqual(lane, 'id of the last value written', stored?.id, order[end & mask]);
  await expectFull(lane, store);
}

async function expectLastText(lane, store, { end }) {
  const { probes, values, order, mask } = lane.load;
  const stored = await lane.read(store, probes[order[(end - 1) & mask]]);
  const isRight = stored === values[order[end & mask]];
  expectEqual(lane, 'whether the last text written is there', isRight, true);
  await expectFull(lane, store);
}

/** A listener, where there is one, heard of the fill and of every write since. */
async function expectHeard(lane, store, turn) {
  await expectLastWrite(lane, store, turn);
  const events = lane.contender.heard?.(store);
  if (events !== undefined) expectEqual(lane, 'events', events, lane.keyCount + lane.units);
}

/** Each write since the fill put one entry in and another one out, but for those kept. */
async function expectEvicted(lane, store, { end }) {
  const { pool, poolMask, order, mask } = lane.load;
  // A `get` could keep the key in the store until the pool comes to it again.
  const stored = await lane.peek(store, pool[(end - 1) & poolMask]);
  expectEqual(lane, 'id of the last value written', stored?.id, order[end & mask]);
  await expectFull(lane, store);
  const evicted = lane.contender.evicted?.(store);
  if (evicted === undefined) return;
  if (evicted > lane.units || evicted < lane.units * (1 - KEPT_SHARE)) {
    expectEqual(lane, 'evictions', evicted, lane.units);
  }
}

/** All counters together are as many as were counted since the fill. */
async function expectCounts(lane, store) {
  let total = 0;
  for (const key of lane.load.keys) total += await lane.read(store, key);
  expectEqual(lane, 'counts', total, lane.units);
}

async function expectEmptied(lane, store, { sum }) {
  expectEqual(lane, 'entries deleted', sum, lane.keyCount);
  expectEqual(lane, 'size', await lane.contender.size(store), 0);
}

/** The store holds as many entries as there are keys. */
async function expectFull(lane, store) {
  expectEqual(lane, 'size', await lane.contender.size(store), lane.keyCount);
}

function expectEqual({ name }, what, actual, expected) {
  if (actual !== expected) throw new Error(`${name}: ${what}: ${actual}, not ${expected}`);
}

module.exports = { VERIFIERS, expectFull };
