/**
 * `stats`: what every scope counts, and that it is right for one's own calls.
 *
 * Must not know what else a scope counts. Invariant tested: a look that finds is a hit, one that
 * does not is a miss; `has`, `peek` and `ttl` are no looks.
 */
const assert = require('node:assert/strict');
const { listOf, property, setExpired } = require('./contract.js');

const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);

/** By how much `body` changes the counters of a store. */
async function changeOf(store, body) {
  const before = await store.stats();
  await body();
  const after = await store.stats();
  return Object.fromEntries(
    ['hits', 'misses', 'sets', 'entries', 'evicted', 'expired'].map((name) => [
      name,
      after[name] - before[name],
    ]),
  );
}

property('a new store has counted nothing', { needs: ['whole', 'counts all'] }, async (store) => {
  const { hits, misses, hitRatio, sets, evicted, expired, entries } = await store.stats();
  assert.deepEqual(
    [hits, misses, hitRatio, sets, evicted, expired, entries],
    [0, 0, 0, 0, 0, 0, 0],
  );
});

property('every count is a finite number, and stats belong to their caller', async (store) => {
  await store.set('a', 1);
  const stats = await store.stats();
  for (const [name, value] of Object.entries(stats)) {
    assert.ok(Number.isFinite(value) && value >= 0, `${name} is ${value}`);
  }
  const { entries } = stats;
  Object.assign(stats, { entries: 99 });
  assert.equal((await store.stats()).entries, entries);
});

property('entries are those of size', async (store) => {
  for (const key of keys) await store.set(key, 1);
  assert.equal((await store.stats()).entries, 10);
  await store.delete('k0');
  assert.equal((await store.stats()).entries, 9);
  await store.clear();
  assert.equal((await store.stats()).entries, 0);
});

/** Verbs that look for a value. Each key is read once: cold, whatever lies before a store. */
const LOOKS = {
  get: (store, key) => store.get(key),
  getEntry: (store, key) => store.getEntry(key),
  getMany: (store, key) => store.getMany([key]),
  take: (store, key) => store.take(key),
  getOrSet: (store, key) => store.getOrSet(key, () => undefined),
};
for (const [verb, look] of Object.entries(LOOKS)) {
  property(`${verb}: a look is a hit or a miss`, async (store) => {
    for (const key of keys) await store.set(key, 1);
    const found = await changeOf(store, async () => {
      for (const key of keys) await look(store, key);
    });
    assert.deepEqual([found.hits, found.misses], [10, 0]);
    const absent = await changeOf(store, async () => {
      for (const key of keys) await look(store, `not ${key}`);
    });
    assert.deepEqual([absent.hits, absent.misses], [0, 10]);
  });
}

for (const [verb, look] of Object.entries(LOOKS)) {
  const needs = ['counts all'];
  property(`${verb}: undefined that is stored is found`, { needs }, async (store) => {
    for (const key of keys) await store.set(key, undefined);
    const { hits, misses } = await changeOf(store, async () => {
      for (const key of keys) await look(store, key);
    });
    assert.deepEqual([hits, misses], [10, 0]);
  });
}

property('an expired entry is a miss', async (store) => {
  await setExpired(store, 'a');
  const { hits, misses } = await changeOf(store, () => store.get('a'));
  assert.deepEqual([hits, misses], [0, 1]);
});

property('has, peek, ttl, size and keys are no looks', async (store) => {
  for (const key of keys) await store.set(key, 1);
  const { hits, misses } = await changeOf(store, async () => {
    for (const key of [...keys, 'absent']) {
      await store.has(key);
      await store.peek(key);
      await store.ttl(key);
    }
    await store.size();
    await store.keys();
  });
  assert.deepEqual([hits, misses], [0, 0]);
});

property('the hit ratio is that of hits and misses', async (store) => {
  for (const key of keys.slice(0, 3)) await store.set(key, 1);
  for (const key of keys) await store.get(key);
  const { hits, misses, hitRatio } = await store.stats();
  assert.deepEqual([hits, misses], [3, 7]);
  assert.equal(hitRatio, 0.3);
});

