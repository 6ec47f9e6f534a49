/**
 * Options of `SharedStore`, the methods in each of its states, and arguments that are refused.
 *
 * Must not know values. Invariant tested: a refused call has a class, a code, and no effect.
 */
const assert = require('node:assert/strict');
const util = require('node:util');
const { describe, test } = require('node:test');
const { SharedStore, StoreError, createStore } = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { listenerMethods, withKnownFile } = require('../helpers/method-table.js');
const { freshName, withStore } = require('../helpers/shared-names.js');

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const word = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
const missing = { name: 'TypeError', code: 'ERR_MISSING_ARGS' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };
const closed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };

describe('an option is refused', () => {
  for (const [what, options, error] of [
    ['null', null, type],
    ['a string', 'name', type],
    ['an unknown name', { maxbytes: 1 }, unknown],
    ['scope machines', { scope: 'machines' }, word],
    ['path without scope processes', { path: '/tmp' }, word],
    ['scope 1', { scope: 1 }, type],
    ['maxBytes below 256 KiB', { maxBytes: 256 * 1024 - 1 }, range],
    ['maxBytes above 256 GiB', { maxBytes: 256 * 1024 ** 3 + 1 }, range],
    ['maxBytes with a fraction', { maxBytes: 1e6 + 0.5 }, range],
    ['maxBytes of a string', { maxBytes: '1000000' }, type],
    ['maxEntries 0', { maxEntries: 0 }, range],
    ['maxEntries NaN', { maxEntries: Number.NaN }, range],
    ['whenFull drop', { whenFull: 'drop' }, word],
    ['whenFull true', { whenFull: true }, type],
    ['ttl 0', { ttl: 0 }, range],
    ['ttl -1', { ttl: -1 }, range],
    ['ttl of a string', { ttl: '5' }, type],
    ['reads reference', { reads: 'reference' }, word],
    ['reads null', { reads: null }, type],
  ]) {
    test(what, () => assert.throws(() => new SharedStore(options), error));
  }
});

describe('a store that is open with other options is refused', () => {
  const first = { maxBytes: 2 ** 20, maxEntries: 10, whenFull: 'evict' };
  for (const other of [{ maxBytes: 2 ** 21 }, { maxEntries: 11 }, { whenFull: 'error' }]) {
    test(JSON.stringify(other), () => {
      const name = freshName();
      const store = new SharedStore({ name, ...first });
      store.set('key', 1);
      const error = { name: 'StoreError', code: 'ERR_STORE_MISMATCH' };
      assert.throws(() => new SharedStore({ name, ...other }), error);
      assert.equal(store.get('key'), 1);
      store.close();
      // Whoever was refused has not kept it open.
      const again = new SharedStore({ name, ...other });
      assert.equal(again.size(), 0);
      again.close();
    });
  }

  test('but not one that asks for the same, or for nothing', () => {
    const name = freshName();
    const stores = [first, first, {}, { maxEntries: 10 }, { ttl: 5, reads: 'frozen' }].map(
      (options) => new SharedStore({ name, ...options }),
    );
    stores[0].set('key', 1);
    for (const store of stores) assert.equal(store.get('key'), 1);
    assert.equal(createStore(name).get('key'), 1);
    createStore(name).close();
    for (const store of stores) store.close();
  });
});

test('it_is_made_with_new_alone', () => {
  const error = { name: 'TypeError', code: 'ERR_CONSTRUCT_CALL_REQUIRED' };
  assert.throws(() => SharedStore({ name: freshName() }), error);
});

const entriesOf = (it) => [...it].map(([key, value]) => `${key}=${value}`).sort();
const visit = (store) => {
  const visited = [];
  store.forEach((value, key) => {
    visited.push(`${key}=${value}`);
  });
  return visited.sort();
};

