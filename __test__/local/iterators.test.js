/**
 * Iterators of a store as objects: several at once, left early, outliving their entries.
 *
 * Must not know the order of entries. Invariant tested: an iterator depends on its store alone,
 * not on other iterators nor on the entry at which it stands.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { setExpired } = require('../helpers/expiry.js');

function filled(keys = 'abcd') {
  const store = new MemoryStore({ autoStartCleanup: false });
  for (const key of keys) store.set(key, key.toUpperCase());
  return store;
}

test('two iterators go on their own', () => {
  const store = filled();
  const [one, other] = [store.values(), store.values()];
  one.next();
  one.next();
  assert.equal(other.next().value, 'A');
  assert.equal(one.next().value, 'C');
});

test('a loop inside a loop visits each pair', () => {
  const store = filled();
  const pairs = [];
  for (const [outer] of store) for (const [inner] of store) pairs.push(outer + inner);
  assert.equal(pairs.length, 16);
  assert.equal(new Set(pairs).size, 16);
});

test('an entry is read when it is reached', () => {
  const store = filled();
  const iterator = store.values();
  iterator.next();
  store.set('b', 'new');
  assert.equal(iterator.next().value, 'new');
});

test('an iterator that was made in an empty store sees what comes', () => {
  const store = new MemoryStore();
  const iterator = store.entries();
  store.set('a', 1);
  assert.deepEqual(iterator.next().value, ['a', 1]);
});

test('an iterator goes on when the entry at which it stands is deleted', () => {
  const store = filled();
  const iterator = store.entries();
  iterator.next();
  iterator.next();
  store.delete('b');
  store.delete('a');
  assert.deepEqual([...iterator].map(String), ['c,C', 'd,D']);
});

test('an iterator goes on when the entry at which it stands expires', () => {
  const store = filled();
  const iterator = store.entries();
  iterator.next();
  setExpired(store, 'a');
  assert.equal(store.size(), 3);
  assert.deepEqual([...iterator].map(String), ['b,B', 'c,C', 'd,D']);
});

test('an iterator is not led back by an entry in the room of one it passed', () => {
  const store = filled();
  const iterator = store.entries();
  iterator.next();
  iterator.next();
  store.delete('a');
  store.delete('b');
  store.set('e', 'E');
  store.set('f', 'F');
  assert.deepEqual([...iterator].map(String), ['c,C', 'd,D', 'e,E', 'f,F']);
});

test('an iterator survives that its store is emptied and filled anew many times', () => {
  const store = filled();
  const iterator = store.entries();
  iterator.next();
  for (let round = 0; round < 100; round += 1) {
    store.clear();
    for (let index = 0; index < 50; index += 1) store.set(`${round}:${index}`, index);
  }
  const rest = [...iterator];
  assert.equal(rest.length, 50);
  assert.equal(rest[0][0], '99:0');
});

test('an iterator that is left early holds nothing up', () => {
  const store = filled();
  for (let round = 0; round < 10_000; round += 1) {
    for (const [key] of store) if (key === 'b') break;
  }
  assert.equal(store.clear(), true);
  assert.equal(store.size(), 0);
});

test('spread, Array.from, Map and Object.fromEntries read a store', () => {
  const store = filled();
  const expected = { a: 'A', b: 'B', c: 'C', d: 'D' };
  assert.deepEqual(Object.fromEntries(store), expected);
  assert.deepEqual(Object.fromEntries(new Map(store)), expected);
  assert.deepEqual(Array.from(store), Object.entries(expected));
});

test('the pair that an iterator gives is the receiver’s own', () => {
  const store = filled('a');
  const pair = store.entries().next().value;
  pair[1] = 'changed';
  assert.equal(store.get('a'), 'A');
});

test('an iterator of a closed store gives nothing', () => {
  const store = filled();
  const iterator = store.entries();
  iterator.next();
  store.close();
  const given = [];
  try {
    given.push(...iterator);
  } catch (error) {
    assert.equal(error.code, 'ERR_STORE_CLOSED');
  }
  assert.deepEqual(given, []);
});

test('keys that are no strings are visited in string form', () => {
  const store = new MemoryStore();
  store.set(1, 'number');
  store.set({ a: 1 }, 'object');
  store.set(null, 'null');
  assert.deepEqual(
    [...store].map(([key]) => key),
    ['1', '{"a":1}', 'null'],
  );
});

test('iterating does not make expired entries of a running walk appear', () => {
  const store = filled();
  const seen = [];
  for (const [key] of store) {
    seen.push(key);
    if (key === 'a') setExpired(store, 'b');
    if (key === 'c') store.set('b', 'again');
  }
  assert.deepEqual(seen, ['a', 'c', 'd', 'b']);
});

test('a forEach whose callback throws leaves no iterator open', () => {
  const store = new MemoryStore();
  store.set('a', 1);
  store.set('b', 2);
  const seen = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const thrown = () => {
      store.forEach((_value, key) => {
        seen.push(key);
        if (key === 'b') throw new Error('enough');
      });
    };
    assert.throws(thrown, { message: 'enough' });
  }
  assert.deepEqual(seen, ['a', 'b', 'a', 'b', 'a', 'b']);
});
