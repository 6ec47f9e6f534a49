/**
 * What a listener costs the server, and how soon another takes over from one that is killed.
 *
 * Knows no report.
 */
'use strict';

const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { Companion } = require('../../processes/companions.js');
const { memoryFolder } = require('../../shared/folders.js');
const { ROOT } = require('../contenders.js');
const { connected, nowMs, startFleet } = require('./fleets.js');

const SCRIPT = path.join(__dirname, 'machine.js');
const KEY = 'key';
const KILLS = { full: 15, quick: 3 };
const PROCESSES = 8;
const WRITES = { full: 5000, quick: 1000 };
const ROUNDS = { full: 9, quick: 3 };
const US = 1e6;
const LOOK_MS = 50;

async function run({ quick, storePath = ROOT }) {
  const size = quick ? 'quick' : 'full';
  const fleet = await startFleet(storePath);
  const client = await connected(fleet.url);
  const againMs = [];
  for (let kill = 0; kill < KILLS[size]; kill += 1) {
    againMs.push(await takeOver(fleet, client, storePath));
  }
  const { one, each } = await serverTimes(fleet, client, { storePath, size });
  return {
    parts: {
      'listener killed → near hits again': { unit: 'ms', limit: 50, ours: againMs },
      'server: a write told to 8 processes of a machine ÷ to a listener each': {
        unit: 'µs',
        limit: 0.2,
        ours: one,
        peer: each,
      },
    },
  };
}

/** How long after the one who listened was killed another of the machine has hits again. */
async function takeOver({ url, open }, client, storePath) {
  const store = open();
  await store.set(KEY, 'value');
  const stores = [{ name: 'bench', url, near: { path: memoryFolder() } }];
  const start = () => Companion.start('read', { storePath, stores, key: KEY }, SCRIPT);
  const listening = await start();
  const other = await start();
  await ready(other, client);
  await store.set(KEY, 'value');
  await other.ask({ what: 'warm' });
  await other.ask({ what: 'again' });
  const again = other.answer();
  const beginMs = nowMs();
  listening.signal('SIGKILL');
  const tookMs = (await again) - beginMs;
  await Promise.all([listening.end(), other.end(), store.close()]);
  return tookMs;
}

/** Comes when the thread of a process has begun that is to take over. */
async function ready(companion, client) {
  let isReady = false;
  const flushed = companion.ask({ what: 'flushed' }).then(() => {
    isReady = true;
  });
  while (!isReady) {
    await client.flushAll();
    await Promise.race([flushed, pause(LOOK_MS)]);
  }
}

/**
 * Microseconds of the server's processor for a write, more than one of which nobody is told: with
 * one listener for all processes, and with one for each. All of them run all the time; who is told,
 * the name of the store says.
 */
async function serverTimes({ url, open }, client, { storePath, size }) {
  const stores = ['unheard', 'machine', 'process'].map((name) => open({ name }));
  for (const store of stores) await store.set(KEY, 'value');
  const near = [
    { name: 'machine', url, near: { path: memoryFolder() } },
    { name: 'process', url, near: { scope: 'process' } },
  ];
  const input = { storePath, stores: near, key: KEY };
  const all = Array.from({ length: PROCESSES }, () => Companion.start('read', input, SCRIPT));
  const companions = await Promise.all(all);
  const [one, each] = [[], []];
  for (let round = 0; round < ROUNDS[size]; round += 1) {
    const times = [];
    for (const store of stores) times.push(await writeTime(client, store, WRITES[size]));
    const [unheard, machine, process] = times;
    one.push(machine - unheard);
    each.push(process - unheard);
  }
  await Promise.all(companions.map((companion) => companion.end()));
  return { one, each };
}

/** Microseconds of the server's processor for a write. */
async function writeTime(client, store, count) {
  const before = await serverUs(client);
  for (let write = 0; write < count; write += 1) await store.set(KEY, write);
  return ((await serverUs(client)) - before) / count;
}

async function serverUs(client) {
  const told = await client.info('cpu');
  const of = (name) =>
    Number(new RegExp(`^used_cpu_${name}_main_thread:(\\S+)`, 'm').exec(told)[1]);
  return (of('user') + of('sys')) * US;
}

module.exports = { run };
