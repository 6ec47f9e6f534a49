/**
 * Races of four participants for one entry: threads of this process, or processes.
 *
 * Must not know the tasks. Invariant: the store is open here, too, before the first begins and
 * after the last has ended.
 */
const { SharedStore } = require('../../index.js');
const { runProcesses } = require('./processes.js');
const { freshName } = require('./shared-names.js');
const { runThreads } = require('./shared-threads.js');
const { withProcessStore } = require('./store-folders.js');

const PARTICIPANTS = 4;

async function raceOfThreads(task, prepare, check) {
  const name = freshName('race');
  const store = new SharedStore({ name });
  try {
    const input = { name, published: new SharedArrayBuffer(4 * 16), ...(await prepare(store)) };
    await check(await runThreads(PARTICIPANTS, task, input), store);
  } finally {
    store.close();
  }
}

function raceOfProcesses(task, prepare, check) {
  return withProcessStore({}, async (store, place) => {
    const input = { ...place, ...(await prepare(store)) };
    await check(await runProcesses(PARTICIPANTS, task, input), store);
  });
}

/**
 * Each runs a task with what `prepare(store)` gives, then `check(results, store)`.
 *
 * @type {Record<string, (task: string, prepare: Function, check: Function) => Promise<void>>}
 */
const races = { 'four threads': raceOfThreads, 'four processes': raceOfProcesses };

module.exports = { PARTICIPANTS, races };
