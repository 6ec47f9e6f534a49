/**
 * `stats`: what a store has done and what it holds, counted by hand beside it.
 *
 * Must not know which look-ups are near. Invariant tested: each count goes up by what was done,
 * hot or not, and by nothing else.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const native = require('../../lib/native/loader.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { WARM_READS, testColdAndWarm } = require('../helpers/hot-path.js');
const { listenToAll } = require('../helpers/recorded-events.js');
const { sweepNow } = require('../helpers/swept.js');

function openKnown(heat = () => {}, options = {}) {
  const store = new MemoryStore({ autoStartCleanup: false, ...options });
  store.set('a', 1);
  store.set('b', 2, HOUR_MS);
  for (const key of ['a', 'b']) heat(store, key);
  return store;
}

test('a new store has done and holds nothing', () => {
  const { indexBytes, ...counts } = new MemoryStore().stats();
  assert.deepEqual(counts, {
    hits: 0,
    misses: 0,
    hitRatio: 0,
    nearShare: 0,
    sets: 0,
    expired: 0,
    evicted: 0,
    entries: 0,
    size: 0,
    loads: 0,
    loadErrors: 0,
    loadMs: 0,
    staleServed: 0,
  });
  assert.ok(Number.isInteger(indexBytes) && indexBytes >= 0);
});

/** What is done, and by how much it counts; what is not named does not change. */
const counted = {
  'get of what is there': [(s) => s.get('a'), { hits: 1 }],
  'get of a timed entry': [(s) => s.get('b'), { hits: 1 }],
  'get of nothing': [(s) => s.get('c'), { misses: 1 }],
  'get by a number': [(s) => s.get(7), { misses: 1 }],
  'get by a mutable key': [(s) => s.get(s.createKey('a')), { hits: 1 }],
  'a hundred gets': [
    (s) => {
      for (let read = 0; read < 100; read += 1) s.get('a');
    },
    { hits: 100 },
  ],
  getMany: [(s) => s.getMany(['a', 'c', 'b', 'a', 'd']), { hits: 3, misses: 2 }],
  'take of what is there': [(s) => s.take('a'), { hits: 1, entries: -1 }],
  'take of nothing': [(s) => s.take('c'), { misses: 1 }],
  has: [(s) => [s.has('a'), s.has('b'), s.has('c')], {}],
  peek: [(s) => [s.peek('a'), s.peek('b'), s.peek('c')], {}],
  ttl: [(s) => [s.ttl('a'), s.ttl('b'), s.ttl('c')], {}],
  'touch, size and the lists': [(s) => [s.touch('a', 9000), s.size(), s.keys(), s.all()], {}],
  iteration: [(s) => [...s], {}],
  'set of a new key': [(s) => s.set('c', 3), { sets: 1, entries: 1 }],
  'set of a key that is there': [(s) => s.set('a', 3), { sets: 1 }],
  'set of a timed key': [(s) => s.set('b', 3), { sets: 1 }],
  'set that gives a deadline': [(s) => s.set('a', 3, HOUR_MS), { sets: 1 }],
  'a hundred sets': [
    (s) => {
      for (let round = 0; round < 100; round += 1) s.set('a', round);
    },
    { sets: 100 },
  ],
  'add of a new key': [(s) => s.add('c', 3), { sets: 1, entries: 1 }],
  'add of a key that is there': [(s) => s.add('a', 3), {}],
  'replace of a key that is there': [(s) => s.replace('a', 3), { sets: 1 }],
  'replace of nothing': [(s) => s.replace('c', 3), {}],
  'increment of a new key': [(s) => s.increment('c'), { sets: 1, entries: 1 }],
  'increment of a key that is there': [(s) => s.increment('a'), { sets: 1 }],
  'decrement of a timed key': [(s) => s.decrement('b'), { sets: 1 }],
  setMany: [
    (s) =>
      s.setMany([
        ['a', 3],
        ['c', 4],
        ['a', 5],
      ]),
    { sets: 3, entries: 1 },
  ],
  'a set that is refused': [
    (s) => assert.throws(() => s.set('a', 3, { ttl: 0 }), { name: 'RangeError' }),
    {},
  ],
  'a setMany that is refused': [
    (s) => assert.throws(() => s.setMany([['a', 3], 5]), { name: 'TypeError' }),
    {},
  ],
  delete: [(s) => s.delete('a'), { entries: -1 }],
  deleteMany: [(s) => s.deleteMany(['a', 'b', 'c']), { entries: -2 }],
  clear: [(s) => s.clear(), { entries: -2 }],
  stats: [(s) => [s.stats(), s.stats()], {}],
  'get of what has expired': [
    (s) => {
      s.touch('a', 1);
      passDeadline(1);
      s.get('a');
    },
    { misses: 1, expired: 1, entries: -1 },
  ],
  'set of what has expired': [
    (s) => {
      s.touch('a', 1);
      passDeadline(1);
      s.set('a', 3);
    },
    { sets: 1, expired: 1 },
  ],
  'delete of what has expired': [
    (s) => {
      s.touch('a', 1);
      passDeadline(1);
      s.delete('a');
      s.delete('a');
    },
    { expired: 1, entries: -1 },
  ],
};

