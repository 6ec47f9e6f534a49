/**
 * How fast another process is woken that waits for a lock or a load, and what 400 waits cost.
 *
 *     node benches/measurements/waiting/wake-ups.js
 *
 * A process holds what the other waits for, notes the time, and lets go; the other notes when it
 * has it. Both read the same monotonic clock.
 */
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const { setTimeout: pause } = require('node:timers/promises');
const { SharedStore } = require('../../../index.js');
const { Waits } = require('./waits.js');

const WAKE_UPS = 1000;
const KEYS = 400;
const COST_MS = 5000;
const PATIENCE_MS = 600_000;

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** The other process. */
async function wait(place) {
  const store = new SharedStore(place);
  const told = async (word) => {
    process.send(word);
    return (await once(process, 'message'))[0];
  };
  for (const kind of ['lock', 'load']) {
    const waits = new Waits();
    for (let number = 0; number < WAKE_UPS; number += 1) {
      const key = `${kind}-${number}`;
      await told(key);
      process.send('waiting');
      if (kind === 'lock') await store.withLock(key, () => {}, PATIENCE_MS);
      else await store.getOrSet(key, () => 'not made elsewhere');
      waits.add(nowMs() - store.get(`${key}-at`));
    }
    const us = (share) => Math.round(waits.percentileUs(share));
    console.log(`${kind}: median ${us(0.5)} µs, 99 % ${us(0.99)} µs, of ${WAKE_UPS}`);
  }
  await told('many');
  const all = Array.from({ length: KEYS }, (_, index) =>
    store.withLock(`many-${index}`, () => {}, PATIENCE_MS),
  );
  const start = process.cpuUsage();
  await pause(COST_MS);
  const { user, system } = process.cpuUsage(start);
  const share = ((user + system) / 1000 / COST_MS) * 100;
  console.log(`${KEYS} waits: ${share.toFixed(2)} % of a processor`);
  process.send('end');
  await Promise.all(all);
  store.close();
  process.disconnect();
}

/** This one, which holds what the other waits for. */
async function main() {
  const place = { name: `wake-ups-${process.pid}`, scope: 'processes' };
  const store = new SharedStore(place);
  const child = fork(__filename, [JSON.stringify(place)]);
  const said = async () => (await once(child, 'message'))[0];
  for (let key = await said(); key !== 'many'; key = await said()) {
    let letGo = () => {};
    if (key.startsWith('lock')) {
      store.lock(key);
      letGo = () => store.release(key);
    } else {
      const made = new Promise((resolve) => {
        letGo = () => resolve('made');
      });
      store.getOrSet(key, () => made).catch(() => {});
    }
    child.send('wait');
    await said();
    await pause(3);
    store.set(`${key}-at`, nowMs());
    letGo();
  }
  for (let index = 0; index < KEYS; index += 1) store.lock(`many-${index}`);
  child.send('wait');
  await said();
  for (let index = 0; index < KEYS; index += 1) store.release(`many-${index}`);
  await once(child, 'exit');
  store.destroy();
}

if (process.argv[2] === undefined) main();
else wait(JSON.parse(process.argv[2]));
