/**
 * Kills a worker of the demo where it hurts: in the midst of a rendering that others wait for.
 */

const { setTimeout: pause } = require('node:timers/promises');
const { pageNames, runsOf } = require('./server/pages');

/** After so many looks any worker will do. */
const MOST_LOOKS = 500;

/** Kills one of the workers; gives its process id, `undefined` when none serves just now. */
async function killOne(workers, ledger) {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const pid = rendering(ledger).find((one) => workers.pids.includes(one));
    if (pid !== undefined) return kill(workers, pid, 'while it rendered a page');
    await pause(1);
  }
  return kill(workers, workers.pids[0], 'while it did something or other');
}

function kill(workers, pid, when) {
  workers.kill(pid);
  return { pid, when };
}

/** The workers that render just now. */
function rendering(ledger) {
  return pageNames().flatMap((page) => {
    const { worker, renderedMs } = runsOf(ledger, page).at(-1) ?? {};
    return worker !== undefined && renderedMs === undefined ? [worker] : [];
  });
}

module.exports = { killOne };
