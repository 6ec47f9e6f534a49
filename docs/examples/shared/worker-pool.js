/**
 * Workers that share a cache: what one has computed, all have; nothing is computed twice.
 *
 *     node docs/examples/shared/worker-pool.js
 */

const assert = require('node:assert/strict');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { SharedStore } = require('shared-memory-store');

const WORKERS = 4;
const PAGES = 20;

/** The same store in every thread; values are frozen objects, as fast to read as those of a Map. */
const cache = new SharedStore({
  name: 'worker-pool',
  maxBytes: 8 * 1024 ** 2,
  whenFull: 'evict',
  reads: 'frozen',
});

async function render(id) {
  cache.increment('rendered');
  await new Promise((resolve) => setImmediate(resolve));
  return { id, html: `<h1>Page ${id}</h1>`, by: workerData.name };
}

/** Asks for every page, in an order of its own. */
async function work() {
  for (let step = 0; step < PAGES; step += 1) {
    const id = (step * 7 + workerData.number * 3) % PAGES;
    const page = await cache.getOrSet(`page:${id}`, () => render(id), { ttl: 60_000 });
    assert.equal(page.id, id);
  }
  parentPort.postMessage('done');
}

async function main() {
  cache.clear();
  const workers = Array.from({ length: WORKERS }, (_, number) => {
    return new Worker(__filename, { workerData: { number, name: `worker ${number}` } });
  });
  const ends = workers.map((worker) => new Promise((resolve) => worker.on('exit', resolve)));
  assert.deepEqual(
    await Promise.all(ends),
    workers.map(() => 0),
  );

  // The workers are gone; what they made is still here.
  assert.equal(cache.get('rendered'), PAGES);
  assert.equal(cache.size(), PAGES + 1);
  assert.ok(Object.isFrozen(cache.get('page:0')));
  const { hits, threads } = cache.stats();
  console.log(`${PAGES} pages rendered once each, ${hits} reads, ${threads} thread left`);
  cache.close();
}

if (isMainThread) main();
else work();
