/**
 * Runs the benchmarks: every row and measurement in child processes, then tables and files.
 *
 * See README.md beside it. It must not measure anything itself: what it prints comes from
 * children. The exit code is 0 whatever the numbers are, and 1 where a count was wrong.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const adaptersApp = require('./rows/adapters/app.js');
const { ADAPTER_ROWS } = require('./rows/adapters/rows.js');
const hitRatio = require('./measurements/hit-ratio/hit-ratio.js');
const clock = require('./measurements/clock.js');
const exactness = require('./measurements/exactness.js');
const features = require('./measurements/features/features.js');
const gcPause = require('./measurements/gc-pause.js');
const memory = require('./measurements/memory.js');
const { SCALE_MEASUREMENTS } = require('./measurements/scale/scale.js');
const sweep = require('./measurements/sweep.js');
const { launch, whyNoBun } = require('./launch.js');
const { RESULTS, SCALE_FOLDER, readOptions } = require('./options.js');
const { chart } = require('./report/chart.js');
const { hitRatioTable } = require('./report/hit-ratio.js');
const { machine } = require('./report/machine.js');
const { pageOf } = require('./report/page/page.js');
const { partsTable } = require('./report/parts.js');
const { openingTable, readsTable, stallTable } = require('./report/processes.js');
const { withFigures } = require('./report/readme.js');
const { openResults, putRow, readResults, writeResults } = require('./report/results.js');
const besideWriter = require('./processes/beside-writer.js');
const opening = require('./processes/opening.js');
const { PROCESS_ROWS } = require('./processes/rows.js');
const stall = require('./processes/stall.js');
const stoppedWriter = require('./processes/stopped-writer.js');
const { OURS, ROOT } = require('./rows/contenders.js');
const { FLEET_MEASUREMENTS } = require('./rows/fleet/fleet.js');
const { BUN_PEERS, BUN_ROWS, ROWS, rowOf } = require('./rows/rows.js');
const { ratios, rounded, spread } = require('./report/statistics.js');
const { overheadTable, threadsTable } = require('./report/shared.js');
const table = require('./report/table.js');
const { checkTargets, targetLines } = require('./report/targets/targets.js');
const sharedOverhead = require('./shared/overhead.js');
const { SHARED_ROWS } = require('./shared/rows.js');
const sharedThreads = require('./shared/threads.js');

const PACES = {
  full: { rounds: 9, turnMs: 60, warmUpMs: 250 },
  quick: { rounds: 5, turnMs: 10, warmUpMs: 40 },
};
/** Their calls are longer, and compiled later; copies of many keys are made little by little. */
const SHARED_PACES = {
  full: { ...PACES.full, warmUpMs: 2000 },
  quick: { rounds: 5, turnMs: 20, warmUpMs: 150 },
};
const SHARED = [
  { rows: SHARED_ROWS, script: 'shared/child.js' },
  { rows: PROCESS_ROWS, script: 'processes/child.js' },
  { rows: ADAPTER_ROWS, script: 'rows/adapters/child.js' },
];
/** With this many keys, fewer rounds: a turn is a fill of seconds in the slowest of the rows. */
const MANY_KEYS = 1_000_000;
const MANY_KEYS_ROUNDS = 7;
const BUN_KEYS = 1000;

const MEASUREMENTS = [
  ['memory', 'memory', 'Memory per entry', memory, table.contendersTable],
  ['gc-pause', 'gcPause', 'Full collection', gcPause, table.contendersTable],
  ['clock', 'clock', 'Clock and TTL check', clock, table.contendersTable],
  ['sweep', 'sweep', 'Sweep of expired entries', sweep, table.sweepTable],
  ['hit-ratio', 'hitRatio', 'Hit ratio', hitRatio, hitRatioTable],
  ['exactness', 'exactness', 'Exactness', exactness, table.exactnessTable],
  ['features', 'features', 'Features', features, partsTable],
  ['shared-overhead', 'sharedOverhead', 'Shared store, overhead', sharedOverhead, overheadTable],
  ['shared-threads', 'sharedThreads', 'Shared store, counting', sharedThreads, threadsTable],
  ['processes-beside-writer', 'processesBesideWriter', 'Beside a writer', besideWriter, readsTable],
  [
    'processes-stopped-writer',
    'processesStoppedWriter',
    'Beside a stopped writer',
    stoppedWriter,
    readsTable,
  ],
  ['processes-stall', 'processesStall', 'Stall when a writer is killed', stall, stallTable],
  ['processes-opening', 'processesOpening', 'Opening', opening, openingTable],
  [
    'adapters-app',
    'adaptersApp',
    'Express app, sessions and a limit, two workers',
    adaptersApp,
    table.contendersTable,
  ],
  ...[...FLEET_MEASUREMENTS, ...SCALE_MEASUREMENTS].map((it) => {
    return [it.name, it.field, it.title, it, partsTable];
  }),
];

