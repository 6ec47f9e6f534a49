/**
 * `getKeys()`: the keys as they were passed to `set`.
 *
 * Must not know how mutable keys rename. Invariant tested: each original key is the identical
 * value, in the order of `keys()`.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');
const { SLOW } = require('../helpers/test-timeout.js');

const originals = {
  'a string': 'a',
  'the empty string': '',
  'a lone surrogate': '\ud800',
  'a number': 5,
  'a fraction': 1e-9,
  NaN: Number.NaN,
  Infinity: Infinity,
  'a bigint': 6n,
  true: true,
  false: false,
  null: null,
  undefined: undefined,
  'an object': { id: 1 },
  'an array': [1, 2],
  'a date': new Date(0),
  'a boxed string': Object('a'),
  'a function': () => {},
};

describe('the original key is given back:', () => {
  for (const [what, key] of Object.entries(originals)) {
    test(what, () => {
      const store = new MemoryStore();
      store.set(key, 'value');
      assert.ok(Object.is(store.getKeys()[0], key));
      assert.equal(store.getKeys().length, 1);
    });
  }
});

test('-0 is given back as a zero', () => {
  const store = new MemoryStore();
  store.set(-0, 'value');
  assert.ok(store.getKeys()[0] === 0);
});

test('original keys come in the order of keys()', () => {
  const store = new MemoryStore();
  const keys = Object.values(originals);
  for (const key of keys) store.set(key, 'value');
  assert.deepEqual(store.getKeys(), keys);
  assert.equal(store.keys().length, keys.length);
});

describe('overwriting replaces the form of the key:', () => {
  const object = { toJSON: () => 1 };
  const pairs = [
    ['a string by a number', '1', 1],
    ['a number by a string', 1, '1'],
    ['a number by a bigint', 1, 1n],
    ['a string by an object', '1', object],
    ['an object by a string', object, '1'],
    ['an object by an equal object', object, { toJSON: () => 1 }],
  ];
  for (const [what, first, second] of pairs) {
    test(what, () => {
      const store = new MemoryStore();
      store.set(first, 'first');
      store.set(second, 'second');
      assert.equal(store.getKeys().length, 1);
      assert.ok(Object.is(store.getKeys()[0], second));
    });
  }
});

test('reading by another form does not change the original key', () => {
  const store = new MemoryStore();
  store.set(1, 'value');
  for (let read = 0; read < 100; read += 1) store.get('1');
  store.touch('1', 3_600_000);
  assert.deepEqual(store.getKeys(), [1]);
});

test('a key that was deleted and set in another form has the new form', () => {
  const store = new MemoryStore();
  store.set({ id: 1 }, 'value');
  store.delete('{"id":1}');
  store.set('{"id":1}', 'value');
  assert.deepEqual(store.getKeys(), ['{"id":1}']);
});

test('an entry that reuses the place of another does not have its original key', () => {
  const store = new MemoryStore();
  for (let round = 0; round < 100; round += 1) {
    store.set({ round }, 'by object');
    store.delete({ round });
    store.set(`plain ${round}`, 'by string');
    assert.deepEqual(store.getKeys(), [`plain ${round}`]);
    store.clear();
  }
});

test('the arrays that a store gives out are copies', () => {
  const store = new MemoryStore();
  store.set('a', 1);
  for (const read of ['getKeys', 'keys', 'all']) {
    store[read]().length = 0;
    assert.equal(store[read]().length, 1, read);
  }
});

test('a key object is let go with its entry', SLOW, async () => {
  const store = new MemoryStore();
  const references = weakly((index) => {
    const key = { index };
    store.set(key, index);
    store.get(key);
    return key;
  });
  store.clear();
  await untilCollected(references);
});

test('a key object is let go when the entry is overwritten by its string', SLOW, async () => {
  const store = new MemoryStore();
  const references = weakly((index) => {
    const key = { index };
    store.set(key, index);
    store.set(JSON.stringify(key), index);
    return key;
  });
  await untilCollected(references);
  assert.equal(store.size(), references.length);
});

test('a key object that was only read is not held', SLOW, async () => {
  const store = new MemoryStore();
  const references = weakly(() => {
    const key = () => {};
    store.get(key);
    store.has(key);
    store.delete(key);
    return key;
  });
  await untilCollected(references);
  assert.equal(store.size(), 0);
});
