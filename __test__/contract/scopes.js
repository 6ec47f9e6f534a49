/**
 * Every scope of a store: how it is opened and ended, and what it can.
 *
 * Must not know what is tested. Invariant: a scope that is added here runs through the whole
 * contract; a property that it cannot have is skipped for what it can, never for its name.
 */
const { existsSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const LocalStore = require('../../index.js');
const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
const { FleetStore } = require('shared-memory-store/fleet');
const { emptyServer, missing, sharedServer } = require('../helpers/servers.js');
const { freshName } = require('../helpers/shared-names.js');

const { SharedStore } = LocalStore;
/** Stores without a layer that remembers what was read: all reads are alike to them. */
const bare = new WeakSet();
/** Enough for what a test holds; a larger store takes longer to open. */
const MAX_BYTES = 2 ** 20;
const MEMORY = '/dev/shm';
/** How long a server may take that runs beside many other tests. */
const PATIENCE_MS = 60_000;

/**
 * What a scope may be able to do.
 *
 * - `at once`: a verb gives its answer or throws; `by promise`: it gives a promise, never throws
 * - `by reference`: `get` gives the value that was set; `copies`: one of its own each time;
 *   `frozen`: one that cannot be changed
 * - `insertion order`: listings are in the order in which keys were first set
 * - `shared`: `again(store)` opens another object over the same entries
 * - `snapshot`, `locks`: has `snapshot` and `restore`; `lock`, `release` and `withLock`
 * - `events`: has `on`, `once` and `off`, and tells what became of a load as `error`
 * - `tags`: keeps those of its entries
 * - `at hand`: what is stored is found within the call, so what a call begins has begun after it
 * - `in turn`: calls on a key take effect as they were made, though an update among them waits
 * - `asks afresh`: its `get` takes options
 * - `clears at once`: `clear` is one step; `destroys`: has `destroy`
 * - `counts all`: `stats` counts for all objects of a store, and what the store itself removed
 * - `made of options alone`: no option has to be given
 * - `whole`: is a store of its own: has options, an end, counters of what left by itself
 * - `evicts`, `refuses`: what a store of `maxEntries` may do when it is full
 */
const CAPABILITIES = [
  ...['at once', 'by promise', 'by reference', 'copies', 'frozen', 'insertion order'],
  ...['shared', 'snapshot', 'locks', 'events', 'evicts', 'refuses', 'tags', 'at hand', 'in turn'],
  ...['asks afresh', 'clears at once', 'destroys', 'counts all', 'made of options alone', 'whole'],
];

/** A folder where stores of processes lie by default, for one store alone. */
function freshFolder() {
  return mkdtempSync(
    path.join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'shared-memory-store-test-'),
  );
}

/** Opens stores of threads, and other objects over them. */
function threads(more = {}) {
  const places = new WeakMap();
  const openAt = (place, options) => {
    const store = new SharedStore({ maxBytes: MAX_BYTES, ...more, ...place, ...options });
    places.set(store, place);
    return store;
  };
  return {
    open: (options) => openAt({ name: freshName('contract') }, options),
    again: (store, options) => openAt(places.get(store), options),
    end: (store) => store.close(),
  };
}

/** The same of processes; each store has a folder of its own, which goes with it. */
function processes() {
  const places = new WeakMap();
  const openAt = (place, options) => {
    const store = new SharedStore({ maxBytes: MAX_BYTES, ...place, ...options });
    places.set(store, place);
    return store;
  };
  return {
    open: (options) => {
      const folder = freshFolder();
      try {
        return openAt({ name: 'contract', scope: 'processes', path: folder }, options);
      } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
    },
    again: (store, options) => openAt(places.get(store), options),
    end: (store) => {
      store.close();
      rmSync(places.get(store).path, { recursive: true, force: true });
    },
  };
}

