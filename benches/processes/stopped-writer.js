/**
 * Beside a stopped writer: what a get costs while a process that was stopped holds a lock.
 *
 * A writer is stopped at some moment, again and again, until a third process that wants to write
 * every key does not get through. Invariant: that one has not got through when the window ends, so
 * the lock was held all the time; and it gets through when the writer goes on. Nothing but `get` is
 * called meanwhile: `stats` and `size` wait for locks.
 */
'use strict';

const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const { launch } = require('../launch.js');
const { ROOT } = require('../rows/contenders.js');
const { memoryFolder } = require('../shared/folders.js');
const { makeSharedLoad } = require('../shared/load.js');
const { Companion } = require('./companions.js');
const { KINDS, readFor, summaryOf } = require('./timed-reads.js');

const IDLE = 'nobody writes';
const STOPPED = 'another is stopped in a write';
const PACES = {
  full: { rounds: 9, windowMs: 300, warmUpMs: 1000 },
  quick: { rounds: 3, windowMs: 100, warmUpMs: 200 },
};
const KEYS = 1000;
/** Writing every key takes a millisecond. Long enough for a busy machine; a lock is waited 10 s. */
const PATIENCE_MS = 300;
/** Stops in a round; about one in four finds the writer with a lock. */
const MOST_STOPS = 100;
/** Milliseconds from one stop to the next: so many different ones. */
const MOMENTS = 5;

/** A child for each kind of value. */
function measure({ quick, storePath }) {
  const modes = {};
  const stops = {};
  for (const [name, kind] of Object.entries(KINDS)) {
    const specification = { kind, storePath, ...(quick ? PACES.quick : PACES.full) };
    const result = launch('processes/stopped-writer.js', specification);
    if (result.failure !== undefined) return { failure: `${name}: ${result.failure}` };
    Object.assign(modes, summaryOf(name, result.windows, IDLE));
    stops[name] = { stops: result.stops, held: result.windows[STOPPED].length };
  }
  return { keys: KEYS, unit: 'ns', modes, stops };
}

async function child({ kind, rounds, windowMs, warmUpMs, storePath = ROOT }) {
  const { SharedStore } = require(path.resolve(storePath));
  const place = { name: 'stopped-writer', scope: 'processes', path: memoryFolder() };
  const store = new SharedStore(place);
  const load = makeSharedLoad({ values: kind, keyCount: KEYS });
  for (const [id, key] of load.keys.entries()) store.set(key, load.values[id]);
  const input = { storePath, place, values: kind, keyCount: KEYS };
  const writer = await Companion.start('write', input);
  const third = await Companion.start('attempt', input);
  await writer.ask('rest');
  const reads = { store, load, kind };
  readFor(warmUpMs, reads);
  const windows = { [IDLE]: [], [STOPPED]: [] };
  let stops = 0;
  for (let round = 0; round < rounds; round += 1) {
    windows[IDLE].push(readFor(windowMs, reads));
    await writer.ask('go on');
    const { window, tries } = await stopInWrite(writer, third, () => readFor(windowMs, reads));
    stops += tries;
    windows[STOPPED].push(window);
    await writer.ask('rest');
  }
  await Promise.all([writer.end(), third.end()]);
  return { windows, stops };
}

/** A window while the writer is stopped and holds a lock, and how often it had to be stopped. */
async function stopInWrite(writer, third, readWindow) {
  for (let tries = 1; tries <= MOST_STOPS; tries += 1) {
    writer.signal('SIGSTOP');
    const attempt = third.ask('write all');
    const window = (await isDone(attempt)) ? undefined : readWindow();
    // On a busy machine, it may only have been slow.
    const isHeld = window !== undefined && !(await isDone(attempt));
    writer.signal('SIGCONT');
    await attempt;
    if (isHeld) return { window, tries };
    // Another moment than the last one.
    await pause(tries % MOMENTS);
  }
  throw new Error(`stopped ${MOST_STOPS} times, the writer never held a lock`);
}

/** Whether a promise is kept within the time in which it would be, if nobody was in the way. */
function isDone(promise) {
  return Promise.race([promise.then(() => true), pause(PATIENCE_MS, false)]);
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