const changes = (before, after) => {
  const names = ['hits', 'misses', 'sets', 'expired', 'evicted', 'entries', 'size'];
  const pairs = names.map((name) => [name, after[name] - before[name]]);
  return Object.fromEntries(pairs.filter(([, change]) => change !== 0));
};

for (const [what, prepare] of Object.entries({
  'a store': (store) => store,
  'a store with listeners': listenToAll,
})) {
  describe(`in ${what} this counts:`, () => {
    for (const [name, [act, expected]] of Object.entries(counted)) {
      testColdAndWarm(name, (heat) => {
        const store = prepare(openKnown(heat));
        const before = store.stats();
        act(store);
        assert.deepEqual(changes(before, store.stats()), expected);
      });

      testColdAndWarm(`${name}, in a bounded store`, (heat) => {
        const store = prepare(openKnown(heat, { maxEntries: 100 }));
        const before = store.stats();
        act(store);
        assert.deepEqual(changes(before, store.stats()), expected);
      });
    }
  });
}

test('getOrSet counts as a look-up, and as a set when it stores', async () => {
  const store = openKnown();
  const before = store.stats();
  await store.getOrSet('a', () => 9);
  await store.getOrSet('c', () => 9);
  await store.getOrSet('c', () => 9);
  await store.getOrSet('d', () => 9, { ttl: () => 0 });
  assert.deepEqual(changes(before, store.stats()), { hits: 2, misses: 2, sets: 1, entries: 1 });
});

test('hitRatio is the share of look-ups that found an entry', () => {
  const store = openKnown();
  store.get('a');
  assert.equal(store.stats().hitRatio, 1);
  store.get('c');
  assert.equal(store.stats().hitRatio, 0.5);
  store.getMany(['c', 'd']);
  assert.equal(store.stats().hitRatio, 0.25);
});

describe('nearShare', () => {
  test('is 0 when nothing was found', () => {
    const store = openKnown();
    store.get('c');
    assert.equal(store.stats().nearShare, 0);
  });

  test('is a share, and near 1 for a key that is read all the time', () => {
    for (const bound of [undefined, 10]) {
      const store = openKnown(() => {}, { maxEntries: bound });
      for (let read = 0; read < WARM_READS; read += 1) {
        store.get('a');
        const { nearShare } = store.stats();
        assert.ok(nearShare >= 0 && nearShare <= 1);
      }
      for (let read = 0; read < 10_000; read += 1) store.get('a');
      const { nearShare } = store.stats();
      assert.ok(nearShare > 0.99 && nearShare <= 1, `${nearShare}`);
    }
  });

  test('does not grow by overwriting or looking', () => {
    const store = openKnown();
    for (let read = 0; read < WARM_READS; read += 1) store.get('a');
    const { hits, nearShare } = store.stats();
    for (let round = 0; round < 1000; round += 1) {
      store.set('a', round);
      store.has('a');
      store.peek('a');
    }
    const after = store.stats();
    assert.deepEqual([after.hits, after.nearShare], [hits, nearShare]);
  });
});

