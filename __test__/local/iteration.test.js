/**
 * Live iteration: `entries`, `values`, `forEach` and the iterator, as in `Map`.
 *
 * Must not know how iterators find their place. Invariant tested: an entry that goes before it is
 * reached is not visited, one that comes is, and none is visited twice.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, setExpired } = require('../helpers/expiry.js');

function filled(keys = 'abcd') {
  const store = new MemoryStore({ autoStartCleanup: false });
  for (const key of keys) store.set(key, key.toUpperCase());
  return store;
}

/** Each way to visit all entries: calls `visit(key)` at each one. */
const walks = {
  entries(store, visit) {
    for (const [key] of store.entries()) visit(key);
  },
  values(store, visit) {
    for (const value of store.values()) visit(value.toLowerCase());
  },
  forEach(store, visit) {
    store.forEach((_value, key) => {
      visit(key);
    });
  },
  'the iterator of the store': (store, visit) => {
    for (const [key] of store) visit(key);
  },
};

/** `[what, changes at the first visit, the keys visited]`. */
const changes = [
  ['nothing', () => {}, 'abcd'],
  ['deletes the current entry', (store) => store.delete('a'), 'abcd'],
  ['deletes an entry ahead', (store) => store.delete('c'), 'abd'],
  ['deletes the next entry', (store) => store.delete('b'), 'acd'],
  ['deletes the last entry', (store) => store.delete('d'), 'abc'],
  ['deletes every entry one by one', (store) => store.keys().map((key) => store.delete(key)), 'a'],
  ['adds an entry', (store) => store.set('e', 'E'), 'abcde'],
  ['sets the current entry again', (store) => store.set('a', 'A'), 'abcd'],
  ['sets an entry ahead again', (store) => store.set('c', 'C', HOUR_MS), 'abcd'],
  [
    'deletes and adds the current entry',
    (store) => {
      store.delete('a');
      store.set('a', 'A');
    },
    'abcda',
  ],
  [
    'deletes and adds an entry ahead',
    (store) => {
      store.delete('b');
      store.set('b', 'B');
    },
    'acdb',
  ],
  ['lets an entry ahead expire', (store) => setExpired(store, 'c', 'C'), 'abd'],
  ['clears', (store) => store.clear(), 'a'],
  [
    'clears and adds',
    (store) => {
      store.clear();
      store.set('x', 'X');
      store.set('y', 'Y');
    },
    'axy',
  ],
];

for (const [way, walk] of Object.entries(walks)) {
  describe(`${way} visits the right entries when the first visit`, () => {
    for (const [what, change, expected] of changes) {
      test(what, () => {
        const store = filled();
        let visited = '';
        walk(store, (key) => {
          if (visited === '') change(store);
          visited += key;
        });
        assert.equal(visited, expected);
      });
    }
  });

  test(`${way} visits nothing in an empty store`, () => {
    walk(new MemoryStore(), () => assert.fail('nothing is there'));
  });

  test(`${way} visits a renamed entry once`, () => {
    const store = filled();
    const ahead = store.createKey('c');
    const behind = store.createKey('a');
    let visits = 0;
    walk(store, () => {
      visits += 1;
      if (visits === 2) {
        ahead.value = 'y';
        behind.value = 'z';
      }
    });
    assert.equal(visits, 4);
  });

  test(`${way} stays right while a thousand entries come and go`, () => {
    const store = new MemoryStore();
    const map = new Map();
    for (let index = 0; index < 1000; index += 1) {
      store.set(`k${index}`, `K${index}`);
      map.set(`k${index}`, `K${index}`);
    }
    const [visitedStore, visitedMap] = [[], []];
    const visit = (target, visited) => (key) => {
      visited.push(key);
      const number = Number(key.slice(1));
      if (number % 3 === 0) target.delete(`k${number + 1}`);
      if (number % 7 === 0) target.delete(`k${number}`);
      if (number < 1500) target.set(`k${number + 1000}`, `K${number + 1000}`);
    };
    walk(store, visit(store, visitedStore));
    for (const [key] of map) visit(map, visitedMap)(key);
    assert.deepEqual(visitedStore, visitedMap);
  });
}

test('forEach passes value, key and store', () => {
  const store = filled('a');
  store.forEach((...passed) => {
    assert.deepEqual(passed.slice(0, 2), ['A', 'a']);
    assert.equal(passed[2], store);
    assert.equal(passed.length, 3);
  });
});

test('forEach calls with the given this', () => {
  const receiver = {};
  filled('a').forEach(function check() {
    assert.equal(this, receiver);
  }, receiver);
});

test('forEach gives back undefined', () => {
  assert.equal(
    filled().forEach(() => {}),
    undefined,
  );
});

test('an error in a forEach callback comes through and ends the walk', () => {
  const store = filled();
  const broken = new Error('from the callback');
  let visits = 0;
  const walk = () =>
    store.forEach(() => {
      visits += 1;
      throw broken;
    });
  assert.throws(walk, (error) => error === broken);
  assert.equal(visits, 1);
  assert.deepEqual(store.keys(), ['a', 'b', 'c', 'd']);
});

test('an iterator is its own iterable', () => {
  const store = filled();
  for (const iterator of [store.entries(), store.values(), store[Symbol.iterator]()]) {
    assert.equal(iterator[Symbol.iterator](), iterator);
  }
});

test('an iterator that has ended stays at its end', () => {
  const store = filled('a');
  const iterator = store.values();
  assert.deepEqual(iterator.next(), { value: 'A', done: false });
  assert.deepEqual(iterator.next(), { value: undefined, done: true });
  store.set('b', 'B');
  assert.deepEqual(iterator.next(), { value: undefined, done: true });
});
