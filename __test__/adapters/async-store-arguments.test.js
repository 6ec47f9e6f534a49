/**
 * Bad arguments to the async `MemoryStore`: a rejection with a code, and nothing changes.
 *
 * Must not know what good arguments do. Invariant tested: no method throws.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { MemoryStore } = require('shared-memory-store/memory-store');

const missing = { name: 'TypeError', code: 'ERR_MISSING_ARGS' };
const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };

const invalidKey = { name: 'TypeError', code: 'ERR_INVALID_KEY' };
const symbols = [Symbol('key'), Symbol.for('key'), Symbol.iterator];
const notNumbers = ['5', null, true, 5n, {}, Symbol('5')];
const notLives = [0, -1, -1.5, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 53 + 2];
const notFunctions = [undefined, null, 'change', 5, {}, Symbol('change')];

const cases = [
  ...symbols.flatMap((key) => [
    [`get(${String(key)})`, (store) => store.get(key), invalidKey],
    [`has(${String(key)})`, (store) => store.has(key), invalidKey],
    [`set(${String(key)}, 1)`, (store) => store.set(key, 1), invalidKey],
    [`delete(${String(key)})`, (store) => store.delete(key), invalidKey],
    [`touch(${String(key)}, 1)`, (store) => store.touch(key, 1), invalidKey],
    [`update(${String(key)}, change)`, (store) => store.update(key, () => 1), invalidKey],
  ]),
  ['set()', (store) => store.set(), missing],
  ['set(key)', (store) => store.set('a'), missing],
  ['touch(key)', (store) => store.touch('a'), missing],
  ['set(…, { maxAge: 1 })', (store) => store.set('a', 9, { maxAge: 1 }), unknown],
  ['set(…, "5")', (store) => store.set('a', 9, '5'), type],
  ['set(…, null)', (store) => store.set('a', 9, null), type],
  ['set(…, [])', (store) => store.set('a', 9, []), type],
  ...notLives.flatMap((ttl) => [
    [`set(…, ${ttl})`, (store) => store.set('a', 9, ttl), range],
    [`set(…, { ttl: ${ttl} })`, (store) => store.set('a', 9, { ttl }), range],
    [`touch(key, ${ttl})`, (store) => store.touch('a', ttl), range],
  ]),
  ...notNumbers.flatMap((ttl) => [
    [`set(…, { ttl: ${String(ttl)} })`, (store) => store.set('a', 9, { ttl }), type],
    [`touch(key, ${String(ttl)})`, (store) => store.touch('a', ttl), type],
  ]),
  ...notFunctions.map((it) => [
    `update(key, ${String(it)})`,
    (store) => store.update('a', it),
    type,
  ]),
];

describe('a call rejects, and changes nothing:', () => {
  for (const [name, call, expected] of cases) {
    test(name, async () => {
      const store = new MemoryStore();
      await store.set('a', 1);
      await assert.rejects(call(store), expected);
      assert.equal(await store.get('a'), 1);
    });
  }
});

test('an error says what was expected, for what, and what came', async () => {
  await assert.rejects(new MemoryStore().get(Symbol('a')), {
    message: 'Expected anything but a symbol for a key, got Symbol(a)',
  });
});

describe('the constructor throws:', () => {
  for (const [options, expected] of [
    [{ ttl: 0 }, range],
    [{ ttl: '5' }, type],
    [{ ttl: null }, type],
    [{ timeToLive: 5 }, unknown],
    [{ cleanupInterval: 0 }, range],
    [{ maxEntries: 0 }, range],
    [{ maxSize: 5, sizeOf: 5 }, type],
    [null, type],
    [5, type],
    [[], type],
  ]) {
    test(`new MemoryStore(${JSON.stringify(options)})`, () => {
      assert.throws(() => new MemoryStore(options), expected);
    });
  }

  test('without new', () => {
    assert.throws(() => MemoryStore(), { code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
  });
});
