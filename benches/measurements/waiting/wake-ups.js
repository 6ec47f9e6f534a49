/**
 * How fast another process is woken that waits for a lock or a load, and what 400 waits cost.
 *
 *     node benches/measurements/waiting/wake-ups.js
 *
 * A process holds what the other waits for, notes the time, and lets go; of a load the factory
 * notes it when it gives the value, which is to be stored then. The other notes when it has it.
 * Both read the same monotonic clock. Beside them a bare pipe, from which the other's event loop
 * reads: no wait of a program can be shorter on the same machine.
 */
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { Socket } = require('node:net');
const { setTimeout: pause } = require('node:timers/promises');
const { SharedStore } = require('../../../index.js');
const { Waits } = require('./waits.js');

const WAKE_UPS = 1000;
const KEYS = 400;
const COST_MS = 5000;
const PATIENCE_MS = 600_000;
/** Of the other process: the bare pipe. */
const PIPE = 3;

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/** The other process. */
async function wait(place) {
  const store = new SharedStore(place);
  const told = async (word) => {
    process.send(word);
    return (await once(process, 'message'))[0];
  };
  const pipe = new Socket({ fd: PIPE });
  for (const kind of ['pipe', 'lock', 'load']) {
    const waits = new Waits();
    for (let number = 0; number < WAKE_UPS; number += 1) {
      const key = `${kind}-${number}`;
      await told(key);
      const begun = once(process, 'message');
      process.send('waiting');
      if (kind === 'pipe') await once(pipe, 'data');
      else if (kind === 'lock') await store.withLock(key, () => {}, PATIENCE_MS);
      else await store.getOrSet(key, () => 'not made elsewhere');
      const endMs = nowMs();
      waits.add(endMs - (await begun)[0]);
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
  pipe.destroy();
  process.disconnect();
}

/** This one, which holds what the other waits for. */
async function main() {
  const place = { name: `wake-ups-${process.pid}`, scope: 'processes' };
  const store = new SharedStore(place);
  const stdio = ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'];
  const child = fork(__filename, [JSON.stringify(place)], { stdio });
  const { fd } = child.stdio[PIPE]._handle;
  const said = async () => (await once(child, 'message'))[0];
  for (let key = await said(); key !== 'many'; key = await said()) {
    let beganMs = 0;
    let letGo = () => fs.writeSync(fd, 'x');
    if (key.startsWith('lock')) {
      store.lock(key);
      letGo = () => store.release(key);
    } else if (key.startsWith('load')) {
      const gate = new Promise((resolve) => {
        letGo = resolve;
      });
      const make = async () => {
        await gate;
        beganMs = nowMs();
        return 'made';
      };
      store.getOrSet(key, make).catch(() => {});
    }
    child.send('wait');
    await said();
    await pause(3);
    beganMs = nowMs();
    letGo();
    // When the other has it, and not into its way.
    await pause(3);
    child.send(beganMs);
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