/** Opens stores of a fleet, at a server that this process has started, where one is installed. */
function fleet() {
  if (missing) console.warn(`FleetStore is not tested: ${missing}`);
  const names = new WeakMap();
  const openNamed = (name, options) => {
    const { url } = sharedServer();
    const store = new FleetStore({ name, url, timeout: PATIENCE_MS, ...remote(options) });
    names.set(store, name);
    bare.add(store);
    return store;
  };
  let lasting = 0;
  return {
    open: (options) => {
      lasting += 1;
      return openNamed(freshName('contract').replaceAll(' ', '-'), options);
    },
    again: (store, options) => openNamed(names.get(store), options),
    end: async (store) => {
      await store.close();
      lasting -= 1;
      // Walks of others would meet what it left.
      if (lasting === 0) await emptyServer(sharedServer());
    },
    isMissing: Boolean(missing),
  };
}

/** Takes the options that a server decides: how much it holds, and what it does when it is full. */
const remote = ({ whenFull, maxBytes, maxEntries, ...options } = {}) => options;

/** Takes the options of a shared store where a local one is meant: it always evicts. */
const local = ({ whenFull, maxBytes, ...options }) => options;

/** What all stores on this machine can. */
const HERE = ['at hand', 'clears at once', 'counts all', 'made of options alone'];
const SHARED = [
  ...['at once', 'shared', 'snapshot', 'locks', 'events', 'evicts', 'refuses', 'tags', 'destroys'],
  ...HERE,
];

const all = [
  {
    name: 'MemoryStore',
    open: (options) => new LocalStore(local(options)),
    end: (store) => store.close(),
    can: [
      'at once',
      'by reference',
      'insertion order',
      'snapshot',
      'events',
      'evicts',
      'tags',
      ...HERE,
    ],
  },
  { name: 'SharedStore of threads', ...threads(), can: ['copies', ...SHARED] },
  {
    name: 'SharedStore of threads that reads frozen',
    ...threads({ reads: 'frozen' }),
    can: ['frozen', ...SHARED],
  },
  { name: 'SharedStore of processes', ...processes(), can: ['copies', ...SHARED] },
  {
    name: 'async MemoryStore',
    open: (options) => new AsyncStore(local(options)),
    end: (store) => store.close(),
    can: [
      'by promise',
      'by reference',
      'insertion order',
      'evicts',
      'events',
      'in turn',
      'tags',
      ...HERE,
    ],
  },
  {
    name: 'FleetStore',
    ...fleet(),
    can: ['asks afresh', 'by promise', 'copies', 'shared', 'events', 'tags'],
  },
].filter(({ isMissing }) => !isMissing);

/** A namespace of each store: as the store, but for what only a whole store can. */
const OF_WHOLE_STORES = ['asks afresh', 'snapshot', 'events', 'whole'];

/** A scope whose stores are namespaces of others', within one that is in use, too. */
function namespaceOf({ name, open, again, end, can }) {
  const wholes = new WeakMap();
  const viewOf = (store) => {
    const view = store.namespace('outer').namespace('names\0pace');
    wholes.set(view, store);
    if (bare.has(store)) bare.add(view);
    // It ends with its store.
    for (const ending of ['close', 'destroy', Symbol.dispose, Symbol.asyncDispose]) {
      if (ending in store) Object.defineProperty(view, ending, { value: () => store[ending]() });
    }
    return view;
  };
  return {
    name: `namespace of ${name}`,
    open: (options) => viewOf(open(options)),
    again: (view, options) => viewOf(again(wholes.get(view), options)),
    end: (view) => end(wholes.get(view)),
    can: can.filter((ability) => !OF_WHOLE_STORES.includes(ability)),
  };
}

const whole = all.map(({ can, ...scope }) => ({ ...scope, can: [...can, 'whole'] }));

const scopes = [...whole, ...whole.map(namespaceOf)].map(({ can, ...scope }) => ({
  ...scope,
  /** Whether a store of this scope can what all of `needs` say. */
  can: (...needs) => {
    const unknown = needs.filter((need) => !CAPABILITIES.includes(need));
    if (unknown.length > 0) throw new Error(`No scope can ${unknown}`);
    return needs.every((need) => can.includes(need));
  },
  /** Runs `body(store)` with a store of its own, and ends it. */
  with: async (options, body) => {
    const store = scope.open(options);
    try {
      return await body(store);
    } finally {
      await scope.end(store);
    }
  },
}));

module.exports = { isBare: (store) => bare.has(store), scopes };
