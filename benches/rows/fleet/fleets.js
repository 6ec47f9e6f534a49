/**
 * A server and stores over it, for the measurements of fleets.
 *
 * Knows no measurement. Invariant: the server, and all that is on disk or in memory, ends with this
 * process.
 */
'use strict';

const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { startPort } = require('../../processes/redis.js');
const { memoryFolder } = require('../../shared/folders.js');
const { ROOT } = require('../contenders.js');

const PATIENCE_MS = 60_000;
const LOOK_MS = 0.2;
/** So much longer than a busy machine keeps a listener waiting that no trust is lost by that. */
const LONG_STALE_MS = 60_000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** A server at a port of its own, and what opens stores of the package in a folder over it. */
async function startFleet(storePath = ROOT) {
  const { url } = await startPort();
  return { url, ...openerOf(storePath, url), folder: memoryFolder() };
}

/** What opens stores at a server. */
function openerOf(storePath, url) {
  const { FleetStore } = require(path.join(path.resolve(storePath), 'lib/fleet/fleet-store.js'));
  const open = (options) =>
    new FleetStore({ name: 'bench', url, timeout: PATIENCE_MS, ...options });
  return { open, openNear: (near, options) => open({ near: nearOf(near), ...options }) };
}

/** How the copies of a machine are kept, which is whoever has the same folder. */
function nearOf(near) {
  return { scope: 'machine', maxStaleMs: LONG_STALE_MS, ...near };
}

/** A client of `redis` that is connected. */
async function connected(url, options = {}) {
  const client = require('redis').createClient({ url, ...options });
  // Calls that fail say so themselves.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Reads a key until its value is near. */
async function warm(store, key) {
  await until(async () => {
    await store.get(key);
    return store.near(key) !== undefined;
  }, `${key} is near`);
}

/** Comes when something holds. */
async function until(holds, what) {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`Waited in vain: ${what}`);
    await pause(1);
  }
}

/**
 * Looks without leaving the thread, and with rests, until something holds: when that was, by the
 * clock that all processes of a machine have.
 */
function lookUntil(holds) {
  const endMs = nowMs() + PATIENCE_MS;
  while (!holds()) {
    if (nowMs() > endMs) throw new Error('Looked in vain');
    Atomics.wait(sleeper, 0, 0, LOOK_MS);
  }
  return nowMs();
}

/** Milliseconds of a clock that all processes of a machine have. */
function nowMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}

module.exports = { connected, lookUntil, nowMs, openerOf, startFleet, until, warm };
