/**
 * Values: whatever went in comes out, identical.
 *
 * Must not know how a store keeps values. Invariant tested: `Object.is(get(key), value)` for each
 * kind of value, by each way out of a store.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { setImmediate: turn } = require('node:timers/promises');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { valueSamples } = require('../helpers/value-samples.js');

const same = (actual, expected) => assert.ok(Object.is(actual, expected), 'the identical value');

describe('get gives back the identical value', () => {
  for (const [kind, value] of valueSamples()) {
    testColdAndWarm(kind, (heat) => {
      const store = new MemoryStore();
      assert.equal(store.set('key', value), true);
      heat(store, 'key');
      same(store.get('key'), value);
    });
  }
});

describe('a value with a deadline is identical too', () => {
  for (const [kind, value] of valueSamples()) {
    testColdAndWarm(kind, (heat) => {
      const store = new MemoryStore();
      assert.equal(store.set('key', value, { ttl: HOUR_MS }), true);
      heat(store, 'key');
      same(store.get('key'), value);
    });
  }
});

describe('all ways out give the identical value', () => {
  const ways = {
    all: (store) => store.all()[0],
    values: (store) => store.values().next().value,
    entries: (store) => store.entries().next().value[1],
    'the iterator': (store) => [...store][0][1],
    forEach(store) {
      let seen;
      store.forEach((value) => {
        seen = value;
      });
      return seen;
    },
  };
  for (const [way, read] of Object.entries(ways)) {
    test(way, () => {
      for (const [, value] of valueSamples()) {
        const store = new MemoryStore();
        store.set('key', value);
        same(read(store), value);
      }
    });
  }
});

test('every kind of value fits into one store at once', () => {
  const store = new MemoryStore();
  const samples = valueSamples();
  for (const [kind, value] of samples) store.set(kind, value);
  assert.equal(store.size(), samples.length);
  const all = store.all();
  samples.forEach(([kind, value], index) => {
    same(store.get(kind), value);
    same(all[index], value);
  });
});

testColdAndWarm('one value under two keys is one object', (heat) => {
  const store = new MemoryStore();
  const value = { a: 1 };
  store.set('one', value);
  store.set('other', value);
  heat(store, 'one');
  heat(store, 'other');
  same(store.get('one'), store.get('other'));
  store.delete('one');
  same(store.get('other'), value);
});

testColdAndWarm('an entry with the value undefined is present', (heat) => {
  const store = new MemoryStore();
  store.set('key', undefined);
  heat(store, 'key');
  assert.equal(store.has('key'), true);
  assert.equal(store.size(), 1);
  assert.equal(store.delete('key'), true);
  assert.equal(store.has('key'), false);
});

testColdAndWarm('a change of a stored object is seen through the store', (heat) => {
  const store = new MemoryStore();
  const value = { count: 1 };
  store.set('key', value);
  heat(store, 'key');
  value.count = 2;
  assert.equal(store.get('key').count, 2);
});

testColdAndWarm('overwriting gives the new value and leaves the count', (heat) => {
  const store = new MemoryStore();
  store.set('key', 'old');
  heat(store, 'key');
  for (const [, value] of valueSamples()) {
    assert.equal(store.set('key', value), true);
    same(store.get('key'), value);
    assert.equal(store.size(), 1);
  }
});

testColdAndWarm('overwriting one key leaves another with the same value alone', (heat) => {
  const store = new MemoryStore();
  const value = { a: 1 };
  store.set('one', value);
  store.set('other', value);
  heat(store, 'one');
  store.set('one', 'new');
  same(store.get('other'), value);
});

test('a store can hold itself', () => {
  const store = new MemoryStore();
  store.set('self', store);
  same(store.get('self'), store);
});

test('a store can hold its own mutable key as a value', () => {
  const store = new MemoryStore();
  const key = store.createKey('a');
  store.set('key', key);
  same(store.get('key'), key);
});

test('a stored promise is not awaited', async () => {
  const store = new MemoryStore();
  const promise = Promise.reject(new Error('stored'));
  store.set('key', promise);
  same(store.get('key'), promise);
  await assert.rejects(promise, { message: 'stored' });
});

test('a promise in a namespace is a value as any other', async () => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const view = new MemoryStore().namespace('n');
  const promise = Promise.reject(new Error('stored'));
  promise.catch(() => {});
  view.set('key', promise);
  same(view.get('key'), promise);
  same(view.peek('key'), promise);
  same(view.getEntry('key').value, promise);
  same(view.getMany(['key'])[0], promise);
  same(view.take('key'), promise);
  assert.equal(view.stats().hits, 4);
  await turn();
  await turn();
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});
