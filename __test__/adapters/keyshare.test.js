/**
 * `createStore`: the verbs of native-keyshare.
 *
 * Must not know patterns (`shared-patterns.test.js`), nor locks of others (`shared-locks.test.js`).
 * Invariant tested: what API.md promises of each verb, and that a refused call changes nothing.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { passDeadline } = require('../helpers/expiry.js');
const { heldFactory, turn } = require('../helpers/flight.js');
const { freshName, withNamed } = require('../helpers/shared-names.js');
const { runThreads } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');

const { SharedStore, createStore } = MemoryStore;
const sorted = (keys) => [...keys].sort();

test('the_same_name_gives_the_same_store', () => {
  const name = freshName();
  const store = createStore(name);
  assert.equal(createStore(name), store);
  store.close();
  assert.notEqual(createStore(name), store);
  createStore(name).close();
});

test('without_a_name_it_is_default', () => {
  const store = createStore();
  assert.equal(createStore('default'), store);
  assert.equal(createStore(undefined), store);
  store.set('key', 1);
  const shared = new SharedStore();
  assert.equal(shared.get('key'), 1);
  shared.close();
  store.close();
});

test('names_are_isolated', () => {
  const names = [
    freshName('a'),
    freshName('b'),
    'x',
    '__proto__',
    'constructor',
    '\ud800',
    '\ud801',
  ];
  const stores = names.map((name) => createStore(name));
  for (const [index, store] of stores.entries()) store.set('key', index);
  for (const [index, store] of stores.entries()) assert.equal(store.get('key'), index);
  for (const store of stores) store.close();
});

test('names_that_share_a_beginning_are_isolated', () => {
  const begin = freshName().padEnd(254, 'n');
  const [one, other] = [createStore(`${begin}1`), createStore(`${begin}2`)];
  one.set('key', 1);
  assert.equal(other.get('key'), undefined);
  one.close();
  other.close();
});

test('it_is_the_shared_store_of_that_name', () =>
  withNamed((store, name) => {
    const shared = new SharedStore({ name });
    store.set('key', { a: 1 });
    assert.deepEqual(shared.get('key'), { a: 1 });
    shared.set('key', { a: 2 });
    assert.deepEqual(store.get('key'), { a: 2 });
    shared.close();
    assert.deepEqual(store.get('key'), { a: 2 });
  }));

describe('a name is refused', () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  for (const [what, name, error] of [
    ['null', null, type],
    ['a number', 1, type],
    ['an object', {}, type],
    ['a symbol', Symbol('name'), type],
    ['an empty string', '', range],
    ['256 characters', 'n'.repeat(256), range],
  ]) {
    test(what, () => {
      assert.throws(() => createStore(name), error);
      assert.throws(() => new SharedStore({ name }), error);
    });
  }
});

test('set_says_true', () => withNamed((store) => assert.equal(store.set('key', 1), true)));

test('get_of_what_is_absent_is_undefined', () =>
  withNamed((store) => {
    assert.equal(store.get('key'), undefined);
    assert.equal(store.get('key', true), undefined);
  }));

test('undefined_is_a_value', () =>
  withNamed((store) => {
    store.set('key', undefined);
    assert.deepEqual(store.listKeys(), ['key']);
    assert.equal(store.delete('key'), true);
  }));

test('delete_says_whether_there_was_something', () =>
  withNamed((store) => {
    store.set('key', 1);
    assert.equal(store.delete('key'), true);
    assert.equal(store.delete('key'), false);
    assert.equal(store.get('key'), undefined);
  }));

test('a_key_that_is_set_right_after_a_pattern_delete_stays', () =>
  withNamed((store) => {
    for (let round = 0; round < 100; round += 1) {
      store.set('user:1', round);
      assert.equal(store.delete('user:*'), true);
      store.set('user:1', 'again');
      assert.equal(store.get('user:1'), 'again');
    }
  }));

for (const pattern of ['page:1', 'page:*', '/^page:[0-9]$/', /PAGE:./gi]) {
  for (const [whose, remove] of [
    ['one thread', (name) => createStore(name).delete(pattern)],
    ['another thread', (name) => runThreads(1, 'adapter.removePattern', { name, pattern })],
  ]) {
    test(`what_${whose}_removes_by_${pattern}_is_not_stored_by_whoever_makes_it`, SLOW, () =>
      withNamed(async (store, name) => {
        const shared = new SharedStore({ name });
        const { factory, runs } = heldFactory();
        const loading = ['page:1', 'other'].map((key) => shared.getOrSet(key, factory));
        await turn();
        await remove(name);
        for (const { resolve } of runs) resolve('older');
        assert.deepEqual(await Promise.all(loading), ['older', 'older']);
        assert.equal(store.get('page:1'), undefined);
        // A thread knows which of its own keys are meant.
        if (whose === 'one thread') assert.equal(store.get('other'), 'older');
        shared.close();
      }),
    );
  }
}

test('a_pattern_that_is_refused_overtakes_nothing', () =>
  withNamed(async (store, name) => {
    const shared = new SharedStore({ name });
    const { factory, runs } = heldFactory();
    const loading = shared.getOrSet('key', factory);
    await turn();
    assert.throws(() => store.delete(/(?=k)/), { code: 'ERR_INVALID_PATTERN' });
    runs[0].resolve('made');
    assert.equal(await loading, 'made');
    assert.equal(store.get('key'), 'made');
    shared.close();
  }));

test('clear_removes_everything', () =>
  withNamed((store) => {
    store.set('a', 1);
    store.set('b', 2, { ttl: 60 });
    assert.equal(store.clear(), undefined);
    assert.deepEqual(store.listKeys(), []);
    assert.equal(store.get('a'), undefined);
  }));

test('keys_have_the_string_forms_of_a_memory_store', () =>
  withNamed((store) => {
    const key = new MemoryStore({ autoStartCleanup: false }).createKey('mutable');
    for (const [given, string] of [
      [1, '1'],
      [1n, '1'],
      [true, 'true'],
      [null, 'null'],
      [{ a: 1 }, '{"a":1}'],
      [key, 'mutable'],
      ['', ''],
      ['\ud800', '\ud800'],
      ['\ud801', '\ud801'],
      ['a\0b', 'a\0b'],
      ['\u4e2d'.repeat(500), '\u4e2d'.repeat(500)],
    ]) {
      store.set(given, string);
      assert.equal(store.get(string), string);
      assert.deepEqual(store.listKeys(), [string]);
      assert.equal(store.delete(given), true);
    }
  }));

describe('ttl is in seconds', () => {
  for (const [ttl, ms] of [
    [3600, 3_600_000],
    [1800.5, 1_800_500],
    [60, 60_000],
    [0.0001, 1],
    [86_400 * 365 * 100, 86_400_000 * 365 * 100],
  ]) {
    test(`${ttl}`, () =>
      withNamed((store, name) => {
        const shared = new SharedStore({ name });
        const start = performance.now();
        store.set('key', 1, { ttl });
        const left = shared.ttl('key');
        const passed = performance.now() - start;
        shared.close();
        assert.ok(ms === 1 || (left <= ms && left >= ms - passed - 1), `${left} ms`);
      }));
  }

  test('an entry whose deadline has passed is absent', () =>
    withNamed((store) => {
      store.set('key', 1, { ttl: 0.002 });
      store.set('other', 1);
      passDeadline(2);
      assert.equal(store.get('key'), undefined);
      assert.equal(store.get('key', true), undefined);
      assert.deepEqual(store.listKeys(), ['other']);
      assert.deepEqual(store.listKeys('k*'), []);
      assert.equal(store.delete('key'), false);
      assert.equal(store.delete('k*'), false);
    }));

  test('a set without ttl makes it last', () =>
    withNamed((store) => {
      store.set('key', 1, { ttl: 0.002 });
      store.set('key', 2);
      passDeadline(2);
      assert.equal(store.get('key'), 2);
    }));
});

describe('arguments are refused', () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const missing = { name: 'TypeError', code: 'ERR_MISSING_ARGS' };
  const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };
  const key = { name: 'TypeError', code: 'ERR_INVALID_KEY' };
  const ranges = [0, -1, -0.5, Number.NaN, Infinity, 2 ** 53];
  for (const [what, call, error] of [
    ['set()', (store) => store.set(), missing],
    ['set(key)', (store) => store.set('a'), missing],
    ['get()', (store) => store.get(), missing],
    ['delete()', (store) => store.delete(), missing],
    ['lock()', (store) => store.lock(), missing],
    ['release()', (store) => store.release(), missing],
    ['set of a symbol', (store) => store.set(Symbol('a'), 1), key],
    ['get of a symbol', (store) => store.get(Symbol('a')), key],
    ['delete of a symbol', (store) => store.delete(Symbol('a')), key],
    ['lock of a symbol', (store) => store.lock(Symbol('a')), key],
    ['listKeys of a symbol', (store) => store.listKeys(Symbol('a')), key],
    ['an unknown option', (store) => store.set('a', 9, { TTL: 1 }), unknown],
    ['options null', (store) => store.set('a', 9, null), type],
    ['options of a number', (store) => store.set('a', 9, 5), type],
    ['a ttl that is a string', (store) => store.set('a', 9, { ttl: '5' }), type],
    ['a ttl of null', (store) => store.set('a', 9, { ttl: null }), type],
    ['a skipLock of 1', (store) => store.set('a', 9, { skipLock: 1 }), type],
    ['an immutable of 1', (store) => store.set('a', 9, { immutable: 1 }), type],
    ['a minBufferSize of a string', (store) => store.set('a', 9, { minBufferSize: '1' }), type],
    ['a minBufferSize of -1', (store) => store.set('a', 9, { minBufferSize: -1 }), range],
    ['a skipLock of get', (store) => store.get('a', 'yes'), type],
    ['a timeout of a string', (store) => store.lock('a', '5'), type],
    ['a timeout of -1', (store) => store.lock('a', -1), range],
    ['a timeout of NaN', (store) => store.lock('a', Number.NaN), range],
    ['a timeout of 2^31', (store) => store.lock('a', 2 ** 31), range],
    ...ranges.map((ttl) => [`a ttl of ${ttl}`, (store) => store.set('a', 9, { ttl }), range]),
  ]) {
    test(what, () =>
      withNamed((store) => {
        store.set('a', 1);
        assert.throws(() => call(store), error);
        assert.equal(store.get('a'), 1);
        assert.deepEqual(store.listKeys(), ['a']);
      }),
    );
  }
});

test('the_hints_of_native_keyshare_are_accepted', () =>
  withNamed((store) => {
    const options = { minBufferSize: 1024, immutable: true, skipLock: true, ttl: undefined };
    assert.equal(store.set('key', 'value', options), true);
    assert.equal(store.set('key', 'longer value'.repeat(1000), options), true);
    assert.equal(store.get('key').length, 12_000);
  }));

const METHODS = {
  set: (store) => store.set('a', 1),
  get: (store) => store.get('a'),
  delete: (store) => store.delete('a'),
  'delete of a pattern': (store) => store.delete('a*'),
  listKeys: (store) => store.listKeys(),
  'listKeys of a key': (store) => store.listKeys('a'),
  'listKeys of a pattern': (store) => store.listKeys('a*'),
  lock: (store) => store.lock('a', 0),
  release: (store) => store.release('a'),
  clear: (store) => store.clear(),
};

describe('a closed store refuses', () => {
  const error = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };
  for (const [name, call] of Object.entries(METHODS)) {
    test(name, () =>
      withNamed((store) => {
        store.set('a', 1);
        store.get('a');
        store.close();
        assert.throws(() => call(store), error);
      }),
    );

    test(`${name}, while another object has it open`, () =>
      withNamed((store, storeName) => {
        const other = new SharedStore({ name: storeName });
        other.set('a', 1);
        store.close();
        assert.throws(() => call(store), error);
        assert.equal(other.get('a'), 1);
        other.close();
      }));
  }

  test('but to be closed again', () =>
    withNamed((store) => {
      for (let time = 0; time < 3; time += 1) assert.equal(store.close(), undefined);
    }));
});

test('closing_again_does_not_close_the_store_that_was_opened_since', () => {
  const name = freshName();
  const first = createStore(name);
  first.close();
  const second = createStore(name);
  second.set('key', 1);
  first.close();
  assert.equal(second.get('key'), 1);
  assert.equal(createStore(name), second);
  second.close();
});

test('data_is_gone_after_the_last_close', () => {
  const name = freshName();
  createStore(name).set('key', 1);
  createStore(name).close();
  const again = createStore(name);
  assert.equal(again.get('key'), undefined);
  assert.deepEqual(again.listKeys(), []);
  again.close();
});

describe('a wrong receiver is refused', () => {
  const receivers = [undefined, null, 1, 'a', {}, [], new MemoryStore({ autoStartCleanup: false })];
  for (const name of ['set', 'get', 'delete', 'listKeys', 'lock', 'release', 'clear', 'close']) {
    test(name, () =>
      withNamed((store) => {
        for (const receiver of [...receivers, Object.create(store)]) {
          const error = { name: 'TypeError', code: 'ERR_INVALID_THIS' };
          assert.throws(() => store[name].call(receiver, 'a', 1), error);
        }
      }),
    );
  }
});

test('listKeys_gives_many_keys_once', () =>
  withNamed((store) => {
    const keys = Array.from({ length: 5000 }, (_, index) => `key-${index}`);
    for (const key of keys) store.set(key, 1);
    assert.deepEqual(sorted(store.listKeys()), sorted(keys));
    assert.deepEqual(sorted(store.listKeys('*')), sorted(keys));
  }));
