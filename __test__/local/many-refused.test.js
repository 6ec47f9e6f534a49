/**
 * Calls of many that are refused, or that run the caller's code half-way.
 *
 * Must not know when an iterable is read. Invariant tested: a call that throws has changed nothing,
 * and what an iterable does to the store happens whole, before the call.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { entriesOf } = require('../helpers/method-table.js');
const { assertRefused } = require('../helpers/snapshot.js');

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };
const symbolKey = { name: 'TypeError', code: 'ERR_INVALID_KEY' };

function filled(heat = () => {}) {
  const store = new MemoryStore({ autoStartCleanup: false });
  store.set('a', 1);
  store.set('b', 2, HOUR_MS);
  store.set('c', 3);
  for (const key of ['a', 'b', 'c']) heat(store, key);
  return store;
}

const notIterable = {
  null: null,
  'a number': 5,
  'a boolean': true,
  'a bigint': 5n,
  'a symbol': Symbol('a'),
  'an object': {},
  'a function': () => {},
  'an object whose iterator is no function': { [Symbol.iterator]: 5 },
};

for (const method of ['getMany', 'setMany', 'deleteMany']) {
  describe(`${method} refuses`, () => {
    for (const [what, value] of Object.entries(notIterable)) {
      test(what, () => assertRefusedBy(method, value, type));
    }

    test('undefined', () => assertRefusedBy(method, undefined, type));

    test('no argument', () => {
      const store = filled();
      assertRefused(store, () => store[method](), { name: 'TypeError' });
    });
  });
}

function assertRefusedBy(method, value, expected) {
  const store = filled();
  assertRefused(store, () => store[method](value), expected);
}

describe('one bad entry, and setMany changes nothing:', () => {
  const bad = {
    'a number': [5, type],
    null: [null, type],
    undefined: [undefined, type],
    'a boolean': [true, type],
    'a function': [() => {}, type],
    'an empty array': [[], { name: 'TypeError' }],
    'a key alone': [['x'], { name: 'TypeError' }],
    'a symbol as key': [[Symbol('x'), 1], symbolKey],
    'a ttl of 0': [['x', 1, 0], range],
    'a ttl of -1': [['x', 1, { ttl: -1 }], range],
    'a ttl that is a string': [['x', 1, { ttl: '5' }], type],
    'options that are a string': [['x', 1, '5'], type],
    'options that are null': [['x', 1, null], type],
    'an unknown option': [['x', 1, { TTL: 5 }], unknown],
    'isPermanent that is no boolean': [['x', 1, { isPermanent: 0 }], type],
  };
  const places = {
    first: (entry) => [entry, ['a', 9], ['new', 9]],
    'in the middle': (entry) => [['a', 9], entry, ['new', 9]],
    last: (entry) => [['a', 9], ['new', 9, HOUR_MS], entry],
  };
  for (const [what, [entry, expected]] of Object.entries(bad)) {
    for (const [where, entries] of Object.entries(places)) {
      testColdAndWarm(`${what}, ${where}`, (heat) => {
        const store = filled(heat);
        assertRefused(store, () => store.setMany(entries(entry)), expected);
      });
    }
  }
});

describe('bad options for all, and setMany changes nothing:', () => {
  for (const [what, [options, expected]] of Object.entries({
    'a ttl of 0': [0, range],
    'a string': ['5', type],
    null: [null, type],
    'an unknown option': [{ TTL: 5 }, unknown],
    'a ttl of -1.5': [{ ttl: -1.5 }, range],
  })) {
    test(what, () => {
      const store = filled();
      assertRefused(store, () => store.setMany([['a', 9]], options), expected);
    });
  }
});

test('a symbol among the keys, and deleteMany deletes nothing', () => {
  const store = filled();
  assertRefused(store, () => store.deleteMany(['a', Symbol('x'), 'b']), symbolKey);
});

test('a symbol among the keys is refused by getMany', () => {
  const store = filled();
  assertRefused(store, () => store.getMany(['a', Symbol('x'), 'b']), symbolKey);
});

/** Calls of many with what comes out of `generate`, which yields keys. */
const calls = {
  getMany: (store, generate) => store.getMany(generate()),
  deleteMany: (store, generate) => store.deleteMany(generate()),
  setMany: (store, generate) => store.setMany(entriesFrom(generate())),
};

function* entriesFrom(keys) {
  for (const key of keys) yield [key, 9];
}

