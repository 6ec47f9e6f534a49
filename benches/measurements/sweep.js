/**
 * Sweep: the longest wait of a program that reads while 1,000,000 entries expire and are swept.
 *
 * All entries with a TTL expire at one moment, in the middle of a window of gets of permanent
 * keys; every get is timed, and so is every wait for the event loop, where stores in JavaScript do
 * their sweeping. That the sweep happened is shown by weak references to a sample of the values:
 * those collected after the window had been let go by the store, without any call to it but `get`.
 */
'use strict';

const { launch } = require('../launch.js');
const { spread } = require('../report/statistics.js');
const { processorWaitMs } = require('./waiting/processor-wait.js');
const { MODES, openMode } = require('./sweep-modes.js');
const { Waits } = require('./waiting/waits.js');

const SIZES = {
  full: { entries: 1_000_000, samples: 7, beforeMs: 1500, afterMs: 3500 },
  quick: { entries: 100_000, samples: 2, beforeMs: 300, afterMs: 1500 },
};
/** More than any cache in front of the store holds, so that gets go all the way in as well. */
const LIVE_KEYS = 100_000;
/** Prime: the next key is far from the last one. */
const LIVE_STRIDE = 7919;
const WITNESSES = 1000;
/** Gets between two visits to the event loop: about a tenth of a millisecond. */
const GETS_PER_TURN = 1024;
/** Time for the fill, before the window opens; doubled where it did not do, at most so often. */
const FILL_MS_PER_ENTRY = 0.003;
const FILL_DOUBLINGS = 4;

/** Runs every mode in turns, each sample in a child of its own. */
function measure({ quick, storePath }) {
  const { samples, ...size } = quick ? SIZES.quick : SIZES.full;
  const children = Object.fromEntries(Object.keys(MODES).map((mode) => [mode, []]));
  for (let sample = 0; sample < samples; sample += 1) {
    for (const mode of Object.keys(MODES)) {
      const result = launchPatiently({ mode, ...size, storePath });
      if (result.failure !== undefined) return { failure: `${mode}: ${result.failure}` };
      children[mode].push(result);
    }
  }
  const modes = Object.entries(children).map(([mode, results]) => [mode, summary(results)]);
  return { entries: size.entries, unit: 'µs', modes: Object.fromEntries(modes) };
}

/** One sample; a machine that fills too slowly for the moment of expiry gets more time. */
function launchPatiently(specification) {
  let fillMs = specification.entries * FILL_MS_PER_ENTRY;
  for (let doubling = 0; doubling < FILL_DOUBLINGS; doubling += 1) {
    const result = launch('measurements/sweep.js', { ...specification, fillMs });
    if (result.isLate !== true) return result;
    fillMs *= 2;
  }
  return { failure: `the fill took longer than ${fillMs / 2} ms` };
}

function summary(results) {
  const over = (name) => spread(results.map((result) => result[name]));
  return {
    longestGet: over('longestGet'),
    longestOwnGet: over('longestOwnGet'),
    get99999: over('get99999'),
    getMedian: over('getMedian'),
    gets: over('gets'),
    longestLoopWait: over('longestLoopWait'),
    sweptShare: over('sweptShare'),
    sizeAfter: over('sizeAfter'),
    heapMegabytesFreed: over('heapMegabytesFreed'),
  };
}

async function child({ mode, entries, fillMs, beforeMs, afterMs, storePath }) {
  const { store, get, set, setUntil, size } = openMode(mode, entries, storePath);
  const live = Array.from({ length: LIVE_KEYS }, (_, id) => `live:${id}`);
  for (const key of live) set(store, key, { id: 0, name: key });
  const expiryMs = performance.now() + fillMs + beforeMs;
  const witnesses = fill(store, setUntil, entries, expiryMs);
  await settle();
  const heapBefore = process.memoryUsage().heapUsed;
  if (performance.now() > expiryMs - beforeMs) return { isLate: true };
  await sleepUntil(expiryMs - beforeMs);
  const { gets, loops, longestOwnMs } = await readUntil(expiryMs + afterMs, store, get, live);
  await settle();
  return {
    longestGet: gets.longestUs(),
    longestOwnGet: longestOwnMs * 1000,
    get99999: gets.percentileUs(0.99999),
    getMedian: gets.percentileUs(0.5),
    gets: gets.total,
    longestLoopWait: loops.longestUs(),
    sweptShare: witnesses.filter((one) => one.deref() === undefined).length / witnesses.length,
    heapMegabytesFreed: (heapBefore - process.memoryUsage().heapUsed) / 1e6,
    sizeAfter: size(store),
  };
}

function fill(store, setUntil, entries, expiryMs) {
  const witnesses = [];
  const stride = entries / WITNESSES;
  for (let id = 0; id < entries; id += 1) {
    const value = { id, name: `n${id}` };
    if (id % stride === 0) witnesses.push(new WeakRef(value));
    setUntil(store, `session:${id}`, value, expiryMs);
  }
  return witnesses;
}

/**
 * Gets without a pause but for the event loop; the waits for both. A get's own wait is without the
 * time that the thread spent waiting for a processor.
 */
async function readUntil(endMs, store, get, live) {
  const gets = new Waits();
  const loops = new Waits();
  const timedGets = new Function('store', 'live', 'gets', timedGetsSource(get));
  // Compiles the loop before the waits count.
  for (let turn = 0; turn < 200; turn += 1) timedGets(store, live, new Waits());
  let longestOwnMs = 0;
  while (performance.now() < endMs) {
    const waitedMs = processorWaitMs();
    const longestMs = timedGets(store, live, gets);
    longestOwnMs = Math.max(longestOwnMs, longestMs - (processorWaitMs() - waitedMs));
    const begin = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    loops.add(performance.now() - begin);
  }
  return { gets, loops, longestOwnMs };
}

/** `performance.now()` and not `hrtime.bigint()`: a bigint is garbage, and its collection waits. */
const timedGetsSource = (get) => `
  let next = gets.total % ${LIVE_KEYS};
  let longest = 0;
  let before = performance.now();
  for (let i = 0; i < ${GETS_PER_TURN}; i += 1) {
    next = (next + ${LIVE_STRIDE}) % ${LIVE_KEYS};
    const key = live[next];
    if (${get} === undefined) throw new Error('a live entry is gone');
    const after = performance.now();
    const waited = after - before;
    gets.add(waited);
    if (waited > longest) longest = waited;
    before = after;
  }
  return longest;`;

/** Two collections, each in a turn of its own, so that weak references let go. */
async function settle() {
  for (let collection = 0; collection < 2; collection += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  await new Promise((resolve) => setImmediate(resolve));
}

function sleepUntil(momentMs) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, momentMs - performance.now())));
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
