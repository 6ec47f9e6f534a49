/**
 * `take`, which reads and removes, and `peek`, which reads and leaves no trace.
 *
 * Must not know what a trace is made of beyond `stats`. Invariant tested: `take` gives a value to
 * one caller only; `peek` gives what `get` gives.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { valueSamples } = require('../helpers/value-samples.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

for (const [life, options] of Object.entries({ permanent: undefined, timed: HOUR_MS })) {
  testColdAndWarm(`take gives and removes a ${life} entry`, (heat) => {
    const store = open();
    store.set('before', 1);
    store.set('key', 'value', options);
    store.set('after', 2);
    heat(store, 'key');
    assert.equal(store.take('key'), 'value');
    assert.equal(store.get('key'), undefined);
    assert.equal(store.has('key'), false);
    assert.deepEqual(Object.fromEntries(store), { before: 1, after: 2 });
  });

  testColdAndWarm(`peek gives a ${life} entry and leaves it`, (heat) => {
    const store = open();
    store.set('key', 'value', options);
    heat(store, 'key');
    for (let round = 0; round < 100; round += 1) assert.equal(store.peek('key'), 'value');
    assert.equal(store.get('key'), 'value');
    assert.equal(store.ttl('key') === Infinity, options === undefined);
  });
}

testColdAndWarm('only the first take gets the value', (heat) => {
  const store = open();
  store.set('key', 'value');
  heat(store, 'key');
  const taken = Array.from({ length: 10 }, () => store.take('key'));
  assert.deepEqual(taken, ['value', ...Array(9).fill(undefined)]);
});

for (const method of ['take', 'peek']) {
  describe(method, () => {
    testColdAndWarm('gives undefined for what is absent', (heat) => {
      const store = open();
      heat(store, 'absent');
      assert.equal(store[method]('absent'), undefined);
      assert.equal(store.size(), 0);
    });

    testColdAndWarm('gives undefined for what has expired', (heat) => {
      const store = open();
      store.set('key', 'value', HOUR_MS);
      heat(store, 'key');
      setExpired(store, 'key');
      assert.equal(store[method]('key'), undefined);
      assert.equal(store[method]('key'), undefined);
      assert.equal(store.size(), 0);
    });

    testColdAndWarm('sees what was overwritten', (heat) => {
      const store = open();
      store.set('key', 'old');
      heat(store, 'key');
      store.set('key', 'new');
      assert.equal(store[method]('key'), 'new');
    });

    testColdAndWarm('takes keys of any form', (heat) => {
      const object = { id: 1 };
      for (const key of [7, 7n, true, null, undefined, object, () => {}, open().createKey('m')]) {
        const store = open();
        store.set(key, 'value');
        heat(store, key);
        assert.equal(store[method](key), 'value');
      }
    });

    testColdAndWarm('follows a rename', (heat) => {
      const store = open();
      const key = store.createKey('a');
      store.set(key, 'value');
      heat(store, 'a');
      key.value = 'b';
      assert.equal(store[method]('a'), undefined);
      assert.equal(store[method](key), 'value');
    });

    for (const [name, value] of valueSamples()) {
      test(`gives back identical ${name}`, () => {
        const store = open();
        store.set('key', value);
        assert.ok(Object.is(store[method]('key'), value));
      });
    }
  });
}

testColdAndWarm('take removes an entry whose value is undefined', (heat) => {
  const store = open();
  store.set('key', undefined);
  heat(store, 'key');
  assert.equal(store.take('key'), undefined);
  assert.equal(store.has('key'), false);
  assert.equal(store.size(), 0);
});

testColdAndWarm('the place of what was taken is free for others', (heat) => {
  const store = open();
  for (let round = 0; round < 100; round += 1) {
    store.set(`key ${round}`, round, round % 2 === 0 ? HOUR_MS : undefined);
    heat(store, `key ${round}`);
    assert.equal(store.take(`key ${round}`), round);
    store.set('other', `other ${round}`);
    assert.equal(store.get(`key ${round}`), undefined);
    assert.equal(store.take('other'), `other ${round}`);
  }
  assert.equal(store.size(), 0);
});

testColdAndWarm('peek is not among the look-ups of stats', (heat) => {
  const store = open();
  store.set('key', 'value');
  heat(store, 'key');
  const { hits, misses } = store.stats();
  for (let round = 0; round < 100; round += 1) store.peek(round % 2 === 0 ? 'key' : 'absent');
  const after = store.stats();
  assert.deepEqual([after.hits, after.misses], [hits, misses]);
});
