/**
 * Writes to a key while its flight is under way: they are newer, so what the flight makes goes to
 * those who wait, and not into the store.
 *
 * Must not know how a flight learns of a write. Invariant tested: a late result never replaces, or
 * brings back, what the program did meanwhile.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { heldFactory, turn } = require('../helpers/flight.js');
const { WARM_READS } = require('../helpers/hot-path.js');
const { listenToAll } = require('../helpers/recorded-events.js');

const open = () => new MemoryStore({ autoStartCleanup: false });
const values = (store) => Object.fromEntries(store);

/** What happens to the key `k` while it is made, and what the store holds after that. */
const writes = {
  set: [(store) => store.set('k', 'newer'), { k: 'newer' }],
  'set with a deadline': [(store) => store.set('k', 'newer', HOUR_MS), { k: 'newer' }],
  'set and many reads': [
    (store) => {
      store.set('k', 'newer');
      for (let read = 0; read < WARM_READS; read += 1) store.get('k');
      store.set('k', 'newest');
    },
    { k: 'newest' },
  ],
  'set by a mutable key': [(store) => store.set(store.createKey('k'), 'newer'), { k: 'newer' }],
  add: [(store) => store.add('k', 'newer'), { k: 'newer' }],
  increment: [(store) => store.increment('k', 5), { k: 5 }],
  setMany: [(store) => store.setMany([['k', 'newer']]), { k: 'newer' }],
  delete: [(store) => store.delete('k'), {}],
  deleteMany: [(store) => store.deleteMany(['x', 'k']), {}],
  take: [(store) => store.take('k'), {}],
  'set and delete': [
    (store) => {
      store.set('k', 'newer');
      store.delete('k');
    },
    {},
  ],
  'set and take': [
    (store) => {
      store.set('k', 'newer');
      store.take('k');
    },
    {},
  ],
  'set and rename': [
    (store) => {
      const key = store.createKey('k');
      store.set(key, 'newer');
      key.value = 'elsewhere';
    },
    { elsewhere: 'newer' },
  ],
  'a rename to it': [
    (store) => {
      const key = store.createKey('from');
      store.set(key, 'newer');
      key.value = 'k';
    },
    { k: 'newer' },
  ],
  clear: [(store) => store.clear(), {}],
  'clear and set of another': [
    (store) => {
      store.clear();
      store.set('other', 1);
    },
    { other: 1 },
  ],
};

const stores = { 'a store': open, 'a store with listeners': () => listenToAll(open()) };

for (const [what, openOne] of Object.entries(stores)) {
  describe(`in ${what}, a flight that was overtaken is given, not stored:`, () => {
    for (const [name, [write, left]] of Object.entries(writes)) {
      test(name, async () => {
        const store = openOne();
        const { factory, runs } = heldFactory();
        const asked = [store.getOrSet('k', factory), store.getOrSet('k', factory)];
        await turn();
        write(store);
        runs[0].resolve('late');
        assert.deepEqual(await Promise.all(asked), ['late', 'late']);
        assert.deepEqual(values(store), left);
      });

      test(`${name}, by the factory itself`, async () => {
        const store = openOne();
        const factory = () => {
          write(store);
          return 'late';
        };
        assert.equal(await store.getOrSet('k', factory), 'late');
        assert.deepEqual(values(store), left);
      });
    }
  });
}

