/**
 * Threads that contend for one thing: counts, firsts, takes, locks and flights.
 *
 * Must not know what a test expects. All threads of a race start together, at the gate.
 */
const { setTimeout: pause } = require('node:timers/promises');
const { SharedStore, createStore } = require('../../index.js');
const { openAs } = require('./shared-coherence-tasks.js');

const closing = (store, result) => {
  store.close();
  return result;
};

function increment(input) {
  const store = openAs(input);
  const sums = [];
  for (let time = 0; time < input.times; time += 1) sums.push(store.increment('count', input.by));
  return closing(store, sums);
}

function countByLock(input) {
  const store = openAs(input);
  for (let time = 0; time < input.times; time += 1) {
    if (!store.lock('count', 60_000)) throw new Error('no lock within a minute');
    store.set('count', { n: (store.get('count')?.n ?? 0) + 1 });
    if (!store.release('count')) throw new Error('not mine to release');
  }
  return closing(store);
}

/** Takes from one limit; how often that was allowed. */
function limit({ times, rate, ...input }) {
  const store = openAs(input);
  let allowed = 0;
  for (let time = 0; time < times; time += 1) {
    if (store.limit('limit', { rate, per: 2 ** 40 }).allowed) allowed += 1;
  }
  return closing(store, allowed);
}

/** One removes what begins with `drop:`, and counts it, while the others write such and others. */
function dropMeanwhile({ times, index, ...input }) {
  const store = openAs(input);
  let removed = 0;
  for (let time = 0; time < times; time += 1) {
    if (index === 0) {
      if (time % 50 === 0) removed += store.deleteWhere({ prefix: 'drop:' });
    } else {
      store.set(`drop:${index}:${time}`, time);
      store.set(`keep:${index}:${time}`, time);
    }
  }
  return closing(store, removed);
}

/** With the locks of createStore, which its own `get` and `set` mind. */
function countByNamedLock(input) {
  openAs(input).close();
  const store = createStore(input.name);
  for (let time = 0; time < input.times; time += 1) {
    if (!store.lock('count', 60_000)) throw new Error('no lock within a minute');
    if (!store.set('count', (store.get('count') ?? 0) + 1)) throw new Error('not set');
    if (!store.release('count')) throw new Error('not mine to release');
  }
  return closing(store);
}

async function countByWithLock(input) {
  const store = openAs(input);
  const count = async () => {
    const n = store.get('count') ?? 0;
    // Whoever came in between would count from the same number.
    await pause(0);
    store.set('count', n + 1);
  };
  const turns = Array.from({ length: input.times }, () => store.withLock('count', count, 60_000));
  await Promise.all(turns);
  return closing(store);
}

function countByCompare(input) {
  const store = openAs(input);
  let lost = 0;
  for (let time = 0; time < input.times; ) {
    const current = store.get('count');
    const next = { n: (current?.n ?? 0) + 1 };
    if (store.compareAndSet('count', current, next)) time += 1;
    else lost += 1;
  }
  return closing(store, lost);
}

/** The keys that this thread was the first to add. */
function addFirst(input) {
  const store = openAs(input);
  const won = [];
  for (let key = 0; key < input.times; key += 1) {
    if (store.add(`key-${key}`, { by: input.index, key })) won.push(key);
  }
  return closing(store, won);
}

/** What this thread took of what was there. */
function takeAll(input) {
  const store = openAs(input);
  const taken = [];
  for (let key = 0; key < input.times; key += 1) {
    const value = store.take(`key-${key}`);
    if (value !== undefined) taken.push(value.key);
  }
  return closing(store, taken);
}

/** How many of the keys this thread was the one to delete. */
function deleteAll(input) {
  const store = openAs(input);
  let deleted = 0;
  for (let key = 0; key < input.times; key += 1) deleted += Number(store.delete(`key-${key}`));
  return closing(store, deleted);
}

/** Writes shapes of its own and reads those of all; gives what came back wrong. */
function shapes(input) {
  const store = openAs(input);
  const wrong = [];
  const shapeOf = (thread, n) => ({
    [`t${thread}-${n % 40}`]: n,
    [`common${n % 60}`]: { deep: [thread, { [`x${n % 90}`]: n }] },
  });
  for (let n = 0; n < input.times; n += 1) {
    store.set(`key-${input.index}-${n}`, shapeOf(input.index, n));
    const thread = n % input.count;
    const got = store.get(`key-${thread}-${n}`);
    if (got === undefined) continue;
    const [text, expected] = [JSON.stringify(got), JSON.stringify(shapeOf(thread, n))];
    if (text !== expected && wrong.length < 5) wrong.push(`${text} for ${expected}`);
  }
  return closing(store, wrong);
}

/** Loads keys together with others; gives how often a factory ran here, and what came. */
async function load(input) {
  const store = openAs(input);
  let runs = 0;
  const values = await Promise.all(
    Array.from({ length: input.times }, (_, key) =>
      store.getOrSet(`key-${key}`, async () => {
        runs += 1;
        await pause(20);
        return { key, by: input.index };
      }),
    ),
  );
  return closing(store, { runs, values });
}

/** Holds the flight of a key for ever. */
async function loadForEver({ name }, say) {
  const store = new SharedStore({ name });
  await store.getOrSet('key', () => {
    say('begun');
    return new Promise(() => {
      setInterval(() => {}, 1000);
    });
  });
}

/** Takes a lock and keeps it, blocked or not, until it is terminated or told otherwise. */
async function hold({ name, key, named = false, words, way }, say) {
  const store = named ? createStore(name) : new SharedStore({ name });
  const state = new Int32Array(words);
  if (!store.lock(key, 0)) throw new Error('not free');
  if (way === 'twice' && !store.lock(key, 0)) throw new Error('not mine');
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
  say('locked');
  if (way === 'end') return;
  if (way === 'exit') process.exit(0);
  if (way === 'asleep') await new Promise(() => setInterval(() => {}, 1000));
  while (Atomics.load(state, 1) === 0) Atomics.wait(state, 1, 0);
  store.release(key);
  if (way === 'close') store.close();
  await new Promise(() => setInterval(() => {}, 1000));
}

/** Tries what another thread's lock forbids; gives the answers. */
function trespass({ name, key }) {
  const store = new SharedStore({ name });
  const named = createStore(name);
  const answers = {
    lock: store.lock(key, 20),
    namedLock: named.lock(key, 0),
    release: store.release(key),
    namedRelease: named.release(key),
    get: store.get(key),
    skipped: named.get(key, true),
    set: named.set(key, 'set past the lock', { skipLock: true }),
  };
  store.close();
  named.close();
  return answers;
}

module.exports = {
  addFirst,
  countByCompare,
  countByLock,
  countByNamedLock,
  countByWithLock,
  deleteAll,
  dropMeanwhile,
  hold,
  increment,
  limit,
  load,
  loadForEver,
  shapes,
  takeAll,
  trespass,
};
