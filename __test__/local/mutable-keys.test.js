/**
 * A mutable key as an object: what it shows, and what it refuses.
 *
 * Must not know renaming of entries. Invariant tested: a key shows its current value by every way
 * of looking, and nothing but `.value` can be written.
 */
const assert = require('node:assert/strict');
const util = require('node:util');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');

const store = new MemoryStore();
const object = { id: 1 };
const fn = () => {};

/** `[what, value, string form]`; an undefined form is one that is not known beforehand. */
const values = [
  ['a string', 'a', 'a'],
  ['the empty string', '', ''],
  ['a lone surrogate', '\ud800', '\ud800'],
  ['a string with NUL', 'a\0b', 'a\0b'],
  ['a number', 5, '5'],
  ['a fraction', 1e-9, '1e-9'],
  ['NaN', Number.NaN, 'NaN'],
  ['a bigint', 5n, '5'],
  ['true', true, 'true'],
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['an object', object, '{"id":1}'],
  ['an array', [1, 2], '[1,2]'],
  ['a function', fn, undefined],
];

for (const method of ['createKey', 'createMutableKey']) {
  describe(`${method} makes a key of`, () => {
    for (const [what, value, form] of values) {
      test(`${what}, which reads back as it is`, () => {
        assert.ok(Object.is(store[method](value).value, value));
      });

      test(`${what}, which is spelt in string form`, () => {
        const key = store[method](value);
        const spelt = String(key);
        if (form !== undefined) assert.equal(spelt, form);
        assert.equal(`${key}`, spelt);
        assert.equal(key.toString(), spelt);
        assert.equal(key.valueOf(), spelt);
        assert.equal(key.toJSON(), spelt);
        assert.equal(`<${key}>`, `<${spelt}>`);
        assert.equal(JSON.stringify({ key }), JSON.stringify({ key: spelt }));
      });

      test(`${what}, which addresses the entry of that value`, () => {
        const own = new MemoryStore();
        own.set(value, 'by value');
        const key = own[method](value);
        assert.equal(own.get(key), 'by value');
        own.set(key, 'by key');
        assert.equal(own.get(value), 'by key');
        assert.equal(own.size(), 1);
      });
    }
  });
}

describe('assigning .value', () => {
  for (const [what, value, form] of values) {
    test(`${what}: it reads back as it is and is spelt anew`, () => {
      const key = store.createKey('before');
      key.value = value;
      assert.ok(Object.is(key.value, value));
      if (form !== undefined) assert.equal(String(key), form);
      assert.equal(JSON.stringify(key), JSON.stringify(String(key)));
    });
  }
});

test('util.inspect shows the current value', () => {
  const key = store.createKey('first name');
  assert.match(util.inspect(key), /first name/);
  key.value = 'second name';
  assert.match(util.inspect(key), /second name/);
  assert.doesNotMatch(util.inspect(key), /first name/);
  assert.match(util.inspect({ nested: [key] }), /second name/);
});

test('a key is a proxy with one property', () => {
  const key = store.createKey('a');
  assert.equal(util.types.isProxy(key), true);
  assert.equal(typeof key, 'object');
  assert.equal('value' in key, true);
  assert.equal('other' in key, false);
  assert.deepEqual(Object.keys(key), ['value']);
});

test('the one property can be listed with its current value', () => {
  const key = store.createKey('a');
  key.value = 'b';
  assert.deepEqual(Object.entries(key), [['value', 'b']]);
  assert.deepEqual({ ...key }, { value: 'b' });
});

test('a property that a key does not have is undefined', () => {
  const key = store.createKey('a');
  assert.equal(key.other, undefined);
  assert.equal(key[Symbol('other')], undefined);
});

test('a key is not taken for a promise', async () => {
  const key = store.createKey('a');
  assert.equal(await key, key);
});

describe('a key refuses, and its value stays:', () => {
  const refused = { name: 'TypeError', code: 'ERR_INVALID_PROPERTY' };
  const attempts = {
    'writing another property': (key) => {
      key.anything = 'x';
    },
    'writing another property in sloppy mode': new Function('key', "key.anything = 'x';"),
    'writing by Reflect.set': (key) => Reflect.set(key, 'anything', 'x'),
    'writing a symbol': (key) => {
      key[Symbol.toPrimitive] = () => 'x';
    },
    'writing toString': (key) => {
      key.toString = () => 'x';
    },
    'writing __proto__': (key) => Reflect.set(key, '__proto__', {}),
    'defining a property': (key) => Object.defineProperty(key, 'anything', { value: 'x' }),
    'Object.assign': (key) => Object.assign(key, { anything: 'x' }),
    'deleting a property': (key) => delete key.anything,
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    test(what, () => {
      const key = store.createKey('a');
      assert.throws(() => attempt(key), refused);
      assert.equal(key.value, 'a');
      assert.equal(String(key), 'a');
      assert.deepEqual(Object.keys(key), ['value']);
    });
  }
});

describe('a key stays what it is after an attempt of', () => {
  const attempts = {
    'deleting .value': (key) => Reflect.deleteProperty(key, 'value'),
    'making .value a getter': (key) => Object.defineProperty(key, 'value', { get: () => 'x' }),
    'making .value constant': (key) => Object.defineProperty(key, 'value', { writable: false }),
    'changing the prototype': (key) => Object.setPrototypeOf(key, { toString: () => 'x' }),
    freezing: (key) => Object.freeze(key),
    sealing: (key) => Object.seal(key),
    'preventing extensions': (key) => Object.preventExtensions(key),
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    test(what, () => {
      const own = new MemoryStore();
      const key = own.createKey('a');
      own.set(key, 1);
      try {
        attempt(key);
      } catch (error) {
        assert.ok(error instanceof TypeError);
      }
      assert.deepEqual([key.value, String(key), own.get(key)], ['a', 'a', 1]);
      assert.deepEqual(Object.keys(key), ['value']);
    });
  }
});

test('assigning a symbol is refused and changes nothing', () => {
  const own = new MemoryStore();
  const key = own.createKey('a');
  own.set(key, 1);
  const assign = () => {
    key.value = Symbol('b');
  };
  assert.throws(assign, { name: 'TypeError', code: 'ERR_INVALID_KEY' });
  assert.deepEqual([key.value, own.get(key), own.keys()], ['a', 1, ['a']]);
});

test('assigning another mutable key takes its current value', () => {
  const [one, other] = [store.createKey('a'), store.createKey(5)];
  one.value = other;
  assert.equal(one.value, 5);
  other.value = 'later';
  assert.equal(one.value, 5);
});

test('a key made of another mutable key starts with its current value', () => {
  const first = store.createKey(5);
  const second = store.createKey(first);
  first.value = 'later';
  assert.equal(second.value, 5);
  assert.equal(String(second), '5');
});

test('each call makes a key of its own', () => {
  assert.notEqual(store.createKey('a'), store.createKey('a'));
});
