/**
 * Threads: four workers count at once, beside four with `Atomics.add`.
 *
 * Operations per second of all workers, from the first that begins to the last that ends, and
 * whether every operation was counted. Invariant: all workers are ready before one begins.
 */
'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');

const { launch } = require('../launch.js');
const { median, rounded, spread } = require('../report/statistics.js');
const { ROOT } = require('../rows/contenders.js');
const { COUNTS, Cell } = require('./counts.js');

const WORKERS = 4;
const ROUNDS = { full: 9, quick: 3 };
/** A worker's operations in a round: some tenths of a second, so that all run at once. */
const OPERATIONS = { store: 300_000, atomics: 10_000_000 };
/** The two cells of a `Cell`, each in cache lines of its own. */
const CELLS_BYTES = 1024;
const STORE_NAME = 'threads';

/** Everything in one child, in turns; `wrong` where an operation was lost. */
function measure({ quick, storePath }) {
  const rounds = quick ? ROUNDS.quick : ROUNDS.full;
  const result = launch('shared/threads.js', { rounds, storePath });
  if (result.failure !== undefined) return result;
  const contenders = Object.entries(result.turns).map(([name, turns]) => {
    const processors = rounded(median(turns.map((turn) => turn.processors)));
    return [name, { ...spread(turns.map((turn) => turn.speed)), processors }];
  });
  const lost = Object.entries(result.counts).find(([, one]) => one.counted !== one.expected);
  const wrong = lost && `${lost[0]}: ${lost[1].counted} counted of ${lost[1].expected}`;
  return {
    unit: `operations/s of ${WORKERS} workers`,
    contenders: Object.fromEntries(contenders),
    counts: result.counts,
    wrong,
  };
}

async function child({ rounds, storePath = ROOT }) {
  const { SharedStore } = require(path.resolve(storePath));
  const store = new SharedStore({ name: STORE_NAME });
  const cells = new Int32Array(new SharedArrayBuffer(CELLS_BYTES));
  const workers = await startWorkers({ storePath, storeName: STORE_NAME, cells });
  const names = Object.keys(COUNTS);
  const turns = Object.fromEntries(names.map((name) => [name, []]));
  const expected = Object.fromEntries(names.map((name) => [name, 0]));
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length];
      const amount = OPERATIONS[COUNTS[name].pace];
      const active = workers.slice(0, COUNTS[name].workers ?? WORKERS);
      const result = await play(active, { name, amount, cells });
      expected[name] += amount * active.length;
      if (round > 0) turns[name].push(result);
    }
  }
  const counts = names.map((name) => {
    const counted = COUNTS[name].total({ store, cells, workers: WORKERS });
    return [name, { expected: expected[name], counted }];
  });
  return { turns, counts: Object.fromEntries(counts) };
}

function startWorkers(shared) {
  const script = path.join(__dirname, 'worker.js');
  const start = async (_, number) => {
    const worker = new Worker(script, { workerData: { ...shared, number } });
    await nextMessage(worker);
    return worker;
  };
  return Promise.all(Array.from({ length: WORKERS }, start));
}

/** One turn: operations per second of all workers together, and how many processors they had. */
async function play(workers, { name, amount, cells }) {
  Atomics.store(cells, Cell.GATE, workers.length);
  const ends = workers.map(nextMessage);
  const before = process.cpuUsage();
  for (const worker of workers) worker.postMessage({ name, amount });
  const spans = await Promise.all(ends);
  const used = process.cpuUsage(before);
  const begin = Math.min(...spans.map((span) => span.begin));
  const end = Math.max(...spans.map((span) => span.end));
  const seconds = end - begin;
  const speed = (workers.length * amount) / seconds;
  return { speed, processors: (used.user + used.system) / 1e6 / seconds };
}

function nextMessage(worker) {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message) => {
      worker.off('error', reject);
      resolve(message);
    });
  });
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
