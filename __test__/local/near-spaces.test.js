/**
 * Random calls on a store, its namespaces and those within, several views of each, beside a model.
 *
 * Must not know what a view remembers, but that hot keys are answered from it. Invariant tested:
 * whoever changes, empties or evicts an entry, no view shows what it was before, or another's.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { effort } = require('../helpers/effort.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { WARM_READS, warm } = require('../helpers/hot-path.js');
const { listenToAll } = require('../helpers/recorded-events.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { SLOW } = require('../helpers/test-timeout.js');

const STEPS = effort(20_000, 120_000);

/** The last two are of the store: they look like what keys of namespaces are kept under. */
const KEYS = ['a', 'b', 'c', 1, '', '\0a', '\0n\0\0a', '\0n\0m\0\0a'];
const TAGS = ['t', 'u'];
const PATHS = [[], ['n'], ['n', 'm'], ['m']];
/** So many objects for each namespace. */
const VIEWS = 2;

const nameOf = (path, key) => JSON.stringify([path, String(key)]);
const isIn = (path, other) => path.every((name, index) => other[index] === name);

/** What a store holds, by path and key. */
class Model extends Map {
  constructor(isBounded) {
    super();
    this.isBounded = isBounded;
  }

  /** That what was found is what is there; what is missing was evicted, and stays away. */
  expect(path, key, value) {
    const name = nameOf(path, key);
    if (value === undefined && this.isBounded) this.delete(name);
    assert.equal(value, this.get(name)?.value, name);
  }

  put(path, key, value, tags = []) {
    this.set(nameOf(path, key), { path, key: String(key), value, tags });
  }

  removeWhere(is) {
    for (const [name, entry] of this) if (is(entry)) this.delete(name);
  }
}

const operations = {
  get: ({ view, key, model, path }) => model.expect(path, key, view.get(key)),
  warm: ({ view, key }) => warm(view, key),
  peek: ({ view, key, model, path }) => model.expect(path, key, view.peek(key)),
  set({ view, key, model, path, step }) {
    view.set(key, step);
    model.put(path, key, step);
  },
  'set for a while'({ view, key, model, path, step }) {
    view.set(key, step, HOUR_MS);
    model.put(path, key, step);
  },
  'set with tags'({ view, key, model, path, step, tag }) {
    view.set(key, step, { tags: [tag], ttl: step % 2 === 0 ? HOUR_MS : undefined });
    model.put(path, key, step, [tag]);
  },
  'set to nothing'({ view, key, model, path }) {
    view.set(key, undefined);
    model.put(path, key, undefined);
  },
  delete({ view, key, model, path }) {
    view.delete(key);
    model.delete(nameOf(path, key));
  },
  take({ view, key, model, path }) {
    model.expect(path, key, view.take(key));
    model.delete(nameOf(path, key));
  },
  expire({ view, key, model, path }) {
    view.touch(key, 3);
    // It may expire meanwhile, or not be there.
    for (let read = 0; read < WARM_READS; read += 1) view.get(key);
    passDeadline(3);
    model.delete(nameOf(path, key));
  },
  touch: ({ view, key }) => view.touch(key, HOUR_MS),
  update({ view, key, model, path, step }) {
    view.update(key, () => step);
    const { tags = [] } = model.get(nameOf(path, key)) ?? {};
    // Of a bounded store it may have been evicted, and its tags with it.
    model.put(path, key, step, view.getEntry(key)?.tags ?? tags);
  },
  invalidateTag({ view, model, path, tag }) {
    view.invalidateTag(tag);
    model.removeWhere(
      (entry) => nameOf(entry.path, '') === nameOf(path, '') && entry.tags.includes(tag),
    );
  },
  clear({ view, model, path }) {
    view.clear();
    model.removeWhere((entry) => isIn(path, entry.path));
  },
  deleteWhere({ view, model, path, key }) {
    view.deleteWhere({ prefix: String(key) });
    const isMeant = (entry) => entry.key.startsWith(String(key));
    model.removeWhere((entry) => nameOf(entry.path, '') === nameOf(path, '') && isMeant(entry));
  },
  others({ view, step }) {
    for (let index = 0; index < 20; index += 1) view.set(`other ${step} ${index}`, index, 60_000);
    view.deleteWhere({ prefix: 'other' });
  },
};

