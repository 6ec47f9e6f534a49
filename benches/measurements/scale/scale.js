/**
 * Scale: 100,000,000 entries in one shared store, 33,000,000 in a `MemoryStore`, and a `Map`'s end.
 *
 * Each kind of store is filled, read, left to expire in part, written to a file and restored from
 * it, in a child of its own that tells its progress. Takes many minutes and 10 GB of memory, so it
 * runs only where `--rows` names it. Invariant: no file outlives the run.
 */
'use strict';

const fs = require('node:fs');

const { launch } = require('../../launch.js');
const { partOf, rounded } = require('../../report/statistics.js');
const { memoryFolder, temporaryFolder } = require('../../shared/folders.js');
const { processorWaitMs } = require('../waiting/processor-wait.js');
const { KINDS } = require('./kinds.js');
const { Steps } = require('./steps.js');

const ENTRIES = 100_000_000;
const HEAP_MB = 16_384;
const TIMEOUT_MS = 2 * 60 * 60_000;

/** Measurements, as `run.js` lists them: name, field, title and what measures. */
const SCALE_MEASUREMENTS = Object.entries(KINDS).map(([name, kind]) => {
  const { field, title } = kind;
  return { name, field, title, isLarge: true, measure: (options) => measure(name, options) };
});

/** The parts of one kind of store; of fewer entries where `entries` says so. */
function measure(name, { storePath, entries: wanted = ENTRIES }) {
  const { maximum, isFiled } = KINDS[name];
  const entries = Math.min(wanted, maximum);
  const folders = { disk: temporaryFolder(), ...(isFiled && { memory: memoryFolder() }) };
  // What interrupts the run ends the child; the folders go afterwards.
  const goOn = () => {};
  process.once('SIGINT', goOn);
  const told = launch(
    'measurements/scale/scale.js',
    { name, entries, storePath, ...folders },
    { heapMb: HEAP_MB, timeoutMs: TIMEOUT_MS, isTelling: true },
  );
  process.removeListener('SIGINT', goOn);
  for (const folder of Object.values(folders)) fs.rmSync(folder, { recursive: true, force: true });
  const { parts = {}, skipped = {}, failure = told.unfinished } = told;
  const all = Object.entries(parts).map(([part, its]) => [
    `${KINDS[name].who}: ${part}`,
    partOf(its),
  ]);
  if (failure !== undefined) all.push([`${KINDS[name].who}, the rest`, { failure }]);
  return {
    entries,
    notRunning: told.notRunning,
    parts: Object.fromEntries(all),
    skipped,
    wrong: failure,
  };
}

/** Tells after each step what there is by then: the next one may be too much for the machine. */
async function child({ name, ...how }) {
  const steps = new Steps(KINDS[name], name, how);
  const began = performance.now();
  for (const step of steps.list()) {
    tell(steps, began, `ended at: ${step.name}`);
    await step.run();
  }
  tell(steps, began);
}

function tell({ parts, skipped }, beganMs, unfinished) {
  const notRunning = rounded(processorWaitMs() / (performance.now() - beganMs));
  const told = { parts, skipped, notRunning, unfinished };
  fs.writeSync(process.stdout.fd, `${JSON.stringify(told)}\n`);
}

if (require.main === module) child(JSON.parse(process.argv[2])).then(() => process.exit(0));

module.exports = { SCALE_MEASUREMENTS };