/** Every method: a good call, its answer, and what is there after it, where that changes. */
const METHODS = [
  ['get', (store) => store.get('a'), 1],
  ['has', (store) => store.has('b'), true],
  ['peek', (store) => store.peek('b'), 2],
  ['ttl', (store) => store.ttl('a'), Infinity],
  ['getMany', (store) => store.getMany(['b', 'c', 'a']), [2, undefined, 1]],
  ['size', (store) => store.size(), 2],
  ['keys', (store) => store.keys().sort(), ['a', 'b']],
  ['entries', (store) => entriesOf(store.entries()), ['a=1', 'b=2']],
  ['values', (store) => [...store.values()].sort(), [1, 2]],
  ['forEach', visit, ['a=1', 'b=2']],
  [Symbol.iterator, (store) => entriesOf(store), ['a=1', 'b=2']],
  ['stats', (store) => store.stats().entries, 2],
  ['set', (store) => store.set('c', 3), true, ['a=1', 'b=2', 'c=3']],
  ['add', (store) => store.add('a', 3), false],
  ['replace', (store) => store.replace('a', 3), true, ['a=3', 'b=2']],
  ['compareAndSet', (store) => store.compareAndSet('a', 1, 3), true, ['a=3', 'b=2']],
  ['increment', (store) => store.increment('a', 5), 6, ['a=6', 'b=2']],
  ['decrement', (store) => store.decrement('c', 5), -5, ['a=1', 'b=2', 'c=-5']],
  ['setMany', (store) => store.setMany([['a', 4]]), true, ['a=4', 'b=2']],
  ['touch', (store) => store.touch('a', HOUR_MS), true],
  ['take', (store) => store.take('a'), 1, ['b=2']],
  ['delete', (store) => store.delete('b'), true, ['a=1']],
  ['deleteMany', (store) => store.deleteMany(['b', 'c', 'a']), 2, []],
  ['clear', (store) => store.clear(), true, []],
  ...['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'].map(listenBy),
  ['lock', (store) => store.lock('a'), true],
  ['release', (store) => store.release('a'), false],
  ['watch', (store) => typeof store.watch('a', () => {}), 'function'],
  ['subscribe', (store) => typeof store.subscribe('a', () => {}), 'function'],
  ['publish', (store) => store.publish('a', 1), undefined],
  ['getOrSet', (store) => store.getOrSet('c', () => 3), 3, ['a=1', 'b=2', 'c=3']],
  ['withLock', (store) => store.withLock('a', () => 'ran'), 'ran'],
  ['snapshot', (store) => withKnownFile(store, 'snapshot'), 2],
  ['restore', (store) => withKnownFile(store, 'restore'), 1, ['a=1', 'b=2', 'c=0']],
];
/** What a closed store answers, too. */
const UNLISTENING = listenerMethods.map(({ name }) => name);
const ASYNC = ['getOrSet', 'withLock', 'snapshot', 'restore'];

function listenBy(method) {
  return [method, (store) => store[method]('error', () => {}) === store, true];
}

function fill(store) {
  store.set('a', 1);
  store.set('b', 2, HOUR_MS);
  for (let read = 0; read < 64; read += 1) store.getMany(['a', 'b', 'c']);
  return store;
}

test('the_table_names_every_method', () => {
  const known = [
    ...METHODS.map(([name]) => name),
    ...UNLISTENING,
    'close',
    'destroy',
    Symbol.dispose,
    'constructor',
  ];
  const properties = ['name', 'scope', 'file', 'maxBytes'];
  const others = [...properties, Symbol.toStringTag, util.inspect.custom];
  const names = Reflect.ownKeys(SharedStore.prototype);
  assert.deepEqual(
    names.filter((name) => ![...known, ...others].includes(name)),
    [],
  );
});

