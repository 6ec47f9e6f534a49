/**
 * Races that leave others' near caches with a wrong value for good, and entries that expire.
 *
 * Counts what is wrong, of so many; times nothing. Knows no report. Invariant: what is judged is at
 * rest: every answer has come, and everything that the server said has been heard.
 */
'use strict';

const { setTimeout: pause } = require('node:timers/promises');
const { randomNumbers } = require('../random.js');
const { SEED } = require('../load.js');
const { connected, startFleet, until, warm } = require('./fleets.js');

const RACES = {
  full: { own: 400_000, fill: 300_000, flush: 300_000, timed: 300_000 },
  quick: { own: 4000, fill: 4000, flush: 4000, timed: 10_000 },
};
const AT_ONCE = 200;
/** Entries that expire at a time: all of them can be looked at within a tick of their end. */
const TIMED_AT_ONCE = 30_000;
const TIMED_MS = 8000;
const SENT_AT_ONCE = 500;
const NEAR_BYTES = 64 * 1024 ** 2;

/** @typedef {Awaited<ReturnType<typeof open>>} Racers */

async function run({ quick, storePath }) {
  const racers = await open(storePath);
  const counts = quick ? RACES.quick : RACES.full;
  const part = (of, wrong) => ({
    unit: `of ${of.toLocaleString('en-US')}`,
    limit: 0,
    ours: [wrong],
  });
  const { timed } = counts;
  return {
    parts: {
      'own write, then a read: wrong': part(counts.own, await ownWrites(racers, counts.own)),
      'read beside a write of another: wrong for good': part(
        counts.fill,
        await fills(racers, counts.fill),
      ),
      'read beside FLUSHALL: wrong for good': part(
        counts.flush,
        await flushes(racers, counts.flush),
      ),
      'expired, and given late': part(timed, await expiries(racers, timed)),
    },
  };
}

/** A store with near copies, another without, and a client of the server. */
async function open(storePath) {
  const fleet = await startFleet(storePath);
  return {
    near: fleet.openNear({ path: fleet.folder, maxBytes: NEAR_BYTES }),
    other: fleet.open(),
    client: await connected(fleet.url),
    random: randomNumbers(SEED),
    keys: Array.from({ length: AT_ONCE }, (_, number) => `key ${number}`),
  };
}

/** How often a read after an own write gives something else. */
async function ownWrites({ near, keys }, count) {
  let wrong = 0;
  for (let round = 0; round < count / AT_ONCE; round += 1) {
    const each = async (key) => {
      await near.set(key, round);
      if (near.near(key) !== undefined && near.near(key) !== round) wrong += 1;
      else if ((await near.get(key)) !== round) wrong += 1;
    };
    await Promise.all(keys.map(each));
  }
  return wrong;
}

/** How often a copy is old, of keys that were read while another wrote them. */
async function fills({ near, other, keys, random }, count) {
  let wrong = 0;
  for (let round = 0; round < count / AT_ONCE; round += 1) {
    await together(random, [
      ...keys.map((key) => () => near.get(key)),
      ...keys.map((key) => () => other.set(key, round)),
    ]);
    wrong += await atRest(near, other, () => {
      return keys.filter((key) => ![undefined, round].includes(near.near(key))).length;
    });
  }
  return wrong;
}

/** How often there is a copy, of keys that were read while all were removed. */
async function flushes({ near, other, client, keys, random }, count) {
  let wrong = 0;
  for (let round = 0; round < count / AT_ONCE; round += 1) {
    await other.setMany(keys.map((key) => [key, round]));
    const reads = keys.map((key) => () => near.get(key));
    await together(random, [...reads, () => client.flushAll()]);
    wrong += await atRest(near, other, () => {
      return keys.filter((key) => near.near(key) !== undefined).length;
    });
  }
  return wrong;
}

/** Begins all of it in one turn, in an order that is drawn, and waits for it. */
function together(random, calls) {
  const drawn = calls.map((call) => ({ call, at: random() }));
  drawn.sort((one, two) => one.at - two.at);
  return Promise.all(drawn.map(({ call }) => call()));
}

/**
 * What is counted when all has been heard. Where all copies are made void, the one that is looked
 * for goes a moment before others: what is wrong then is looked at once more.
 */
async function atRest(near, other, count) {
  await allHeard(near, other);
  if (count() === 0) return 0;
  await allHeard(near, other);
  return count();
}

/** Comes when all has been heard that the server has said so far: it says it in order. */
async function allHeard(near, other) {
  await other.set('last', 1);
  await warm(near, 'last');
  await other.set('last', 2);
  await until(() => near.near('last') !== 1, 'all is heard');
}

/** How many of entries with a deadline are given after it. */
async function expiries(racers, count) {
  let late = 0;
  let isSome = false;
  for (let at = 0; at < count; at += TIMED_AT_ONCE) {
    const keys = Array.from({ length: Math.min(TIMED_AT_ONCE, count - at) }, (_, number) => {
      return `timed ${at + number}`;
    });
    const told = await expiriesOf(racers, keys);
    late += told.late;
    isSome ||= told.near > 0;
  }
  if (!isSome) throw new Error('no entry with a deadline was near');
  return late;
}

/** Looks at all of them again and again, until the last has expired. */
async function expiriesOf({ near, other }, keys) {
  const groups = [];
  for (let at = 0; at < keys.length; at += SENT_AT_ONCE) {
    const some = keys.slice(at, at + SENT_AT_ONCE);
    const entries = some.map((key) => [key, 1]);
    await other.setMany(entries, { ttl: TIMED_MS });
    // The server had all of them by now.
    groups.push({ keys: some, endMs: performance.now() + TIMED_MS });
    await near.getMany(some);
  }
  const isNear = keys.filter((key) => near.near(key) !== undefined).length;
  const late = new Set();
  const lastMs = groups.at(-1).endMs;
  while (performance.now() < lastMs) {
    for (const group of groups) {
      for (const key of group.keys) {
        // The look at the clock comes first: who stands still after it is not late.
        const isOver = performance.now() >= group.endMs;
        if (near.near(key) !== undefined && isOver) late.add(key);
      }
    }
    await pause(1);
  }
  return { near: isNear, late: late.size };
}

module.exports = { run };
