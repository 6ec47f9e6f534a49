/**
 * Mutable keys and the stores they meet: their own, another, a closed one; and `getKeys`.
 *
 * Must not know what a key shows. Invariant tested: only the store that made a key moves an entry,
 * and `getKeys` gives a key back only where it says the string of its entry.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');

testColdAndWarm('a key works in another store by its current string', (heat) => {
  const [own, other] = [new MemoryStore(), new MemoryStore()];
  const key = own.createKey('a');
  other.set(key, 'of other');
  heat(other, 'a');
  assert.equal(other.get('a'), 'of other');
  assert.equal(own.has(key), false);
});

testColdAndWarm('a rename moves no entry of another store', (heat) => {
  const [own, other] = [new MemoryStore(), new MemoryStore()];
  const key = own.createKey('a');
  own.set(key, 'of own');
  other.set(key, 'of other');
  heat(own, 'a');
  heat(other, 'a');
  key.value = 'b';
  assert.deepEqual([own.get(key), own.get('a')], ['of own', undefined]);
  assert.deepEqual([other.get(key), other.get('a')], [undefined, 'of other']);
});

test('renaming a key of a closed store changes only the key', () => {
  const [own, other] = [new MemoryStore(), new MemoryStore()];
  const key = own.createKey('a');
  own.set(key, 1);
  other.set('b', 2);
  own.close();
  key.value = 'b';
  assert.deepEqual([key.value, String(key)], ['b', 'b']);
  assert.equal(other.get(key), 2);
});

test('a key of a closed store still refuses a symbol', () => {
  const store = new MemoryStore();
  const key = store.createKey('a');
  store.close();
  const assign = () => {
    key.value = Symbol('b');
  };
  assert.throws(assign, { code: 'ERR_INVALID_KEY' });
  assert.equal(key.value, 'a');
});

test('a key lives on through a clear of its store', () => {
  const store = new MemoryStore();
  const key = store.createKey('a');
  store.set(key, 1);
  store.clear();
  key.value = 'b';
  store.set(key, 2);
  key.value = 'c';
  assert.deepEqual([...store], [['c', 2]]);
});

describe('getKeys gives', () => {
  test('the mutable key through which the entry was set', () => {
    const store = new MemoryStore();
    const key = store.createKey('a');
    store.set(key, 1);
    assert.equal(store.getKeys()[0], key);
    assert.deepEqual(store.keys(), ['a']);
  });

  test('the mutable key after it renamed its entry', () => {
    const store = new MemoryStore();
    const key = store.createKey('a');
    store.set(key, 1);
    key.value = 'b';
    assert.equal(store.getKeys()[0], key);
  });

  test('the mutable key of another store', () => {
    const [own, other] = [new MemoryStore(), new MemoryStore()];
    const key = own.createKey('a');
    other.set(key, 1);
    assert.equal(other.getKeys()[0], key);
  });

  test('the string when the key of another store says another by now', () => {
    const [own, other] = [new MemoryStore(), new MemoryStore()];
    const key = own.createKey('a');
    other.set(key, 1);
    key.value = 'b';
    assert.deepEqual(other.getKeys(), ['a']);
  });

  test('the string when the key went on to an entry that was there', () => {
    const store = new MemoryStore();
    const key = store.createKey('a');
    store.set(key, 1);
    store.set('b', 2);
    key.value = 'b';
    assert.deepEqual(store.getKeys(), ['a', 'b']);
  });

  test('the string when another key renamed the entry', () => {
    const store = new MemoryStore();
    const [one, other] = [store.createKey('a'), store.createKey('a')];
    store.set(one, 1);
    other.value = 'b';
    assert.deepEqual(store.getKeys(), ['b']);
  });

  test('the new string of an entry that was set by a string', () => {
    const store = new MemoryStore();
    store.set('a', 1);
    store.createKey('a').value = 'b';
    assert.deepEqual(store.getKeys(), ['b']);
  });

  test('the string form last set, whatever keys exist', () => {
    const store = new MemoryStore();
    const key = store.createKey('a');
    store.set(key, 1);
    store.set('a', 2);
    assert.deepEqual(store.getKeys(), ['a']);
  });
});
