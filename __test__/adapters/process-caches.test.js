/**
 * `NodeShareCache` and `ShmCache`: every method, its arguments, and every state.
 *
 * Must not know how processes share a cache. Invariant tested: an open cache answers as it says, a
 * closed one refuses everything but to be closed, and a failed call changes nothing.
 */
const assert = require('node:assert/strict');
const util = require('node:util');
const { describe, test } = require('node:test');
const { NodeShareCache, SharedStore, ShmCache } = require('../../index.js');
const { cloneableSamples, uncloneableSamples } = require('../helpers/cloneable-samples.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { withCache, withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const missing = { name: 'TypeError', code: 'ERR_MISSING_ARGS' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };
const invalidKey = { name: 'TypeError', code: 'ERR_INVALID_KEY' };
const invalidThis = { name: 'TypeError', code: 'ERR_INVALID_THIS' };
const closed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };

const CLASSES = {
  NodeShareCache: (path) => new NodeShareCache('cache', undefined, false, { path }),
  ShmCache: (path) => new ShmCache({ name: 'cache', path }),
};

/** Every method: a good call, and its answer. */
const METHODS = [
  ['get', (cache) => cache.get('a'), 1],
  ['set', (cache) => cache.set('c', 3), true],
  ['del', (cache) => cache.del('a'), true],
  ['stats', (cache) => cache.stats().entries, 2],
  ['setMaxAge', (cache) => cache.setMaxAge(5), undefined],
  ['setMaxSize', (cache) => cache.setMaxSize(2 ** 20), undefined],
];
const SETTERS = [
  ['setLock', (cache) => cache.setLock(false), undefined],
  ['setLogLevel', (cache) => cache.setLogLevel(3), undefined],
];
const ENDS = ['close', 'destroy', Symbol.dispose];