for (const reads of ['copy', 'frozen']) {
  describe(`an open store answers, ${reads}`, () => {
    for (const [name, call, answer, after = ['a=1', 'b=2']] of METHODS) {
      test(String(name), () =>
        withStore({ reads }, async (store) => {
          assert.deepEqual(await call(fill(store)), answer);
          assert.deepEqual(entriesOf(store), after);
        }),
      );
    }
  });

  describe(`an open store and a closed one let listeners go, ${reads}`, () => {
    for (const { name, call, answer } of listenerMethods) {
      if (name === 'off' || name === 'removeListener') continue;
      test(name, () =>
        withStore({ reads }, (store) => {
          assert.deepEqual(call(store), answer);
          store.close();
          assert.deepEqual(call(store), answer);
        }),
      );
    }
  });

  describe(`a closed store refuses, ${reads}`, () => {
    for (const isOpenElsewhere of [false, true]) {
      const state = isOpenElsewhere ? 'open elsewhere' : 'open nowhere';
      for (const [name, call] of METHODS) {
        test(`${String(name)}, ${state}`, async () => {
          const options = { name: freshName(), reads };
          const other = isOpenElsewhere ? new SharedStore(options) : undefined;
          const store = fill(new SharedStore(options));
          store.close();
          if (ASYNC.includes(name)) await assert.rejects(call(store), closed);
          else assert.throws(() => call(store), closed);
          if (other !== undefined) assert.deepEqual(entriesOf(other), ['a=1', 'b=2']);
          other?.close();
        });
      }
    }
  });
}

describe('a closed store refuses at the call, not later', () => {
  for (const name of ['entries', 'values', Symbol.iterator]) {
    test(String(name), () =>
      withStore({}, (store) => {
        store.close();
        assert.throws(() => store[name](), closed);
      }),
    );
  }
});

test('an_iterator_of_a_store_that_is_closed_meanwhile_refuses', () =>
  withStore({}, (store) => {
    const iterator = fill(store).entries();
    iterator.next();
    store.close();
    assert.throws(() => iterator.next(), closed);
  }));

describe('closing', () => {
  for (const name of ['close', 'destroy', Symbol.dispose]) {
    test(`again and again, by ${String(name)}`, () =>
      withStore({}, (store) => {
        for (let time = 0; time < 3; time += 1) assert.equal(store[name](), undefined);
      }));
  }

  test('one object leaves the flights of another', async () => {
    const name = freshName();
    const [one, other] = [new SharedStore({ name }), new SharedStore({ name })];
    let [runs, made] = [0, undefined];
    const factory = () => {
      runs += 1;
      return new Promise((resolve) => {
        made = resolve;
      });
    };
    const loading = other.getOrSet('key', factory);
    one.close();
    const same = other.getOrSet('key', factory);
    made('value');
    assert.deepEqual([await loading, await same, runs], ['value', 'value', 1]);
    assert.equal(other.get('key'), 'value');
    other.close();
  });

  test('the last object ends the flights, and nothing of them is stored later', async () => {
    const name = freshName();
    const [one, other] = [new SharedStore({ name }), new SharedStore({ name })];
    let made;
    const loading = one.getOrSet('key', () => new Promise((resolve) => (made = resolve)));
    other.close();
    one.close();
    const next = new SharedStore({ name });
    made('value');
    assert.equal(await loading, 'value');
    assert.equal(next.get('key'), undefined);
    next.close();
  });

  test('one object leaves another of the thread its data', () => {
    const name = freshName();
    const [one, other] = [new SharedStore({ name }), new SharedStore({ name })];
    one.set('key', { a: 1 });
    one.close();
    one.close();
    assert.deepEqual(other.get('key'), { a: 1 });
    other.close();
    const again = new SharedStore({ name });
    assert.equal(again.get('key'), undefined);
    again.close();
  });
});

describe('a wrong receiver is refused', () => {
  for (const name of [...METHODS.map(([it]) => it), 'close', 'destroy']) {
    test(String(name), async () => {
      const error = { name: 'TypeError', code: 'ERR_INVALID_THIS' };
      for (const receiver of [undefined, null, 1, {}, SharedStore.prototype, createStore()]) {
        const call = () => SharedStore.prototype[name].call(receiver, 'a', () => {}, 1);
        if (ASYNC.includes(name)) await assert.rejects(call, error);
        else assert.throws(call, error);
      }
      createStore().close();
    });
  }
});