const weights = { get: 40, warm: 4, set: 6, 'set for a while': 3, 'set with tags': 4 };
Object.assign(weights, { expire: 0.3, clear: 0.2, invalidateTag: 0.4, deleteWhere: 0.2 });
const wheel = Object.keys(operations).flatMap((name) => {
  return Array.from({ length: Math.ceil((weights[name] ?? 1) * 20) }, () => name);
});

const viewOf = (store, path) => path.reduce((one, name) => one.namespace(name), store);

function run(store, model, draw) {
  const views = PATHS.map((path) => Array.from({ length: VIEWS }, () => viewOf(store, path)));
  for (let step = 1; step <= STEPS; step += 1) {
    const name = wheel[draw(wheel.length)];
    const space = draw(PATHS.length);
    const given = { step, model, path: PATHS[space], view: views[space][draw(VIEWS)] };
    operations[name]({ ...given, key: KEYS[draw(KEYS.length)], tag: TAGS[draw(TAGS.length)] });
    if (step % 500 !== 0) continue;
    // An hour is long, and a new view has seen nothing.
    for (const [index, path] of PATHS.entries()) {
      for (const key of KEYS) {
        for (const view of [...views[index], viewOf(store, path)]) {
          model.expect(path, key, view.get(key));
        }
      }
    }
  }
}

const stores = {
  'a store': () => new MemoryStore({ autoStartCleanup: false }),
  'a store with a busy sweeper': () => {
    const store = new MemoryStore({ cleanupInterval: 1 });
    store.startCleanupTask();
    return store;
  },
  'a store that is listened to': () => listenToAll(new MemoryStore({ autoStartCleanup: false })),
};

for (const [what, open] of Object.entries(stores)) {
  test(`views of ${what} show what is there`, SLOW, () => {
    const store = open();
    run(store, new Model(false), randomFrom(printedSeed(`views of ${what}`)));
    store.close();
  });
}

describe('views of a bounded store show what is there', () => {
  for (const maxEntries of [1, 3, 10, 40]) {
    test(`with room for ${maxEntries}`, SLOW, () => {
      const store = new MemoryStore({ maxEntries, autoStartCleanup: false });
      run(store, new Model(true), randomFrom(printedSeed(`views with room for ${maxEntries}`)));
      store.close();
    });
  }
});

test('hot keys of a namespace are answered by what the view remembers, and counted', () => {
  const store = new MemoryStore();
  const view = store.namespace('n');
  view.set('a', 1, { tags: ['t'] });
  view.set('b', 2, HOUR_MS);
  for (const key of ['a', 'b']) warm(view, key);
  const before = store.stats();
  const { hits } = view.stats();
  for (let round = 0; round < 1000; round += 1) {
    assert.equal(view.get('a'), 1);
    assert.equal(view.get('b'), 2);
  }
  const after = store.stats();
  assert.equal(view.stats().hits - hits, 2000);
  assert.equal(after.hits - before.hits, 2000);
  assert.equal(after.nearShare * after.hits - before.nearShare * before.hits, 2000);
});

const MEETINGS = {
  get: (view) => view.get('alice'),
  peek: (view) => view.peek('alice'),
  has: (view) => view.has('alice'),
  ttl: (view) => view.ttl('alice'),
  getEntry: (view) => view.getEntry('alice'),
  getMany: (view) => view.getMany(['alice'])[0],
  update: (view) => view.update('alice', () => undefined),
  touch: (view) => view.touch('alice', HOUR_MS),
  'add of another key': (view) => view.add('carol', 1, { ttl: 1 }),
};
for (const [what, meet] of Object.entries(MEETINGS)) {
  test(`a hot key that has expired leads to nobody else's entry after ${what}`, () => {
    for (const path of [['n'], ['m'], ['n', 'm']]) {
      const clock = { ms: 0 };
      const store = new MemoryStore({ now: () => clock.ms, autoStartCleanup: false });
      const view = store.namespace('n');
      view.set('alice', 'of alice', { ttl: 5 });
      warm(view, 'alice');
      clock.ms = 5;
      meet(view);
      const other = viewOf(store, path);
      other.set('bob', 'of bob', { ttl: HOUR_MS });
      assert.equal(view.get('alice'), undefined);
      assert.equal(other.get('bob'), 'of bob');
    }
  });
}

test('a view of a store that is closed says so, however hot its keys', () => {
  const store = new MemoryStore();
  const view = store.namespace('n');
  view.set('a', 1);
  warm(view, 'a');
  store.close();
  assert.throws(() => view.get('a'), { code: 'ERR_STORE_CLOSED' });
});
