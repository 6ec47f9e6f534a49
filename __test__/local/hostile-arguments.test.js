/**
 * Hostile arguments and receivers: objects that throw when they are looked at, a foreign `this`.
 *
 * Must not know which order arguments are read in. Invariant tested: an error comes out, never a
 * crash, and no entry changes.
 */
const assert = require('node:assert/strict');
const util = require('node:util');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { closers, methods, openKnown } = require('../helpers/method-table.js');
const { assertRefused, snapshot } = require('../helpers/snapshot.js');

const broken = new Error('from the argument');
const thrown = () => {
  throw broken;
};
const isBroken = (error) => error === broken;

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Objects that throw when they are shown, spelt or compared. */
const unshowable = {
  'a toString that throws': { toString: thrown, valueOf: thrown },
  'a toPrimitive that throws': { [Symbol.toPrimitive]: thrown },
  'an inspect that throws': { [util.inspect.custom]: thrown },
  'a toJSON that throws': { toJSON: thrown },
  'no prototype': Object.create(null),
  'a constructor that throws': Object.defineProperty({}, 'constructor', { get: thrown }),
  'a tag that throws': Object.defineProperty({}, Symbol.toStringTag, { get: thrown }),
  'a name that throws': Object.defineProperty(() => {}, 'name', { get: thrown }),
  'a revoked proxy': revoked(),
  'a proxy that throws at everything': new Proxy(
    {},
    { get: thrown, has: thrown, ownKeys: thrown, getPrototypeOf: thrown },
  ),
};

describe('an argument that cannot be shown is still refused by code:', () => {
  for (const [what, value] of Object.entries(unshowable)) {
    test(what, () => {
      const store = openKnown();
      const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
      assertRefused(store, () => store.touch('a', { ttl: value }), type);
      assertRefused(store, () => store.set('a', 9, { ttl: value }), type);
      assertRefused(store, () => store.set('a', 9, { isPermanent: value }), type);
      assertRefused(store, () => store.add('absent', 9, { ttl: value }), type);
      assertRefused(store, () => store.replace('a', 9, { maxAgeMs: value }), type);
      assertRefused(store, () => store.increment('a', value), type);
      assertRefused(store, () => store.decrement('absent', 1, { ttl: value }), type);
      assertRefused(store, () => store.setMany([['a', 9, { ttl: value }]]), type);
      assertRefused(store, () => store.on(value, () => {}), { code: 'ERR_UNKNOWN_EVENT' });
      assertRefused(store, () => store.startCleanupTask(value), type);
      for (const name of ['cleanupInterval', 'maxEntries', 'maxSize']) {
        assert.throws(() => new MemoryStore({ [name]: value }), type);
      }
    });

    test(`${what}, as what is stored under a number`, () => {
      const store = openKnown();
      store.set('odd', value);
      const expected = { name: 'TypeError', code: 'ERR_NOT_A_NUMBER' };
      assertRefused(store, () => store.increment('odd'), expected);
    });

    test(`${what}, as an option of getOrSet`, async () => {
      const store = openKnown();
      const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
      const factory = () => assert.fail('the factory was called');
      await assert.rejects(store.getOrSet('c', factory, { staleMs: value }), type);
      // To ask a proxy what it inherits from is to run its code.
      const isProxy = what.includes('proxy');
      const asked = store.getOrSet('c', factory, { signal: value });
      await assert.rejects(asked, isProxy ? undefined : type);
      assert.equal(store.size(), 2);
    });
  }
});

