/**
 * The bound on the sum of sizes: `maxSize`, with `size` and `sizeOf`.
 *
 * Must not know which entry is evicted. Invariant tested: the sum of the sizes of all entries is
 * exact and never exceeds the bound.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { testColdAndWarm, warm } = require('../helpers/hot-path.js');
const { recordEvents } = require('../helpers/recorded-events.js');

const open = (maxSize, more) => new MemoryStore({ maxSize, autoStartCleanup: false, ...more });
const sizeOf = (store) => store.stats().size;

/** Three entries of 10 each, in a store of 30. */
function full(heat = () => {}, options = {}) {
  const store = open(30);
  for (const key of ['a', 'b', 'c']) {
    store.set(key, `value of ${key}`, { size: 10, ...options });
    heat(store, key);
  }
  return store;
}

test('a store holds exactly as much as its bound before it evicts', () => {
  const store = full();
  assert.equal(sizeOf(store), 30);
  assert.equal(store.stats().evicted, 0);
});

test('an entry that does not fit evicts as many as it needs', () => {
  const store = full();
  store.set('d', 'value of d', { size: 15 });
  assert.equal(sizeOf(store), 25);
  assert.equal(store.stats().evicted, 2);
});

testColdAndWarm('an entry as large as the bound evicts all others', (heat) => {
  const store = full(heat);
  store.set('large', 'value', { size: 30 });
  assert.deepEqual(Object.fromEntries(store), { large: 'value' });
  assert.equal(sizeOf(store), 30);
});

test('entries of size 0 evict nobody', () => {
  const store = full();
  for (let index = 0; index < 1000; index += 1) store.set(`${index}`, index, { size: 0 });
  assert.equal(store.stats().evicted, 0);
  assert.equal(store.size(), 1003);
  assert.equal(sizeOf(store), 30);
});

test('sizes up to 2^53-1 are summed exactly', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const store = open(most);
  store.set('a', 1, { size: most - 1 });
  store.set('b', 2, { size: 1 });
  assert.equal(sizeOf(store), most);
  store.set('b', 2, { size: 0 });
  assert.equal(sizeOf(store), most - 1);
  store.set('c', 3, { size: most });
  assert.equal(sizeOf(store), most);
  assert.equal(store.get('c'), 3);
});

describe('the sum of sizes is right after', () => {
  const changes = {
    'an overwrite by a larger one': [(store) => store.set('a', 1, { size: 20 }), 30],
    'an overwrite by a smaller one': [(store) => store.set('a', 1, { size: 3 }), 23],
    'an overwrite of the same size': [(store) => store.set('a', 1, { size: 10 }), 30],
    'an overwrite with a deadline': [(store) => store.set('a', 1, { size: 4, ttl: HOUR_MS }), 24],
    'a replace': [(store) => store.replace('a', 1, { size: 1 }), 21],
    'an add that fails': [(store) => store.add('a', 1, { size: 1 }), 30],
    'a touch': [(store) => store.touch('a', HOUR_MS), 30],
    'a delete': [(store) => store.delete('a'), 20],
    'a take': [(store) => store.take('a'), 20],
    'a deleteMany': [(store) => store.deleteMany(['a', 'b', 'a']), 10],
    'a clear': [(store) => store.clear(), 0],
    'a rename': [
      (store) => {
        store.createKey('a').value = 'z';
      },
      30,
    ],
    'a rename and a delete': [
      (store) => {
        store.createKey('a').value = 'z';
        store.delete('z');
      },
      20,
    ],
    'a deadline that passed': [
      (store) => {
        store.touch('a', 1);
        passDeadline(1);
        store.size();
      },
      20,
    ],
    'an expired entry was set again': [
      (store) => {
        store.touch('a', 1);
        passDeadline(1);
        store.set('a', 1, { size: 2 });
      },
      22,
    ],
  };
  for (const [name, [change, size]] of Object.entries(changes)) {
    for (const options of [{}, { ttl: HOUR_MS }]) {
      testColdAndWarm(`${name}${options.ttl ? ', of timed entries' : ''}`, (heat) => {
        const store = full(heat, options);
        change(store);
        assert.equal(sizeOf(store), size);
      });
    }
  }
});

testColdAndWarm('an entry that grows evicts others, never itself', (heat) => {
  for (let size = 11; size <= 30; size += 1) {
    for (const key of ['a', 'b', 'c']) {
      const store = full(heat);
      store.set(key, 'grown', { size });
      assert.equal(store.get(key), 'grown');
      assert.ok(sizeOf(store) <= 30);
      assert.equal(sizeOf(store), size + (store.size() - 1) * 10);
    }
  }
});

test('an entry that was used again and grows to the bound evicts what is small and new', () => {
  const store = open(100);
  store.set('used', 1, { size: 11 });
  store.get('used');
  // Makes room, so that what was used again is told from what was not.
  store.set('large', 1, { size: 80 });
  store.set('larger', 1, { size: 60 });
  store.delete('larger');
  store.set('small', 1, { size: 5 });
  store.set('used', 2, { size: 100 });
  assert.deepEqual(Object.fromEntries(store), { used: 2 });
  assert.equal(sizeOf(store), 100);
});

test('increment keeps the size of an entry that is there', () => {
  const store = open(30, { sizeOf: () => 7 });
  store.set('count', 1, { size: 5 });
  store.increment('count', 1, { size: 20 });
  assert.equal(sizeOf(store), 5);
  store.increment('other');
  assert.equal(sizeOf(store), 12);
});

test('getOrSet stores its result with the size of its options', async () => {
  const store = full();
  await store.getOrSet('d', () => 'made', { size: 15 });
  assert.equal(sizeOf(store), 25);
  assert.equal(store.get('d'), 'made');
});

test('getOrSet gives all who wait a result that is too large, and tells it once', async () => {
  const store = open(10, { sizeOf: (value) => value.length });
  const told = [];
  store.on('error', (error, key) => told.push([error.code, key]));
  const factory = async () => 'larger than ten';
  const calls = [store.getOrSet('a', factory), store.getOrSet('a', factory)];
  for (const call of calls) assert.equal(await call, 'larger than ten');
  assert.equal(store.size(), 0);
  assert.deepEqual(told, [['ERR_OUT_OF_RANGE', 'a']]);
});

test('both bounds hold at once', () => {
  const store = open(100, { maxEntries: 5 });
  for (let index = 0; index < 500; index += 1) {
    const size = (index * 37) % 101;
    store.set(`key ${index}`, index, { size });
    assert.ok(store.size() <= 5);
    assert.ok(sizeOf(store) <= 100);
    assert.equal(store.get(`key ${index}`), index);
    if (index % 7 === 0) warm(store, `key ${index}`);
  }
});

test('the reason of an eviction says which bound it was for', () => {
  const store = open(100, { maxEntries: 2 });
  const record = recordEvents(store, ['evict']);
  store.set('a', 1, { size: 1 });
  store.set('b', 2, { size: 1 });
  store.set('c', 3, { size: 1 });
  assert.deepEqual(
    record.map(([, , , reason]) => reason),
    ['entries'],
  );
  store.delete(store.keys()[0]);
  store.set('d', 4, { size: 100 });
  assert.deepEqual(
    record.map(([, , , reason]) => reason),
    ['entries', 'size'],
  );
});
