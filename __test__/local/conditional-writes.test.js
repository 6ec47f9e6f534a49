/**
 * `add` and `replace`: a `set` that happens only where nothing, or something, is stored.
 *
 * Must not know how `set` stores. Invariant tested: a write that happens is that of `set`; one
 * that does not happen changes nothing, neither value nor key nor deadline.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { snapshot } = require('../helpers/snapshot.js');
const { valueSamples } = require('../helpers/value-samples.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

testColdAndWarm('add stores where nothing is', (heat) => {
  const store = open();
  heat(store, 'key');
  assert.equal(store.add('key', 'value'), true);
  assert.equal(store.get('key'), 'value');
  assert.equal(store.ttl('key'), Infinity);
});

testColdAndWarm('replace changes nothing where nothing is', (heat) => {
  const store = open();
  heat(store, 'key');
  assert.equal(store.replace('key', 'value'), false);
  assert.equal(store.size(), 0);
  assert.equal(store.has('key'), false);
});

for (const [life, options] of Object.entries({ permanent: undefined, timed: HOUR_MS })) {
  testColdAndWarm(`add changes nothing about a ${life} entry that is there`, (heat) => {
    const store = open();
    store.set(7, 'old', options);
    heat(store, '7');
    const before = snapshot(store);
    assert.equal(store.add('7', 'new', 5), false);
    assert.equal(store.add('7', 'new'), false);
    assert.deepEqual(snapshot(store), before);
    passDeadline(5);
    assert.equal(store.get('7'), 'old');
  });

  testColdAndWarm(`replace gives a ${life} entry value, key and deadline as set does`, (heat) => {
    for (const [given, isTimed] of [
      [undefined, false],
      [HOUR_MS, true],
      [{ ttl: HOUR_MS }, true],
      [{ isPermanent: false, maxAgeMs: HOUR_MS }, true],
      [{ isPermanent: true, maxAgeMs: HOUR_MS }, false],
    ]) {
      const store = open();
      store.set('before', 0);
      store.set('7', 'old', options);
      store.set('after', 0);
      heat(store, '7');
      assert.equal(store.replace(7, 'new', given), true);
      assert.deepEqual(snapshot(store)[1], ['7', 7, 'new', isTimed]);
      assert.deepEqual(store.keys(), ['before', '7', 'after']);
    }
  });
}

describe('where an entry has expired', () => {
  testColdAndWarm('add stores', (heat) => {
    const store = open();
    store.set('key', 'old', HOUR_MS);
    heat(store, 'key');
    setExpired(store, 'key');
    assert.equal(store.add('key', 'new'), true);
    assert.equal(store.get('key'), 'new');
    assert.equal(store.ttl('key'), Infinity);
    assert.equal(store.size(), 1);
  });

  testColdAndWarm('replace changes nothing', (heat) => {
    const store = open();
    store.set('key', 'old', HOUR_MS);
    heat(store, 'key');
    setExpired(store, 'key');
    assert.equal(store.replace('key', 'new'), false);
    assert.equal(store.get('key'), undefined);
    assert.equal(store.size(), 0);
  });
});

test('add gives a new entry its deadline', () => {
  for (const options of [1, { ttl: 1 }, { isPermanent: false, maxAgeMs: 1 }]) {
    const store = open();
    assert.equal(store.add('key', 'value', options), true);
    passDeadline(1);
    assert.equal(store.get('key'), undefined);
    assert.equal(store.add('key', 'again'), true);
  }
});

test('replace gives an entry its deadline', () => {
  for (const options of [1, { ttl: 1 }, { isPermanent: false, maxAgeMs: 1 }]) {
    const store = open();
    store.set('key', 'value');
    assert.equal(store.replace('key', 'value', options), true);
    passDeadline(1);
    assert.equal(store.get('key'), undefined);
    assert.equal(store.replace('key', 'again'), false);
  }
});

testColdAndWarm('a value of undefined is there for add and replace', (heat) => {
  const store = open();
  assert.equal(store.add('key', undefined), true);
  heat(store, 'key');
  assert.equal(store.add('key', 'new'), false);
  assert.equal(store.has('key'), true);
  assert.equal(store.get('key'), undefined);
  assert.equal(store.replace('key', 'new'), true);
  assert.equal(store.get('key'), 'new');
});

test('the first of many adds wins', () => {
  const store = open();
  const won = Array.from({ length: 100 }, (_, index) => store.add('lock', index));
  assert.deepEqual(won, [true, ...Array(99).fill(false)]);
  assert.equal(store.get('lock'), 0);
});

test('after a delete add stores again', () => {
  const store = open();
  for (let round = 0; round < 100; round += 1) {
    assert.equal(store.add('lock', round), true);
    assert.equal(store.add('lock', -1), false);
    assert.equal(store.delete('lock'), true);
  }
});

describe('identical comes back what was stored by add, then by replace:', () => {
  for (const [name, value] of valueSamples()) {
    test(name, () => {
      const store = open();
      store.add('key', value);
      assert.ok(Object.is(store.get('key'), value));
      store.replace('key', 'other');
      store.replace('key', value);
      assert.ok(Object.is(store.get('key'), value));
    });
  }
});

describe('keys of every form:', () => {
  const forms = { number: 7, bigint: 8n, null: null, undefined: undefined, object: { id: 1 } };
  for (const [name, key] of Object.entries({ ...forms, function: () => {} })) {
    test(name, () => {
      const store = open();
      assert.equal(store.replace(key, 0), false);
      assert.equal(store.add(key, 1), true);
      assert.equal(store.add(key, 2), false);
      assert.equal(store.replace(key, 3), true);
      assert.equal(store.get(key), 3);
      assert.ok(Object.is(store.getKeys()[0], key));
    });
  }

  test('mutable', () => {
    const store = open();
    const key = store.createKey('a');
    assert.equal(store.add(key, 1), true);
    key.value = 'b';
    assert.equal(store.add('b', 2), false);
    assert.equal(store.add('a', 2), true);
    assert.equal(store.replace(key, 3), true);
    assert.deepEqual(Object.fromEntries(store), { b: 3, a: 2 });
  });
});
