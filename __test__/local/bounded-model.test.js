/**
 * Random operations on a bounded store, beside a `Map` that learns of evictions.
 *
 * Must not know which entry is evicted. Invariant tested: whatever is evicted, a store answers as
 * a `Map` without those entries does, in the same order, and never exceeds its bound.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { effort } = require('../helpers/effort.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { SLOW } = require('../helpers/test-timeout.js');

const STEPS = effort(60_000, 120_000);
const AUDIT_STEPS = 4000;
/** The largest size of an entry, where sizes differ. */
const LARGEST = 20;
const BOUNDS = [1, 2, 3, 10, 100, 1000];

/**
 * Key to `{ value, isTimed }`, in the order of the store. Without a listener evictions are guessed:
 * what is absent once was evicted, and has to stay absent.
 */
class Model extends Map {
  constructor(store, isExact) {
    super();
    this.store = store;
    this.isExact = isExact;
    if (isExact) store.on('evict', (key) => this.delete(key));
  }

  /** What the store may hold under `key`, given whether it says that it holds anything. */
  expect(key, isThere) {
    if (!isThere && !this.isExact) this.delete(key);
    assert.equal(this.has(key), isThere, key);
    return super.get(key);
  }

  put(key, value, isTimed) {
    this.set(key, { value, isTimed });
  }
}

/** One operation each, on both sides. */
const operations = {
  set({ store, model, key, step }) {
    store.set(key, step);
    model.put(key, step, false);
  },
  'set with a deadline'({ store, model, key, step }) {
    store.set(key, step, HOUR_MS);
    model.put(key, step, true);
  },
  get({ store, model, key }) {
    const value = store.get(key);
    assert.equal(value, model.expect(key, value !== undefined)?.value);
  },
  peek({ store, model, key }) {
    const value = store.peek(key);
    assert.equal(value, model.expect(key, value !== undefined)?.value);
  },
  has: ({ store, model, key }) => model.expect(key, store.has(key)),
  ttl({ store, model, key }) {
    const ttl = store.ttl(key);
    const entry = model.expect(key, ttl !== undefined);
    if (entry !== undefined) assert.equal(ttl !== Infinity, entry.isTimed);
  },
  touch({ store, model, key }) {
    const entry = model.expect(key, store.touch(key, HOUR_MS));
    if (entry !== undefined) entry.isTimed = true;
  },
  delete({ store, model, key }) {
    model.expect(key, store.delete(key));
    model.delete(key);
  },
  take({ store, model, key }) {
    const value = store.take(key);
    assert.equal(value, model.expect(key, value !== undefined)?.value);
    model.delete(key);
  },
  add({ store, model, key, step }) {
    const isStored = store.add(key, step);
    model.expect(key, !isStored);
    if (isStored) model.put(key, step, false);
  },
  replace({ store, model, key, step }) {
    const isStored = store.replace(key, step);
    model.expect(key, isStored);
    if (isStored) model.put(key, step, false);
  },
  increment({ store, model, key, step }) {
    const isThere = store.has(key);
    const entry = model.expect(key, isThere);
    const sum = store.increment(key, step, HOUR_MS);
    assert.equal(sum, (entry?.value ?? 0) + step);
    if (entry === undefined) model.put(key, sum, true);
    else entry.value = sum;
  },
  rename({ store, model, key, other }) {
    const entry = model.expect(key, store.has(key));
    const isTaken = store.has(other);
    model.expect(other, isTaken);
    store.createKey(key).value = other;
    if (entry === undefined || isTaken) return;
    rename(model, key, other);
  },
  expire({ store, model, key }) {
    model.expect(key, store.touch(key, 1));
    passDeadline(1);
    model.delete(key);
  },
};

/** Renames in place: a `Map` cannot. */
function rename(model, from, to) {
  const entries = [...model];
  model.clear();
  for (const [key, entry] of entries) model.set(key === from ? to : key, entry);
}

const weights = { set: 8, get: 20, has: 4, expire: 0.05, rename: 0.2 };
const wheel = Object.keys(operations).flatMap((name) => {
  return Array.from({ length: Math.ceil((weights[name] ?? 1) * 20) }, () => name);
});

/** Compares all that the store holds, and all that it does not, with the model. */
function audit(store, model, bound, universe) {
  const keys = store.keys();
  const held = new Set(keys);
  assert.ok(keys.length <= bound);
  assert.equal(held.size, keys.length, 'no key twice');
  assert.equal(store.size(), keys.length);
  assert.equal(store.stats().entries, keys.length);
  if (!model.isExact) for (const key of universe) model.expect(key, held.has(key));
  assert.equal(model.size, keys.length);
  const values = keys.map((key) => model.get(key).value);
  assert.deepEqual(store.all(), values);
  assert.deepEqual(
    [...store.entries()],
    keys.map((key, index) => [key, values[index]]),
  );
  assert.deepEqual(store.getMany(keys), values);
  if (model.isExact) assert.deepEqual(keys, [...model.keys()]);
  for (const key of universe) assert.equal(store.has(key), held.has(key));
}

function run({ store, model, bound, draw }) {
  const universe = Array.from({ length: bound * 3 + 2 }, (_, index) => `key ${index}`);
  // Half of the draws go to a few hot keys.
  const drawKey = () => universe[draw(2) === 0 ? draw(universe.length) : draw(2 + (bound >> 2))];
  for (let step = 1; step <= STEPS; step += 1) {
    const name = wheel[draw(wheel.length)];
    operations[name]({ store, model, step, key: drawKey(), other: drawKey() });
    assert.ok(store.size() <= bound);
    if (step % AUDIT_STEPS === 0) audit(store, model, bound, universe);
  }
}

const stores = {
  'a bounded store': (maxEntries) => new MemoryStore({ maxEntries, autoStartCleanup: false }),
  'a bounded store with a busy sweeper': (maxEntries) => {
    const store = new MemoryStore({ maxEntries, cleanupInterval: 1 });
    store.startCleanupTask();
    return store;
  },
  'a store that is bounded by size': (maxSize) =>
    new MemoryStore({ maxSize, sizeOf: () => 1, autoStartCleanup: false }),
  'a store that is bounded by both': (bound) =>
    new MemoryStore({
      maxEntries: bound,
      maxSize: bound * 5 + LARGEST,
      sizeOf: (value) => value % (LARGEST + 1),
      autoStartCleanup: false,
    }),
};

for (const [what, open] of Object.entries(stores)) {
  describe(`${what} answers as a Map does`, () => {
    for (const bound of BOUNDS) {
      for (const isExact of [true, false]) {
        const told = isExact ? 'that is told of evictions' : 'that has to find out about evictions';
        test(`${told}, ${bound} entries`, SLOW, () => {
          const draw = randomFrom(printedSeed(`${what} ${told}, ${bound} entries`));
          const store = open(bound);
          run({ store, model: new Model(store, isExact), bound, draw });
        });
      }
    }
  });
}