for (const [name, open] of Object.entries(CLASSES)) {
  const methods = name === 'NodeShareCache' ? [...METHODS, ...SETTERS] : METHODS;
  const Class = { NodeShareCache, ShmCache }[name];
  const withFilled = (body) =>
    withFolder(async (folder) => {
      const cache = open(folder);
      cache.set('a', 1, HOUR_MS);
      cache.set('b', { of: 'b' }, HOUR_MS);
      await body(cache, folder);
      cache.close();
    });

  describe(`an open ${name} answers`, () => {
    for (const [method, call, answer] of methods) {
      test(method, () => withFilled((cache) => assert.deepEqual(call(cache), answer)));
    }
  });

  describe(`a closed ${name} refuses`, () => {
    for (const end of ENDS) {
      for (const [method, call] of methods) {
        test(`${method}, by ${String(end)}`, () =>
          withFilled((cache) => {
            for (let time = 0; time < 3; time += 1) assert.equal(cache[end](), undefined);
            assert.throws(() => call(cache), closed);
          }));
      }
    }
  });

  describe(`a wrong receiver is refused by ${name}`, () => {
    for (const method of [...methods.map(([it]) => it), ...ENDS]) {
      test(String(method), () => {
        for (const receiver of [undefined, null, 1, {}, Class.prototype]) {
          assert.throws(() => Class.prototype[method].call(receiver, 'a', 1), invalidThis);
        }
      });
    }
  });

  test(`the table names every method of ${name}`, () => {
    const known = [...methods.map(([it]) => it), ...ENDS, 'constructor', Symbol.toStringTag];
    const names = new Set();
    for (let it = Class.prototype; it !== Object.prototype; it = Object.getPrototypeOf(it)) {
      for (const key of Reflect.ownKeys(it)) names.add(key);
    }
    names.delete(util.inspect.custom);
    assert.deepEqual(new Set(known), names);
  });

  test(`${name} is made with new alone, and can be extended`, () =>
    withFilled((cache, folder) => {
      assert.throws(() => Class('cache'), { code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
      class Counting extends Class {
        gets = 0;
        get(key) {
          this.gets += 1;
          return super.get(key);
        }
      }
      const given = name === 'ShmCache' ? [{ name: 'cache', path: folder }] : ['cache', 1, false];
      const own = new Counting(...given, { path: folder });
      assert.equal(own.get('a'), 1);
      assert.equal(own.gets, 1);
      assert.ok(own instanceof Class);
      assert.equal(cache.constructor, Class);
      own.close();
    }));

  test(`${name} shows itself`, () =>
    withFilled((cache) => {
      assert.equal(Object.prototype.toString.call(cache), `[object ${name}]`);
      assert.equal(util.inspect(cache), `${name} { size: 2 }`);
      cache.close();
      assert.equal(util.inspect(cache), `${name} (closed)`);
    }));

  test(`values of every kind come back from ${name}`, SLOW, () =>
    withFilled((cache) => {
      for (const [sample, it] of cloneableSamples()) {
        assert.equal(cache.set(sample, it, HOUR_MS), true);
        for (let read = 0; read < 8; read += 1) {
          assert.deepStrictEqual(cache.get(sample), structuredClone(it), sample);
        }
      }
    }),
  );

  test(`a value that cannot be cloned changes nothing in ${name}`, () =>
    withFilled((cache) => {
      for (const [sample, it] of uncloneableSamples()) {
        assert.throws(() => cache.set('a', it), { code: 'ERR_NOT_CLONEABLE' }, sample);
      }
      assert.equal(cache.get('a'), 1);
    }));

  test(`keys are what they are to every store, in ${name}`, () =>
    withFilled((cache) => {
      cache.set(1, 'one', HOUR_MS);
      assert.equal(cache.get('1'), 'one');
      cache.set({ a: 1 }, 'object', HOUR_MS);
      assert.equal(cache.get('{"a":1}'), 'object');
      for (const key of ['\ud800', '\ud801', 'a\0', 'a', '']) cache.set(key, key, HOUR_MS);
      for (const key of ['\ud800', '\ud801', 'a\0', 'a', '']) assert.equal(cache.get(key), key);
      assert.equal(cache.del('absent'), false);
    }));

  describe(`arguments are refused by ${name}`, () => {
    for (const [what, call, error] of [
      ['get()', (cache) => cache.get(), missing],
      ['del()', (cache) => cache.del(), missing],
      ['set()', (cache) => cache.set(), missing],
      ['set(key)', (cache) => cache.set('a'), missing],
      ['get(symbol)', (cache) => cache.get(Symbol('a')), invalidKey],
      ['del(symbol)', (cache) => cache.del(Symbol('a')), invalidKey],
      ['set(symbol)', (cache) => cache.set(Symbol('a'), 1), invalidKey],
      ...[0, -1, -1.5, NaN, -Infinity, 2 ** 53 + 2].map((ms) => [
        `an age of ${ms}`,
        (cache) => cache.set('a', 9, ms),
        range,
      ]),
      ...['5', 'keep', null, {}, true, 5n].map((ms) => [
        `an age that is ${typeof ms} ${ms}`,
        (cache) => cache.set('a', 9, ms),
        type,
      ]),
    ]) {
      test(what, () =>
        withFilled((cache) => {
          assert.throws(() => call(cache), error);
          assert.equal(cache.get('a'), 1);
          assert.equal(cache.stats().entries, 2);
        }),
      );
    }
  });
}

describe('an age', () => {
  test('is two seconds if nobody says', () =>
    withCache((cache, folder) => {
      const store = new SharedStore({ name: 'cache', scope: 'processes', path: folder });
      let left;
      let passed;
      do {
        const start = performance.now();
        cache.set('key', 1);
        left = store.ttl('key');
        passed = performance.now() - start;
      } while (passed >= 1000);
      assert.ok(left <= 2000 && left >= 2000 - passed - 1, `${left} ms`);
      store.close();
    }));

  test('is what setMaxAge said last, for what is set from then on', () =>
    withCache((cache) => {
      cache.setMaxAge(HOUR_MS);
      cache.set('before', 1);
      cache.setMaxAge(1);
      cache.set('short', 1);
      cache.setMaxAge(HOUR_MS);
      cache.set('long', 1);
      passDeadline(1);
      assert.deepEqual(
        ['before', 'short', 'long'].map((key) => cache.get(key)),
        [1, undefined, 1],
      );
    }));

  test('is of this object alone', () =>
    withCache((cache, folder) => {
      const other = new NodeShareCache('cache', 1, false, { path: folder });
      other.setMaxAge(HOUR_MS);
      cache.setMaxAge(1);
      other.set('key', 1);
      passDeadline(1);
      assert.equal(cache.get('key'), 1);
      other.close();
    }));

  test('of an entry is its own', () =>
    withCache((cache) => {
      cache.set('key', 1, 1);
      cache.set('other', 1, 2 ** 53);
      passDeadline(1);
      assert.deepEqual([cache.get('key'), cache.get('other')], [undefined, 1]);
    }));

  test('is an option of ShmCache', () =>
    withFolder((path) => {
      const cache = new ShmCache({ name: 'cache', path, maxAge: 1, size: 5 });
      cache.set('key', 1);
      cache.set('other', 1, HOUR_MS);
      passDeadline(1);
      assert.deepEqual([cache.get('key'), cache.get('other')], [undefined, 1]);
      cache.close();
    }));
});

test('what has the age Infinity stays', () =>
  withFolder((folder) => {
    for (const open of Object.values(CLASSES)) {
      const cache = open(folder);
      cache.setMaxAge(1);
      cache.set('for ever', 1, Infinity);
      cache.set('short', 1);
      passDeadline(1);
      assert.deepEqual([cache.get('for ever'), cache.get('short')], [1, undefined]);
      cache.setMaxAge(Infinity);
      cache.set('too', 1);
      assert.equal(cache.get('too'), 1);
      cache.close();
    }
  }));

describe('setters of NodeShareCache refuse', () => {
  for (const [method, refused] of Object.entries({
    setMaxAge: [
      [[0, -1, -1.5, -Infinity, NaN], range],
      [['5', null, undefined, {}], type],
    ],
    setLock: [[[0, 1, 'true', null, undefined], type]],
    setLogLevel: [
      [[0, 4, 1.5, NaN], range],
      [['1', null, undefined, {}], type],
    ],
  })) {
    for (const [values, error] of refused) {
      test(`${method}, ${error.code}`, () =>
        withCache((cache) => {
          for (const it of values) assert.throws(() => cache[method](it), error, String(it));
        }));
    }
  }
});

describe('a constructor refuses', () => {
  for (const [what, make, error] of [
    ['a name that is a number', (path) => new NodeShareCache(5, 1, false, { path }), type],
    ['an empty name', (path) => new NodeShareCache('', 1, false, { path }), range],
    ['a long name', (path) => new NodeShareCache('x'.repeat(256), 1, false, { path }), range],
    ...[0, -1, 10.5, NaN, Infinity, 2 ** 38 + 1].map((bytes) => [
      `a size of ${bytes}`,
      (path) => new NodeShareCache('cache', bytes, false, { path }),
      range,
    ]),
    ['a size of a string', (path) => new NodeShareCache('cache', '10', false, { path }), type],
    ['a size of null', (path) => new NodeShareCache('cache', null, false, { path }), type],
    ['renew of 1', (path) => new NodeShareCache('cache', 1, 1, { path }), type],
    ['renew of null', (path) => new NodeShareCache('cache', 1, null, { path }), type],
    ['options that are none', () => new NodeShareCache('cache', 1, false, 'path'), type],
    ['an unknown option', () => new NodeShareCache('cache', 1, false, { folder: '' }), unknown],
    ['a path of a number', () => new NodeShareCache('cache', 1, false, { path: 5 }), type],
    ['an empty path', () => new NodeShareCache('cache', 1, false, { path: '' }), value],
    ['ShmCache of a name', () => new ShmCache('cache'), type],
    ['ShmCache of null', () => new ShmCache(null), type],
    ['ShmCache, an unknown option', (path) => new ShmCache({ maxage: 5, path }), unknown],
    ['ShmCache, a size of 0', (path) => new ShmCache({ size: 0, path }), range],
    ['ShmCache, an age of 0', (path) => new ShmCache({ maxAge: 0, path }), range],
    ['ShmCache, an age of a string', (path) => new ShmCache({ maxAge: '5', path }), type],
    ['ShmCache, a limit of 1', (path) => new ShmCache({ maxSize: 1, path }), range],
    ['ShmCache, a limit of 2^35', (path) => new ShmCache({ maxSize: 2 ** 35, path }), range],
  ]) {
    test(what, () =>
      withFolder((folder) => {
        const path = `${folder}/none`;
        assert.throws(() => make(path), error);
        // It was refused before anything was made.
        const cache = CLASSES.NodeShareCache(folder);
        assert.equal(cache.stats().entries, 0);
        cache.close();
      }),
    );
  }
});

test('a_size_is_a_hint_and_nothing_more', SLOW, () =>
  withFolder((folder) => {
    const cache = new NodeShareCache('cache', 1, false, { path: folder });
    for (let key = 0; key < 2000; key += 1) cache.set(`key-${key}`, 'x'.repeat(1000), HOUR_MS);
    assert.equal(cache.stats().entries, 2000);
    const other = new NodeShareCache('cache', 256 * 2 ** 30, false, { path: folder });
    assert.equal(other.stats().entries, 2000);
    for (const one of [cache, other]) one.close();
  }),
);

test('nothing_is_written_to_standard_output', () =>
  withCache((cache) => {
    const { write } = process.stdout;
    const written = [];
    process.stdout.write = (text) => written.push(text);
    try {
      for (const level of [1, 2, 3]) {
        cache.setLogLevel(level);
        cache.set('key', 1);
        cache.get('key');
        cache.del('key');
      }
    } finally {
      process.stdout.write = write;
    }
    assert.deepEqual(written, []);
  }));

test('a_newer_write_of_a_cache_wins_over_a_flight_of_the_store', () =>
  withCache(async (cache, folder) => {
    const store = new SharedStore({ name: 'cache', scope: 'processes', path: folder });
    for (const [act, after] of [
      [() => cache.set('key', 'newer', HOUR_MS), 'newer'],
      [() => cache.del('key'), undefined],
    ]) {
      cache.del('key');
      let made;
      const loading = store.getOrSet('key', () => new Promise((resolve) => (made = resolve)));
      act();
      made('older');
      assert.equal(await loading, 'older');
      assert.equal(cache.get('key'), after);
    }
    store.close();
  }));

test('a_limit_that_is_too_low_for_a_cache_is_the_lowest_that_it_can_have', () =>
  withFolder((folder) => {
    const [least, mebibyte] = [4 * 2 ** 20, 2 ** 20];
    const cache = new NodeShareCache('cache', 1, false, { path: folder });
    for (const bytes of [mebibyte / 4, mebibyte, least, least + mebibyte]) {
      cache.setMaxSize(bytes);
      assert.equal(cache.stats().maxBytes, Math.max(bytes, least));
    }
    assert.throws(() => cache.setMaxSize(mebibyte / 4 - 1), { code: 'ERR_OUT_OF_RANGE' });
    new ShmCache({ name: 'cache', path: folder, maxSize: mebibyte }).close();
    assert.equal(cache.stats().maxBytes, least);
    cache.destroy();
  }));

test('an_age_that_is_none_is_told_in_the_words_of_a_cache', () =>
  withFolder((path) => {
    const cache = new NodeShareCache('cache', 1, false, { path });
    const calls = [
      (age) => cache.set('key', 1, age),
      (age) => cache.setMaxAge(age),
      (maxAge) => new ShmCache({ path, maxAge }),
    ];
    for (const call of calls) {
      for (const age of [0, -1, Number.NaN, -Infinity]) {
        assert.throws(() => call(age), {
          message: /^Expected more than 0 milliseconds for [\w ]+, got \S+$/,
        });
      }
      for (const age of ['5', 'keep', null]) {
        assert.throws(() => call(age), {
          message: /^Expected a number of milliseconds for [\w ]+, got \S+$/,
        });
      }
    }
    assert.equal(cache.get('key'), undefined);
    cache.destroy();
  }));
