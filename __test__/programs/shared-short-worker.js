/**
 * A thread that uses a store and ends as it is told; `shared-threads.js` starts many.
 */
const { parentPort, workerData } = require('node:worker_threads');
const { aMoment, forEver } = require('./shared-hot-tasks.js');

const { way } = workerData;

async function run() {
  if (way === 'terminate') forEver(workerData, () => parentPort.postMessage('busy'));
  await aMoment({ ...workerData, leaves: way !== 'close' });
  if (way === 'throw') throw new Error('thrown on purpose');
  if (way === 'exit') process.exit(3);
}

run();
