/**
 * What listeners are told: each event, by each way to cause it, with key, value and reason.
 *
 * Must not know how events are gathered. Invariant tested: the record of a call is exactly what
 * the call did, told by the time it returns.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { WARM_READS, testColdAndWarm } = require('../helpers/hot-path.js');
const { recordEvents } = require('../helpers/recorded-events.js');

/** `a` is permanent, `b` has a deadline, `gone` has expired and was not met since. */
function openKnown(heat = () => {}) {
  const store = new MemoryStore({ autoStartCleanup: false });
  store.set('a', 1);
  store.set('b', 2, HOUR_MS);
  store.set('gone', 3, HOUR_MS);
  for (const key of ['a', 'b', 'gone']) heat(store, key);
  return store;
}

const rename = (store, from, to) => {
  store.createKey(from).value = to;
};
const expired = ['expire', 'gone', 3, 'ttl'];

/** What is done, and what is told. */
const told = {
  'set of a new key': [(s) => s.set('c', 4), [['set', 'c', 4, 'add']]],
  'set with a deadline': [(s) => s.set('c', 4, HOUR_MS), [['set', 'c', 4, 'add']]],
  'set of a permanent key that is there': [(s) => s.set('a', 4), [['set', 'a', 4, 'update']]],
  'set of a timed key that is there': [(s) => s.set('b', 4), [['set', 'b', 4, 'update']]],
  'set that gives a deadline': [(s) => s.set('a', 4, HOUR_MS), [['set', 'a', 4, 'update']]],
  'set of the same value': [(s) => s.set('a', 1), [['set', 'a', 1, 'update']]],
  'set by a number': [(s) => s.set(7, 4), [['set', '7', 4, 'add']]],
  'set by an object': [(s) => s.set({ id: 1 }, 4), [['set', '{"id":1}', 4, 'add']]],
  'set by a mutable key': [(s) => s.set(s.createKey('a'), 4), [['set', 'a', 4, 'update']]],
  'set of undefined': [(s) => s.set('c', undefined), [['set', 'c', undefined, 'add']]],
  'add of a new key': [(s) => s.add('c', 4), [['set', 'c', 4, 'add']]],
  'add of a key that is there': [(s) => s.add('a', 4), []],
  'replace of a key that is there': [(s) => s.replace('a', 4), [['set', 'a', 4, 'update']]],
  'replace of a timed key': [(s) => s.replace('b', 4, 500), [['set', 'b', 4, 'update']]],
  'replace of a new key': [(s) => s.replace('c', 4), []],
  'increment of a new key': [(s) => s.increment('c', 4), [['set', 'c', 4, 'add']]],
  'increment of a permanent key': [(s) => s.increment('a', 4), [['set', 'a', 5, 'update']]],
  'increment of a timed key': [(s) => s.increment('b', 4), [['set', 'b', 6, 'update']]],
  'decrement of a key that is there': [(s) => s.decrement('a'), [['set', 'a', 0, 'update']]],
  setMany: [
    (s) =>
      s.setMany([
        ['c', 4],
        ['a', 5],
        ['c', 6],
      ]),
    [
      ['set', 'c', 4, 'add'],
      ['set', 'a', 5, 'update'],
      ['set', 'c', 6, 'update'],
    ],
  ],
  delete: [(s) => s.delete('a'), [['delete', 'a', 1, 'delete']]],
  'delete of a timed key': [(s) => s.delete('b'), [['delete', 'b', 2, 'delete']]],
  'delete of nothing': [(s) => s.delete('c'), []],
  deleteMany: [
    (s) => s.deleteMany(['b', 'c', 'a', 'b']),
    [
      ['delete', 'b', 2, 'delete'],
      ['delete', 'a', 1, 'delete'],
    ],
  ],
  take: [(s) => s.take('a'), [['delete', 'a', 1, 'take']]],
  'take of a timed key': [(s) => s.take('b'), [['delete', 'b', 2, 'take']]],
  'take of nothing': [(s) => s.take('c'), []],
  rename: [
    (s) => rename(s, 'a', 'z'),
    [
      ['delete', 'a', 1, 'rename'],
      ['set', 'z', 1, 'rename'],
    ],
  ],
  'rename of a timed key': [
    (s) => rename(s, 'b', 'z'),
    [
      ['delete', 'b', 2, 'rename'],
      ['set', 'z', 2, 'rename'],
    ],
  ],
  'rename to a key that is taken': [(s) => rename(s, 'a', 'b'), []],
  'rename to itself': [(s) => rename(s, 'a', 'a'), []],
  'rename of nothing': [(s) => rename(s, 'c', 'z'), []],
  clear: [(s) => s.clear(), [['clear', undefined, undefined, 'clear']]],
  close: [(s) => s.close(), [['clear', undefined, undefined, 'close']]],
  'close, twice': [
    (s) => {
      s.close();
      s.close();
    },
    [['clear', undefined, undefined, 'close']],
  ],
  'get, has, ttl, peek, size and the lists': [
    (s) => [s.get('a'), s.has('a'), s.ttl('b'), s.peek('b'), s.keys(), s.getKeys(), s.all()],
    [],
  ],
  'iteration, getMany and stats': [(s) => [...s, s.getMany(['a', 'b', 'c']), s.stats()], []],
  touch: [(s) => s.touch('a', HOUR_MS), []],
  'a set that is refused': [
    (s) => assert.throws(() => s.set('a', 4, { ttl: -1 }), { code: 'ERR_OUT_OF_RANGE' }),
    [],
  ],
  'an increment that is refused': [
    (s) => assert.throws(() => s.increment('a', NaN), { code: 'ERR_OUT_OF_RANGE' }),
    [],
  ],
  'a setMany that is refused': [
    (s) =>
      assert.throws(
        () =>
          s.setMany([
            ['a', 4],
            [Symbol('c'), 4],
          ]),
        { name: 'TypeError' },
      ),
    [],
  ],
};

