/**
 * A session server with a rate limit, under tens of thousands of real HTTP requests.
 *
 *     node docs/examples/session-server/demo.js [--requests 200000] [--seed 1]
 *
 * Sessions and per-client counters live in two `MemoryStore`s with times to live. Visitors in a
 * worker thread log in, come back, come back too late, leave, forge cookies and hammer; each
 * knows from its own clock what it must be answered. Exit code 0: every answer was the right one,
 * and the stores let go of everything once its time had passed.
 */

const path = require('node:path');
const { parseArgs } = require('node:util');
const { Worker } = require('node:worker_threads');
const { measure } = require('./measure');
const { Progress, grouped } = require('./progress');
const { printReport } = require('./report');
const { startServer } = require('./server');
const { settle } = require('./settle');

const LIMITS = { sessionMs: 800, windowMs: 1000, requestsPerWindow: 40, sweepMs: 50 };
const LONGEST_RUN_MS = 180_000;

async function main() {
  const { requests, seed } = readArguments();
  console.log(
    `Sessions end after ${LIMITS.sessionMs} ms without use; ${LIMITS.requestsPerWindow} requests ` +
      `per client in ${LIMITS.windowMs} ms; seed ${seed}.`,
  );
  const server = await startServer(LIMITS);
  const { sessions, rateLimit } = server;

  const progress = new Progress();
  const job = { port: server.port, requests, seed, limits: LIMITS };
  const tally = await letVisitorsIn(job, progress);
  const seconds = progress.elapsedSeconds;
  const keys = sessions.store.keys();
  const alive = { sessions: keys.length, windows: rateLimit.store.size() };
  const memory = process.memoryUsage();
  progress.end('Waiting for the last entries to go away by themselves.');
  await server.stop();
  const lastDeadline = performance.now() + Math.max(LIMITS.sessionMs, LIMITS.windowMs) + 1;

  const watched = [
    { collected: () => sessions.collected, created: () => sessions.opened },
    { collected: () => rateLimit.collected, created: () => rateLimit.windowsOpened },
  ];
  const released = await settle(watched, lastDeadline);
  const left = sessions.store.size() + rateLimit.store.size();
  const timing = measure(sessions.store, keys);
  sessions.close();
  rateLimit.close();

  const judged = tally.checks - tally.borderline;
  printReport({ seconds, tally, sessions, rateLimit, alive, timing, memory });
  conclude([
    [tally.requests >= requests, `${grouped(tally.requests)} requests were answered`],
    [tally.requests === server.counts.requests, 'server and visitors counted the same'],
    [tally.failed === 0, ['every answer was the right one', ...tally.surprises].join('\n        ')],
    [judged > tally.checks / 20, `${grouped(judged)} answers came in time to be judged`],
    [left === 0, 'no entry outlived its time'],
    [released, 'every value was released, in stores that nobody touched'],
  ]);
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '200000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const requests = Number(values.requests);
  const seed = Number(values.seed);
  if (!(requests >= 1) || !Number.isInteger(seed)) throw new Error('Expected numbers');
  return { requests, seed };
}

/** Runs the visitors in a thread of their own; gives what they saw. */
function letVisitorsIn(job, progress) {
  return new Promise((resolve, reject) => {
    const file = path.join(__dirname, 'visitors', 'thread.js');
    const visitors = new Worker(file, { workerData: job });
    const tooLong = setTimeout(() => {
      visitors.terminate();
      reject(new Error(`The visitors did not finish in ${LONGEST_RUN_MS} ms`));
    }, LONGEST_RUN_MS);
    let tally;
    visitors.on('message', (message) => {
      tally = message;
      progress.show(tally);
    });
    visitors.on('error', reject);
    visitors.on('exit', (code) => {
      clearTimeout(tooLong);
      if (code === 0 && tally !== undefined) resolve(tally);
      else reject(new Error(`The visitors ended with code ${code}`));
    });
  });
}

/** Says of each check whether it held, and sets the exit code. */
function conclude(checks) {
  for (const [holds, what] of checks) {
    console.log(`${holds ? 'ok     ' : 'FAILED '} ${what}`);
    if (!holds) process.exitCode = 1;
  }
}

main();