describe('an iterable that throws half-way changes nothing:', () => {
  const broken = new Error('from the iterable');
  const isBroken = (error) => error === broken;
  for (const [name, call] of Object.entries(calls)) {
    testColdAndWarm(name, (heat) => {
      const store = filled(heat);
      const generate = function* generate() {
        yield 'a';
        yield 'new';
        throw broken;
      };
      assertRefused(store, () => call(store, generate), isBroken);
    });

    test(`${name}, when there is no iterator`, () => {
      const store = filled();
      const iterable = {
        [Symbol.iterator]() {
          throw broken;
        },
      };
      assertRefused(store, () => store[name](iterable), isBroken);
    });

    test(`${name}, when next throws`, () => {
      const store = filled();
      const next = () => {
        throw broken;
      };
      assertRefused(store, () => store[name]({ [Symbol.iterator]: () => ({ next }) }), isBroken);
    });
  }
});

describe('what an iterable does to the store happens before the call:', () => {
  /** What is done after the key `a` came and before `b` comes, and what is left of all that. */
  const acts = {
    sets: [(store) => store.set('d', 4), 'a=1 b=2 c=3 d=4'],
    'sets the key that came': [(store) => store.set('a', 'inner'), 'a=inner b=2 c=3'],
    deletes: [(store) => store.delete('b'), 'a=1 c=3'],
    clears: [(store) => store.clear(), ''],
    renames: [
      (store) => {
        store.createKey('b').value = 'z';
      },
      'a=1 z=2 c=3',
    ],
  };
  for (const [what, [act, left]] of Object.entries(acts)) {
    const after = new Map(
      left
        .split(' ')
        .filter(Boolean)
        .map((entry) => entry.split('=')),
    );
    const generateIn = (store) =>
      function* generate() {
        yield 'a';
        act(store);
        yield 'b';
      };

    testColdAndWarm(`${what}, getMany`, (heat) => {
      const store = filled(heat);
      const values = calls.getMany(store, generateIn(store)).map((it) => it && String(it));
      assert.deepEqual(values, [after.get('a'), after.get('b')]);
      assert.equal(entriesOf(store).join(' '), left);
    });

    testColdAndWarm(`${what}, deleteMany`, (heat) => {
      const store = filled(heat);
      const there = ['a', 'b'].filter((key) => after.has(key)).length;
      assert.equal(calls.deleteMany(store, generateIn(store)), there);
      assert.deepEqual(
        store.keys(),
        [...after.keys()].filter((key) => key !== 'a' && key !== 'b'),
      );
    });

    testColdAndWarm(`${what}, setMany`, (heat) => {
      const store = filled(heat);
      calls.setMany(store, generateIn(store));
      const expected = new Map(after).set('a', '9').set('b', '9');
      assert.deepEqual(
        entriesOf(store),
        [...expected].map(([key, value]) => `${key}=${value}`),
      );
    });
  }

  for (const [name, call] of Object.entries(calls)) {
    test(`closes, and ${name} refuses`, () => {
      const store = filled();
      const generate = function* generate() {
        yield 'a';
        store.close();
        yield 'b';
      };
      assert.throws(() => call(store, generate), { code: 'ERR_STORE_CLOSED' });
    });
  }
});

test('keys and options that run code while setMany reads them find the store as it was', () => {
  const store = filled();
  const seen = [];
  const key = {
    toJSON() {
      seen.push(store.get('a'));
      return 'key';
    },
  };
  const options = {
    get ttl() {
      seen.push(store.get('a'));
      return HOUR_MS;
    },
  };
  store.setMany([
    ['a', 9],
    [key, 9, options],
    ['b', 9],
  ]);
  assert.ok(seen.length >= 2);
  assert.deepEqual(new Set(seen), new Set([1]));
});

test('setMany ends the iterable that it leaves early', () => {
  const store = filled();
  let isEnded = false;
  const generate = function* generate() {
    try {
      while (true) yield [Symbol('never a key'), 1];
    } finally {
      isEnded = true;
    }
  };
  // An endless iterable of bad entries: the first has to be enough.
  assertRefused(store, () => store.setMany(take(generate(), 1000)), symbolKey);
  assert.equal(isEnded, true);
});

function* take(iterable, count) {
  let left = count;
  for (const one of iterable) {
    yield one;
    left -= 1;
    if (left === 0) return;
  }
}
