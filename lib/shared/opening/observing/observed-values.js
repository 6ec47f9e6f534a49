/**
 * What the native core says of a store that is only looked at, as people read it.
 *
 * Knows no store. Invariant: the order of parts is that of `src/binding/shared/observing`.
 */
'use strict';

const { SHARED_COUNTERS } = require('../../../native/counters.js');
const { givenTags, keyOf, namesOf } = require('../../../keys/keyspace.js');
const { unpacked } = require('../../tags.js');
const { effortsOf } = require('../efforts.js');

/** Parts that a store, a participant, a claim, a lock, a segment and an entry come in. */
const FACTS = 9;
const CLIENT = 9;
const CLAIM = 8;
const LOCK = 5;
const SEGMENT = 4;
const ENTRY = 5;
/** By their numbers in the native core. */
const CLAIM_TYPES = Object.freeze(/** @type {const} */ (['lock', 'load']));
const LOCK_TYPES = Object.freeze(
  /** @type {const} */ ([
    'shard',
    'free segments',
    'key locks',
    'loads',
    'structures',
    'tags',
    'changes',
  ]),
);
const SEGMENT_ROLES = Object.freeze(/** @type {const} */ (['free', 'new', 'main', 'index']));

/** @typedef {Record<(typeof SHARED_COUNTERS)[number]['name'], number>} Counters */

/** @param {[string, ...number[]]} seen */
function factsOf([name, ...seen]) {
  const [
    evicts,
    most,
    bytesPerSegment,
    segments,
    usedSegments,
    freeSegments,
    closedAt,
    isOfThisBoot,
  ] = /** @type {number[]} */ (seen.slice(0, FACTS - 1));
  const counters = /** @type {Counters} */ (
    Object.fromEntries(SHARED_COUNTERS.map((it, index) => [it.name, seen[FACTS - 1 + index]]))
  );
  const lookUps = counters.hits + counters.misses;
  return {
    name,
    whenFull: evicts === 1 ? /** @type {const} */ ('evict') : /** @type {const} */ ('error'),
    maxEntries: most === 0 ? undefined : most,
    bytesPerSegment: Number(bytesPerSegment),
    segments: Number(segments),
    usedSegments: Number(usedSegments),
    freeSegments: Number(freeSegments),
    closedAt: closedAt === -1 ? undefined : Math.floor(Number(closedAt)),
    isOfThisBoot: isOfThisBoot === 1,
    hitRatio: lookUps === 0 ? 0 : counters.hits / lookUps,
    ...counters,
    ...effortsOf(/** @type {number[]} */ (seen.slice(FACTS - 1 + SHARED_COUNTERS.length))),
  };
}

/** @param {number[]} seen */
function clientsOf(seen) {
  return inParts(seen, CLIENT).map(
    ([isUser, isAlive, pid, thread, since, hits, misses, sets, deletes]) => ({
      pid: Number(pid),
      thread: Number(thread),
      // Who has not said since when is coming at this moment.
      since: Math.floor(Number(since)) || Date.now(),
      isUser: isUser === 1,
      isAlive: isAlive === 1,
      hits: Number(hits),
      misses: Number(misses),
      sets: Number(sets),
      deletes: Number(deletes),
    }),
  );
}

/** @param {(string | number | undefined)[]} seen */
function claimsOf(seen) {
  return inParts(seen, CLAIM).map(
    ([type, pid, thread, depth, isAlive, isAwaited, string, hash]) => ({
      type: /** @type {(typeof CLAIM_TYPES)[number]} */ (CLAIM_TYPES[Number(type)]),
      ...(typeof string === 'string' ? placeOf(string) : { key: undefined, namespace: [] }),
      hash: String(hash),
      pid: Number(pid) || undefined,
      thread: Number(thread) || undefined,
      depth: Number(depth),
      isAlive: isAlive === 1,
      isAwaited: isAwaited === 1,
    }),
  );
}

/** @param {number[]} seen */
function locksOf(seen) {
  return inParts(seen, LOCK).map(([type, shard, pid, thread, isAlive]) => ({
    type: /** @type {(typeof LOCK_TYPES)[number]} */ (LOCK_TYPES[Number(type)]),
    shard: type === 0 ? Number(shard) : undefined,
    pid: Number(pid) || undefined,
    thread: Number(thread) || undefined,
    isAlive: isAlive === 1,
  }));
}

/** @param {number[]} seen */
function segmentsOf(seen) {
  return inParts(seen, SEGMENT).map(([role, shard, usedBytes, liveBytes]) => ({
    role: /** @type {(typeof SEGMENT_ROLES)[number]} */ (SEGMENT_ROLES[Number(role)]),
    shard: Number(shard),
    usedBytes: Number(usedBytes),
    liveBytes: Number(liveBytes),
  }));
}

/** @param {(string | number)[]} seen of several */
function entriesOf(seen) {
  return inParts(seen, ENTRY).map(([string, bytes, ttl, uses, tags]) => ({
    ...placeOf(String(string)),
    bytes: Number(bytes),
    ttl: ttl === -1 ? Number.POSITIVE_INFINITY : Number(ttl),
    uses: Number(uses),
    tags: givenTags(unpacked(String(tags))),
  }));
}

/** @param {string} string that an entry is kept under */
function placeOf(string) {
  return { key: keyOf(string), namespace: namesOf(string) };
}

/**
 * @template T
 * @param {T[]} seen
 * @param {number} size
 */
function inParts(seen, size) {
  const count = Math.floor(seen.length / size);
  return Array.from({ length: count }, (_, at) => seen.slice(at * size, (at + 1) * size));
}

module.exports = { claimsOf, clientsOf, entriesOf, factsOf, locksOf, segmentsOf };
