/**
 * Keys of every type: which string each of them is, and that no two strings are one key.
 *
 * Must not know how a store finds a key. Invariant tested: a key and its string form address the
 * same entry, by every verb.
 */
const assert = require('node:assert/strict');
const MemoryStore = require('../../index.js');
const { HOUR_MS, assertRefused, entriesOf, property } = require('./contract.js');
const { propertyColdAndWarm } = require('./contract.js');

const LOCAL = { needs: ['by reference'] };
const SHARED = { needs: ['shared', 'locks'] };

const mutable = (value) => new MemoryStore().createKey(value);

/** What a key is, and the string that it is the same as. */
const KEYS = {
  'a number': [1, '1'],
  '-0': [-0, '0'],
  'a fraction': [1.5, '1.5'],
  NaN: [Number.NaN, 'NaN'],
  'a large number': [1e21, '1e+21'],
  'a bigint': [12345678901234567890n, '12345678901234567890'],
  true: [true, 'true'],
  null: [null, 'null'],
  undefined: [undefined, 'undefined'],
  'an object': [{ id: 7, name: 'x' }, '{"id":7,"name":"x"}'],
  'an array': [['user', 7], '["user",7]'],
  'a nested object': [{ a: [{ b: null }] }, '{"a":[{"b":null}]}'],
  'an object with a toJSON': [{ toJSON: () => 'said' }, '"said"'],
  'a Date': [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  'a mutable key': [mutable('held'), 'held'],
  'a mutable key of a number': [mutable(9), '9'],
};

for (const [what, [key, string]] of Object.entries(KEYS)) {
  propertyColdAndWarm(`${what} is the same key as its string`, async (store, _s, heat) => {
    await store.set(key, 1);
    await heat(store, key, string);
    assert.deepEqual(await store.keys(), [string]);
    for (const same of [key, string]) {
      assert.equal(await store.get(same), 1);
      assert.equal(await store.has(same), true);
      assert.equal(await store.peek(same), 1);
      assert.equal(await store.ttl(same), Infinity);
      assert.equal((await store.getEntry(same)).value, 1);
      assert.deepEqual(await store.getMany([same]), [1]);
      assert.equal(await store.add(same, 2), false);
      assert.equal(await store.replace(same, 2), true);
      assert.equal(await store.compareAndSet(same, 2, 3), true);
      assert.equal(await store.increment(same, 2), 5);
      assert.equal(await store.decrement(same, 1), 4);
      assert.equal((await store.hit(same)).value, 5);
      assert.equal(await store.update(same, (n) => n + 1), 6);
      assert.equal(await store.touch(same, Infinity), true);
      assert.equal(await store.setMany([[same, 7]]), true);
      assert.equal(await store.getOrSet(same, () => assert.fail('not needed')), 7);
      assert.equal(await store.size(), 1);
      assert.equal(await store.set(same, 1), true);
    }
    assert.equal(await store.take(key), 1);
    await store.set(string, 1);
    assert.equal(await store.delete(key), true);
    await store.set(key, 1);
    assert.equal(await store.deleteMany([string]), 1);
    assert.equal(await store.size(), 0);
  });
}

/** Strings that differ, though some encodings take some of them for one another. */
const STRINGS = [
  ...['', ' ', '\0', '\0\0', 'a', 'a\0', '\0a', 'A', 'a ', '\n'],
  ...['\u00e9', 'e\u0301', '\u00ff', '\u0100', '\ufeff', '\ufeffa', '\u2028', '\ufffd'],
  ...['\ud800', '\udc00', '\udc00\ud800', '\ud83d\ude00', '\ud83d', 'a\ud800b', '\udbff\udfff'],
  ...['1', '01', '1.0', '+1', '-0', '0', 'NaN', 'null', 'undefined', 'true', '{}', '[]', '""'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length'],
  ...['*', '?', '/a/', 'a*', '%', '..', '/', '\\', 'a:b', '{a}', '[object Object #1]'],
  ...['x'.repeat(255), 'x'.repeat(256), 'x'.repeat(5000), `${'x'.repeat(4999)}y`],
  ...['\u4e2d'.repeat(300), '\u00e9'.repeat(300)],
];

property('two strings that differ are two keys', async (store) => {
  for (const [index, key] of STRINGS.entries()) assert.equal(await store.add(key, index), true);
  assert.equal(await store.size(), STRINGS.length);
  assert.deepEqual([...(await store.keys())].sort(), [...STRINGS].sort());
  for (const [index, key] of STRINGS.entries()) {
    assert.equal(await store.get(key), index);
    assert.equal(await store.take(key), index);
    assert.equal(await store.has(key), false);
  }
  assert.equal(await store.size(), 0);
});

property('no key is there that was not set, whatever its name', async (store) => {
  for (const key of STRINGS) {
    assert.equal(await store.get(key), undefined);
    assert.equal(await store.has(key), false);
    assert.equal(await store.delete(key), false);
  }
});

property('an object that changes is another key', async (store) => {
  const key = { id: 1 };
  await store.set(key, 'one');
  key.id = 2;
  assert.equal(await store.get(key), undefined);
  await store.set(key, 'two');
  assert.equal(await store.get({ id: 1 }), 'one');
  assert.equal(await store.get({ id: 2 }), 'two');
});

property('a mutable key is what it says now', async (store) => {
  const key = mutable('a');
  await store.set(key, 1);
  key.value = 'b';
  assert.equal(await store.get(key), undefined);
  assert.equal(await store.get('a'), 1);
  await store.set(key, 2);
  assert.deepEqual(await entriesOf(store), [
    ['a', 1, false],
    ['b', 2, false],
  ]);
});

/** Objects of which JSON does not say which they are. */
function unsayable() {
  const circular = {};
  circular.self = circular;
  const hostile = {
    toJSON() {
      throw new Error('from toJSON');
    },
  };
  const plain = [circular, hostile, { big: 1n }, () => {}, () => {}, class {}];
  const closed = [new Map(), new Map(), new Set(['a']), /a/, new Error('e'), new Uint8Array(1)];
  return [...plain, ...closed, new URLSearchParams('a=1').entries(), [new Set()], mutable(/b/)];
}

property('objects that JSON cannot say are keys of their own', LOCAL, async (store) => {
  const keys = unsayable();
  for (const [index, key] of keys.entries())
    assert.equal(await store.add(key, index, HOUR_MS), true);
  for (const [index, key] of keys.entries()) assert.equal(await store.get(key), index);
  assert.equal(await store.size(), keys.length);
  for (const key of keys) assert.equal(await store.delete(key), true);
});

property(
  'a store that is shared refuses objects that JSON cannot say',
  SHARED,
  async (s, scope) => {
    const expected = { name: 'TypeError', code: 'ERR_INVALID_KEY' };
    for (const key of unsayable()) {
      const calls = {
        get: () => s.get(key),
        has: () => s.has(key),
        peek: () => s.peek(key),
        ttl: () => s.ttl(key),
        getEntry: () => s.getEntry(key),
        set: () => s.set(key, 1),
        add: () => s.add(key, 1),
        replace: () => s.replace(key, 1),
        compareAndSet: () => s.compareAndSet(key, undefined, 1),
        update: () => s.update(key, () => 1),
        delete: () => s.delete(key),
        take: () => s.take(key),
        touch: () => s.touch(key, 1),
        increment: () => s.increment(key),
        decrement: () => s.decrement(key),
        hit: () => s.hit(key),
        getOrSet: () => s.getOrSet(key, () => 1),
        getMany: () => s.getMany(['a', key]),
        setMany: () => s.setMany([['a', 1]].concat([[key, 1]])),
        deleteMany: () => s.deleteMany(['a', key]),
        lock: () => s.lock(key),
        release: () => s.release(key),
        withLock: () => s.withLock(key, () => 1),
      };
      for (const [verb, call] of Object.entries(calls)) {
        await assertRefused(s, scope, verb, call, expected);
      }
    }
  },
);

property('the string that a key gives is a key that finds it', async (store) => {
  await store.set({ id: 1 }, 1);
  await store.set(2, 2);
  await store.set(['a'], 3);
  const found = [];
  for (const key of await store.keys()) {
    assert.equal(typeof key, 'string');
    found.push(await store.get(key));
  }
  assert.deepEqual(found.sort(), [1, 2, 3]);
});
