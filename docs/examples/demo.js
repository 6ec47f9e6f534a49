/**
 * A cluster whose workers share sessions, rate limits and rendered pages; one is killed midway.
 *
 *     node docs/examples/demo.js [--seconds 12] [--workers 4] [--seed 1]
 *
 * Visitors in threads of their own ask over tens of thousands of real HTTP requests, and hold each
 * answer to what they were told before. Exit code 0: every answer was the right one, no session
 * was lost or torn, no limit exceeded, no page rendered twice, and nothing is left behind.
 */

const { once } = require('node:events');
const net = require('node:net');
const os = require('node:os');
const { setTimeout: pause } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { audit } = require('./cluster-server/audit/audit');
const { killOne } = require('./cluster-server/chaos');
const { Crowd } = require('./cluster-server/crowd');
const { Progress } = require('./cluster-server/progress');
const { printFigures, printFindings } = require('./cluster-server/report');
const { destroyStores, openStores } = require('./cluster-server/server/stores');
const { Workers } = require('./cluster-server/workers');

const LEAST_WORKERS = 4;
/** When a worker is killed, as a part of the time. */
const MIDWAY = 0.4;
const LOOK_MS = 100;
/** How much longer than it should a run may take on a slow machine. */
const PATIENCE_MS = 120_000;
const ENDED_BY_SIGNAL = 128;

async function main() {
  const { seconds, workers: count, seed } = readArguments();
  const prefix = `cluster-demo-${process.pid}`;
  const port = await freePort();
  const stores = openStores(prefix);
  const workers = new Workers(count, {
    DEMO_PRIMARY: String(process.pid),
    DEMO_STORES: prefix,
    DEMO_PORT: String(port),
  });
  leaveNothingBehind(workers, stores);
  giveUpAfter(seconds * 1000 + PATIENCE_MS);

  await workers.start();
  console.log(`${count} workers at http://127.0.0.1:${port}/ for ${seconds} s; seed ${seed}.`);
  console.log(`They share ${Object.keys(stores).length} stores, ${prefix}-….`);
  const crowd = new Crowd({ port, seed });
  const progress = new Progress();
  const killed = await letThemWork({ seconds, crowd, workers, stores, progress });
  await crowd.leave();
  const elapsed = progress.elapsedSeconds;
  progress.say('All visitors have left; now the auditor looks at what the stores hold.');
  await workers.stop();

  const { tally } = crowd;
  printFigures({ seconds: elapsed, tally, stores });
  const isWell = printFindings(await audit({ stores, tally, workers, killed }));
  process.exit(isWell ? 0 : 1);
}

/** Kills a worker midway, and goes on until the time is up and all was shown. */
async function letThemWork({ seconds, crowd, workers, stores, progress }) {
  let killed;
  for (;;) {
    const { tally } = crowd;
    const { lost, pids } = workers;
    progress.show({
      tally,
      workers: pids.length,
      lost: lost.length,
      sessions: stores.sessions.size(),
    });
    const elapsed = progress.elapsedSeconds;
    if (killed === undefined && elapsed > seconds * MIDWAY && tally.requests > 0) {
      const { pid, when } = await killOne(workers, stores.ledger);
      killed = pid;
      if (pid !== undefined) progress.say(`Worker ${pid} was killed ${when}.`);
    }
    const successors = workers.successorsOf(killed);
    if (elapsed > seconds && hasShownAll(tally, successors)) return killed;
    await Promise.race([pause(LOOK_MS), crowd.done]);
  }
}

/** Whether there was an occasion for all that is to be shown: a slow machine takes longer. */
function hasShownAll(tally, successors) {
  const isReplaced = successors.some((pid) => tally.workers[pid] > 0);
  return isReplaced && tally.refused > 0 && tally.orders.length > 0;
}

/** However this process ends, short of SIGKILL: then the workers notice, and destroy the stores. */
function leaveNothingBehind(workers, stores) {
  process.once('exit', () => {
    workers.killAll();
    destroyStores(stores);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(ENDED_BY_SIGNAL + os.constants.signals[signal]));
  }
}

function giveUpAfter(ms) {
  setTimeout(() => {
    console.error(`The demo did not end in ${ms} ms.`);
    process.exit(1);
  }, ms).unref();
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '12' },
      workers: {
        type: 'string',
        default: String(Math.max(os.availableParallelism(), LEAST_WORKERS)),
      },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const [seconds, workers, seed] = [values.seconds, values.workers, values.seed].map(Number);
  const isRight =
    seconds > 0 && workers >= 1 && Number.isInteger(workers) && Number.isInteger(seed);
  if (!isRight) throw new Error('Expected numbers: --seconds, --workers, --seed');
  return { seconds, workers, seed };
}

/** A port that nobody listens at. Workers that come later need to know it, too. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

main();
