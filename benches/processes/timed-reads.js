/**
 * Reads for a while: what a get costs at the median, at the 99th percentile, and at the most.
 *
 * The median is of gets that are timed many together; the others are timed one by one, less what
 * the clock costs. Knows not what else happens meanwhile. Invariant: every get is a hit.
 */
'use strict';

const { processorWaitMs } = require('../measurements/waiting/processor-wait.js');
const { ratios, spread } = require('../report/statistics.js');

/** Texts have copies where they are read often; objects are copied from the store each time. */
const KINDS = { text: 'text-100', object: 'object' };
/** Gets that are timed together. */
const BATCH_GETS = 64;
const BATCHES = 16;
/** Gets that are timed one by one, in turns with the batches. */
const SINGLES = 256;
/** More than a window has, in memory that is there before it begins. */
const MOST_SINGLES = 1 << 22;
const MOST_BATCHES = (MOST_SINGLES / SINGLES) * BATCHES;
const NS_PER_MS = 1e6;

const singles = new Float64Array(MOST_SINGLES);
const batches = new Float64Array(MOST_BATCHES);
let position = 0;

/** What kinds of values look like, whoever wrote them last. */
const isRight = {
  'text-100': (value) => value !== undefined && value.length === 100,
  object: (value) => value !== undefined && value.active === true,
};

/** Reads for `windowMs`; nanoseconds, and the share of the time without a processor. */
function readFor(windowMs, { store, load, kind }) {
  const check = isRight[kind];
  const begin = performance.now();
  const waitedMs = processorWaitMs();
  let turns = 0;
  let now = begin;
  while (now - begin < windowMs && turns < MOST_SINGLES / SINGLES) {
    timeBatches(store, load, check, turns * BATCHES);
    timeSingles(store, load, check, turns * SINGLES);
    turns += 1;
    now = performance.now();
  }
  const spentMs = now - begin;
  const notRunning = (processorWaitMs() - waitedMs) / spentMs;
  const clockNs = clockCostNs();
  const together = batches.slice(0, turns * BATCHES).sort();
  const alone = singles.slice(0, turns * SINGLES).sort();
  const aloneNs = (share) => Math.max(percentile(alone, share) * NS_PER_MS - clockNs, 0);
  return {
    median: (percentile(together, 0.5) * NS_PER_MS) / BATCH_GETS,
    p99: aloneNs(0.99),
    longest: aloneNs(1),
    gets: turns * (SINGLES + BATCHES * BATCH_GETS),
    spentMs,
    notRunning,
  };
}

function timeBatches(store, { keys, order, mask }, check, start) {
  for (let batch = start; batch < start + BATCHES; batch += 1) {
    const before = performance.now();
    for (let get = 0; get < BATCH_GETS; get += 1) {
      position += 1;
      if (!check(store.get(keys[order[position & mask]]))) throw new Error('a wrong value');
    }
    batches[batch] = performance.now() - before;
  }
}

function timeSingles(store, { keys, order, mask }, check, start) {
  for (let get = start; get < start + SINGLES; get += 1) {
    position += 1;
    const key = keys[order[position & mask]];
    const before = performance.now();
    const value = store.get(key);
    singles[get] = performance.now() - before;
    if (!check(value)) throw new Error('a wrong value');
  }
}

/** Two readings of the clock, one after the other. */
function clockCostNs() {
  const costs = new Float64Array(SINGLES);
  for (let reading = 0; reading < SINGLES; reading += 1) {
    const before = performance.now();
    costs[reading] = performance.now() - before;
  }
  return percentile(costs.sort(), 0.5) * NS_PER_MS;
}

/** Of the windows of each mode, the numbers, and their ratios to the idle one of the round. */
function summaryOf(name, windows, idle) {
  const over = (mode, field) => windows[mode].map((window) => window[field]);
  const modes = Object.keys(windows).map((mode) => [
    `${name}, ${mode}`,
    {
      median: spread(over(mode, 'median')),
      p99: spread(over(mode, 'p99')),
      longest: spread(over(mode, 'longest')),
      gets: spread(over(mode, 'gets')),
      ...(windows[mode].every(({ sets }) => sets !== undefined) && {
        sets: spread(over(mode, 'sets')),
      }),
      notRunning: spread(over(mode, 'notRunning')),
      ...(mode !== idle && {
        medianRatio: ratios(over(mode, 'median'), over(idle, 'median')),
        p99Ratio: ratios(over(mode, 'p99'), over(idle, 'p99')),
      }),
    },
  ]);
  return Object.fromEntries(modes);
}

/** Of ascending numbers, the one that `share` (0 … 1) of them do not exceed. */
function percentile(ascending, share) {
  return ascending[Math.max(Math.ceil(ascending.length * share) - 1, 0)];
}

module.exports = { KINDS, percentile, readFor, summaryOf };
