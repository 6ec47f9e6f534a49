/**
 * How soon a watcher in another process is told, what watching costs a writer, and a burst.
 *
 *     node benches/measurements/waiting/watching.js
 *
 * Both processes read the same monotonic clock. The writer pauses between two writes that are
 * timed, so that the watcher sleeps.
 */
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const { setTimeout: pause } = require('node:timers/promises');
const { SharedStore } = require('../../../index.js');
const { Waits } = require('./waits.js');

const TOLD = 2000;
const PAUSE_MS = 3;
const WRITES = 1_000_000;
const ROUNDS = 5;

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** The other process. */
async function watch(place) {
  const store = new SharedStore(place);
  const waits = new Waits();
  const burst = { told: 0, overflows: 0, isOrdered: true, last: -1 };
  store.watch('timed', () => waits.add(nowMs() - store.get('timed')), { keepAlive: true });
  const stop = store.watch({ prefix: 'burst ' }, ({ type, key }) => {
    if (type === 'overflow') burst.overflows += 1;
    else {
      const number = Number(key.slice(6));
      burst.told += 1;
      const isNext = number > burst.last && (burst.overflows > 0 || number === burst.last + 1);
      burst.isOrdered &&= isNext;
      burst.last = number;
    }
  });
  process.send('watching');
  await once(process, 'message');
  const [p50, p99] = [0.5, 0.99].map((share) => (waits.percentileUs(share) / 1000).toFixed(3));
  process.send({ told: waits.total, p50, p99, longest: (waits.longestUs() / 1000).toFixed(3) });
  process.send('ready');
  await once(process, 'message');
  process.send(burst);
  stop();
  process.disconnect();
  store.close();
}

/** Nanoseconds of a `set`: the best of some rounds. */
function setNs(store) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = nowMs();
    for (let n = 0; n < WRITES / 5; n += 1) store.set(`key ${n % 1000}`, n);
    best = Math.min(best, ((nowMs() - before) * 1e6) / (WRITES / 5));
  }
  return Math.round(best);
}

async function main() {
  const place = { name: `watching-${process.pid}`, scope: 'processes', maxBytes: 1 << 28 };
  const store = new SharedStore(place);
  const unwatched = setNs(store);
  const child = fork(__filename, [JSON.stringify(place)]);
  const word = async () => (await once(child, 'message'))[0];
  await word();
  for (let n = 0; n < TOLD; n += 1) {
    store.set('timed', nowMs());
    await pause(PAUSE_MS);
  }
  child.send('enough');
  console.log('told, in ms:', await word());
  await word();
  const watched = setNs(store);
  const before = nowMs();
  for (let n = 0; n < WRITES; n += 1) store.set(`burst ${n}`, n);
  const burstMs = Math.round(nowMs() - before);
  await pause(2000);
  child.send('enough');
  console.log(`a burst of ${WRITES} in ${burstMs} ms:`, await word());
  await once(child, 'exit');
  console.log(`set, in ns: ${unwatched} unwatched, ${watched} watched, ${setNs(store)} afterwards`);
  store.destroy();
}

const [place] = process.argv.slice(2);
if (place === undefined) main();
else watch(JSON.parse(place));
