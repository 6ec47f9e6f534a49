/**
 * A process beside the one that measures: it writes, tries to write, or only has the store open.
 *
 * Answers each request once it is fulfilled. Knows no measurement. Invariant: it ends when whoever
 * started it does.
 */
'use strict';

const path = require('node:path');
const { setImmediate: nextTurn, setTimeout: pause } = require('node:timers/promises');

const { makeSharedLoad } = require('../shared/load.js');

/** Writes between two looks at what is asked: some milliseconds. */
const SLICE_WRITES = 4096;
/** Slices until it is at full speed. */
const WARM_UP_SLICES = 8;
/** Between two looks while it rests. */
const REST_MS = 5;

const TASKS = { hold, write, attempt };

const { task, storePath, place, values: kind, keyCount, prefix = '' } = JSON.parse(process.argv[2]);
const { SharedStore } = require(path.resolve(storePath));
const store = new SharedStore(place);

/** Has the store open, and does nothing. */
function hold() {
  process.send('ready');
}

/** Writes without a pause, but while it is told to `rest`. */
async function write() {
  const { keys, values, order, mask } = load();
  let isResting = false;
  let slices = 0;
  process.on('message', (request) => {
    isResting = request === 'rest';
    process.send(request);
  });
  for (;;) {
    const start = (slices * SLICE_WRITES) & mask;
    for (let i = start; !isResting && i < start + SLICE_WRITES; i += 1) {
      store.set(keys[order[i & mask]], values[order[(i + 1) & mask]]);
    }
    slices += 1;
    if (slices === WARM_UP_SLICES) process.send('ready');
    await (isResting ? pause(REST_MS) : nextTurn());
  }
}

/** Writes every key once, whenever it is asked to. */
function attempt() {
  const { keys, values } = load();
  process.on('message', (request) => {
    for (const [id, key] of keys.entries()) store.set(key, values[id]);
    process.send(request);
  });
  process.send('ready');
}

function load() {
  const made = makeSharedLoad({ values: kind, keyCount });
  return { ...made, keys: made.keys.map((key) => prefix + key) };
}

process.on('disconnect', () => process.exit());
TASKS[task]();
