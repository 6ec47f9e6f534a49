/**
 * A worker that waits until all are ready, counts, and says when it did.
 *
 * Knows its store by name. Times are of `process.hrtime`, which all threads share.
 */
'use strict';

const path = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');

const { COUNTS, Cell } = require('./counts.js');

const { storePath, storeName, cells, number } = workerData;
const { SharedStore } = require(path.resolve(storePath));
const store = new SharedStore({ name: storeName });
const loops = Object.entries(COUNTS).map(([name, { loop }]) => [
  name,
  loop({ store, cells, number }),
]);
const loopOf = new Map(loops);

parentPort.on('message', ({ name, amount }) => {
  const loop = loopOf.get(name);
  waitForAll();
  const begin = seconds();
  loop(amount);
  parentPort.postMessage({ begin, end: seconds() });
});
parentPort.postMessage('ready');

/** The last one to get ready wakes the others. */
function waitForAll() {
  if (Atomics.sub(cells, Cell.GATE, 1) === 1) {
    Atomics.notify(cells, Cell.GATE);
    return;
  }
  let left = Atomics.load(cells, Cell.GATE);
  while (left > 0) {
    Atomics.wait(cells, Cell.GATE, left);
    left = Atomics.load(cells, Cell.GATE);
  }
}

function seconds() {
  return Number(process.hrtime.bigint()) / 1e9;
}