describe('arguments are refused', () => {
  const symbols = ['get', 'has', 'peek', 'ttl', 'delete', 'take', 'increment', 'lock', 'release'];
  const key = { name: 'TypeError', code: 'ERR_INVALID_KEY' };
  const pair = ['a', 9];
  const nan = { name: 'TypeError', code: 'ERR_NOT_A_NUMBER' };
  for (const [what, call, error] of [
    ...symbols.map((name) => [`${name}()`, (store) => store[name](), missing]),
    ...symbols.map((name) => [`${name}(symbol)`, (store) => store[name](Symbol('a')), key]),
    ['set()', (store) => store.set(), missing],
    ['set(key)', (store) => store.set('a'), missing],
    ['add(key)', (store) => store.add('z'), missing],
    ['replace(key)', (store) => store.replace('a'), missing],
    ['touch(key)', (store) => store.touch('a'), missing],
    ['touch 0', (store) => store.touch('a', 0), range],
    ['compareAndSet(key, expected)', (store) => store.compareAndSet('a', 1), missing],
    ['set ttl 0', (store) => store.set('a', 9, 0), range],
    ['set ttl -0.5', (store) => store.set('a', 9, -0.5), range],
    ['set ttl "5"', (store) => store.set('a', 9, { ttl: '5' }), type],
    ['set options null', (store) => store.set('a', 9, null), type],
    ['set unknown option', (store) => store.set('a', 9, { size: 1 }), unknown],
    ['increment by "1"', (store) => store.increment('a', '1'), type],
    ['increment by Infinity', (store) => store.increment('a', Infinity), range],
    ['increment of a string', (store) => store.increment('text'), nan],
    ['getMany of a string', (store) => store.getMany('ab'), type],
    ['getMany of a symbol', (store) => store.getMany(['a', Symbol('b')]), key],
    ['setMany of no pairs', (store) => store.setMany([['a', 9], ['b']]), type],
    ['setMany of a bad ttl', (store) => store.setMany([pair, ['b', 1, 0]]), range],
    ['setMany of a symbol', (store) => store.setMany([pair, [Symbol('b'), 1]]), key],
    ['deleteMany of a symbol', (store) => store.deleteMany(['a', Symbol('b')]), key],
    ['forEach of nothing', (store) => store.forEach(), type],
    ['lock timeout -1', (store) => store.lock('a', -1), range],
    ['lock timeout "5"', (store) => store.lock('a', '5'), type],
  ]) {
    test(what, () =>
      withStore({}, (store) => {
        store.set('a', 1);
        store.set('text', 'one');
        assert.throws(() => call(store), error);
        assert.deepEqual(entriesOf(store), ['a=1', 'text=one']);
      }),
    );
  }
});

test('its_errors_are_store_errors', () =>
  withStore({}, (store) => {
    store.close();
    assert.throws(() => store.get('a'), StoreError);
  }));

test('limit names what has run out', () => {
  const store = new SharedStore({ name: freshName('limit'), maxEntries: 1, maxBytes: 2 ** 20 });
  store.set('a', 1);
  const refused = { code: 'ERR_STORE_FULL', message: /maxEntries, 1/ };
  assert.throws(() => store.add('b', 1), refused);
  assert.throws(() => store.limit('b', { rate: 1, per: 1000 }), refused);
  store.close();
});

test('a value that was encoded for a store that is gone meanwhile is not stored elsewhere', () => {
  const name = freshName('rejoin');
  const store = new SharedStore({ name, whenOrphaned: 'rejoin' });
  const other = new SharedStore({ name });
  other.set('structures', { a: 1, b: 2 });
  const value = {
    get x() {
      other.destroy();
      return 1;
    },
    y: 2,
  };
  assert.throws(() => store.set('key', value), { code: 'ERR_STORE_CLOSED' });
  const next = new SharedStore({ name });
  next.set('q', { foo: 1, bar: 2 });
  assert.equal(store.get('key'), undefined);
  assert.equal(store.set('key', { x: 1, y: 2 }), true);
  assert.deepEqual(next.get('key'), { x: 1, y: 2 });
  store.destroy();
  next.close();
});
