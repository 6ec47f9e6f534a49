/**
 * How soon the dashboard shows something, and what it takes at rest.
 *
 *     node benches/measurements/dashboard.js [stores] [keys of each] [seconds of rest]
 *
 * A page in Chromium, without a window, beside 50 stores of 20,000 keys, one of which it shows.
 * When something is painted first its own clock tells: the middle one of some loads. At rest
 * nothing happens in any store, and nobody touches the page; then there is work in all of them.
 * Told is the share of a processor that the server took, and all processes of the browser, by
 * `/proc`, and what the browser takes for an empty page.
 */
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { withPage } = require('../../__test__/helpers/chromium.js');

const ROOT = path.join(__dirname, '..', '..');
const MAIN = path.join(ROOT, 'lib', 'cli', 'main.js');
/** A unit of time in `/proc`. */
const TICK_MS = 10;
/** Of a line of `/proc/PID/stat`, behind the name: the group, and the times. */
const [GROUP, USER, SYSTEM] = [2, 11, 12];
/** A page that has just been loaded is not at rest. */
const SETTLED_MS = 5000;

/** What each process that is meant has taken, in ms. */
function taken(isMeant) {
  const all = new Map();
  for (const name of fs.readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const line = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = line
        .slice(line.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      if (isMeant(fields[GROUP], pid)) all.set(pid, (fields[USER] + fields[SYSTEM]) * TICK_MS);
    } catch {
      // It has ended meanwhile.
    }
  }
  return all;
}

const LOADS = 7;
const PAINTED = `performance.getEntriesByType('paint')[0].startTime`;

/** Between two calls of each store, while there is work. */
const WORK_MS = 50;

/** Reads and writes each store now and then, until the function that it gives is called. */
function work(stores, keys) {
  let at = 0;
  const timer = setInterval(() => {
    for (const store of stores) {
      at += 1;
      store.get(`part ${at % 9}:${at % keys}`);
      if (at % 8 === 0) store.set(`part ${at % 9}:${at % keys}`, at);
    }
  }, WORK_MS);
  return () => clearInterval(timer);
}

/** Shares of a processor, in percent, that server and browser take for so long. */
async function taking(server, group, restMs) {
  const look = () => [taken((_group, pid) => pid === server), taken((of) => of === group)];
  await pause(SETTLED_MS);
  const [before, began] = [look(), performance.now()];
  await pause(restMs);
  const [after, lasted] = [look(), performance.now() - began];
  return after.map((all, at) => {
    const spent = [...all].reduce((sum, [pid, ms]) => sum + ms - (before[at].get(pid) ?? 0), 0);
    return `${((100 * spent) / lasted).toFixed(1)} %`;
  });
}

async function served(folder, body) {
  const child = spawn(process.execPath, [MAIN, 'ui', '--json', '--path', folder]);
  try {
    const [line] = await once(child.stdout, 'data');
    await body(JSON.parse(line).url, child.pid);
  } finally {
    child.kill();
  }
}

async function main([count = 50, keys = 20_000, seconds = 30]) {
  const { SharedStore } = require(ROOT);
  const folder = fs.mkdtempSync('/dev/shm/shared-memory-store-bench-');
  const stores = Array.from({ length: count }, (_, index) => {
    return new SharedStore({ name: `store-${index}`, scope: 'processes', path: folder });
  });
  try {
    for (const store of stores) {
      for (let key = 0; key < keys; key += 1) store.set(`part ${key % 9}:${key}`, key);
    }
    await served(folder, async (url, server) => {
      await withPage('about:blank', async ({ group }) => {
        console.log(`an empty page: browser ${(await taking(server, group, 1000 * seconds))[1]}`);
      });
      await withPage(`${url}#store-0`, async ({ evaluate, until, group }) => {
        const times = [];
        // A page that is still loading has nobody to ask.
        await until(`document.readyState === 'complete'`);
        for (let load = 0; load < LOADS; load += 1) {
          await evaluate('window.isOld = true, location.reload()');
          const isListed = `document.querySelectorAll('#stores tbody tr').length === ${count}`;
          await until(`!window.isOld && ${isListed}`);
          times.push(await evaluate(PAINTED));
        }
        const middle = times.sort((one, other) => one - other)[LOADS >> 1];
        console.log(`first paint after ${Math.round(middle)} ms`);
        const [ofServer, ofBrowser] = await taking(server, group, 1000 * seconds);
        console.log(`at rest: server ${ofServer}, browser ${ofBrowser}`);
        const end = work(stores, keys);
        const [busyServer, busyBrowser] = await taking(server, group, 1000 * seconds);
        end();
        console.log(`beside work in all stores: server ${busyServer}, browser ${busyBrowser}`);
      });
    });
  } finally {
    for (const store of stores) store.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2).map(Number));
