/**
 * What processes do to a store that others have open, too.
 *
 * Must not know what a test expects. A task that gives nothing waits for its end.
 */
const { once } = require('node:events');
const { isDeepStrictEqual } = require('node:util');
const { setTimeout: pause } = require('node:timers/promises');
const { Worker, threadId } = require('node:worker_threads');
const { NodeShareCache, SharedStore, ShmCache } = require('../../index.js');
const { time } = require('../../lib/native/clock.js');
const { cloneableSamples } = require('../helpers/cloneable-samples.js');
const { startThread } = require('../helpers/shared-threads.js');

const forEver = () => new Promise(() => setInterval(() => {}, 1000));

/** Sets every sample; or, when told, says which do not come back as their clones. */
async function samples({ place, reads, writes }, say, told) {
  const store = new SharedStore({ ...place, reads });
  const all = cloneableSamples();
  if (writes) {
    for (const [name, value] of all) store.set(name, value);
    return all.length;
  }
  // The structures of this reader are older than those of the values.
  store.get('nothing');
  say('open');
  await told('look');
  return all
    .filter(([name, value]) => !isDeepStrictEqual(store.get(name), structuredClone(value)))
    .map(([name]) => name);
}

/** Answers each number under `question` with the same under `answer`, without a pause. */
function echo({ place, times }, say) {
  const store = new SharedStore(place);
  say('open');
  for (let number = 1; number <= times; number += 1) {
    while (store.get('question')?.number !== number);
    store.set('answer', { number });
  }
  store.close();
}

/** Writes two keys in turn, the first first; or complains of a second that is newer than it. */
function inTurn({ place, times, writes }) {
  const store = new SharedStore(place);
  if (writes) {
    for (let number = 1; number <= times; number += 1) {
      store.set('first', number);
      store.set('second', `${number}`);
    }
    store.close();
    return [];
  }
  const complaints = [];
  let [first, second] = [0, 0];
  while (second < times && complaints.length < 5) {
    const newer = Number(store.get('second') ?? 0);
    const older = store.get('first') ?? 0;
    if (older < newer) complaints.push(`${older} behind ${newer}`);
    if (older < first || newer < second) complaints.push('back in time');
    [first, second] = [older, newer];
  }
  store.close();
  return complaints;
}

/** When an entry was last seen and first missed, on the clock of the deadlines. */
async function watchEnd({ place, key }, say) {
  const store = new SharedStore(place);
  say('open');
  let last = time();
  while (store.get(key) === undefined) {
    await pause(1);
    last = time();
  }
  say('seen', store.ttl(key));
  for (;;) {
    const before = time();
    if (store.get(key) === undefined) return { last, missed: time() };
    last = before;
  }
}

/** Takes the lock of a key and keeps it. */
async function hold({ place, key }, say, told) {
  const store = new SharedStore(place);
  if (!store.lock(key, 0)) throw new Error('not free');
  say('locked');
  await (told?.('release') ?? forEver());
  store.release(key);
  say('released');
  await forEver();
}

/** Makes a value for ever. */
async function loadForEver({ place }, say) {
  const store = new SharedStore(place);
  await store.getOrSet('key', () => {
    say('begun');
    return forEver();
  });
}

/** Keeps a store open; sets and gets what it is told to, one word after another. */
async function keep({ place, key = 'key' }, say, told) {
  const store = new SharedStore(place);
  say('open', store.get(key));
  await told('set');
  store.set(key, 'of the other');
  say('set');
  await told('look');
  return store.get(key);
}

/** Goes over to the store that takes the name of the one it has, once that has lost it. */
async function orphaned({ place }, say, told) {
  const store = new SharedStore({ ...place, whenOrphaned: 'rejoin' });
  store.on('orphaned', () => say('orphaned'));
  say('open');
  await told('look');
  return store.get('key');
}

/** Opens the store and says what is there under a key; sets another value. */
function look({ place, key = 'key', value }) {
  const store = new SharedStore(place);
  const seen = store.get(key);
  if (value !== undefined) store.set(key, value);
  store.close();
  return seen;
}

/** Opens the store and says what its lists give, and how many values they left out. */
function list({ place, keys }) {
  const store = new SharedStore(place);
  const listed = [...store].sort();
  const size = store.size();
  const values = store.getMany(keys);
  const { unreadable } = store.stats();
  store.close();
  return { listed, size, values, unreadable };
}

/** Opens and uses a store some times; leaves it open, or not. */
async function openers({ place, times, leaves }) {
  const key = `of-${process.pid}-${threadId}`;
  for (let number = 0; number < times; number += 1) {
    const store = new SharedStore(place);
    store.increment('opened');
    store.set(key, { number });
    if (store.get(key).number !== number) throw new Error('not mine');
    if (!leaves) store.close();
  }
}

/** Threads that have a store open until the process ends. */
async function crowd({ place, count }, say) {
  const file = require.resolve('./shared-thread.js');
  const workers = Array.from({ length: count }, (_, index) => {
    const workerData = { task: 'process.hold', input: { place, key: `${process.pid}-${index}` } };
    return new Worker(file, { workerData });
  });
  await Promise.all(workers.map((worker) => new Promise((go) => worker.once('message', go))));
  say('open');
  await forEver();
}

/** Threads of this process that each count. */
async function threads({ place, count, times }) {
  const started = Array.from({ length: count }, () =>
    startThread('process.openers', { place, times }),
  );
  const ends = started.map(({ worker }) => once(worker, 'exit'));
  await Promise.all(started.map(({ result }) => result));
  await Promise.all(ends);
}

/** A cache of this process: what it has under a key, after it was opened. */
async function cache({ folder, kind, renew, sets }, say, told) {
  const one =
    kind === 'ShmCache'
      ? new ShmCache({ name: 'cache', path: folder })
      : new NodeShareCache('cache', undefined, renew, { path: folder });
  if (sets !== undefined) one.set('key', sets, 3_600_000);
  const seen = one.get('key');
  if (say !== undefined && process.send !== undefined) {
    say('open', seen);
    await told('look');
  }
  return one.get('key') ?? null;
}

/** Writes without a pause, so much that others have to go. */
function churn({ place }, say) {
  const store = new SharedStore(place);
  const value = 'x'.repeat(20_000);
  say('churning');
  for (let number = 0; ; number += 1) store.set(`churned ${number % 500}`, value);
}

module.exports = {
  cache,
  churn,
  crowd,
  echo,
  hold,
  inTurn,
  keep,
  loadForEver,
  list,
  look,
  openers,
  orphaned,
  samples,
  threads,
  watchEnd,
};
