/**
 * Beside a writer: what a get costs while another process writes as fast as it can.
 *
 * Of texts, which hot reads have copies of, and of objects, which every read copies from the store.
 * The writer writes the keys that are read, or others. Invariant: in each round there is a window
 * without a writer, and the ratios are within the round.
 */
'use strict';

const path = require('node:path');

const { launch } = require('../launch.js');
const { ROOT } = require('../rows/contenders.js');
const { memoryFolder } = require('../shared/folders.js');
const { makeSharedLoad } = require('../shared/load.js');
const { Companion } = require('./companions.js');
const { KINDS, readFor, summaryOf } = require('./timed-reads.js');

const IDLE = 'nobody writes';
const OTHER_KEYS = 'another writes other keys';
const SAME_KEYS = 'another writes these keys';
const MODES = [IDLE, OTHER_KEYS, SAME_KEYS];
const PREFIX = 'other:';
const PACES = {
  full: { rounds: 9, windowMs: 300, warmUpMs: 1000 },
  quick: { rounds: 3, windowMs: 100, warmUpMs: 200 },
};
const KEYS = 1000;

/** A child for each kind of value. */
function measure({ quick, storePath }) {
  const modes = {};
  for (const [name, kind] of Object.entries(KINDS)) {
    const specification = { kind, storePath, ...(quick ? PACES.quick : PACES.full) };
    const windows = launch('processes/beside-writer.js', specification);
    if (windows.failure !== undefined) return { failure: `${name}: ${windows.failure}` };
    Object.assign(modes, summaryOf(name, windows, IDLE));
  }
  return { keys: KEYS, unit: 'ns', modes };
}

async function child({ kind, rounds, windowMs, warmUpMs, storePath = ROOT }) {
  const { SharedStore } = require(path.resolve(storePath));
  const place = { name: 'beside-writer', scope: 'processes', path: memoryFolder() };
  const store = new SharedStore(place);
  const load = makeSharedLoad({ values: kind, keyCount: KEYS });
  for (const [id, key] of load.keys.entries()) store.set(key, load.values[id]);
  const input = { storePath, place, values: kind, keyCount: KEYS };
  const writers = {
    [OTHER_KEYS]: await Companion.start('write', { ...input, prefix: PREFIX }),
    [SAME_KEYS]: await Companion.start('write', input),
  };
  for (const writer of Object.values(writers)) await writer.ask('rest');
  const windows = Object.fromEntries(MODES.map((mode) => [mode, []]));
  const read = (mode, ms) => readBeside(writers[mode], ms, { store, load, kind });
  for (const mode of MODES) await read(mode, warmUpMs);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < MODES.length; turn += 1) {
      const mode = MODES[(round + turn) % MODES.length];
      windows[mode].push(await read(mode, windowMs));
    }
  }
  for (const writer of Object.values(writers)) await writer.end();
  return windows;
}

/** One window of reads, and how many sets a second there were in it. */
async function readBeside(writer, windowMs, reads) {
  await writer?.ask('go on');
  const before = reads.store.stats().sets;
  const window = readFor(windowMs, reads);
  const sets = (reads.store.stats().sets - before) / (window.spentMs / 1000);
  await writer?.ask('rest');
  if (writer !== undefined && sets === 0) throw new Error('nothing was written meanwhile');
  return { ...window, sets };
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
