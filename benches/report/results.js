/**
 * The results file: read, extended by what a run measured, written.
 *
 * A run of some rows replaces those rows and keeps the others, so that one measurement can be
 * repeated without the rest. Invariant: what was measured on another machine or version of a
 * runtime or a peer is dropped, never mixed in.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { isDeepStrictEqual } = require('node:util');

/** Raised when the shape of the file changes. */
const SCHEMA = 1;

/** The results so far in `folder`, or none where they were made under other conditions. */
function openResults(folder, machine) {
  const stored = readResults(folder);
  if (stored !== undefined && isSameMachine(stored.machine, machine)) return { ...stored, machine };
  return { schema: SCHEMA, machine, rows: [], measurements: {}, targets: [] };
}

/** A peer that the former run did not know has no numbers that could be mixed. */
function isSameMachine({ peers: formerPeers, ...former }, { peers, ...now }) {
  if (!isDeepStrictEqual(former, now)) return false;
  return Object.entries(formerPeers).every(([name, version]) => peers[name] === version);
}

/** Puts a row in, in place of the former one of its name. */
function putRow(results, row) {
  const { rows } = results;
  const isFormer = (one) =>
    one.name === row.name && one.keys === row.keys && one.runtime === row.runtime;
  const index = rows.findIndex(isFormer);
  if (index === -1) rows.push(row);
  else rows[index] = row;
}

/** The row of that name, or `undefined` when it was not measured. */
function findRow({ rows }, name, keys, runtime = 'node') {
  return rows.find((row) => row.name === name && row.keys === keys && row.runtime === runtime);
}

/** Writes `results.json` and the chart. */
function writeResults(folder, results, chart) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
  if (chart !== undefined) fs.writeFileSync(path.join(folder, 'chart.svg'), chart);
}

/** The results in a folder, or `undefined` where there are none. */
function readResults(folder) {
  const file = path.join(folder, 'results.json');
  if (!fs.existsSync(file)) return undefined;
  const stored = JSON.parse(fs.readFileSync(file, 'utf8'));
  return stored.schema === SCHEMA ? stored : undefined;
}

module.exports = { findRow, openResults, putRow, readResults, writeResults };
