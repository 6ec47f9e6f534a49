/**
 * Keys of every form in a bounded store, and keys that are renamed.
 *
 * Must not know which entry is evicted. Invariant tested: a key that is left is given back as it
 * was passed, however many other keys had its place before.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { recordEvents } = require('../helpers/recorded-events.js');

const open = (maxEntries) => new MemoryStore({ maxEntries, autoStartCleanup: false });

const forms = {
  strings: (index) => `key ${index}`,
  numbers: (index) => index,
  bigints: (index) => BigInt(index),
  objects: (index) => ({ id: index }),
  arrays: (index) => [index],
  functions: (index) => () => index,
  'lone surrogates': (index) => `${index} \ud800`,
  'long strings': (index) => `${index} `.padEnd(2000, 'x'),
};

for (const [name, make] of Object.entries(forms)) {
  testColdAndWarm(`${name} of entries that are left are given back as they were passed`, (heat) => {
    const store = open(7);
    const passed = new Map();
    for (let index = 0; index < 100; index += 1) {
      const key = make(index);
      store.set(key, index);
      passed.set(index, key);
      heat(store, key);
      const originals = store.getKeys();
      const values = store.all();
      assert.equal(values.at(-1), index);
      for (const [place, value] of values.entries()) {
        assert.ok(Object.is(originals[place], passed.get(value)), `the key of ${value}`);
        assert.equal(store.get(originals[place]), value);
      }
    }
    assert.equal(store.size(), 7);
  });
}

test('forms that take each other’s place do not rub off', () => {
  const store = open(1);
  const makers = Object.values(forms);
  for (let index = 0; index < 400; index += 1) {
    const key = makers[(index * 5 + (index >> 3)) % makers.length](index);
    store.set(key, index);
    assert.ok(Object.is(store.getKeys()[0], key));
    assert.equal(store.get(key), index);
  }
});

describe('a rename in a full store', () => {
  const filled = (heat) => {
    const store = open(3);
    for (const key of ['a', 'b', 'c']) {
      store.set(key, `value of ${key}`);
      heat(store, key);
    }
    return store;
  };

  testColdAndWarm('moves the entry and evicts none', (heat) => {
    const store = filled(heat);
    const key = store.createKey('b');
    key.value = 'z';
    assert.deepEqual(Object.fromEntries(store), {
      a: 'value of a',
      z: 'value of b',
      c: 'value of c',
    });
  });

  testColdAndWarm('to a key that was evicted moves the entry', (heat) => {
    const store = filled(heat);
    const record = recordEvents(store, ['evict']);
    store.set('d', 'value of d');
    const [[, evicted]] = record;
    const key = store.createKey('d');
    key.value = evicted;
    assert.equal(store.get(evicted), 'value of d');
    assert.equal(store.get('d'), undefined);
    assert.equal(store.size(), 3);
  });

  testColdAndWarm('of an entry that was evicted moves nothing', (heat) => {
    const store = filled(heat);
    const keys = ['a', 'b', 'c'].map((key) => store.createKey(key));
    for (let index = 0; index < 30; index += 1) {
      store.set(`new ${index}`, index);
      store.get(`new ${index}`);
    }
    const before = [...store];
    const gone = keys.filter((key) => !store.has(key));
    assert.ok(gone.length > 0);
    for (const key of gone) key.value = `${key} renamed`;
    assert.deepEqual([...store], before);
    for (const key of gone) assert.equal(store.get(key), undefined);
  });
});

test('a mutable key follows its entry through a hundred renames in a full store', () => {
  const store = open(4);
  const key = store.createKey('start');
  store.set(key, 'value');
  for (let round = 0; round < 100; round += 1) {
    key.value = `round ${round}`;
    assert.equal(store.get(key), 'value');
    assert.equal(store.get(`round ${round}`), 'value');
    store.set(`other ${round}`, round);
    assert.ok(store.size() <= 4);
    if (!store.has(key)) store.set(key, 'value');
  }
});

test('two mutable keys of one entry both lose it when it is evicted', () => {
  const store = open(1);
  const [one, other] = [store.createKey('a'), store.createKey('a')];
  store.set(one, 'value');
  assert.equal(store.get(other), 'value');
  store.set('b', 'other value');
  assert.deepEqual([store.get(one), store.get(other)], [undefined, undefined]);
});
