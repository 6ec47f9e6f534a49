/**
 * Threads that come and go in a process of its own; ends with 0 when the store lived through it.
 *
 *     shared-threads.js <way> <number of threads> <at once> <seed>
 *
 * `terminate`: each is ended in the middle of what it does. `leave` and `close`: each ends by
 * itself. `throw` and `exit` likewise. `alone`: nobody but the threads has the store open.
 */
const assert = require('node:assert/strict');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { SharedStore, createStore } = require('../../index.js');
const { KEYS, isSampleOf } = require('./shared-hot-tasks.js');
const { randomFrom } = require('../helpers/seeded-random.js');
const { waitUntil } = require('../helpers/wait-until.js');

const [way, count, atOnce, seed] = process.argv.slice(2);
const FILE = path.join(__dirname, 'shared-short-worker.js');
const NAME = 'threads-that-come-and-go';
const draw = randomFrom(Number(seed));

async function run() {
  const keeper = way === 'alone' ? undefined : new SharedStore({ name: NAME });
  // Nobody clears this one.
  const kept = createStore(`${NAME}-kept`);
  kept.set('greeting', { from: 'the first thread' });
  let started = 0;
  await Promise.all(
    Array.from({ length: Number(atOnce) }, async () => {
      while (started < Number(count)) await runWorker(started++);
    }),
  );
  if (keeper !== undefined) await checkAll(keeper);
  const store = keeper ?? new SharedStore({ name: NAME });
  if (keeper === undefined) assert.equal(store.size(), 0, 'what nobody has open is gone');
  assert.equal(store.stats().participants, 1);
  assert.deepEqual(kept.get('greeting'), { from: 'the first thread' });
  store.close();
  kept.close();
  console.log(`${started} threads`);
}

async function runWorker(number) {
  const ends = way === 'terminate' || way === 'alone' ? 'terminate' : way;
  const worker = new Worker(FILE, { workerData: { name: NAME, way: ends, seed: draw(2 ** 31) } });
  let failure;
  const exited = new Promise((resolve) => worker.on('exit', resolve));
  const said = new Promise((resolve) => worker.once('message', resolve));
  const failed = new Promise((resolve) => {
    worker.on('error', (error) => {
      failure = error;
      resolve();
    });
  });
  if (ends === 'terminate') {
    // Some are ended while they start.
    if (number % 8 !== 0) await Promise.race([said, failed, exited]);
    if (draw(2) === 0) await pause(draw(8));
    assert.equal(failure, undefined, failure?.stack);
    await worker.terminate();
    return;
  }
  // Which of the two comes first, no engine promises.
  if (way === 'throw') await failed;
  await exited;
  if (way === 'throw') assert.match(failure.message, /on purpose/);
  else assert.equal(failure, undefined, failure?.stack);
}

/** Everything works, nothing is locked, and each value is one of its key. */
async function checkAll(store) {
  await waitUntil(() => store.stats().participants === 1, 'the threads have left the store');
  for (let lock = 0; lock < 4; lock += 1) {
    assert.equal(store.lock(`lock-${lock}`, 0), true, 'a lock of a thread that ended is free');
  }
  for (let key = 0; key < KEYS; key += 1) {
    const value = store.get(`key-${key}`);
    if (value !== undefined) assert.ok(isSampleOf(`key-${key}`, value), `key-${key}`);
    assert.equal(await store.getOrSet(`load-${key}`, () => key), key);
    store.set(`key-${key}`, { key: `key-${key}`, after: true });
    assert.deepEqual(store.get(`key-${key}`), { key: `key-${key}`, after: true });
  }
  assert.equal(store.keys().length, store.size());
  store.clear();
  assert.equal(store.size(), 0);
  assert.equal(store.stats().dataBytes, 0);
}

run();