property('every value that is stored is a set', async (store) => {
  const { sets } = await changeOf(store, async () => {
    await store.set('a', 1);
    await store.add('b', 1);
    await store.add('b', 2);
    await store.replace('b', 3);
    await store.replace('absent', 3);
    await store.setMany([
      ['c', 1],
      ['d', 2],
    ]);
    await store.increment('e');
    await store.update('f', () => 1);
    await store.update('f', () => undefined);
    await store.compareAndSet('g', undefined, 1);
    await store.compareAndSet('g', undefined, 2);
    await store.hit('h');
    await store.getOrSet('i', () => 1);
    await store.getOrSet('i', () => 2);
  });
  assert.equal(sets, 10);
});

/** What succeeds and stores nothing. */
const UNSTORED = {
  'what has expired already': async (store) => {
    const past = { expiresAt: 1 };
    await store.set('a', 1, past);
    await store.add('b', 1, past);
    await store.setMany([['c', 1]], past);
    await store.update('d', () => 1, past);
    await store.compareAndSet('e', undefined, 1, past);
    assert.equal(await store.increment('f', 2, past), 2);
    assert.equal(await store.decrement('f', 2, past), -2);
    assert.deepEqual(await store.hit('g', 2, past), { value: 2, ttl: 0 });
    assert.equal(await store.getOrSet('h', () => 1, past), 1);
  },
  'a load whose tag was invalidated': async (store) => {
    const factory = async () => {
      await store.invalidateTag('tag');
      return 1;
    };
    assert.equal(await store.getOrSet('a', factory, { tags: ['tag'] }), 1);
  },
};
for (const [what, act] of Object.entries(UNSTORED)) {
  property(`${what} is no set`, { needs: ['counts all', 'tags'] }, async (store) => {
    const { sets, entries } = await changeOf(store, () => act(store));
    assert.deepEqual([sets, entries], [0, 0]);
  });
}

property('what adds to a number is a set, whatever its deadline', async (store) => {
  await store.set('a', 1);
  const { sets } = await changeOf(store, async () => {
    assert.equal(await store.increment('a', 1, { expiresAt: 1 }), 2);
    assert.equal((await store.hit('a', 1, { expiresAt: 1 })).value, 3);
    assert.equal(await store.increment('a', 1, { expiresAt: Date.now() + 1e6 }), 4);
    assert.equal(await store.increment('absent', 1, { expiresAt: 1, ifPresent: true }), undefined);
  });
  assert.equal(sets, 3);
});

const options = { maxEntries: 5, whenFull: 'evict' };
property('what is evicted is counted', { needs: ['whole', 'evicts'], options }, async (store) => {
  for (const key of keys) await store.set(key, 1);
  const { evicted, entries } = await store.stats();
  assert.equal(evicted, 10 - entries);
});

property(
  'what has expired is counted once it was met',
  { needs: ['whole', 'counts all'] },
  async (store) => {
    for (const key of keys) await setExpired(store, key);
    for (const key of keys) await store.get(key);
    assert.deepEqual(await listOf(store.entries()), []);
    assert.equal((await store.stats()).expired, 10);
  },
);

/** Verbs that give the key of an expired entry a new one. */
const RENEWALS = {
  set: (store, key) => store.set(key, 1),
  'set with a ttl': (store, key) => store.set(key, 1, { ttl: 1e6 }),
  setMany: (store, key) => store.setMany([[key, 1]]),
  add: (store, key) => store.add(key, 1),
  increment: (store, key) => store.increment(key),
  hit: (store, key) => store.hit(key),
  limit: (store, key) => store.limit(key, { rate: 1, per: 1e6 }),
  update: (store, key) => store.update(key, () => 1),
  compareAndSet: (store, key) => store.compareAndSet(key, undefined, 1),
  getOrSet: (store, key) => store.getOrSet(key, () => 1),
  take: async (store, key) => [await store.take(key), await store.set(key, 1)],
};
for (const [verb, renew] of Object.entries(RENEWALS)) {
  property(
    `what has expired is counted where ${verb} renews it`,
    { needs: ['whole', 'counts all'] },
    async (store) => {
      const { expired, entries } = await changeOf(store, async () => {
        for (const key of keys) {
          await setExpired(store, key);
          await renew(store, key);
        }
      });
      assert.deepEqual([expired, entries], [10, 10]);
    },
  );
}

property(
  'a store counts for all its objects',
  { needs: ['whole', 'counts all', 'shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    await store.set('a', 1);
    await other.set('b', 1);
    await other.close();
    const { entries, sets } = await store.stats();
    assert.deepEqual([entries, sets], [2, 2]);
  },
);