describe('after the key was written, who asks does not wait for the old flight:', () => {
  for (const [name, [write, left]] of Object.entries(writes)) {
    test(name, async () => {
      const store = open();
      const [old, young] = [heldFactory(), heldFactory()];
      const asked = store.getOrSet('k', old.factory);
      await turn();
      write(store);
      const askedAfter = store.getOrSet('k', young.factory);
      await turn();
      if ('k' in left) {
        assert.equal(young.runs.length, 0);
        assert.equal(await askedAfter, left.k);
      } else {
        assert.equal(young.runs.length, 1);
        young.runs[0].resolve('fresh');
        assert.equal(await askedAfter, 'fresh');
      }
      old.runs[0].resolve('late');
      assert.equal(await asked, 'late');
      assert.equal(store.get('k'), left.k ?? 'fresh');
    });
  }

  test('delete, when the old flight ends first', async () => {
    const store = open();
    const [old, young] = [heldFactory(), heldFactory()];
    const asked = store.getOrSet('k', old.factory);
    await turn();
    store.delete('k');
    const askedAfter = [store.getOrSet('k', young.factory), store.getOrSet('k', young.factory)];
    await turn();
    old.runs[0].resolve('late');
    assert.equal(await asked, 'late');
    assert.equal(store.has('k'), false);
    askedAfter.push(store.getOrSet('k', young.factory));
    await turn();
    assert.equal(young.runs.length, 1, 'the new flight goes on');
    young.runs[0].resolve('fresh');
    assert.deepEqual(await Promise.all(askedAfter), ['fresh', 'fresh', 'fresh']);
    assert.equal(store.get('k'), 'fresh');
  });

  test('delete, when the old flight fails', async () => {
    const store = open();
    const [old, young] = [heldFactory(), heldFactory()];
    const asked = store.getOrSet('k', old.factory);
    await turn();
    store.delete('k');
    const askedAfter = store.getOrSet('k', young.factory);
    await turn();
    const broken = new Error('late');
    old.runs[0].reject(broken);
    await assert.rejects(asked, (error) => error === broken);
    young.runs[0].resolve('fresh');
    assert.equal(await askedAfter, 'fresh');
    assert.equal(store.get('k'), 'fresh');
  });

  test('delete, ten times', async () => {
    const store = open();
    const { factory, runs } = heldFactory();
    const asked = [];
    for (let round = 0; round < 10; round += 1) {
      asked.push(store.getOrSet('k', factory));
      await turn();
      assert.equal(runs.length, round + 1);
      store.delete('k');
    }
    for (const [round, run] of runs.entries()) run.resolve(round);
    assert.deepEqual(await Promise.all(asked), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(store.size(), 0);
  });
});

describe('what is no write to the key leaves its flight alone:', () => {
  const others = {
    'a write to another key': (store) => store.set('other', 1),
    'a delete of another key': (store) => store.delete('other'),
    'a look': (store) => [store.get('k'), store.has('k'), store.peek('k'), store.ttl('k')],
    'a replace of nothing': (store) => store.replace('k', 'newer'),
    'a touch of nothing': (store) => store.touch('k', HOUR_MS),
    'a set that is refused': (store) =>
      assert.throws(() => store.set('k', 1, { ttl: -1 }), { code: 'ERR_OUT_OF_RANGE' }),
    'a rename of another key': (store) => {
      const key = store.createKey('from');
      store.set(key, 1);
      key.value = 'to';
    },
    'a flight of another key': (store) => store.getOrSet('other', () => 1),
  };
  for (const [name, act] of Object.entries(others)) {
    test(name, async () => {
      const store = open();
      const { factory, runs } = heldFactory();
      const asked = store.getOrSet('k', factory);
      await turn();
      act(store);
      const joined = store.getOrSet('k', factory);
      await turn();
      assert.equal(runs.length, 1);
      runs[0].resolve('made');
      assert.deepEqual(await Promise.all([asked, joined]), ['made', 'made']);
      assert.equal(store.get('k'), 'made');
    });
  }
});

test('who waits when the store is closed gets what the factory made', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const asked = [store.getOrSet('k', factory), store.getOrSet('k', factory)];
  await turn();
  store.close();
  runs[0].resolve('late');
  assert.deepEqual(await Promise.all(asked), ['late', 'late']);
  assert.throws(() => store.get('k'), { code: 'ERR_STORE_CLOSED' });
});

test('a factory that closes its store gives its value', async () => {
  const store = open();
  const factory = () => {
    store.close();
    return 'late';
  };
  assert.equal(await store.getOrSet('k', factory), 'late');
});

test('what ttl does to the key is newer as well', async () => {
  const store = open();
  const ttl = () => {
    store.set('k', 'newer');
    return 5;
  };
  assert.equal(await store.getOrSet('k', () => 'late', { ttl }), 'late');
  assert.equal(store.get('k'), 'newer');
});

test('a failed flight leaves alone what was written meanwhile', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const asked = store.getOrSet('k', factory);
  await turn();
  store.set('k', 'newer');
  runs[0].reject(new Error('late'));
  await assert.rejects(asked, { message: 'late' });
  assert.equal(store.get('k'), 'newer');
});
