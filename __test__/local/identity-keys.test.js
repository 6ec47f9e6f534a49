/**
 * Keys that JSON cannot say: they are keys by identity.
 *
 * Must not know the string forms of other keys. Invariant tested: no such key makes a call throw,
 * it finds its own entry again, and two of them never share one.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { runInNewContext } = require('node:vm');
const MemoryStore = require('../../index.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { SLOW } = require('../helpers/test-timeout.js');

const thrown = () => {
  throw new Error('from the key');
};

function circular() {
  const ring = {};
  ring.self = ring;
  return ring;
}

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function nested(depth) {
  let object = {};
  for (let level = 1; level < depth; level += 1) object = { a: object };
  return object;
}

function deep() {
  let nested = [];
  for (let depth = 0; depth < 200_000; depth += 1) nested = [nested];
  return nested;
}

/** An object of an own class that shows nothing of what it holds. */
class Closed {
  #held = 1;

  get held() {
    return this.#held;
  }
}

/** Each makes a new key of its kind. */
const kinds = {
  'a Map': () => new Map([['a', 1]]),
  'a Set': () => new Set(['alice']),
  'a WeakMap': () => new WeakMap(),
  'a RegExp': () => /a/g,
  'an Error': () => new Error('same'),
  'an Error with a code': () => Object.assign(new Error('same'), { code: 'E' }),
  'a Map with a property': () => Object.assign(new Map(), { a: 1 }),
  'a typed array': () => new Float64Array([1, 2]),
  'a DataView': () => new DataView(new ArrayBuffer(1)),
  'an ArrayBuffer': () => new ArrayBuffer(1),
  'a promise': () => Promise.resolve(1),
  'a boxed symbol': () => Object(Symbol('same')),
  'an iterator': () => [1].values(),
  'an object whose class shows nothing': () => new Closed(),
  'a Map in a list': () => [new Map()],
  'a Set deep in an object': () => ({ a: [{ b: new Set() }] }),
  'a toJSON that gives a Map': () => ({ toJSON: () => new Map() }),
  'an object deeper than any name': () => nested(1001),
  'a list deeper than any name, with text': () => [nested(1000), '"{['],
  'a function': () => function key() {},
  'an arrow function': () => () => {},
  'a class': () => class Key {},
  'a bound function': () => thrown.bind(null),
  'a circular object': circular,
  'a circular array': () => {
    const ring = [];
    ring.push(ring);
    return ring;
  },
  'an object with a bigint': () => ({ id: 1n }),
  'a boxed bigint': () => Object(1n),
  'a toJSON that throws': () => ({ toJSON: thrown }),
  'a toJSON that throws nothing at all': () => ({
    toJSON() {
      throw undefined;
    },
  }),
  'a toJSON that gives undefined': () => ({ toJSON: () => undefined }),
  'a toJSON that gives a symbol': () => ({ toJSON: () => Symbol('key') }),
  'a toJSON that gives a function': () => ({ toJSON: () => thrown }),
  'a toJSON that gives a bigint': () => ({ toJSON: () => 1n }),
  'a getter that throws': () => Object.defineProperty({}, 'id', { enumerable: true, get: thrown }),
  'a getter for toJSON that throws': () => Object.defineProperty({}, 'toJSON', { get: thrown }),
  'a proxy that throws': () => new Proxy({}, { get: thrown, ownKeys: thrown }),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of an array': () => revoked([]),
  'a revoked proxy of a function': () => revoked(() => {}),
};

describe('a key by identity finds its own entry:', () => {
  for (const [kind, make] of Object.entries(kinds)) {
    testColdAndWarm(kind, (heat) => {
      const store = new MemoryStore();
      const key = make();
      assert.equal(store.set(key, 'value'), true);
      heat(store, key);
      assert.equal(store.get(key), 'value');
      assert.equal(store.has(key), true);
      assert.equal(store.size(), 1);
      assert.equal(store.ttl(key), Infinity);
      assert.equal(store.touch(key, 3_600_000), true);
      assert.equal(store.delete(key), true);
      assert.equal(store.has(key), false);
    });
  }
});

