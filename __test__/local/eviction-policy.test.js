/**
 * What a bounded store keeps: entries that are used again, before those that were used once.
 *
 * Must not know queues. Invariant tested: neither a scan nor what has expired costs a hot entry
 * its place, and looking without using saves nobody.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { WARM_READS, warm } = require('../helpers/hot-path.js');
const { listenToAll } = require('../helpers/recorded-events.js');

const BOUND = 1000;
const HOT = 50;
const SCANNED = 10_000;

const open = (options) => new MemoryStore({ autoStartCleanup: false, ...options });

const bounds = {
  'the number of entries': () => open({ maxEntries: BOUND }),
  'their size': () => open({ maxSize: BOUND, sizeOf: () => 1 }),
  'the number of entries, with listeners': () => listenToAll(open({ maxEntries: BOUND })),
};

const hotKeys = Array.from({ length: HOT }, (_, index) => `hot ${index}`);

function scan(store, prefix = 'scanned') {
  for (let index = 0; index < SCANNED; index += 1) store.set(`${prefix} ${index}`, index);
}

const countThere = (store, keys) => keys.filter((key) => store.peek(key) !== undefined).length;

/** Uses of an entry that show that it is used again. */
const uses = {
  get: (store, key) => store.get(key),
  getMany: (store, key) => store.getMany([key]),
  'get, many times': (store, key) => {
    for (let read = 0; read < WARM_READS; read += 1) store.get(key);
  },
  'getOrSet, many times': async (store, key) => {
    for (let read = 0; read < WARM_READS; read += 1) await store.getOrSet(key, () => 'absent');
  },
};

for (const [what, openBounded] of Object.entries(bounds)) {
  describe(`bounded by ${what},`, () => {
    for (const [name, use] of Object.entries(uses)) {
      test(`entries that are used by ${name} survive a scan`, async () => {
        const store = openBounded();
        for (const key of hotKeys) store.set(key, `value of ${key}`);
        for (let round = 0; round < 3; round += 1) {
          for (const key of hotKeys) await use(store, key);
        }
        scan(store);
        assert.deepEqual(
          store.getMany(hotKeys),
          hotKeys.map((key) => `value of ${key}`),
        );
      });
    }

    test('entries that are used between scans survive them all', () => {
      const store = openBounded();
      for (const key of hotKeys) store.set(key, 'hot', HOUR_MS);
      for (let round = 0; round < 10; round += 1) {
        for (const key of hotKeys) warm(store, key);
        scan(store, `scan ${round}`);
        assert.equal(countThere(store, hotKeys), HOT);
      }
    });

    test('entries that nobody used again go', () => {
      const store = openBounded();
      for (const key of hotKeys) store.set(key, 'cold');
      scan(store);
      assert.equal(countThere(store, hotKeys), 0);
    });

    test('entries that were only peeked at go', () => {
      const store = openBounded();
      for (const key of hotKeys) store.set(key, 'peeked at');
      for (let read = 0; read < WARM_READS; read += 1) countThere(store, hotKeys);
      scan(store);
      assert.equal(countThere(store, hotKeys), 0);
    });

    test('entries that were hot long ago go', () => {
      const store = openBounded();
      for (const key of hotKeys) {
        store.set(key, 'was hot');
        warm(store, key);
      }
      for (let round = 0; round < 20; round += 1) {
        for (let index = 0; index < BOUND; index += 1) {
          const key = `${round} ${index}`;
          store.set(key, index);
          store.get(key);
          store.get(key);
        }
      }
      assert.equal(countThere(store, hotKeys), 0);
    });

    test('what has expired goes before what is live', () => {
      const store = openBounded();
      for (let index = 0; index < BOUND; index += 1) {
        store.set(`key ${index}`, index, index % 2 === 0 ? 1 : undefined);
      }
      passDeadline(1);
      for (let index = 0; index < BOUND / 2; index += 1) store.set(`new ${index}`, index);
      assert.equal(store.stats().evicted, 0);
      assert.equal(store.size(), BOUND);
      const odd = Array.from({ length: BOUND / 2 }, (_, index) => `key ${2 * index + 1}`);
      assert.equal(countThere(store, odd), BOUND / 2);
    });
  });
}

/** Sets keys and reads each again: such entries press on the hot ones, as a scan does not. */
function press(store, prefix, count) {
  for (let index = 0; index < count; index += 1) {
    store.set(`${prefix} ${index}`, index);
    store.get(`${prefix} ${index}`);
    store.get(`${prefix} ${index}`);
  }
}

test('reads that need no native call count as uses', () => {
  const store = open({ maxEntries: BOUND });
  press(store, 'before', 5 * BOUND);
  for (const key of hotKeys) {
    store.set(key, 'hot');
    for (let round = 0; round < 10; round += 1) warm(store, key);
  }
  let nativeReads = 0;
  for (let round = 0; round < 200; round += 1) {
    const before = store.stats();
    for (let read = 0; read < 4; read += 1) for (const key of hotKeys) store.get(key);
    const after = store.stats();
    const near = after.hits * after.nearShare - before.hits * before.nearShare;
    nativeReads += after.hits - before.hits - Math.round(near);
    press(store, round, HOT);
  }
  assert.ok(nativeReads < 200 * 4 * HOT * 0.02, `${nativeReads} reads were native calls`);
  assert.equal(countThere(store, hotKeys), HOT);
});

test('reads through a mutable key count as uses', () => {
  const store = open({ maxEntries: BOUND });
  const keys = hotKeys.map((key) => store.createKey(key));
  for (const key of keys) store.set(key, 'hot');
  for (let read = 0; read < WARM_READS; read += 1) for (const key of keys) store.get(key);
  scan(store);
  assert.equal(countThere(store, hotKeys), HOT);
});

test('a renamed entry is as hot as it was', () => {
  const store = open({ maxEntries: BOUND });
  const keys = hotKeys.map((key) => store.createKey(key));
  for (const key of keys) {
    store.set(key, 'hot');
    warm(store, key);
    key.value = `renamed ${key}`;
  }
  scan(store);
  assert.equal(countThere(store, keys.map(String)), HOT);
});
