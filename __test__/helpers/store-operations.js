/**
 * Random operations for a store and its model side by side.
 *
 * Must not know how a store works. Invariant: each operation asserts that store and model answer
 * alike; after it both hold the same entries.
 */
const assert = require('node:assert/strict');
const fc = require('fast-check');
const { HOUR_MS, passDeadline } = require('./expiry.js');
const { warm } = require('./hot-path.js');

/** Plain keys with the string form of each; few, so that they meet often. */
const KEYS = ['a', 'b', 'c', 'd', 'e', '1', 1, 2n, null, '\ud800', 'ÿ', 'Ā', { id: 1 }];
const MUTABLE_KEYS = 4;
const WALKS = 3;
const TAGS = ['s', 't', 'u'];

const formOf = (key) =>
  typeof key === 'object' && key !== null ? JSON.stringify(key) : String(key);

/** Store, model, and what both sides are addressed with. */
class Pair {
  constructor(store, model) {
    this.store = store;
    this.model = model;
    this.mutable = Array.from({ length: MUTABLE_KEYS }, (_, index) =>
      store.createKey(formOf(KEYS[index])),
    );
    this.walks = [];
    /** For how many operations nothing is asked that looks for what was invalidated. */
    this.quietFor = 0;
  }

  /** The key to pass to the store, its string form, and how the model keeps the original. */
  key({ index, throughMutable }) {
    if (throughMutable) {
      const mutable = this.mutable[index % MUTABLE_KEYS];
      return { key: mutable, form: String(mutable), original: { mutable } };
    }
    const plain = KEYS[index];
    return { key: plain, form: formOf(plain), original: { plain } };
  }

  assertSame() {
    const { store, model } = this;
    const entries = model.keys().map((key) => [key, model.get(key)]);
    assert.deepEqual([...store.entries()], entries);
    this.quietFor -= 1;
    if (this.quietFor >= 0) return;
    assert.deepEqual(store.keys(), model.keys());
    assert.deepEqual(store.all(), model.all());
    assert.deepEqual([...store.values()], model.all());
    assert.equal(store.size(), model.size());
    const originals = store.getKeys();
    const expected = model.getKeys(String);
    assert.equal(originals.length, expected.length);
    assert.ok(originals.every((key, index) => Object.is(key, expected[index])));
  }
}

const lifeOf = (life) => (life === 'for ever' ? undefined : HOUR_MS);

