/**
 * Starts and ends many `sweeping-worker.js`; ends with 0 when each of them ended as it should.
 *
 *     workers.js <ending> <number of workers> <at once> [main]
 *
 * With `main` the addon is loaded in the main thread too; without it, the addon is loaded and
 * unloaded with the workers. The ending `terminate` kills a worker while it sweeps; `process-exit`
 * ends the whole process, with code 5, while all of them do.
 */

const assert = require('node:assert/strict');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const [ending, count, atOnce, main] = process.argv.slice(2);
const FILE = path.join(__dirname, 'sweeping-worker.js');
const EXIT_CODES = { return: 0, close: 0, throw: 1, exit: 3 };

async function run() {
  const store = main === 'main' ? openStore() : undefined;
  let started = 0;
  await Promise.all(
    Array.from({ length: Number(atOnce) }, async () => {
      while (started < Number(count)) await runWorker(started++);
    }),
  );
  // A sweeper that outlived its worker's addon would run now.
  await pause(50);
  if (store !== undefined) assert.equal(store.get('permanent'), 'still here');
  console.log(`${started} workers`);
}

async function runWorker(number) {
  const runsOn = ending === 'terminate' || ending === 'process-exit';
  const worker = new Worker(FILE, { workerData: { ending: runsOn ? 'forever' : ending } });
  const exited = new Promise((resolve) => worker.on('exit', resolve));
  const swept = new Promise((resolve) => worker.once('message', resolve));
  let failure;
  const failed = new Promise((resolve) => {
    worker.on('error', (error) => {
      failure = error;
      resolve();
    });
  });
  // Bun ends a worker that exits at once before its message arrives: its end counts as well.
  await Promise.race([swept, exited, failed]);
  if (ending === 'terminate') {
    await pause(number % 7);
    await worker.terminate();
  } else if (ending === 'process-exit') {
    if (number === Number(count) - 1) process.exit(5);
    await new Promise(() => {});
  } else {
    assert.equal(await exited, EXIT_CODES[ending], failure?.stack);
    // Its error may come after its end.
    if (ending === 'throw') await failed;
    if (ending === 'throw') assert.match(failure.message, /on purpose/);
  }
}

function openStore() {
  const MemoryStore = require('shared-memory-store');
  const store = new MemoryStore({ cleanupInterval: 1 });
  store.startCleanupTask();
  store.set('permanent', 'still here');
  for (let entry = 0; entry < 1000; entry += 1) store.set(`entry-${entry}`, entry, { ttl: 5 });
  return store;
}

run();