describe('exactly this is told by', () => {
  for (const [name, [act, expected]] of Object.entries(told)) {
    testColdAndWarm(name, (heat) => {
      const store = openKnown(heat);
      const record = recordEvents(store);
      act(store);
      assert.deepEqual(record, expected);
    });
  }
});

/** What meets an expired entry, and what it tells beside that. */
const meetings = {
  get: [(s) => s.get('gone'), []],
  has: [(s) => s.has('gone'), []],
  size: [(s) => s.size(), []],
  peek: [(s) => s.peek('gone'), []],
  ttl: [(s) => s.ttl('gone'), []],
  touch: [(s) => s.touch('gone', HOUR_MS), []],
  delete: [(s) => s.delete('gone'), []],
  take: [(s) => s.take('gone'), []],
  set: [(s) => s.set('gone', 9), [['set', 'gone', 9, 'add']]],
  'set with a deadline': [(s) => s.set('gone', 9, HOUR_MS), [['set', 'gone', 9, 'add']]],
  add: [(s) => s.add('gone', 9), [['set', 'gone', 9, 'add']]],
  replace: [(s) => s.replace('gone', 9), []],
  increment: [(s) => s.increment('gone', 9), [['set', 'gone', 9, 'add']]],
  getMany: [(s) => s.getMany(['a', 'gone']), []],
  deleteMany: [(s) => s.deleteMany(['gone', 'gone']), []],
  setMany: [
    (s) =>
      s.setMany([
        ['a', 9],
        ['gone', 9],
      ]),
    [
      ['set', 'a', 9, 'update'],
      ['set', 'gone', 9, 'add'],
    ],
  ],
  'rename of it': [(s) => rename(s, 'gone', 'z'), []],
  'rename to it': [
    (s) => rename(s, 'a', 'gone'),
    [
      ['delete', 'a', 1, 'rename'],
      ['set', 'gone', 1, 'rename'],
    ],
  ],
};

/** What a store was used for before. */
const pasts = {
  'a full store': () => {},
  'a store with free places': (store) => {
    for (let index = 0; index < 10; index += 1) store.set(`free ${index}`, index);
    for (let index = 0; index < 10; index += 1) store.delete(`free ${index}`);
  },
};

for (const [past, prepare] of Object.entries(pasts)) {
  describe(`in ${past} an expired entry is told of once, before what is told of its key by`, () => {
    for (const [name, [act, others]] of Object.entries(meetings)) {
      testColdAndWarm(name, (heat) => {
        const store = openKnown(heat);
        prepare(store);
        store.touch('gone', 1);
        const record = recordEvents(store);
        passDeadline(1);
        act(store);
        const ofKey = (all) => all.filter(([, key]) => key === 'gone');
        assert.deepEqual(ofKey(record), [expired, ...ofKey(others)]);
        assert.deepEqual(
          record.filter((it) => it[0] !== 'expire'),
          others,
        );
        store.size();
        act(store);
        assert.equal(record.filter(([event]) => event === 'expire').length, 1, 'and never again');
      });
    }
  });
}

test('getOrSet tells of what it stores, and nothing of a hit', async () => {
  const store = openKnown();
  const record = recordEvents(store);
  await store.getOrSet('c', async () => 4);
  await store.getOrSet('c', async () => 5);
  await store.getOrSet('d', async () => 6, { ttl: () => 0 });
  await assert.rejects(store.getOrSet('e', () => Promise.reject(new Error('failed'))));
  assert.deepEqual(record, [['set', 'c', 4, 'add']]);
});

