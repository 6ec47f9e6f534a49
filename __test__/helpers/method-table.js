/**
 * Every method of a store, a good call of it, and what that call does in a known store.
 *
 * Must not know states. Invariant: `answer` and `after` hold in a store made by `openKnown()`, and
 * the table names every public method.
 */
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('./expiry.js');
const { forge, forgeRecord, withFile } = require('./snapshot-files.js');
const { writeFileSync } = require('node:fs');

/** A store of two entries: `a` is permanent, `b` has a deadline. No sweeper runs. */
function openKnown(options) {
  const store = new MemoryStore({ autoStartCleanup: false, ...options });
  store.set('a', 1);
  store.set('b', 2, HOUR_MS);
  return store;
}

const entriesOf = (iterator) => [...iterator].map(([key, value]) => `${key}=${value}`);

function visit(store) {
  const visited = [];
  store.forEach((value, key) => {
    visited.push(`${key}=${value}`);
  });
  return visited;
}

function isSame(store, method, event) {
  return store[method](event, () => {}) === store;
}

/** What a closed store answers, too: `events.once` stops listening when it is told of the end. */
const listenerMethods = [
  { name: 'toJSON', call: (store) => typeof store.toJSON().store, answer: 'string' },
  { name: 'off', call: (store) => isSame(store, 'off', 'expire'), answer: true },
  {
    name: 'removeListener',
    call: (store) => isSame(store, 'removeListener', 'expire'),
    answer: true,
  },
  {
    name: 'removeAllListeners',
    call: (store) => store.removeAllListeners('error') === store,
    answer: true,
  },
  { name: 'listenerCount', call: (store) => store.listenerCount('error'), answer: 0 },
  { name: 'listeners', call: (store) => store.listeners('error'), answer: [] },
  { name: 'rawListeners', call: (store) => store.rawListeners('error'), answer: [] },
  { name: 'eventNames', call: (store) => Array.isArray(store.eventNames()), answer: true },
  { name: 'setMaxListeners', call: (store) => store.setMaxListeners(1) === store, answer: true },
  { name: 'getMaxListeners', call: (store) => store.getMaxListeners(), answer: Infinity },
];

/**
 * `name`: the property of the prototype. `call(store)`: a good call, its answer made comparable.
 * `answer`: what it gives. `after`: the entries that are left, when it changes them.
 */
const methods = [
  { name: 'get', call: (store) => store.get('a'), answer: 1 },
  { name: 'has', call: (store) => store.has('b'), answer: true },
  { name: 'ttl', call: (store) => store.ttl('a'), answer: Infinity },
  { name: 'peek', call: (store) => store.peek('b'), answer: 2 },
  { name: 'getMany', call: (store) => store.getMany(['b', 'c', 'a']), answer: [2, undefined, 1] },
  { name: 'size', call: (store) => store.size(), answer: 2 },
  { name: 'stats', call: (store) => store.stats().entries, answer: 2 },
  { name: 'keys', call: (store) => store.keys(), answer: ['a', 'b'] },
  { name: 'getKeys', call: (store) => store.getKeys(), answer: ['a', 'b'] },
  { name: 'all', call: (store) => store.all(), answer: [1, 2] },
  { name: 'entries', call: (store) => entriesOf(store.entries()), answer: ['a=1', 'b=2'] },
  { name: 'values', call: (store) => [...store.values()], answer: [1, 2] },
  {
    name: Symbol.iterator,
    call: (store) => entriesOf(store[Symbol.iterator]()),
    answer: ['a=1', 'b=2'],
  },
  { name: 'forEach', call: visit, answer: ['a=1', 'b=2'] },
  { name: 'set', call: (store) => store.set('c', 3), answer: true, after: ['a=1', 'b=2', 'c=3'] },
  { name: 'add', call: (store) => store.add('c', 3), answer: true, after: ['a=1', 'b=2', 'c=3'] },
  {
    name: 'replace',
    call: (store) => store.replace('b', 3),
    answer: true,
    after: ['a=1', 'b=3'],
  },
  {
    name: 'increment',
    call: (store) => store.increment('a', 5),
    answer: 6,
    after: ['a=6', 'b=2'],
  },
  {
    name: 'decrement',
    call: (store) => store.decrement('b', 5, HOUR_MS),
    answer: -3,
    after: ['a=1', 'b=-3'],
  },
  {
    name: 'setMany',
    call: (store) =>
      store.setMany([
        ['c', 3],
        ['a', 4, HOUR_MS],
      ]),
    answer: true,
    after: ['a=4', 'b=2', 'c=3'],
  },
  { name: 'touch', call: (store) => store.touch('a', HOUR_MS), answer: true },
  { name: 'take', call: (store) => store.take('a'), answer: 1, after: ['b=2'] },
  { name: 'delete', call: (store) => store.delete('b'), answer: true, after: ['a=1'] },
  {
    name: 'deleteMany',
    call: (store) => store.deleteMany(['b', 'c', 'a']),
    answer: 2,
    after: [],
  },
  { name: 'invalidateTag', call: (store) => store.invalidateTag('t'), answer: undefined },
  { name: 'clear', call: (store) => store.clear(), answer: true, after: [] },
  { name: 'createKey', call: (store) => String(store.createKey('a')), answer: 'a' },
  { name: 'createMutableKey', call: (store) => String(store.createMutableKey('a')), answer: 'a' },
  { name: 'on', call: (store) => store.on('set', () => {}) === store, answer: true },
  { name: 'once', call: (store) => store.once('evict', () => {}) === store, answer: true },
  { name: 'addListener', call: (store) => isSame(store, 'addListener', 'clear'), answer: true },
  {
    name: 'prependListener',
    call: (store) => isSame(store, 'prependListener', 'delete'),
    answer: true,
  },
  {
    name: 'prependOnceListener',
    call: (store) => isSame(store, 'prependOnceListener', 'dispose'),
    answer: true,
  },
  ...listenerMethods,
  { name: 'startCleanupTask', call: (store) => store.startCleanupTask(5), answer: true },
  { name: 'stopCleanupTask', call: (store) => store.stopCleanupTask(), answer: false },
];

/** Calls a method with a file that holds the entry `c=0`; how many entries it wrote or read. */
function withKnownFile(store, method) {
  return withFile(async (file) => {
    writeFileSync(file, forge([forgeRecord({ key: 'c' })]));
    return (await store[method](file)).entries;
  });
}

/** The methods that answer by a promise: `answer` is what it resolves to. */
const asyncMethods = [
  { name: 'getOrSet', call: (store) => store.getOrSet('a', () => 'made'), answer: 1 },
  {
    name: 'getOrSet',
    call: (store) => store.getOrSet('c', async () => 3),
    answer: 3,
    after: ['a=1', 'b=2', 'c=3'],
  },
  { name: 'snapshot', call: (store) => withKnownFile(store, 'snapshot'), answer: 2 },
  {
    name: 'restore',
    call: (store) => withKnownFile(store, 'restore'),
    answer: 1,
    after: ['a=1', 'b=2', 'c=0'],
  },
];

/** The methods that end a store; they answer `undefined`, again and again. */
const closers = ['close', Symbol.dispose];

module.exports = {
  asyncMethods,
  closers,
  entriesOf,
  listenerMethods,
  methods,
  openKnown,
  withKnownFile,
};