test('entries that were swept count as expired', () => {
  const store = openKnown();
  for (let index = 0; index < 5000; index += 1) store.set(`key ${index}`, index, 1);
  passDeadline(1);
  assert.equal(store.size(), 2);
  assert.equal(store.stats().expired, 5000);
});

test('evicted entries count, one each', () => {
  const store = new MemoryStore({ maxEntries: 10 });
  for (let index = 0; index < 1000; index += 1) store.set(`key ${index}`, index);
  const { evicted, entries, sets, expired } = store.stats();
  assert.deepEqual(
    { evicted, entries, sets, expired },
    {
      evicted: 990,
      entries: 10,
      sets: 1000,
      expired: 0,
    },
  );
});

test('entries that have expired do not count as entries, and no longer as size', () => {
  const store = new MemoryStore({ maxSize: 100, autoStartCleanup: false });
  store.set('stays', 1, { size: 10 });
  store.set('goes', 1, { size: 20, ttl: 1 });
  passDeadline(1);
  assert.equal(store.stats().entries, 1);
  store.size();
  assert.equal(store.stats().size, 10);
});

test('clear resets no count of what was done', () => {
  const store = openKnown();
  store.get('a');
  store.get('c');
  const { hits, misses, sets } = store.stats();
  store.clear();
  const after = store.stats();
  assert.deepEqual([after.hits, after.misses, after.sets], [hits, misses, sets]);
  assert.equal(after.entries, 0);
});

describe('indexBytes', () => {
  for (const options of [{}, { maxEntries: 200_000 }, { maxSize: 200_000, sizeOf: () => 1 }]) {
    test(`grows with the entries and falls with clear: ${Object.keys(options)}`, () => {
      const store = new MemoryStore({ autoStartCleanup: false, ...options });
      const empty = store.stats().indexBytes;
      for (let index = 0; index < 100_000; index += 1) store.set(`key ${index}`, index);
      const full = store.stats().indexBytes;
      assert.ok(full - empty > 100_000 * 8, `${full} with 100,000 entries, ${empty} without`);
      store.clear();
      const cleared = store.stats().indexBytes;
      assert.ok(cleared < full / 10, `${cleared} after clear, ${full} before`);
    });
  }

  test('grows with deadlines', () => {
    const [permanent, timed] = [undefined, HOUR_MS].map((options) => {
      const store = new MemoryStore({ autoStartCleanup: false });
      for (let index = 0; index < 10_000; index += 1) store.set(`key ${index}`, index, options);
      return store.stats().indexBytes;
    });
    assert.ok(timed > permanent);
  });

  test('does not grow while a bounded store evicts', () => {
    const store = new MemoryStore({ maxEntries: 1000 });
    const fill = (round) => {
      for (let index = 0; index < 50_000; index += 1) store.set(`${round} ${index}`, index);
      return store.stats().indexBytes;
    };
    const first = fill(0);
    const later = [1, 2, 3, 4].map(fill);
    assert.ok(Math.max(...later) <= first * 1.5, `${later} after ${first}`);
  });
});

test('a snapshot does not change afterwards', () => {
  const store = openKnown();
  const before = store.stats();
  const copy = { ...before };
  store.get('a');
  store.set('c', 3);
  assert.deepEqual(before, copy);
});

for (const [what, options] of Object.entries({
  'an unbounded store': {},
  'a store with sizes': { maxSize: 9, sizeOf: () => 1 },
})) {
  test(`what is swept while ${what} is asked counts once`, () => {
    const store = openKnown(undefined, options);
    const { size } = native;
    native.size = (id) => {
      const count = size(id);
      assert.ok(sweepNow(id, 'b'));
      return count;
    };
    try {
      const { entries, expired, size: sum } = store.stats();
      assert.equal(entries + expired, 2);
      assert.equal(sum, 'maxSize' in options ? entries : 0);
    } finally {
      native.size = size;
    }
  });
}