describe('an error inside the options comes through as it is, and nothing changes:', () => {
  for (const name of ['ttl', 'isPermanent', 'maxAgeMs']) {
    test(`the getter of ${name} throws`, () => {
      const store = openKnown();
      const options = Object.defineProperty({}, name, { enumerable: true, get: thrown });
      assertRefused(store, () => store.set('a', 9, options), isBroken);
    });
  }

  for (const method of ['add', 'replace', 'increment']) {
    test(`the getter of ttl throws, for ${method}`, () => {
      const store = openKnown();
      const options = Object.defineProperty({}, 'ttl', { enumerable: true, get: thrown });
      for (const key of ['a', 'absent']) {
        assertRefused(store, () => store[method](key, 9, options), isBroken);
      }
    });
  }

  test('an iterable whose iterator throws', () => {
    const store = openKnown();
    const iterable = Object.defineProperty({}, Symbol.iterator, { get: thrown });
    for (const method of ['getMany', 'setMany', 'deleteMany']) {
      assertRefused(store, () => store[method](iterable), isBroken);
    }
  });

  test('an entry of setMany that throws at everything', () => {
    const store = openKnown();
    const entry = new Proxy([], { get: thrown, has: thrown });
    assertRefused(store, () => store.setMany([['a', 9], entry]), isBroken);
  });

  test('a proxy as options throws', () => {
    const store = openKnown();
    const options = new Proxy({}, { get: thrown, ownKeys: thrown });
    assertRefused(store, () => store.set('a', 9, options), isBroken);
  });

  test('a revoked proxy as options', () => {
    const store = openKnown();
    assertRefused(store, () => store.set('a', 9, revoked()), { name: 'TypeError' });
  });
});

const receivers = {
  undefined: undefined,
  null: null,
  'a number': 5,
  'a string': 'store',
  'an object': {},
  'a Map': new Map(),
  'the class': MemoryStore,
  'the prototype': MemoryStore.prototype,
  'an object that inherits from a store': Object.create(new MemoryStore()),
  'an object with the prototype of a store': Object.create(MemoryStore.prototype),
  'a proxy of a store': new Proxy(new MemoryStore(), {}),
  'a revoked proxy': revoked(),
};

const foreign = { name: 'TypeError', code: 'ERR_INVALID_THIS' };
const goodArguments = ['a', 5, undefined];

describe('a method refuses a this that is no store:', () => {
  for (const name of [...methods.map((method) => method.name), ...closers]) {
    for (const [what, receiver] of Object.entries(receivers)) {
      test(`${String(name)} on ${what}`, () => {
        const method = MemoryStore.prototype[name];
        assert.throws(() => Reflect.apply(method, receiver, goodArguments), foreign);
      });
    }
  }
});

describe('util.inspect shows without throwing', () => {
  const closed = new MemoryStore();
  closed.close();
  const shown = {
    'a store': openKnown(),
    'a closed store': closed,
    'a store inside an object': { store: openKnown() },
    'the class': MemoryStore,
    'the prototype': MemoryStore.prototype,
    'an object that inherits from a store': Object.create(openKnown()),
    'a proxy of a store': new Proxy(openKnown(), {}),
    'an iterator of a store': openKnown().entries(),
  };
  for (const [what, value] of Object.entries(shown)) {
    test(what, () => assert.match(util.inspect(value), /./));
  }
});

describe('a method that was pulled off its store is refused:', () => {
  for (const { name } of methods) {
    test(String(name), () => {
      const { [name]: method } = openKnown();
      assert.throws(() => method('a', 5), foreign);
    });
  }
});

test('a method that is bound to its store works', () => {
  const store = openKnown();
  assert.deepEqual(['a', 'b'].map(store.get.bind(store)), [1, 2]);
});

test('a method of one store works on another', () => {
  const [one, other] = [openKnown(), new MemoryStore()];
  assert.equal(one.has.call(other, 'a'), false);
  assert.equal(one.set.call(other, 'a', 'other'), true);
  assert.deepEqual([one.get('a'), other.get('a')], [1, 'other']);
});

test('properties of a store of its own are not its entries', () => {
  const store = openKnown();
  store.note = 'a property';
  assert.equal(store.get('note'), undefined);
  assert.equal(snapshot(store).length, 2);
});
