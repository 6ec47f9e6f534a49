/**
 * A cluster whose workers share a cache; tells what they saw of it.
 *
 *     process-cluster.js <folder> <primary | workers>
 *
 * With `primary` the primary opens the cache before the workers, otherwise they are alone.
 */
const assert = require('node:assert/strict');
const cluster = require('node:cluster');
const { SharedStore, ShmCache } = require('../../index.js');

const WORKERS = 4;
const COUNTS = 100;
const HOUR_MS = 3_600_000;
const [, , folder, who] = process.argv;
const open = () => new ShmCache({ name: 'cache', path: folder });
const counter = () => new SharedStore({ name: 'counter', scope: 'processes', path: folder });

const messageOf = (worker) => new Promise((resolve) => worker.once('message', resolve));
const exitOf = (worker) =>
  new Promise((resolve) => worker.once('exit', (code, signal) => resolve(signal ?? code)));

async function primary() {
  const cache = who === 'primary' ? open() : undefined;
  const workers = Array.from({ length: WORKERS }, () => cluster.fork());
  const first = await Promise.all(workers.map(messageOf));
  assert.equal(new Set(first.map(({ seen }) => seen)).size, 1);
  const ends = workers.map(exitOf);
  const [killed, ...others] = workers;
  killed.process.kill('SIGKILL');
  const signal = await ends[0];
  // A new one in its place finds everything.
  const next = cluster.fork();
  const { seen, counted } = await messageOf(next);
  for (const worker of [...others, next]) worker.process.kill('SIGKILL');
  await Promise.all(ends);
  if (cache !== undefined) assert.equal(cache.get('key'), seen);
  console.log(JSON.stringify({ first: first[0].seen, counted, killed: signal, seen }));
  cache?.close();
  // Bun keeps a primary open.
  process.exit(0);
}

function worker() {
  const cache = open();
  const store = counter();
  const seen = cache.get('key') ?? null;
  const isNext = cache.get('told') !== undefined;
  if (isNext) {
    process.send({ seen, counted: store.get('count') });
    return;
  }
  for (let count = 0; count < COUNTS; count += 1) store.increment('count');
  store.increment('done');
  const tell = () => {
    if (store.get('done') < WORKERS) return setTimeout(tell, 1);
    // Only when all have looked.
    cache.set('key', 'of a worker', HOUR_MS);
    cache.set('told', true, HOUR_MS);
    process.send({ seen });
  };
  tell();
}

if (cluster.isPrimary) primary();
else worker();
