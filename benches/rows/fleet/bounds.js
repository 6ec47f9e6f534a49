/**
 * How late a change is seen elsewhere, and how long a copy is given that nobody hears of.
 *
 * Another machine is a process with a folder of its own. Times are of one clock that both have.
 */
'use strict';

const net = require('node:net');
const path = require('node:path');
const { once } = require('node:events');
const { setTimeout: pause } = require('node:timers/promises');
const { Companion } = require('../../processes/companions.js');
const { percentile } = require('../../processes/timed-reads.js');
const { memoryFolder } = require('../../shared/folders.js');
const { ROOT } = require('../contenders.js');
const { nowMs, startFleet } = require('./fleets.js');

const SCRIPT = path.join(__dirname, 'machine.js');
const KEY = 'key';
const WRITES = { full: 1000, quick: 100 };
const CUTS = { full: 5, quick: 1 };
const MAX_STALE_MS = 1000;
const LATE_MS = 10;
/** Between two writes, so that nothing else is under way. */
const IDLE_MS = 5;

async function run({ quick, storePath = ROOT }) {
  const size = quick ? 'quick' : 'full';
  const fleet = await startFleet(storePath);
  const store = fleet.open();
  await store.set(KEY, -1);
  const goneMs = await writes(fleet.url, store, { storePath, count: WRITES[size] });
  const overMs = [];
  for (let cut = 0; cut < CUTS[size]; cut += 1) {
    overMs.push(await cutOff(fleet.url, store, { storePath, cut }));
  }
  const ascending = goneMs.toSorted((one, other) => one - other);
  return {
    parts: {
      'write → copy of another machine gone, p50': {
        unit: 'ms',
        ours: [percentile(ascending, 0.5)],
      },
      'write → copy of another machine gone, p99': {
        unit: 'ms',
        limit: 2,
        ours: [percentile(ascending, 0.99)],
      },
      'cable cut: last stale hit, beyond maxStaleMs': {
        unit: 'ms',
        limit: LATE_MS,
        worst: true,
        ours: overMs,
      },
    },
  };
}

/** A process of another machine, with the copy of the key. */
function machine(storePath, url, near) {
  const stores = [{ name: 'bench', url, near: { path: memoryFolder(), ...near } }];
  return Companion.start('read', { storePath, stores, key: KEY }, SCRIPT);
}

/** How long after the call that writes the copy of another machine is gone, each time. */
async function writes(url, store, { storePath, count }) {
  const other = await machine(storePath, url, {});
  const all = [];
  for (let write = 0; write < count; write += 1) {
    await other.ask({ what: 'warm' });
    await other.ask({ what: 'gone' });
    await pause(IDLE_MS);
    const gone = other.answer();
    const beginMs = nowMs();
    await store.set(KEY, write);
    all.push((await gone) - beginMs);
  }
  await other.end();
  return all;
}

/**
 * How much longer than it may a machine gives an old copy that cannot be reached any more: from the
 * moment on at which a write was acknowledged that it does not hear of.
 */
async function cutOff(url, store, { storePath, cut }) {
  const proxy = await proxyTo(new URL(url).port);
  const other = await machine(storePath, proxy.url, { maxStaleMs: MAX_STALE_MS });
  await other.ask({ what: 'warm' });
  await other.ask({ what: 'last', forMs: MAX_STALE_MS * 2 });
  const last = other.answer();
  proxy.cut();
  await store.set(KEY, `cut ${cut}`);
  const writtenMs = nowMs();
  const overMs = (await last) - writtenMs - MAX_STALE_MS;
  await other.end();
  proxy.close();
  return overMs;
}

/** What passes everything on, until it is cut: then nothing is said, and nothing closed. */
async function proxyTo(port) {
  let isCut = false;
  const server = net.createServer((socket) => {
    const onward = net.connect({ port, host: '127.0.0.1' });
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ]) {
      from.setNoDelay(true);
      from.on('data', (chunk) => isCut || to.write(chunk));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${server.address().port}`,
    cut: () => {
      isCut = true;
    },
    close: () => server.close(),
  };
}

module.exports = { run };
