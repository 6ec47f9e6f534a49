/**
 * The constructor and its options.
 *
 * Must not know the sweeper beyond its answers. Invariant tested: a store is open and empty, or
 * the constructor has thrown an error with a code.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');

const MAX_INTERVAL_MS = 2 ** 31 - 1;

test('a new store is empty', () => {
  const store = new MemoryStore();
  assert.equal(store.size(), 0);
  assert.deepEqual(store.keys(), []);
  assert.deepEqual(store.getKeys(), []);
  assert.deepEqual(store.all(), []);
});

describe('options that are accepted', () => {
  const accepted = {
    undefined: undefined,
    'an empty object': {},
    'the shortest interval': { cleanupInterval: 1 },
    'the longest interval': { cleanupInterval: MAX_INTERVAL_MS },
    'an undefined interval': { cleanupInterval: undefined },
    'autoStartCleanup true': { autoStartCleanup: true },
    'autoStartCleanup false': { autoStartCleanup: false },
    'autoStartCleanup undefined': { autoStartCleanup: undefined },
    'the fewest entries': { maxEntries: 1 },
    'the most entries': { maxEntries: 2 ** 25 - 1 },
    'undefined bounds': { maxEntries: undefined, maxSize: undefined, sizeOf: undefined },
    'the largest size': { maxSize: Number.MAX_SAFE_INTEGER, sizeOf: () => 1 },
    'the smallest size': { maxSize: 1, sizeOf: () => 1 },
    'both bounds': { maxEntries: 5, maxSize: 5, sizeOf: () => 1 },
    'both options': { cleanupInterval: 5000, autoStartCleanup: true },
    'a frozen object': Object.freeze({ cleanupInterval: 5000 }),
    'an object without a prototype': Object.assign(Object.create(null), { cleanupInterval: 5 }),
  };
  for (const [what, options] of Object.entries(accepted)) {
    test(what, () => {
      const store = new MemoryStore(options);
      assert.equal(store.set('a', 1), true);
      assert.equal(store.get('a'), 1);
    });
  }
});

describe('options that are refused', () => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };
  const refused = [
    ['null', null, type],
    ['a number', 5000, type],
    ['a string', 'fast', type],
    ['a boolean', true, type],
    ['a symbol', Symbol('options'), type],
    ['a bigint', 5n, type],
    ['an interval that is a string', { cleanupInterval: '5000' }, type],
    ['an interval that is null', { cleanupInterval: null }, type],
    ['an interval that is a bigint', { cleanupInterval: 5000n }, type],
    ['an interval that is a boolean', { cleanupInterval: true }, type],
    ['an interval that is an object', { cleanupInterval: { valueOf: () => 5 } }, type],
    ['an interval of 0', { cleanupInterval: 0 }, range],
    ['an interval of -0', { cleanupInterval: -0 }, range],
    ['an interval of -1', { cleanupInterval: -1 }, range],
    ['an interval of 1.5', { cleanupInterval: 1.5 }, range],
    ['an interval of NaN', { cleanupInterval: Number.NaN }, range],
    ['an endless interval', { cleanupInterval: Infinity }, range],
    ['an interval of 2^31', { cleanupInterval: MAX_INTERVAL_MS + 1 }, range],
    ['an interval of 2^32 + 5', { cleanupInterval: 2 ** 32 + 5 }, range],
    ['autoStartCleanup 0', { autoStartCleanup: 0 }, type],
    ['autoStartCleanup 1', { autoStartCleanup: 1 }, type],
    ['autoStartCleanup null', { autoStartCleanup: null }, type],
    ["autoStartCleanup 'false'", { autoStartCleanup: 'false' }, type],
    ...['maxEntries', 'maxSize'].flatMap((name) => [
      ...['5', null, 5n, true, {}, [], () => 5].map((it) => [
        `${name} that is ${typeof it} ${String(it)}`,
        { [name]: it },
        type,
      ]),
      ...[0, -0, -1, 1.5, Number.NaN, Infinity, -Infinity, 2 ** 53].map((it) => [
        `${name} of ${it}`,
        { [name]: it },
        range,
      ]),
    ]),
    ['more entries than a store has room for', { maxEntries: 2 ** 25 }, range],
    ...[null, 5, 'length', true, {}, Symbol('size')].map((it) => [
      `a sizeOf that is ${typeof it} ${String(it)}`,
      { maxSize: 5, sizeOf: it },
      type,
    ]),
    ['a sizeOf without maxSize', { sizeOf: () => 1 }, type],
    ['a sizeOf with maxEntries alone', { maxEntries: 5, sizeOf: () => 1 }, type],
    ['a size', { maxSize: 5, size: 1 }, unknown],
    ['a misspelt bound', { maxentries: 5 }, unknown],
    ['a misspelt name', { cleanUpInterval: 5000 }, unknown],
    ['a name of set', { isPermanent: true }, unknown],
    ['a known and an unknown name', { cleanupInterval: 5000, verbose: true }, unknown],
  ];
  for (const [what, options, expected] of refused) {
    test(what, () => assert.throws(() => new MemoryStore(options), expected));
  }
});

test('a call without new is refused by name', () => {
  assert.throws(() => MemoryStore(), { name: 'TypeError', code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
});

test('a call with a store as this is still a call without new', () => {
  const store = new MemoryStore();
  assert.throws(() => MemoryStore.call(store), { code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
});

test('Reflect.construct makes a store', () => {
  const store = Reflect.construct(MemoryStore, [{ cleanupInterval: 5 }]);
  assert.equal(store.set('a', 1), true);
});

test('an error in an option getter comes through as it is', () => {
  const broken = new Error('from the getter');
  const options = {
    get cleanupInterval() {
      throw broken;
    },
  };
  assert.throws(
    () => new MemoryStore(options),
    (error) => error === broken,
  );
});

test('a revoked proxy as options is a TypeError', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.throws(() => new MemoryStore(proxy), { name: 'TypeError' });
});

test('options are read once: a later change of the object changes nothing', () => {
  const options = { cleanupInterval: 5000, autoStartCleanup: false };
  const store = new MemoryStore(options);
  options.autoStartCleanup = true;
  store.set('a', 1, { ttl: 3_600_000 });
  assert.equal(store.stopCleanupTask(), false);
});

test('many stores can be open at once', () => {
  const stores = Array.from({ length: 2000 }, () => new MemoryStore());
  stores.forEach((store, index) => {
    store.set('index', index, 3_600_000);
  });
  assert.ok(stores.every((store, index) => store.get('index') === index));
});

test('a prototype is an object like others, for those who make doubles of classes', () => {
  const { SharedStore, NodeShareCache, ShmCache } = MemoryStore;
  for (const { prototype, name } of [MemoryStore, SharedStore, NodeShareCache, ShmCache]) {
    assert.equal(Object.prototype.toString.call(prototype), '[object Object]', name);
    const verbs = ['get', 'set', 'close'];
    assert.ok(verbs.every((verb) => typeof prototype[verb] === 'function'));
  }
});
