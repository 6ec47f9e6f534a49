/**
 * The options of `run.js`, read from the command line.
 *
 * An option that is not known ends the run with the list of those that are.
 */
'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');

const { ROOT } = require('./rows/contenders.js');
const { KEY_COUNTS } = require('./rows/rows.js');

const USAGE = `node benches/run.js [options]
  --quick          seconds instead of minutes, 1,000 keys unless --keys says else; noisy
  --rows <regex>   only rows and measurements whose name matches (bun:get-hit, shared:, memory, …)
  --keys <list>    only these numbers of keys, separated by commas
  --entries <n>    of the rows scale, which run only where --rows names them: so many entries in
                   place of 100,000,000
  --store <folder> measure the package in this folder instead of the one around benches/
  --traces <folder> recorded traces for hit-ratio (../shared/traces beside the project)
  --page           measures nothing: makes index.html, and the table of README.md, anew
  --output <folder> where results.json, chart.svg and index.html go (benches/results;
                   benches/results/scale for the rows scale, which another machine may have run;
                   benches/results/quick with --quick or --entries)`;

const RESULTS = path.join(__dirname, 'results');
/** Recorded traces are no part of the project: they are looked for beside it. */
const TRACES = path.join(ROOT, '..', 'shared', 'traces');
const DECLARED = {
  quick: { type: 'boolean', default: false },
  rows: { type: 'string', default: '' },
  keys: { type: 'string' },
  entries: { type: 'string' },
  store: { type: 'string' },
  traces: { type: 'string', default: TRACES },
  page: { type: 'boolean', default: false },
  output: { type: 'string' },
  help: { type: 'boolean', default: false },
};
/** Rows that take gigabytes and many minutes: no run of all rows means them. */
const LARGE = /scale/;
/** In the folder of the others. */
const SCALE_FOLDER = 'scale';
/** What a step of those reads at once. */
const LEAST_ENTRIES = 100_000;
/** What the values and `id`s of a load allow. */
const MOST_KEYS = 1_000_000;

/** The options, or `{ usage }` when they were asked for or not understood. */
function readOptions(commandLine) {
  try {
    const { values } = parseArgs({ args: commandLine, options: DECLARED });
    if (values.help) return { usage: USAGE };
    const { quick, entries, rows, keys, store, traces, page } = values;
    return {
      quick,
      entries: entries === undefined ? undefined : entryCount(entries),
      isLargeWanted: LARGE.test(rows),
      filter: new RegExp(rows),
      keyCounts: keys === undefined ? defaultKeyCounts(quick) : keys.split(',').map(keyCount),
      storePath: store === undefined ? undefined : path.resolve(store),
      tracesPath: path.resolve(traces),
      isPageOnly: page,
      output: path.resolve(values.output ?? outputOf(values)),
    };
  } catch (error) {
    return { usage: `${error.message}\n\n${USAGE}` };
  }
}

function outputOf({ quick, entries, rows, page }) {
  if (page) return RESULTS;
  if (quick || entries !== undefined) return path.join(RESULTS, 'quick');
  return LARGE.test(rows) ? path.join(RESULTS, SCALE_FOLDER) : RESULTS;
}

function defaultKeyCounts(quick) {
  return quick ? KEY_COUNTS.slice(0, 1) : KEY_COUNTS;
}

function entryCount(text) {
  const count = Number(text.replaceAll('_', ''));
  if (Number.isInteger(count) && count >= LEAST_ENTRIES) return count;
  throw new RangeError(`--entries takes a whole number from ${LEAST_ENTRIES}, not ${text}`);
}

function keyCount(text) {
  const count = Number(text.replaceAll('_', ''));
  if (Number.isInteger(count) && count >= 1 && count <= MOST_KEYS) return count;
  throw new RangeError(`--keys takes whole numbers from 1 to ${MOST_KEYS}, not ${text}`);
}

module.exports = { RESULTS, SCALE_FOLDER, readOptions };
