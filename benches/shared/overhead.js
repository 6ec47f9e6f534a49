/**
 * Overhead: bytes per entry that a shared store takes beside its keys and values.
 *
 * From `stats()`: the segments in use and the index, less the payload. The index grows in steps,
 * so that it depends on the number of entries: several are tried. `residentBytes` counts what was
 * taken from the system ahead of its use, too.
 */
'use strict';

const path = require('node:path');

const { launch } = require('../launch.js');
const { rounded } = require('../report/statistics.js');
const { ROOT } = require('../rows/contenders.js');

const SIZES = {
  full: [300_000, 400_000, 500_000, 600_000, 800_000, 1_000_000],
  quick: [300_000, 400_000, 500_000],
};
/** All of one size: the texts that stand for them differ. */
const FIRST_ID = 10_000_000_000;
const KEY_BYTES = 16;
const VALUE_BYTES = 100;
const STORE_BYTES = 2 ** 30;
/** Every so many entries one is read back. */
const SAMPLE_STRIDE = 9973;

/** A child for each number of entries; bytes per entry of each. */
function measure({ quick, storePath }) {
  const sizes = {};
  for (const entries of quick ? SIZES.quick : SIZES.full) {
    const result = launch('shared/overhead.js', { entries, storePath });
    if (result.failure !== undefined) return { failure: `${entries}: ${result.failure}` };
    sizes[entries] = result;
  }
  return { unit: 'bytes per entry', keyBytes: KEY_BYTES, valueBytes: VALUE_BYTES, sizes };
}

function child({ entries, storePath = ROOT }) {
  const { SharedStore } = require(path.resolve(storePath));
  const store = new SharedStore({ name: 'overhead', maxBytes: STORE_BYTES });
  for (let id = 0; id < entries; id += 1) store.set(keyOf(id), textOf(id));
  for (let id = 0; id < entries; id += SAMPLE_STRIDE) {
    if (store.get(keyOf(id)) !== textOf(id)) throw new Error(`entry ${id} is another one`);
  }
  const { entries: stored, dataBytes, segmentBytes, indexBytes, residentBytes } = store.stats();
  if (stored !== entries) throw new Error(`${stored} entries, not ${entries}`);
  const beside = (bytes) => rounded(bytes / entries - KEY_BYTES - VALUE_BYTES);
  return {
    overhead: beside(segmentBytes + indexBytes),
    heads: beside(dataBytes),
    slack: rounded((segmentBytes - dataBytes) / entries),
    index: rounded(indexBytes / entries),
    realOverhead: beside(residentBytes),
  };
}

function keyOf(id) {
  return `user:${FIRST_ID + id}`;
}

function textOf(id) {
  return `${id}:`.padEnd(VALUE_BYTES, 'x');
}

if (require.main === module) {
  process.stdout.write(`${JSON.stringify(child(JSON.parse(process.argv[2])))}\n`);
}

module.exports = { measure };
