/**
 * Renaming: assigning `.value` moves the entry of the store that made the key.
 *
 * Must not know what a key shows. Invariant tested: a rename moves one live entry or none, and
 * never loses or overwrites one.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

testColdAndWarm('a rename moves the entry to the new name', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'value');
  heat(store, 'a');
  heat(store, 'b');
  key.value = 'b';
  assert.equal(store.get(key), 'value');
  assert.equal(store.get('b'), 'value');
  assert.equal(store.has('b'), true);
  assert.equal(store.get('a'), undefined);
  assert.equal(store.has('a'), false);
  assert.deepEqual(store.keys(), ['b']);
});

testColdAndWarm('a rename moves an entry that was set by its plain string', (heat) => {
  const store = open();
  store.set('a', 'value');
  heat(store, 'a');
  store.createKey('a').value = 'b';
  heat(store, 'b');
  assert.equal(store.get('b'), 'value');
  assert.equal(store.has('a'), false);
});

testColdAndWarm('a renamed entry keeps its deadline', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'value', HOUR_MS);
  heat(store, 'a');
  key.value = 'b';
  heat(store, 'b');
  assert.ok(store.ttl('b') <= HOUR_MS);
});

testColdAndWarm('a renamed entry expires', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'value', HOUR_MS);
  heat(store, 'a');
  store.touch(key, 20);
  key.value = 'b';
  passDeadline(20);
  assert.equal(store.get('b'), undefined);
  assert.equal(store.size(), 0);
});

testColdAndWarm('a renamed permanent entry stays permanent', (heat) => {
  const store = open();
  const key = store.createKey('a');
  setExpired(store, 'b');
  store.set(key, 'value');
  heat(store, 'a');
  key.value = 'b';
  assert.equal(store.ttl('b'), Infinity);
});

testColdAndWarm('writing under the new name reaches the renamed entry', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'old');
  key.value = 'b';
  heat(store, 'b');
  store.set('b', 'new');
  assert.equal(store.get(key), 'new');
  assert.equal(store.delete(key), true);
  assert.equal(store.get('b'), undefined);
});

testColdAndWarm('the old name is free for a new entry', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'moved');
  heat(store, 'a');
  key.value = 'b';
  store.set('a', 'new');
  heat(store, 'a');
  heat(store, 'b');
  assert.deepEqual([store.get('a'), store.get('b')], ['new', 'moved']);
  store.delete('b');
  assert.equal(store.get('a'), 'new');
});

testColdAndWarm('a rename to a name with a live entry overwrites nothing', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'of a');
  store.set('b', 'of b');
  heat(store, 'a');
  heat(store, 'b');
  key.value = 'b';
  assert.equal(key.value, 'b');
  assert.equal(store.get(key), 'of b');
  assert.equal(store.get('a'), 'of a');
  assert.equal(store.size(), 2);
});

testColdAndWarm('a rename takes the name of an expired entry', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'of a');
  store.set('b', 'of b', HOUR_MS);
  heat(store, 'b');
  setExpired(store, 'b');
  key.value = 'b';
  assert.equal(store.get('b'), 'of a');
  assert.equal(store.size(), 1);
});

testColdAndWarm('a rename moves no expired entry', (heat) => {
  const store = open();
  const key = store.createKey('a');
  store.set(key, 'of a', HOUR_MS);
  heat(store, 'a');
  setExpired(store, 'a');
  key.value = 'b';
  assert.equal(store.get(key), undefined);
  assert.equal(store.size(), 0);
});

testColdAndWarm('a rename with no entry makes none', (heat) => {
  const store = open();
  const key = store.createKey('a');
  heat(store, 'a');
  heat(store, 'b');
  key.value = 'b';
  assert.equal(store.size(), 0);
  store.set('b', 'value');
  assert.equal(store.get(key), 'value');
});

describe('a rename to the same string changes only what .value reads:', () => {
  for (const [from, to] of [
    ['a', 'a'],
    [1, '1'],
    ['1', 1],
    [{ id: 1 }, '{"id":1}'],
  ]) {
    test(`${typeof from} ${JSON.stringify(from)} to ${typeof to}`, () => {
      const store = open();
      const key = store.createKey(from);
      store.set(key, 'value', HOUR_MS);
      key.value = to;
      assert.ok(Object.is(key.value, to));
      assert.equal(store.get(from), 'value');
      assert.equal(store.size(), 1);
      assert.notEqual(store.ttl(key), Infinity);
    });
  }
});
