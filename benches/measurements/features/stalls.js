/**
 * What a `deleteWhere` of many entries does to another process that writes meanwhile.
 *
 *     node benches/measurements/features/stalls.js
 *
 * On a machine of few processors the longest `set` says more of the machine than of the store.
 * So time that a thread was ready to run and had no processor is left out; that of whoever has
 * the lock just then is not. Beside it stands the longest step of the removal, which takes the
 * lock of a shard many times: a `set` waits for one hold of it.
 */
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const { setTimeout: pause } = require('node:timers/promises');
const { SharedStore } = require('../../../index.js');
const native = require('../../../lib/native/loader.js');
const { median } = require('../../report/statistics.js');
const { processorWaitMs } = require('../waiting/processor-wait.js');

const ENTRIES = 1_000_000;
const ROUNDS = 7;
const CONTROL_MS = 100;
const BATCH = 1000;

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** What a call gives, and how long it took, without the time for which it had no processor. */
function ranFor(call) {
  const waitedMs = processorWaitMs();
  const beganMs = nowMs();
  const answer = call();
  const tookMs = nowMs() - beganMs;
  return { ms: tookMs - (processorWaitMs() - waitedMs), answer };
}

/** The other process: the longest of its writes since it was last asked. */
async function write(place) {
  const store = new SharedStore(place);
  let isAsked = true;
  process.on('message', () => {
    isAsked = true;
  });
  process.send('open');
  for (let longestMs = 0; process.connected; ) {
    for (let count = 0; count < BATCH; count += 1) {
      longestMs = Math.max(longestMs, ranFor(() => store.set(`other ${count}`, count)).ms);
    }
    await new Promise(setImmediate);
    if (isAsked) {
      process.send(longestMs);
      [isAsked, longestMs] = [false, 0];
    }
  }
  store.close();
}

/** How long each call of the native core takes that removes, in milliseconds. */
function timedSteps() {
  const steps = [];
  const { sharedDeleteWhere } = native;
  native.sharedDeleteWhere = (...given) => {
    const { ms, answer } = ranFor(() => sharedDeleteWhere(...given));
    steps.push(ms);
    return answer;
  };
  return steps;
}

async function main() {
  const place = { name: `stalls-${process.pid}`, scope: 'processes', maxBytes: 2 ** 29 };
  const store = new SharedStore(place);
  for (let id = 0; id < ENTRIES; id += 1) store.set(`group ${id % 10}:${id}`, id);
  const child = fork(__filename, [JSON.stringify(place)]);
  await once(child, 'message');
  const longest = async () => {
    child.send('ask');
    return (await once(child, 'message'))[0];
  };
  await once(child, 'message');
  const steps = timedSteps();
  const took = [];
  const stalls = { alone: [], removing: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    await longest();
    await pause(CONTROL_MS);
    stalls.alone.push(await longest());
    const { ms, answer: removed } = ranFor(() => store.deleteWhere({ prefix: 'group 7:' }));
    took.push(ms);
    stalls.removing.push(await longest());
    if (removed !== ENTRIES / 10) throw new Error(`Wrong: ${removed} removed`);
    for (let id = 7; id < ENTRIES; id += 10) store.set(`group 7:${id}`, id);
  }
  child.disconnect();
  await once(child, 'exit');
  store.destroy();
  const told = (times) =>
    `median ${median(times).toFixed(2)}, most ${Math.max(...times).toFixed(2)}`;
  console.log(`deleteWhere of ${ENTRIES / 10}: ${told(took)} ms`);
  console.log(`longest set of another process: ${told(stalls.removing)} ms`);
  console.log(`the same, nothing being removed: ${told(stalls.alone)} ms`);
  console.log(`a step of the removal: ${told(steps)} ms, of ${steps.length}`);
}

if (process.argv[2] === undefined) main();
else write(JSON.parse(process.argv[2]));
