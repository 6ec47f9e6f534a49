/**
 * The bound on the number of entries: `maxEntries`.
 *
 * Must not know which entry is evicted. Invariant tested: a store never holds more than its bound,
 * what was just set is there, and what was evicted is gone for everyone.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { testColdAndWarm, warm } = require('../helpers/hot-path.js');
const { EVENTS } = require('../helpers/recorded-events.js');

const BOUNDS = [1, 2, 3, 10, 1000];

const open = (maxEntries) => new MemoryStore({ maxEntries, autoStartCleanup: false });

/** Sets as many entries as the bound allows. */
function full(maxEntries, heat = () => {}) {
  const store = open(maxEntries);
  for (let index = 0; index < maxEntries; index += 1) {
    store.set(`old ${index}`, `value ${index}`);
    heat(store, `old ${index}`);
  }
  return store;
}

/** Every way to put one more entry into a store. */
const writes = {
  set: (store, key) => store.set(key, key),
  'set with a deadline': (store, key) => store.set(key, key, HOUR_MS),
  'set of a value that is read at once': (store, key) => {
    store.set(key, key);
    warm(store, key);
  },
  add: (store, key) => store.add(key, key),
  increment: (store, key) => store.increment(key),
  setMany: (store, key) => store.setMany([[key, key]]),
  'set by a mutable key': (store, key) => store.set(store.createKey(key), key),
  'set, then rename': (store, key) => {
    const mutable = store.createKey(`${key} before`);
    store.set(mutable, key);
    mutable.value = key;
  },
};

for (const bound of BOUNDS) {
  describe(`a store of ${bound} never holds more, and holds what came last, by`, () => {
    for (const [name, write] of Object.entries(writes)) {
      test(name, () => {
        const store = open(bound);
        for (let index = 0; index < bound * 4 + 20; index += 1) {
          write(store, `key ${index}`);
          assert.ok(store.has(`key ${index}`), `key ${index} is there`);
          assert.equal(store.size(), Math.min(bound, index + 1));
        }
      });
    }

    test('getOrSet', async () => {
      const store = open(bound);
      for (let index = 0; index < bound * 2 + 20; index += 1) {
        assert.equal(await store.getOrSet(`key ${index}`, () => index), index);
        assert.ok(store.has(`key ${index}`), `key ${index} is there`);
        assert.equal(store.size(), Math.min(bound, index + 1));
      }
    });
  });

  test(`a store of ${bound} holds its bound before it evicts`, () => {
    const store = full(bound);
    assert.equal(store.size(), bound);
    assert.equal(store.stats().evicted, 0);
  });

  test(`a store of ${bound} evicts one for one more`, () => {
    const store = full(bound);
    store.set('new', 'new value');
    assert.equal(store.stats().evicted, 1);
  });

  test(`no listener sees more than ${bound} entries`, () => {
    const store = open(bound);
    let most = 0;
    for (const event of EVENTS) {
      store.on(event, () => {
        most = Math.max(most, store.size(), store.keys().length);
      });
    }
    for (let index = 0; index < bound * 2 + 20; index += 1) store.set(`key ${index}`, index);
    assert.equal(most, bound);
  });
}

describe('a full store evicts nothing when one', () => {
  const harmless = {
    overwrites: (store, key) => store.set(key, 'other'),
    'overwrites with a deadline': (store, key) => store.set(key, 'other', HOUR_MS),
    replaces: (store, key) => store.replace(key, 'other'),
    'fails to add': (store, key) => store.add(key, 'other'),
    'fails to replace': (store) => store.replace('absent', 'other'),
    touches: (store, key) => store.touch(key, HOUR_MS),
    'reads what is not there': (store) => store.get('absent'),
    renames: (store, key) => {
      store.createKey(key).value = 'renamed';
    },
    'deletes and sets': (store, key) => {
      store.delete(key);
      store.set('other', 1);
    },
    'takes and sets': (store, key) => {
      store.take(key);
      store.set('other', 1);
    },
  };
  for (const [name, act] of Object.entries(harmless)) {
    testColdAndWarm(name, (heat) => {
      for (const bound of BOUNDS) {
        const store = full(bound, heat);
        act(store, `old ${bound - 1}`);
        assert.equal(store.size(), bound);
        assert.equal(store.stats().evicted, 0);
      }
    });
  }
});

testColdAndWarm('clear makes room for as many again', (heat) => {
  const store = full(10, heat);
  store.clear();
  for (let index = 0; index < 10; index += 1) store.set(`new ${index}`, index);
  assert.equal(store.stats().evicted, 0);
});

test('a setMany of more than fits leaves as many as fit, the last among them', () => {
  const store = open(10);
  store.setMany(Array.from({ length: 100 }, (_, index) => [`key ${index}`, index]));
  assert.equal(store.size(), 10);
  assert.equal(store.get('key 99'), 99);
});

describe('an evicted entry is absent for', () => {
  const looks = {
    get: (store, key) => assert.equal(store.get(key), undefined),
    has: (store, key) => assert.equal(store.has(key), false),
    ttl: (store, key) => assert.equal(store.ttl(key), undefined),
    peek: (store, key) => assert.equal(store.peek(key), undefined),
    take: (store, key) => assert.equal(store.take(key), undefined),
    delete: (store, key) => assert.equal(store.delete(key), false),
    touch: (store, key) => assert.equal(store.touch(key, HOUR_MS), false),
    replace: (store, key) => assert.equal(store.replace(key, 'other'), false),
    getMany: (store, key) => assert.deepEqual(store.getMany([key]), [undefined]),
    deleteMany: (store, key) => assert.equal(store.deleteMany([key]), 0),
    keys: (store, key) => assert.ok(!store.keys().includes(key)),
    getKeys: (store, key) => assert.ok(!store.getKeys().includes(key)),
    all: (store) => assert.ok(!store.all().includes('old value')),
    entries: (store, key) => assert.ok(!new Map(store.entries()).has(key)),
    values: (store) => assert.ok(![...store.values()].includes('old value')),
    forEach: (store, key) => {
      store.forEach((_value, seen) => {
        assert.notEqual(seen, key);
      });
    },
    'get by a mutable key': (store, key) =>
      assert.equal(store.get(store.createKey(key)), undefined),
  };
  const lives = { permanent: undefined, timed: HOUR_MS };
  for (const [name, look] of Object.entries(looks)) {
    for (const [life, options] of Object.entries(lives)) {
      testColdAndWarm(`${name}, ${life}`, (heat) => {
        const store = open(1);
        store.set('old', 'old value', options);
        heat(store, 'old');
        store.set('new', 'new value', options);
        heat(store, 'new');
        look(store, 'old');
        assert.deepEqual(Object.fromEntries(store), { new: 'new value' });
      });
    }
  }
});

testColdAndWarm('an evicted key can be set anew', (heat) => {
  const store = open(1);
  for (let round = 0; round < 50; round += 1) {
    store.set(`key ${round % 2}`, round);
    heat(store, `key ${round % 2}`);
    assert.equal(store.get(`key ${round % 2}`), round);
    assert.equal(store.get(`key ${(round + 1) % 2}`), undefined);
  }
});

test('entries whose deadlines pass make a store no fuller', () => {
  const store = open(100);
  for (let round = 0; round < 20; round += 1) {
    for (let index = 0; index < 150; index += 1) {
      store.set(`${round} ${index}`, index, index % 3 === 0 ? 1 + (index % 4) : undefined);
      assert.ok(store.size() <= 100);
      assert.ok(store.keys().length <= 100);
    }
    passDeadline(5);
    assert.ok(store.size() <= 100);
  }
});
