/**
 * What those who use a store notice of somebody who looks at it from outside.
 *
 *     node benches/measurements/observed.js [rounds] [keys] [processes]
 *
 * Four processes, or as many as one says, read and write one store flat out. In turn nobody looks,
 * or a command of the command line does, or a process of the same length that does not know the
 * store: on a machine with few processors that takes their time as well. Told are calls per second
 * of processor time, and the longest time between two calls, each against the turn before in which
 * nobody looked; and the longest one without the time in which the worker was given no processor,
 * which is nobody's. Of several processes one waits for a lock that another has who was given none:
 * for pauses, one is enough. Before all that is told how much longer `ls` takes than a Node that
 * does nothing.
 */
'use strict';

const { fork, spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { processorWaitMs } = require('./waiting/processor-wait.js');

const ROOT = path.join(__dirname, '..', '..');
const MAIN = path.join(ROOT, 'lib', 'cli', 'main.js');
const WORKERS = 4;
const WINDOW_MS = 1500;
const SLICE_MS = 20;
const HUNDRED = 100;
const STARTS = 21;
/** A call that takes longer is looked at more closely. */
const LONG_MS = 0.2;

/** Calls of a worker, until it is told to end. */
function work({ name, folder, keys }) {
  const { SharedStore } = require(ROOT);
  const store = new SharedStore({ name, scope: 'processes', path: folder });
  let [calls, longestMs, longestOwnMs, at] = [0, 0, 0, process.pid];
  let cpu = process.cpuUsage();
  process.on('message', () => {
    const { user, system } = process.cpuUsage(cpu);
    process.send({ calls, cpuMs: (user + system) / 1000, longestMs, longestOwnMs });
    [calls, longestMs, longestOwnMs, cpu] = [0, 0, 0, process.cpuUsage()];
  });
  const slice = () => {
    const end = performance.now() + SLICE_MS;
    let waitedMs = processorWaitMs();
    let before = performance.now();
    for (let now = before; now < end; before = now) {
      at = (at * 1_103_515_245 + 12_345) % 2_147_483_648;
      const key = `key:${at % keys}`;
      if (at % 10 === 0) store.set(key, at);
      else store.get(key);
      calls += 1;
      now = performance.now();
      if (now - before < LONG_MS) continue;
      longestMs = Math.max(longestMs, now - before);
      const waited = processorWaitMs();
      longestOwnMs = Math.max(longestOwnMs, now - before - (waited - waitedMs));
      waitedMs = waited;
      // What it takes to look is no part of the next call.
      now = performance.now();
    }
    setImmediate(slice);
  };
  slice();
}

async function told(worker) {
  worker.send('tell');
  const [figures] = await once(worker, 'message');
  return figures;
}

async function window(workers, command) {
  await Promise.all(workers.map(told));
  const child =
    command === undefined ? undefined : spawn(process.execPath, command, { stdio: 'ignore' });
  const ended = child === undefined ? pause(WINDOW_MS) : once(child, 'exit');
  await Promise.all([ended, pause(WINDOW_MS)]);
  const all = await Promise.all(workers.map(told));
  const [calls, cpuMs] = ['calls', 'cpuMs'].map((name) =>
    all.reduce((sum, it) => sum + it[name], 0),
  );
  return {
    perCpuSecond: (calls / cpuMs) * 1000,
    longestMs: Math.max(...all.map((it) => it.longestMs)),
    longestOwnMs: Math.max(...all.map((it) => it.longestOwnMs)),
  };
}

/** How long a command takes, and a Node that does nothing, in turns: the middle ratio. */
function startOf(command) {
  const lasts = (given) => {
    const began = performance.now();
    spawnSync(process.execPath, given, { stdio: 'ignore' });
    return performance.now() - began;
  };
  const bare = ['-e', '0'];
  return middle(Array.from({ length: STARTS }, () => lasts(command) / lasts(bare)));
}

async function main([rounds = 15, keys = 1_000_000, processes = WORKERS]) {
  const folder = fs.mkdtempSync('/dev/shm/shared-memory-store-bench-');
  const { SharedStore } = require(ROOT);
  const name = 'observed';
  const store = new SharedStore({ name, scope: 'processes', path: folder, maxBytes: 2 ** 29 });
  for (let key = 0; key < keys; key += 1) store.set(`key:${key}`, key);
  const start = startOf([MAIN, 'ls', '--path', folder]);
  console.log(`ls takes ${start.toFixed(2)} times as long as node -e 0`);
  const input = JSON.stringify({ name, folder, keys });
  const workers = Array.from({ length: processes }, () => fork(__filename, ['worker', input]));
  const at = ['--path', folder];
  const turns = {
    'node -e 0': ['-e', '0'],
    'node, 1 s of work': ['-e', 'const end = Date.now() + 1000; while (Date.now() < end);'],
    ls: [MAIN, 'ls', ...at],
    info: [MAIN, 'info', name, ...at],
    'top --once': [MAIN, 'top', name, '--once', ...at],
    'keys --prefix': [MAIN, 'keys', name, '--prefix', 'key:99', ...at],
  };
  const ratios = Object.fromEntries(Object.keys(turns).map((turn) => [turn, []]));
  try {
    await window(workers);
    for (let round = 0; round < rounds; round += 1) {
      for (const [turn, command] of Object.entries(turns)) {
        const before = await window(workers);
        const during = await window(workers, command);
        ratios[turn].push({
          slowDown: 1 - during.perCpuSecond / before.perCpuSecond,
          longestMs: during.longestMs,
          idleMs: before.longestMs,
          ownMs: during.longestOwnMs,
          idleOwnMs: before.longestOwnMs,
        });
      }
    }
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    store.destroy();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  for (const [turn, seen] of Object.entries(ratios)) {
    const of = (field) => middle(seen.map((it) => it[field]));
    const share = (HUNDRED * of('slowDown')).toFixed(1);
    const [longest, idle, own, idleOwn] = ['longestMs', 'idleMs', 'ownMs', 'idleOwnMs'].map(
      (field) => of(field).toFixed(1),
    );
    console.log(
      `${turn}: ${share} % fewer calls, longest pause ${longest} ms (${idle} before), ` +
        `with a processor ${own} ms (${idleOwn} before)`,
    );
  }
}

function middle(numbers) {
  return [...numbers].sort((one, other) => one - other)[numbers.length >> 1];
}

if (process.argv[2] === 'worker') work(JSON.parse(process.argv[3]));
else main(process.argv.slice(2).map(Number));