test('the renewal of a stale entry is an update', async () => {
  let ms = 0;
  const store = new MemoryStore({ now: () => ms });
  const how = { ttl: HOUR_MS, staleMs: HOUR_MS };
  await store.getOrSet('b', () => 'old', how);
  ms = HOUR_MS;
  const record = recordEvents(store);
  await new Promise((resolve) => {
    store.on('set', resolve);
    store.getOrSet('b', () => 'new', how);
  });
  assert.deepEqual(record, [['set', 'b', 'new', 'update']]);
});

describe('an eviction tells key, value and which bound it was for:', () => {
  for (const options of [undefined, HOUR_MS]) {
    testColdAndWarm(`entries${options ? ', timed' : ''}`, (heat) => {
      const store = new MemoryStore({ maxEntries: 1, autoStartCleanup: false });
      store.set('old', 'old value', options);
      heat(store, 'old');
      const record = recordEvents(store, ['evict']);
      store.set('new', 'new value');
      assert.deepEqual(record, [['evict', 'old', 'old value', 'entries']]);
    });

    testColdAndWarm(`size${options ? ', timed' : ''}`, (heat) => {
      const store = new MemoryStore({ maxSize: 10, sizeOf: () => 6, autoStartCleanup: false });
      store.set('old', 'old value', options);
      heat(store, 'old');
      const record = recordEvents(store, ['evict']);
      store.set('new', 'new value');
      assert.deepEqual(record, [['evict', 'old', 'old value', 'size']]);
    });
  }

  const ways = {
    set: (s) => s.set('c', 9, { size: 20 }),
    'set that overwrites': (s) => s.set('a', 9, { size: 20 }),
    add: (s) => s.add('c', 9, { size: 20 }),
    replace: (s) => s.replace('a', 9, { size: 20 }),
    increment: (s) => s.increment('c', 9, { size: 20 }),
    setMany: (s) => s.setMany([['c', 9]], { size: 20 }),
  };
  for (const [name, act] of Object.entries(ways)) {
    testColdAndWarm(`all that had to go for one, by ${name}`, (heat) => {
      const store = new MemoryStore({ maxSize: 20, autoStartCleanup: false });
      for (const key of ['a', 'x', 'y', 'z']) {
        store.set(key, `value of ${key}`, { size: 5 });
        heat(store, key);
      }
      const before = new Map(store);
      const record = recordEvents(store, ['evict']);
      act(store);
      const gone = [...before.keys()].filter((key) => !store.has(key)).sort();
      assert.ok(gone.length >= 3);
      assert.deepEqual(
        record.sort(([, one], [, other]) => (one < other ? -1 : 1)),
        gone.map((key) => ['evict', key, before.get(key), 'size']),
      );
    });
  }
});

describe('hot keys are told of as cold ones are:', () => {
  test('a thousand overwrites of a hot key', () => {
    const store = openKnown();
    for (let read = 0; read < WARM_READS; read += 1) store.get('a');
    const record = recordEvents(store);
    for (let round = 0; round < 1000; round += 1) store.set('a', round);
    assert.deepEqual(
      record,
      Array.from({ length: 1000 }, (_, round) => ['set', 'a', round, 'update']),
    );
  });

  test('a hot key whose store got its listener late, lost it, and got it again', () => {
    const store = openKnown();
    const record = [];
    const listener = (_key, value) => record.push(value);
    for (let round = 0; round < 6; round += 1) {
      for (let read = 0; read < WARM_READS; read += 1) store.set('a', 'before');
      store.on('set', listener);
      store.set('a', `${round} told`);
      store.off('set', listener);
      store.set('a', `${round} untold`);
    }
    assert.deepEqual(record, ['0 told', '1 told', '2 told', '3 told', '4 told', '5 told']);
  });

  test('what a listener of a hot key does is told after it, to all, in the same call', () => {
    const store = openKnown();
    for (let read = 0; read < WARM_READS; read += 1) store.get('a');
    const record = [];
    store.on('set', (key, value) => {
      record.push(['first', key, value]);
      if (value < 3) store.set('a', value + 1);
    });
    store.on('set', (key, value) => record.push(['second', key, value]));
    store.set('a', 1);
    const right = [1, 2, 3].flatMap((value) => [
      ['first', 'a', value],
      ['second', 'a', value],
    ]);
    assert.deepEqual(record, right);
    assert.equal(store.get('a'), 3);
  });

  test('what a listener of a hot key throws the call throws, and what it did is told', async () => {
    const store = openKnown();
    for (let read = 0; read < WARM_READS; read += 1) store.get('a');
    const record = [];
    store.once('set', () => {
      store.set('a', 'within');
      throw new Error('of the listener');
    });
    store.on('set', (_key, value) => record.push(value));
    assert.throws(() => store.set('a', 'outer'), /of the listener/);
    assert.equal(store.get('a'), 'within');
    store.set('a', 'last');
    while (record.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(record, ['within', 'last']);
  });
});