const run = {
  set({ store, model }, { key, form, original }, { value, life }) {
    assert.equal(store.set(key, value, lifeOf(life)), true);
    model.set(form, original, value, life !== 'for ever');
  },
  get: ({ store, model }, { key, form }) => assert.equal(store.get(key), model.get(form)),
  has: ({ store, model }, { key, form }) => assert.equal(store.has(key), model.has(form)),
  delete: ({ store, model }, { key, form }) => assert.equal(store.delete(key), model.delete(form)),
  touch: ({ store, model }, { key, form }) =>
    assert.equal(store.touch(key, HOUR_MS), model.touch(form)),
  peek: ({ store, model }, { key, form }) => assert.equal(store.peek(key), model.get(form)),
  take({ store, model }, { key, form }) {
    assert.equal(store.take(key), model.get(form));
    model.delete(form);
  },
  add({ store, model }, { key, form, original }, { value, life }) {
    assert.equal(store.add(key, value, lifeOf(life)), !model.has(form));
    if (!model.has(form)) model.set(form, original, value, life !== 'for ever');
  },
  replace({ store, model }, { key, form, original }, { value, life }) {
    assert.equal(store.replace(key, value, lifeOf(life)), model.has(form));
    if (model.has(form)) model.set(form, original, value, life !== 'for ever');
  },
  increment({ store, model }, { key, form, original }, { value, life }) {
    const sum = (model.get(form) ?? 0) + value;
    assert.equal(store.increment(key, value, lifeOf(life)), sum);
    if (model.has(form)) model.overwrite(form, sum);
    else model.set(form, original, sum, life !== 'for ever');
  },
  getMany(pair, _key, { many }) {
    const all = many.map((one) => pair.key(one));
    assert.deepEqual(
      pair.store.getMany(all.map(({ key }) => key)),
      all.map(({ form }) => pair.model.get(form)),
    );
  },
  setMany(pair, _key, { many, value, life }) {
    const all = many.map((one) => pair.key(one));
    const entries = all.map(({ key }, index) => [key, value + index]);
    assert.equal(pair.store.setMany(entries, lifeOf(life)), true);
    for (const [index, { form, original }] of all.entries()) {
      pair.model.set(form, original, value + index, life !== 'for ever');
    }
  },
  deleteMany(pair, _key, { many }) {
    const all = many.map((one) => pair.key(one));
    const there = all.filter(({ form }) => pair.model.delete(form)).length;
    assert.equal(pair.store.deleteMany(all.map(({ key }) => key)), there);
  },
  setTagged({ store, model }, { key, form, original }, { value, life, tags }) {
    assert.equal(store.set(key, value, { tags, ttl: lifeOf(life) }), true);
    model.set(form, original, value, life !== 'for ever', tags);
  },
  tags({ store, model }, { key, form }) {
    assert.deepEqual(store.getEntry(key)?.tags, model.tags(form));
  },
  update({ store, model }, { key, form, original }, { value }) {
    assert.equal(
      store.update(key, (before = 0) => before + value),
      (model.get(form) ?? 0) + value,
    );
    const sum = (model.get(form) ?? 0) + value;
    model.set(form, original, sum, model.expiring(form) ?? false, model.tags(form));
  },
  invalidate(pair, _key, { tags, quietFor }) {
    pair.store.invalidateTag(tags);
    for (const tag of tags) pair.model.invalidate(tag);
    pair.quietFor = quietFor;
  },
  ttl({ store, model }, { key, form }) {
    const expiring = model.expiring(form);
    const left = store.ttl(key);
    if (expiring === undefined) assert.equal(left, undefined);
    else assert.equal(left !== Infinity, expiring);
  },
  warm({ store, model }, { key, form }) {
    warm(store, key);
    assert.equal(store.get(key), model.get(form));
  },
  clear({ store, model }) {
    assert.equal(store.clear(), true);
    model.clear();
  },
  rename({ store, model, mutable }, { key, form }, { mutableIndex }) {
    const renamed = mutable[mutableIndex];
    const from = String(renamed);
    renamed.value = key;
    model.rename(from, form);
    assert.equal(String(renamed), form);
    assert.equal(store.get(renamed), model.get(form));
  },
  /** Every second live entry from here on gets a short life, which then ends. */
  expire({ store, model }, { form }) {
    const doomed = model.keys().filter((key, index) => key === form || index % 2 === 0);
    for (const key of doomed) assert.equal(store.touch(key, 1), true);
    passDeadline(1);
    for (const key of doomed) model.delete(key);
  },
  walk({ store, model, walks }, _key, { walkIndex }) {
    walks[walkIndex] = { ours: store.entries(), theirs: model.walk() };
  },
  step({ walks }, _key, { walkIndex }) {
    const walk = walks[walkIndex];
    if (walk === undefined) return;
    const { value, done } = walk.ours.next();
    assert.deepEqual(done ? undefined : value, walk.theirs.next());
  },
};

const weights = {
  add: 3,
  increment: 4,
  setMany: 3,
  set: 10,
  get: 4,
  warm: 4,
  delete: 4,
  rename: 6,
  expire: 2,
  step: 6,
  clear: 1,
  setTagged: 6,
  invalidate: 3,
};

const operation = fc.oneof(
  ...Object.keys(run).map((name) => ({
    weight: weights[name] ?? 2,
    arbitrary: fc.record({
      name: fc.constant(name),
      index: fc.nat(KEYS.length - 1),
      throughMutable: fc.boolean(),
      value: fc.nat(1_000_000),
      life: fc.constantFrom('for ever', 'long'),
      mutableIndex: fc.nat(MUTABLE_KEYS - 1),
      walkIndex: fc.nat(WALKS - 1),
      tags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 2 }),
      quietFor: fc.nat(6),
      many: fc.array(fc.record({ index: fc.nat(KEYS.length - 1), throughMutable: fc.boolean() }), {
        maxLength: 5,
      }),
    }),
  })),
);

/** Runs `operations` on a pair and compares both sides after each. */
function runOperations(pair, operations) {
  for (const one of operations) {
    run[one.name](pair, pair.key(one), one);
    pair.assertSame();
  }
}

module.exports = { Pair, operation, runOperations };
