/**
 * Stalls: the longest wait of a survivor when a process that writes is killed.
 *
 * One process sets and gets, each call timed, while another writes the same keys as fast as it can;
 * then it kills that one and goes on at once. Reported are the longest waits of a window before the
 * kill, and of one from the kill on. Invariant: every kill meets another writer, at full speed.
 */
'use strict';

const path = require('node:path');

const { launch } = require('../launch.js');
const { processorWaitMs } = require('../measurements/waiting/processor-wait.js');
const { rounded } = require('../report/statistics.js');
const { randomNumbers } = require('../rows/random.js');
const { ROOT } = require('../rows/contenders.js');
const { memoryFolder } = require('../shared/folders.js');
const { SEED } = require('../rows/load.js');
const { makeSharedLoad } = require('../shared/load.js');
const { Companion } = require('./companions.js');
const { percentile } = require('./timed-reads.js');

const KILLS = { full: 200, quick: 20 };
/** A killed process is gone within some milliseconds, on a machine that is not too busy. */
const WINDOW_MS = 100;
const MOST_EARLIER_MS = 5;
const KEYS = 1000;
/** Calls between two looks at how long there was no processor: a fraction of a millisecond. */
const CALLS_PER_LOOK = 256;
const SHARES = { p50: 0.5, p90: 0.9, p99: 0.99, max: 1 };

/** All kills in one child. */
function measure({ quick, storePath }) {
  const kills = quick ? KILLS.quick : KILLS.full;
  const result = launch('processes/stall.js', { kills, storePath });
  if (result.failure !== undefined) return result;
  const { before, after } = result;
  const afterStolen = after.filter(({ isStolen }) => isStolen);
  const calls = {
    'set, beside the living': distributions(before, 'set'),
    'set, from the kill on': distributions(after, 'set'),
    'the same, a lock was left': distributions(afterStolen, 'set'),
    'get, beside the living': distributions(before, 'get'),
    'get, from the kill on': distributions(after, 'get'),
  };
  const locksLeft = afterStolen.length;
  return { keys: KEYS, unit: 'ms', kills, locksLeft, windowMs: WINDOW_MS, calls };
}

/** Of the longest calls in each window; `own` without the waits for a processor. */
function distributions(windows, call) {
  if (windows.length === 0) return undefined;
  const longest = windows.map((window) => window[call]);
  const own = distribution(longest.map(({ ownMs }) => ownMs));
  return { ...distribution(longest.map(({ ms }) => ms)), own };
}

/** `{ p50, p90, p99, max }`, each a number that was measured. */
function distribution(numbers) {
  const ascending = numbers.toSorted((one, other) => one - other);
  const shares = Object.entries(SHARES);
  return Object.fromEntries(
    shares.map(([name, share]) => [name, rounded(percentile(ascending, share))]),
  );
}

async function child({ kills, storePath = ROOT }) {
  const { SharedStore } = require(path.resolve(storePath));
  const place = { name: 'stall', scope: 'processes', path: memoryFolder() };
  const store = new SharedStore(place);
  const load = makeSharedLoad({ values: 'text-100', keyCount: KEYS });
  for (const [id, key] of load.keys.entries()) store.set(key, load.values[id]);
  const random = randomNumbers(SEED);
  const input = { storePath, place, values: 'text-100', keyCount: KEYS };
  const windows = { before: [], after: [] };
  play(store, load, WINDOW_MS * 10);
  for (let kill = 0; kill < kills; kill += 1) {
    const writer = await Companion.start('write', input);
    play(store, load, random() * MOST_EARLIER_MS);
    windows.before.push(play(store, load, WINDOW_MS));
    const { locksRecovered } = store.stats();
    writer.signal('SIGKILL');
    const after = play(store, load, WINDOW_MS);
    await writer.end();
    windows.after.push({ ...after, isStolen: store.stats().locksRecovered > locksRecovered });
  }
  if (store.size() !== KEYS) throw new Error(`${store.size()} entries, not ${KEYS}`);
  return windows;
}

let position = 0;

/**
 * Sets and gets in turns: the longest of each, and the longest less the time that the thread was
 * ready to run and got no processor. A call that waits for a lock is not ready.
 */
function play(store, { keys, values, order, mask }, windowMs) {
  const longest = { set: { ms: 0, ownMs: 0 }, get: { ms: 0, ownMs: 0 } };
  const endMs = performance.now() + windowMs;
  let waitedMs = processorWaitMs();
  while (performance.now() < endMs) {
    let setMs = 0;
    let getMs = 0;
    for (let call = 0; call < CALLS_PER_LOOK; call += 1) {
      position += 1;
      const key = keys[order[position & mask]];
      const begin = performance.now();
      store.set(key, values[order[(position + 1) & mask]]);
      const middle = performance.now();
      const value = store.get(key);
      const end = performance.now();
      if (value?.length !== 100) throw new Error('a wrong value');
      setMs = Math.max(setMs, middle - begin);
      getMs = Math.max(getMs, end - middle);
    }
    const nowMs = processorWaitMs();
    note(longest.set, setMs, nowMs - waitedMs);
    note(longest.get, getMs, nowMs - waitedMs);
    waitedMs = nowMs;
  }
  return longest;
}

function note(longest, ms, notRunningMs) {
  longest.ms = Math.max(longest.ms, ms);
  longest.ownMs = Math.max(longest.ownMs, ms - notRunningMs);
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
