/**
 * What processes of a machine do with a fleet store that has near copies. Run by
 * `shared-process.js`.
 */
const { setTimeout: pause } = require('node:timers/promises');
const { FleetStore } = require('shared-memory-store/fleet');
const { waitUntil } = require('../helpers/wait-until.js');

/** A gap between two moments of a loop that only a stop makes. */
const STOP_MS = 1500;

async function warm(store, key) {
  await waitUntil(async () => {
    await store.get(key);
    return store.near(key) !== undefined;
  }, `${key} is near`);
}

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

module.exports = { lookOn, readUntilStopped, readWhenTold, stay };