/** What each measurement is called, by its field. */
const TITLES = new Map(MEASUREMENTS.map(([, field, title]) => [field, title]));
const README = path.join(ROOT, 'README.md');

function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.usage !== undefined) {
    print(options.usage);
    return;
  }
  if (options.isPageOnly) {
    writePage(options.output);
    return;
  }
  const results = openResults(options.output, machine());
  runRows(options, results);
  runBun(options, results);
  runShared(options, results);
  runMeasurements(options, results);
  save(options, results);
  writePage(options.output);
  print(['Targets', ...targetLines(results.targets), '', options.output].join('\n'));
}

/** Writes what there is so far; called after each row, so that an interrupted run is not lost. */
function save({ output }, results) {
  results.targets = checkTargets(results);
  writeResults(output, results, chart(results));
}

/**
 * The page of a folder; with the folder of the project's own results, the README's table, too. What
 * the rows scale gave has a folder of its own, and a place on the page of the one around it.
 */
function writePage(output) {
  const isOfScale = output === path.join(RESULTS, SCALE_FOLDER);
  const folder = isOfScale ? RESULTS : output;
  const all = [folder, path.join(folder, SCALE_FOLDER)].map(readResults).filter(Boolean);
  if (all.length === 0) throw new Error(`no results in ${folder}`);
  fs.writeFileSync(path.join(folder, 'index.html'), pageOf(all, TITLES));
  if (folder !== RESULTS) return;
  fs.writeFileSync(README, withFigures(fs.readFileSync(README, 'utf8'), all[0]));
}

function runRows(options, results) {
  for (const row of ROWS.filter(({ name }) => options.filter.test(name))) {
    const keyCounts = row.keys === undefined ? options.keyCounts : [row.keys];
    for (const keyCount of keyCounts) runRow(options, results, { row, keyCount });
  }
}

function runBun(options, results) {
  const names = BUN_ROWS.filter((name) => options.filter.test(`bun:${name}`));
  if (names.length === 0) return;
  const reason = whyNoBun();
  if (reason !== undefined) {
    print(`Bun: skipped, ${reason}\n`);
    return;
  }
  for (const name of names) {
    const bun = { keyCount: BUN_KEYS, runtime: 'bun', peers: BUN_PEERS };
    runRow(options, results, { row: rowOf(name), ...bun });
  }
}

function runShared(options, results) {
  for (const { rows, script } of SHARED) {
    for (const row of rows.filter(({ name }) => options.filter.test(name))) {
      const keyCounts = options.quick ? row.keys.slice(0, 1) : row.keys;
      for (const keyCount of keyCounts) {
        runRow(options, results, { row, keyCount, script, paces: SHARED_PACES });
      }
    }
  }
}

/** Measures one row in a child, prints it, and keeps it. */
function runRow(options, results, { row: { name, title }, keyCount, ...how }) {
  const { quick, storePath } = options;
  const { script = 'rows/child.js', runtime = 'node', peers, paces = PACES } = how;
  const pace = { ...(quick ? paces.quick : paces.full) };
  if (!quick && keyCount >= MANY_KEYS) pace.rounds = MANY_KEYS_ROUNDS;
  const specification = { row: name, keyCount, ...pace, peers, storePath };
  const measured = launch(script, specification, { runtime });
  const head = { name, title, keys: keyCount, runtime, measuredAt: new Date().toISOString() };
  const row = { ...head, ...pace, ...numbersOf(measured) };
  print(table.rowTable(row));
  if (row.failure !== undefined) return;
  putRow(results, row);
  save(options, results);
}

function numbersOf({ failure, seed, operations, results, missRatios, skipped }) {
  if (failure !== undefined) return { failure };
  const { [OURS]: ours, ...peers } = results;
  return {
    seed,
    operationsPerTurn: operations,
    contenders: mapValues(results, spread),
    ratios: mapValues(peers, (rounds) => ratios(ours, rounds)),
    ...(missRatios && { missRatios: mapValues(missRatios, rounded) }),
    skipped,
  };
}

function runMeasurements(options, results) {
  for (const [name, field, title, measurement, show] of MEASUREMENTS) {
    const isAsked = !measurement.isLarge || options.isLargeWanted;
    if (!isAsked || !options.filter.test(name)) continue;
    const measured = measurement.measure(options);
    const count = (measured.entries ?? measured.keys)?.toLocaleString('en-US');
    print(show(`${title} [${name}]${count === undefined ? '' : `, ${count} entries`}`, measured));
    if (measured.failure !== undefined) continue;
    if (measured.wrong !== undefined) process.exitCode = 1;
    results.measurements[field] = { measuredAt: new Date().toISOString(), ...measured };
    save(options, results);
  }
}

function mapValues(record, change) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function print(text) {
  process.stdout.write(`${text}\n`);
}

if (require.main === module) main();

module.exports = { MEASUREMENTS, TITLES };
