/**
 * Waits until the stores have let go of everything, without asking them for anything.
 *
 * An entry whose time has passed must go away, and its value with it, in a store nobody touches:
 * the garbage collector is the witness.
 */

const v8 = require('node:v8');
const vm = require('node:vm');
const { setTimeout: pause } = require('node:timers/promises');

const PATIENCE_MS = 15_000;
/** The last object of a loop may stay reachable from the stack: 99.5 % is all, for a witness. */
const ENOUGH = 0.995;

/** Gives whether every watched value was collected, once all deadlines have passed. */
async function settle(watched, lastDeadline) {
  const collectGarbage = garbageCollector();
  while (performance.now() < lastDeadline) await pause(lastDeadline - performance.now());
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    collectGarbage();
    await pause(50);
    if (watched.every(({ collected, created }) => collected() >= created() * ENOUGH - 2))
      return true;
  }
  return false;
}

function garbageCollector() {
  if (typeof Bun !== 'undefined') return () => Bun.gc(true);
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc');
}

module.exports = { settle };
