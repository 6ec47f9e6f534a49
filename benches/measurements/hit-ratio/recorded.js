/**
 * The recorded traces: files `*.u32.xz` in a folder outside the project, if there is one.
 *
 * A file holds one little-endian u32 per request, the id of the object. Nothing here knows a
 * policy, and nothing is copied into the project.
 */
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const EXTENSION = '.u32.xz';
const ID_BYTES = 4;
/** 256 million requests: far more than a run has time for. */
const MAXIMUM_BYTES = 2 ** 30;

/** `{ names }` of the traces in `folder`, or `{ reason }` why there are none. */
function findRecorded(folder) {
  if (!fs.existsSync(folder)) return { reason: `there is no ${folder}` };
  const files = fs.readdirSync(folder).filter((file) => file.endsWith(EXTENSION));
  if (files.length === 0) return { reason: `no *${EXTENSION} in ${folder}` };
  if (spawnSync('xz', ['--version']).error) return { reason: 'there is no command xz' };
  return { names: files.sort().map((file) => file.slice(0, -EXTENSION.length)) };
}

/** The ids of the trace of that name. */
function recordedTrace(folder, name) {
  const file = path.join(folder, `${name}${EXTENSION}`);
  const options = { maxBuffer: MAXIMUM_BYTES };
  const { status, error, stdout, stderr } = spawnSync('xz', ['-dc', file], options);
  if (status !== 0) throw new Error(`xz -dc ${file}: ${error?.message ?? stderr}`);
  const ids = new Uint32Array(Math.floor(stdout.length / ID_BYTES));
  return ids.map((_, index) => stdout.readUInt32LE(index * ID_BYTES));
}

module.exports = { findRecorded, recordedTrace };
