/**
 * What participants do with `getOrSet` that keeps others waiting, or would.
 *
 * Must not know what a test expects. A task that gives nothing waits for its end.
 */
const { SharedStore } = require('../../index.js');

const forEver = () => new Promise(() => setInterval(() => {}, 1000));

/** Makes a value that never comes, until it is told to end that, or to give one. */
async function hang({ place, space, key, options = {} }, say, told) {
  const whole = new SharedStore(place);
  const store = space === undefined ? whole : whole.namespace(space);
  const abort = new AbortController();
  told('abort').then(() => abort.abort());
  const factory = () => {
    say('running');
    return told('give').then(() => 'late');
  };
  store
    .getOrSet(key, factory, { factoryTimeoutMs: Infinity, signal: abort.signal, ...options })
    .then(
      (value) => say('given', value),
      (error) => say('failed', error.name === 'AbortError' ? error.name : error.code),
    );
  await forEver();
}

/** Asks for many keys at once, each of which is made when all are asked for. */
async function many({ place, prefix, size }) {
  const store = new SharedStore(place);
  const keys = Array.from({ length: size }, (_, index) => `${prefix}-${index}`);
  const runs = new Map();
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  const all = keys.map((key) =>
    store.getOrSet(key, async () => {
      runs.set(key, (runs.get(key) ?? 0) + 1);
      await opened;
      return key;
    }),
  );
  open();
  const settled = await Promise.allSettled(all);
  const right = settled.filter(({ value }, index) => value === keys[index]).length;
  const once = [...runs.values()].filter((times) => times === 1).length;
  const stored = keys.filter((key) => store.get(key) === key).length;
  store.close();
  return { right, once, stored };
}

/** Writes to an entry whose deadline stays. */
const WRITES = {
  update: (store, key) => store.update(key, (value) => ({ ...value, by: 'another' })),
  set: (store, key) => store.set(key, { by: 'another' }, { ttl: 'keep' }),
  compareAndSet: (store, key) =>
    store.compareAndSet(key, store.get(key), { by: 'another' }, { ttl: 'keep' }),
  'set of what is there': (store, key) => store.set(key, store.get(key), { ttl: 'keep' }),
};

/** Does one of them; what is there then. */
function write({ place, key, how }) {
  const store = new SharedStore(place);
  WRITES[how](store, key);
  const value = store.get(key);
  store.close();
  return value;
}

/** Removals of a key that may not be there yet. */
const REMOVALS = {
  delete: (store, key) => store.delete(key),
  take: (store, key) => store.take(key),
  deleteMany: (store, key) => store.deleteMany([key]),
  deleteWhere: (store, key) => store.deleteWhere({ prefix: key }),
  clear: (store) => store.clear(),
};

/** The store, and the namespace in it, after one of them was done there. */
function removing({ place, space, key, how }) {
  const whole = new SharedStore(place);
  const store = space === undefined ? whole : whole.namespace(space);
  REMOVALS[how](store, key);
  return { whole, store };
}

/** Does one of them, and makes the value anew; what that comes to. */
async function remake(given) {
  const { whole, store } = removing(given);
  const value = await store.getOrSet(given.key, () => 'newer');
  whole.close();
  return value;
}

/** Does one of them; whether there is an entry then. */
function remove(given) {
  const { whole, store } = removing(given);
  const isThere = store.has(given.key);
  whole.close();
  return isThere;
}

/** Writes a value that is gone at once; whether there is an entry then. */
function writeInVain({ place, key }) {
  const store = new SharedStore(place);
  store.set(key, 'newer', { tags: ['of this value alone'] });
  store.invalidateTag('of this value alone');
  const isThere = store.has(key);
  store.close();
  return isThere;
}

/** Makes a value that never comes. */
async function lead({ place, key }, say) {
  const store = new SharedStore(place);
  store.getOrSet(key, () => {
    say('running');
    return forEver();
  });
  await forEver();
}

/** Makes a value where there is none; what that comes to. */
async function make({ place, key }) {
  const store = new SharedStore(place);
  const value = await store.getOrSet(key, () => 'newer');
  store.close();
  return value;
}

/** Removes a key when the first of two words is set, and sets the other. */
function removeInTurn({ place, key, words }, say) {
  const store = new SharedStore(place);
  say('ready');
  Atomics.wait(words, 0, 0);
  store.delete(key);
  store.close();
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
}

module.exports = {
  REMOVALS,
  WRITES,
  hang,
  lead,
  make,
  many,
  remake,
  remove,
  removeInTurn,
  write,
  writeInVain,
};
