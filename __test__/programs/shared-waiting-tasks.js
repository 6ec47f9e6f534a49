/**
 * What processes and threads do while they wait for claims of others, or make others wait.
 *
 * Must not know what a test expects.
 */
const { SharedStore } = require('../../index.js');

/** A thread is told nothing. */
const forEver = () => new Promise(() => setInterval(() => {}, 1000));

/** Works for a time without letting anybody else run here. */
function work(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Keeps tasks of a millisecond queued for one lock, until the store says that it is over. */
async function queue({ place, tasks }, say) {
  const store = new SharedStore(place);
  const turn = () => {
    store.increment('turns');
    work(1);
  };
  const one = async () => {
    while (!store.has('over')) await store.withLock('lock', turn, 600_000);
  };
  const all = Promise.all(Array.from({ length: tasks }, one));
  say('queued');
  await all;
  store.close();
}

/** Takes the same lock some times; how many turns of others came before each of its own. */
async function takeTurns({ place, times }) {
  const store = new SharedStore(place);
  const gaps = [];
  for (let time = 0; time < times; time += 1) {
    const before = store.get('turns');
    const after = await store.withLock('lock', () => store.get('turns'), 600_000);
    gaps.push(after - before);
  }
  store.set('over', true);
  store.close();
  return gaps;
}

/** Waits for locks of keys that another has, each for as long as it takes. */
async function waitForMany({ place, count }, say, told) {
  const store = new SharedStore(place);
  const keys = Array.from({ length: count }, (_, index) => `key-${index}`);
  const all = keys.map((key) => store.withLock(key, () => key, 600_000));
  say('waiting');
  await told('measure');
  const [startMs, start] = [performance.now(), process.cpuUsage()];
  await told('enough');
  const { user, system } = process.cpuUsage(start);
  const share = (user + system) / 1000 / (performance.now() - startMs);
  say('measured', share);
  const had = await Promise.all(all);
  store.close();
  return had.length;
}

/** Holds a lock and a load until it ends, however it does. */
async function holdBoth({ place, key }, say, told = forEver) {
  const store = new SharedStore(place);
  store.lock(key);
  const load = store.getOrSet(`${key}-load`, async () => {
    await told('finish');
    return 'made there';
  });
  say('held');
  const made = await load;
  store.release(key);
  store.close();
  return made;
}

/** Waits for a lock and a load until it is ended from without. */
async function waitForBoth({ place, key }, say, told = forEver) {
  const store = new SharedStore(place);
  const lock = store.withLock(key, () => 'had it', 600_000);
  const load = store.getOrSet(`${key}-load`, () => 'made here');
  lock.catch(() => {});
  load.catch(() => {});
  say('waiting');
  await told('exit');
  process.exit(0);
}

/** Loads many keys, none of which is done before all have begun; how often it made each. */
async function loadMany({ place, count }, say, told) {
  const store = new SharedStore(place);
  let runs = 0;
  const go = told('go');
  const keys = Array.from({ length: count }, (_, index) => `key-${index}`);
  const all = keys.map((key) =>
    store.getOrSet(key, async () => {
      runs += 1;
      await go;
      return key;
    }),
  );
  say('begun');
  const values = await Promise.all(all);
  store.close();
  return { runs, areRight: values.every((value, index) => value === keys[index]) };
}

module.exports = { holdBoth, loadMany, queue, takeTurns, waitForBoth, waitForMany };