describe('two keys of one kind never share an entry:', () => {
  for (const [kind, make] of Object.entries(kinds)) {
    testColdAndWarm(kind, (heat) => {
      const store = new MemoryStore();
      const [one, other] = [make(), make()];
      store.set(one, 1);
      heat(store, one);
      assert.equal(store.has(other), false);
      store.set(other, 2);
      heat(store, other);
      assert.deepEqual([store.get(one), store.get(other)], [1, 2]);
      assert.equal(store.size(), 2);
      assert.equal(new Set(store.keys()).size, 2);
    });
  }
});

describe('getKeys gives the key itself back:', () => {
  for (const [kind, make] of Object.entries(kinds)) {
    test(kind, () => {
      const store = new MemoryStore();
      const key = make();
      store.set(key, 'value');
      assert.ok(Object.is(store.getKeys()[0], key));
    });
  }
});

describe('a look for a key by identity that was never set is a miss:', () => {
  for (const [kind, make] of Object.entries(kinds)) {
    test(kind, () => {
      const store = new MemoryStore();
      const key = make();
      assert.equal(store.get(key), undefined);
      assert.equal(store.has(key), false);
      assert.equal(store.delete(key), false);
      assert.equal(store.ttl(key), undefined);
      assert.equal(store.size(), 0);
    });
  }
});

test('what JSON says as it is stays a key by what it says', () => {
  const store = new MemoryStore();
  class Point {
    constructor(x) {
      this.x = x;
    }
  }
  const said = [
    [{}, '{}'],
    [[], '[]'],
    [Object.create(null), '{}'],
    [new Point(1), '{"x":1}'],
    [[new Point(2), new Date(0)], '[{"x":2},"1970-01-01T00:00:00.000Z"]'],
    [new URL('http://a.b/'), '"http://a.b/"'],
    [Buffer.from('a'), '{"type":"Buffer","data":[97]}'],
    [Object('text'), '"text"'],
    [[Object(1), Object(true)], '[1,true]'],
    [{ a: () => {}, b: undefined }, '{}'],
    [runInNewContext('({ a: {} })'), '{"a":{}}'],
    [Object.assign(new (class {})(), { toJSON: () => 'said' }), '"said"'],
    [nested(1000), JSON.stringify(nested(1000))],
    [{ text: '{'.repeat(3000) }, `{"text":"${'{'.repeat(3000)}"}`],
  ];
  for (const [key, string] of said) {
    store.clear();
    store.set(key, 1);
    assert.deepEqual(store.keys(), [string]);
  }
});

test('each property of a key is read once', () => {
  let reads = 0;
  const key = {
    get a() {
      reads += 1;
      return { b: 1 };
    },
  };
  new MemoryStore().set(key, 1);
  assert.equal(reads, 1);
});

test('objects too deep for JSON are keys by identity', SLOW, () => {
  const store = new MemoryStore();
  const [one, other] = [deep(), deep()];
  store.set(one, 1);
  assert.equal(store.has(other), false);
  assert.equal(store.get(one), 1);
  assert.ok(Object.is(store.getKeys()[0], one));
});

test('the string form of a key by identity does not change', () => {
  const store = new MemoryStore();
  const key = () => {};
  store.set(key, 1);
  const [before] = store.keys();
  store.delete(key);
  store.set(circular(), 2);
  store.set(key, 3);
  assert.equal(store.keys()[1], before);
});

test('the string form of a circular object says object and a number', () => {
  const store = new MemoryStore();
  store.set(circular(), 1);
  assert.match(store.keys()[0], /^\[object Object #\d+\]$/);
});

test('a key by identity is reached by its string form', () => {
  const store = new MemoryStore();
  store.set(circular(), 'value');
  assert.equal(store.get(store.keys()[0]), 'value');
});

test('one function is a key in two stores, with two entries', () => {
  const [one, other] = [new MemoryStore(), new MemoryStore()];
  const key = () => {};
  one.set(key, 1);
  assert.equal(other.has(key), false);
  other.set(key, 2);
  assert.deepEqual([one.get(key), other.get(key)], [1, 2]);
});

testColdAndWarm('ten thousand functions are ten thousand keys', (heat) => {
  const store = new MemoryStore();
  const keys = Array.from({ length: 10_000 }, (_, index) => () => index);
  for (const key of keys) store.set(key, key());
  for (const key of keys.slice(0, 500)) heat(store, key);
  assert.equal(store.size(), keys.length);
  assert.ok(keys.every((key) => store.get(key) === key()));
});
