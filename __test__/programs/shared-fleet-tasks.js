/**
 * What processes of a machine do with a fleet store that has near copies. Run by
 * `shared-process.js`.
 */
const { setTimeout: pause } = require('node:timers/promises');
const { FleetStore } = require('shared-memory-store/fleet');
// All processes of a machine have it; that of an engine may begin with its process.
const { time: clock } = require('../../lib/native/clock.js');
const { Access } = require('../helpers/fleet-topologies.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { warm } = require('../helpers/warm.js');

/** A gap between two moments of a loop that only a stop makes. */
const STOP_MS = 1500;
/** A gap between two reads that a machine makes which gives a process no time. */
const STILL_MS = 100;
/** So long of its own time a process that stood still may give what it had. */
const TICK_MS = 10;

/** Rounds of reads after which a key is near, however slow the machine is. */
const ROUNDS = 20_000;

/** Reads a key until it is near, says so, and stays until it is told to go. */
async function stay({ options, key }, say, told) {
  const store = new FleetStore(options);
  await warm(store, key);
  say('near');
  await told('go');
  await store.close();
}

/** Never asks for a key: says when it is near, because another process has read it. */
async function lookOn({ options, key }) {
  const store = new FleetStore(options);
  await waitUntil(() => store.near(key) !== undefined, `${key} is near`);
  const value = store.near(key);
  await store.close();
  return value;
}

/** Reads a key all the time, several times at once, until so many reads in a row were near. */
async function readUntilNear({ options, key, hits }, say, told) {
  const store = new FleetStore(options);
  await warm(store, 'warm');
  say('ready');
  await told('go');
  for (let [row, round] = [0, 0]; row < hits; row += 1, round += 1) {
    if (round > ROUNDS) throw new Error(`${key} is not near for long`);
    if (store.near(key) === undefined) row = 0;
    for (let read = 0; read < 3; read += 1) store.get(key);
    await pause(Math.random() * 2);
  }
  await store.close();
}

/** Reads a key as often as it is told to, and says what there is. */
async function readWhenTold({ options, key, rounds }, say, told) {
  const store = new FleetStore(options);
  await warm(store, key);
  say('near');
  for (let round = 0; round < rounds; round += 1) {
    await told(`written ${round}`);
    say(`read ${round}`, await store.get(key));
  }
  await store.close();
}

/** Reads a near copy without a rest until it was stopped; says what there is right after. */
async function readUntilStopped({ options, key, rounds }, say, told) {
  const store = new FleetStore(options);
  for (let round = 0; round < rounds; round += 1) {
    await warm(store, key);
    const saidMs = performance.now();
    say(`near ${round}`);
    // The word is to leave before the loop begins.
    await pause(100);
    say(`woken ${round}`, valueAfterStop(store, key, saidMs));
    await told(`go ${round}`);
  }
  await store.close();
}

function valueAfterStop(store, key, sinceMs) {
  let lastMs = sinceMs;
  for (;;) {
    const nowMs = performance.now();
    const value = store.near(key);
    if (nowMs - lastMs > STOP_MS) return value ?? null;
    lastMs = nowMs;
  }
}

/**
 * Reads keys all the time and says what it has read when, until it is told to rest: then what is
 * near, and what the server has.
 */
async function live({ place, options, keys }, say, told) {
  const access = await Access.to(place, options);
  let isOver = false;
  told('rest').then(() => {
    isOver = true;
  });
  let [lastMs, wokenMs] = [0, 0];
  /** When a read begins; and whether this process stood still, and has gone on just now. */
  const begin = () => {
    const beginMs = clock();
    if (beginMs - lastMs > STILL_MS) wokenMs = beginMs;
    return { beginMs, isWoken: beginMs - wokenMs < TICK_MS };
  };
  const end = () => {
    const endMs = clock();
    // It may have stood still while it waited for an answer.
    if (endMs - lastMs > STILL_MS) wokenMs = endMs;
    lastMs = endMs;
    return { endMs };
  };
  while (!isOver) {
    const reads = [];
    for (const key of keys) {
      const looked = begin();
      const near = access.store.near(key);
      // Nothing near is no answer.
      if (near !== undefined) reads.push({ key, value: near, ...looked, ...end() });
      const asked = begin();
      const value = await access.store.get(key).catch((error) => error);
      // A connection that breaks is no answer, either.
      if (value instanceof Error) await access.failed(value);
      else reads.push({ key, value, isFar: true, ...asked, ...end() });
    }
    say('reads', reads);
    await pause(2);
  }
  const atRest = [];
  for (const key of keys) {
    const failed = (error) => access.failed(error).then(() => false);
    const isThere = async (act) => act(access.store).then(Boolean, failed);
    await waitUntil(() => isThere((store) => store.set('warm', 1)), 'the server answers');
    await waitUntil(() => isThere((store) => warm(store, key)), `${key} is near`);
    const fresh = await access.store.get(key, { fresh: true });
    atRest.push({ key, near: await warm(access.store, key), fresh });
  }
  await access.close();
  return atRest;
}

module.exports = { live, lookOn, readUntilNear, readUntilStopped, readWhenTold, stay };
