/**
 * Many renames: chains, swaps, several keys of one value, names of every kind.
 *
 * Must not know deadlines. Invariant tested: however keys are renamed, each entry has exactly one
 * name, and every holder of that name reaches it.
 */
const assert = require('node:assert/strict');
const { describe } = require('node:test');
const MemoryStore = require('../../index.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

testColdAndWarm('two keys of one value address one entry', (heat) => {
  const store = open();
  const [one, other] = [store.createKey('a'), store.createMutableKey('a')];
  store.set(one, 'value');
  heat(store, 'a');
  assert.equal(store.get(other), 'value');
  one.value = 'b';
  assert.equal(other.value, 'a');
  assert.equal(store.get(other), undefined);
  other.value = 'b';
  assert.equal(store.get(other), 'value');
  other.value = 'c';
  assert.equal(store.get(one), undefined);
  assert.equal(store.get('c'), 'value');
  assert.equal(store.size(), 1);
});

testColdAndWarm('two entries can swap their names by way of a third', (heat) => {
  const store = open();
  const [one, other] = [store.createKey('a'), store.createKey('b')];
  store.set(one, 'of one');
  store.set(other, 'of other');
  for (let round = 0; round < 10; round += 1) {
    heat(store, 'a');
    heat(store, 'b');
    const [first, second] = [one.value, other.value];
    one.value = 'free';
    other.value = first;
    one.value = second;
    assert.deepEqual([store.get(one), store.get(other)], ['of one', 'of other']);
  }
  assert.equal(store.size(), 2);
});

testColdAndWarm('a key may be renamed a thousand times', (heat) => {
  const store = open();
  const key = store.createKey('name 0');
  store.set(key, 'value');
  for (let turn = 1; turn <= 1000; turn += 1) {
    key.value = `name ${turn}`;
    if (turn % 100 === 0) heat(store, key);
    assert.equal(store.has(`name ${turn - 1}`), false);
    assert.equal(store.get(`name ${turn}`), 'value');
  }
  assert.equal(store.size(), 1);
});

describe('names of every kind:', () => {
  const names = ['', '\ud800', 'ÿ', 'Ā', 'x'.repeat(10_000), 5, 1e-9, 5n, null, undefined, true];
  for (const name of [...names, { id: 1 }, [1], () => {}]) {
    testColdAndWarm(`${typeof name} ${String(name).slice(0, 20)}`, (heat) => {
      const store = open();
      const key = store.createKey('before');
      store.set(key, 'value');
      key.value = name;
      heat(store, name);
      assert.equal(store.get(name), 'value');
      key.value = 'after';
      assert.equal(store.has(name), false);
      assert.equal(store.get('after'), 'value');
    });
  }
});
