/**
 * `sizeOf`: the caller's function that says how large an entry is.
 *
 * Must not know when it is called beyond that a write calls it before anything changes. Invariant
 * tested: whatever `sizeOf` does, the write it belongs to happens whole or not at all.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { entriesOf } = require('../helpers/method-table.js');
const { assertRefused } = require('../helpers/snapshot.js');

/** A store whose `sizeOf` is `behaviour.now`, which a test exchanges. */
function open(maxSize = 100) {
  const behaviour = { now: () => 1 };
  const sizeOf = (...given) => behaviour.now(...given);
  const store = new MemoryStore({ maxSize, sizeOf, autoStartCleanup: false });
  return { store, behaviour };
}

function filled() {
  const opened = open();
  for (const [index, key] of [...'abc'].entries()) opened.store.set(key, index + 1);
  return opened;
}

const writes = {
  set: (store, key, value) => store.set(key, value),
  'set with a deadline': (store, key, value) => store.set(key, value, HOUR_MS),
  add: (store, key, value) => store.add(key, value),
  increment: (store, key, value) => store.increment(key, value),
  setMany: (store, key, value) => store.setMany([[key, value]]),
};

describe('sizeOf gets the value and the string form of the key, from', () => {
  for (const [name, write] of Object.entries(writes)) {
    test(name, () => {
      const { store, behaviour } = open();
      const seen = [];
      behaviour.now = (...given) => {
        seen.push(given);
        return 1;
      };
      write(store, 7, 5);
      write(store, { id: 1 }, 6);
      write(store, store.createKey('mutable'), 7);
      assert.deepEqual(seen, [
        [5, '7'],
        [6, '{"id":1}'],
        [7, 'mutable'],
      ]);
    });
  }

  test('replace', () => {
    const { store, behaviour } = open();
    store.set(7, 4);
    const seen = [];
    behaviour.now = (...given) => seen.push(given);
    store.replace(7, 5);
    assert.deepEqual(seen, [[5, '7']]);
  });

  test('getOrSet', async () => {
    const { store, behaviour } = open();
    const seen = [];
    behaviour.now = (...given) => seen.push(given);
    await store.getOrSet(7, async () => 5);
    assert.deepEqual(seen, [[5, '7']]);
  });
});

test('a size that is given is not asked for', () => {
  const { store, behaviour } = open();
  behaviour.now = () => assert.fail('sizeOf was asked');
  store.set('a', 1, { size: 40 });
  assert.equal(store.stats().size, 40);
});

test('what sizeOf says counts', () => {
  const { store, behaviour } = open();
  behaviour.now = (value) => value.length;
  store.set('a', 'four');
  store.set('b', 'eleven char');
  assert.equal(store.stats().size, 15);
  store.set('a', '');
  assert.equal(store.stats().size, 11);
});

describe('when sizeOf throws, its error comes out and nothing changes:', () => {
  const broken = new Error('from sizeOf');
  const calls = {
    ...Object.fromEntries(
      Object.entries(writes).map(([name, write]) => [name, (store) => write(store, 'new', 9)]),
    ),
    'set of a key that is there': (store) => store.set('a', 9),
    replace: (store) => store.replace('a', 9),
    'setMany, at the last entry': (store) =>
      store.setMany([
        ['a', 9, { size: 1 }],
        ['new', 9, { size: 1 }],
        ['b', 9],
      ]),
  };
  for (const [name, call] of Object.entries(calls)) {
    testColdAndWarm(name, (heat) => {
      const { store, behaviour } = filled();
      heat(store, 'a');
      behaviour.now = () => {
        throw broken;
      };
      assertRefused(
        store,
        () => call(store),
        (error) => error === broken,
      );
      assert.equal(store.stats().size, 3);
    });
  }

  test('getOrSet', async () => {
    const { store, behaviour } = filled();
    behaviour.now = () => {
      throw broken;
    };
    const told = [];
    store.on('error', (...given) => told.push(given));
    assert.equal(await store.getOrSet('new', () => 9), 9);
    assert.deepEqual(told, [[broken, 'new']]);
    assert.equal(store.has('new'), false);
  });
});

describe('while sizeOf is asked, it', () => {
  /** What `sizeOf` does to the store, and what is left when the key `k` was set as well. */
  const inner = {
    'sets the same key': [(store) => store.set('k', 'inner', { size: 3 }), 'a=1 b=2 c=3 k=outer'],
    'sets another key': [(store) => store.set('d', 4, { size: 3 }), 'a=1 b=2 c=3 d=4 k=outer'],
    'deletes an entry': [(store) => store.delete('b'), 'a=1 c=3 k=outer'],
    'lets an entry expire': [
      (store) => {
        store.touch('a', 1);
        passDeadline(1);
      },
      'b=2 c=3 k=outer',
    ],
    clears: [(store) => store.clear(), 'k=outer'],
    'fills the store': [(store) => store.set('large', 'x', { size: 100 }), 'k=outer'],
    renames: [
      (store) => {
        store.createKey('b').value = 'z';
      },
      'a=1 z=2 c=3 k=outer',
    ],
    'reads everything': [
      (store) => [...store, ...store.keys(), store.size()],
      'a=1 b=2 c=3 k=outer',
    ],
  };
  for (const [name, [act, left]] of Object.entries(inner)) {
    testColdAndWarm(`${name}, and the set happens after it`, (heat) => {
      const { store, behaviour } = filled();
      heat(store, 'a');
      behaviour.now = () => {
        behaviour.now = () => 1;
        act(store);
        return 2;
      };
      assert.equal(store.set('k', 'outer'), true);
      assert.equal(store.get('k'), 'outer');
      assert.equal(entriesOf(store).join(' '), left);
      assert.equal(store.stats().size, store.size() + 1 + (left.includes('d=4') ? 2 : 0));
    });
  }

  test('closes the store, and the set refuses', () => {
    const { store, behaviour } = filled();
    behaviour.now = () => {
      store.close();
      return 1;
    };
    assert.throws(() => store.set('k', 'outer'), { code: 'ERR_STORE_CLOSED' });
  });

  test('calls itself without end, and the set throws or is whole', () => {
    const { store, behaviour } = filled();
    behaviour.now = () => {
      store.set('k', 'deeper');
      return 1;
    };
    assert.throws(() => store.set('k', 'outer'), { name: 'RangeError' });
    behaviour.now = () => 1;
    assert.equal(store.size(), store.keys().length);
    assert.equal(store.stats().size, store.size());
    store.set('k', 'after');
    assert.equal(store.get('k'), 'after');
  });
});
