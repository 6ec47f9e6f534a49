/**
 * Keys that are no strings, and the string form under which they are stored.
 *
 * Must not know identity keys. Invariant tested: primitives are `String(key)`, objects are
 * `JSON.stringify(key)`, and a key and its string form are one key.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');

class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
}

/** `[what, key, string form]`. */
const forms = [
  ['the number 0', 0, '0'],
  ['the number -0', -0, '0'],
  ['the number 1', 1, '1'],
  ['the number -1', -1, '-1'],
  ['a fraction', 1.5, '1.5'],
  ['1e-9', 1e-9, '1e-9'],
  ['1e21', 1e21, '1e+21'],
  ['0.1 + 0.2', 0.1 + 0.2, '0.30000000000000004'],
  ['2^31', 2 ** 31, '2147483648'],
  ['2^53', 2 ** 53, '9007199254740992'],
  ['the largest number', Number.MAX_VALUE, '1.7976931348623157e+308'],
  ['the smallest number', Number.MIN_VALUE, '5e-324'],
  ['NaN', Number.NaN, 'NaN'],
  ['Infinity', Infinity, 'Infinity'],
  ['-Infinity', -Infinity, '-Infinity'],
  ['the bigint 0', 0n, '0'],
  ['a bigint', 123n, '123'],
  ['a bigint past 64 bits', 2n ** 70n, '1180591620717411303424'],
  ['a negative bigint', -5n, '-5'],
  ['true', true, 'true'],
  ['false', false, 'false'],
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['an empty object', {}, '{}'],
  ['an object', { id: 1, name: 'a' }, '{"id":1,"name":"a"}'],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ['an object with undefined inside', { a: undefined }, '{}'],
  ['an instance of a class', new Point(1, 2), '{"x":1,"y":2}'],
  ['a nested object', { a: { b: [1, { c: null }] } }, '{"a":{"b":[1,{"c":null}]}}'],
  ['an empty array', [], '[]'],
  ['an array', [1, 'a', null], '[1,"a",null]'],
  ['a boxed string', Object('a'), '"a"'],
  ['a boxed number', Object(1), '1'],
  ['a boxed boolean', Object(false), 'false'],
  ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['an invalid date', new Date(Number.NaN), 'null'],
  ['an object with a toJSON', { toJSON: () => 'said' }, '"said"'],
  ['a toJSON that gives a number', { toJSON: () => 7 }, '7'],
  ['a proxy', new Proxy({ a: 1 }, {}), '{"a":1}'],
  ['a lone surrogate inside', { a: '\ud800' }, '{"a":"\\ud800"}'],
];

describe('the string form of', () => {
  for (const [what, key, form] of forms) {
    testColdAndWarm(what, (heat) => {
      const store = new MemoryStore();
      assert.equal(store.set(key, 'value'), true);
      heat(store, key);
      assert.deepEqual(store.keys(), [form]);
      assert.equal(store.get(key), 'value');
    });
  }
});

describe('a key and its string form are one key:', () => {
  for (const [what, key, form] of forms) {
    testColdAndWarm(what, (heat) => {
      const store = new MemoryStore();
      store.set(key, 'by key');
      heat(store, form);
      assert.equal(store.get(form), 'by key');
      store.set(form, 'by form');
      heat(store, key);
      assert.equal(store.get(key), 'by form');
      assert.equal(store.size(), 1);
      assert.equal(store.delete(key), true);
      assert.equal(store.has(form), false);
    });
  }
});

test('keys of different string forms are different entries', () => {
  const store = new MemoryStore();
  const distinct = new Map(forms.map(([, key, form]) => [form, key]));
  for (const [form, key] of distinct) store.set(key, form);
  assert.equal(store.size(), distinct.size);
  for (const [form, key] of distinct) assert.equal(store.get(key), form);
});

describe('these are different keys', () => {
  const different = [
    ['null, undefined and the empty string', [null, undefined, '']],
    ['1 and 1.5', [1, 1.5]],
    ['1e-9 and 0', [1e-9, 0]],
    ['2^53 and 2^53 + 2', [2 ** 53, 2 ** 53 + 2]],
    ['a string and its boxed object', ['a', Object('a')]],
    ['an empty object and an empty array', [{}, []]],
    [
      'objects with other property order',
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ];
  for (const [what, keys] of different) {
    testColdAndWarm(what, (heat) => {
      const store = new MemoryStore();
      keys.forEach((key, index) => {
        store.set(key, index);
      });
      for (const key of keys) heat(store, key);
      keys.forEach((key, index) => {
        assert.equal(store.get(key), index);
      });
      assert.equal(store.size(), keys.length);
    });
  }
});

testColdAndWarm('equal objects are one key', (heat) => {
  const store = new MemoryStore();
  store.set({ id: 1 }, 'value');
  heat(store, { id: 1 });
  assert.equal(store.get({ id: 1 }), 'value');
  assert.equal(
    store.get(
      new (class Other {
        id = 1;
      })(),
    ),
    'value',
  );
});

testColdAndWarm('an object key is read anew at each call', (heat) => {
  const store = new MemoryStore();
  const key = { id: 1 };
  store.set(key, 'one');
  heat(store, key);
  key.id = 2;
  assert.equal(store.has(key), false);
  store.set(key, 'two');
  assert.deepEqual(store.keys(), ['{"id":1}', '{"id":2}']);
});

test('a key with a toJSON is asked at each call', () => {
  const store = new MemoryStore();
  let turn = 0;
  const key = { toJSON: () => `turn ${turn}` };
  store.set(key, 'first');
  turn = 1;
  assert.equal(store.get(key), undefined);
  assert.equal(store.get('"turn 0"'), 'first');
});

test('a mutable key inside an object key stands for its value', () => {
  const store = new MemoryStore();
  const inner = store.createKey('a');
  store.set({ inner }, 1);
  assert.equal(store.get({ inner: 'a' }), 1);
});
