/**
 * Bad arguments: every method refuses them by class and code, and nothing changes.
 *
 * Must not know the constructor's options. Invariant tested: a call either does what it says or
 * throws an error with a stable code and leaves the store as it was.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { assertRefused, snapshot } = require('../helpers/snapshot.js');

const missing = { name: 'TypeError', code: 'ERR_MISSING_ARGS' };
const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };
const symbolKey = { name: 'TypeError', code: 'ERR_INVALID_KEY' };

const notNumbers = ['5', '', true, false, null, 5n, {}, [], () => {}, Symbol('5'), new Date(5)];
const notLives = [0, -0, -1, -0.5, Number.NaN, -Infinity, 2 ** 53 + 2, -(2 ** 53)];
const notAges = [-1, 0.5, 1.5, Number.NaN, -Infinity, 2 ** 53 + 2, -(2 ** 53)];
const notBooleans = [0, 1, '', 'true', 'false', null, 5n, {}, [], () => {}, Symbol('true')];
const notOptions = ['5', '', true, false, null, 5n, Symbol('options')];

function show(value) {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'object' && value !== null) return value.constructor.name;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** What takes options as `set` does, whether it would store or not. */
const likeSet = {
  'add(key, 9)': (store, options) => store.add('a', 9, options),
  'add(absent key, 9)': (store, options) => store.add('absent', 9, options),
  'replace(key, 9)': (store, options) => store.replace('a', 9, options),
  'replace(absent key, 9)': (store, options) => store.replace('absent', 9, options),
  'increment(key, 9)': (store, options) => store.increment('a', 9, options),
  'increment(absent key, 9)': (store, options) => store.increment('absent', 9, options),
  'decrement(absent key, 9)': (store, options) => store.decrement('absent', 9, options),
};

/** `[what, call, expected error]`, made for one method out of a list of values. */
const cases = [
  ['get()', (store) => store.get(), missing],
  ['has()', (store) => store.has(), missing],
  ['delete()', (store) => store.delete(), missing],
  ['ttl()', (store) => store.ttl(), missing],
  ['peek()', (store) => store.peek(), missing],
  ['take()', (store) => store.take(), missing],
  ['increment()', (store) => store.increment(), missing],
  ['decrement()', (store) => store.decrement(), missing],
  ['add()', (store) => store.add(), missing],
  ['add(key)', (store) => store.add('absent'), missing],
  ['replace()', (store) => store.replace(), missing],
  ['replace(key)', (store) => store.replace('a'), missing],
  ['touch()', (store) => store.touch(), missing],
  ['touch(key)', (store) => store.touch('a'), missing],
  ['set()', (store) => store.set(), missing],
  ['set(key)', (store) => store.set('a'), missing],
  ['createKey()', (store) => store.createKey(), missing],
  ['createMutableKey()', (store) => store.createMutableKey(), missing],
  ...[
    ...['get', 'has', 'delete', 'ttl', 'peek', 'take', 'increment', 'decrement'],
    ...['createKey', 'createMutableKey'],
  ].flatMap((name) =>
    [Symbol('a'), Symbol.for('a'), Symbol.iterator, Symbol()].map((key) => [
      `${name}(${show(key)})`,
      (store) => store[name](key),
      symbolKey,
    ]),
  ),
  ['set(symbol, 1)', (store) => store.set(Symbol('a'), 1), symbolKey],
  ['add(symbol, 1)', (store) => store.add(Symbol('a'), 1), symbolKey],
  ['replace(symbol, 1)', (store) => store.replace(Symbol('a'), 1), symbolKey],
  ['increment(symbol, 1)', (store) => store.increment(Symbol('a'), 1), symbolKey],
  ['set(symbol, 1, options)', (store) => store.set(Symbol('a'), 1, { ttl: 5 }), symbolKey],
  ['touch(symbol, 5)', (store) => store.touch(Symbol('a'), 5), symbolKey],
  ['touch(key, undefined)', (store) => store.touch('a', undefined), type],
  ['touch(key, { by: 5 })', (store) => store.touch('a', { by: 5 }), unknown],
  ...notNumbers.map((it) => [`touch(key, ${show(it)})`, (store) => store.touch('a', it), type]),
  ...notLives.map((it) => [`touch(key, ${show(it)})`, (store) => store.touch('a', it), range]),
  ...notLives.map((it) => [
    `touch(absent key, ${show(it)})`,
    (store) => store.touch('absent', it),
    range,
  ]),
  ...notOptions.map((it) => [`set(…, ${show(it)})`, (store) => store.set('a', 9, it), type]),
  ...notLives.map((it) => [`set(…, ${show(it)})`, (store) => store.set('a', 9, it), range]),
  ...notNumbers.map((it) => [
    `set(…, { ttl: ${show(it)} })`,
    (store) => store.set('a', 9, { ttl: it }),
    type,
  ]),
  ...notLives.map((it) => [
    `set(…, { ttl: ${show(it)} })`,
    (store) => store.set('a', 9, { ttl: it }),
    range,
  ]),
  ...notNumbers.map((it) => [
    `set(…, { maxAgeMs: ${show(it)} })`,
    (store) => store.set('a', 9, { isPermanent: false, maxAgeMs: it }),
    type,
  ]),
  ...notAges.map((it) => [
    `set(…, { maxAgeMs: ${show(it)} })`,
    (store) => store.set('a', 9, { isPermanent: false, maxAgeMs: it }),
    range,
  ]),
  ...notAges.map((it) => [
    `set(…, { maxAgeMs: ${show(it)} } alone)`,
    (store) => store.set('a', 9, { maxAgeMs: it }),
    range,
  ]),
  ...notBooleans.map((it) => [
    `set(…, { isPermanent: ${show(it)} })`,
    (store) => store.set('a', 9, { isPermanent: it, maxAgeMs: 5 }),
    type,
  ]),
  ['set(…, { TTL })', (store) => store.set('a', 9, { TTL: 5 }), unknown],
  ['set(…, { maxAge })', (store) => store.set('a', 9, { maxAge: 5 }), unknown],
  ['set(…, { ispermanent })', (store) => store.set('a', 9, { ispermanent: false }), unknown],
  ['set(…, { ttl, px })', (store) => store.set('a', 9, { ttl: 5, px: 5 }), unknown],
  ['set(…, { cleanupInterval })', (store) => store.set('a', 9, { cleanupInterval: 5 }), unknown],
  ...Object.entries(likeSet).flatMap(([name, write]) => [
    ...notOptions.map((it) => [`${name} with ${show(it)}`, (store) => write(store, it), type]),
    ...notLives.map((it) => [`${name} with ${show(it)}`, (store) => write(store, it), range]),
    ...notNumbers.map((it) => [
      `${name} with { ttl: ${show(it)} }`,
      (store) => write(store, { ttl: it }),
      type,
    ]),
    ...notLives.map((it) => [
      `${name} with { ttl: ${show(it)} }`,
      (store) => write(store, { ttl: it }),
      range,
    ]),
    [`${name} with { TTL }`, (store) => write(store, { TTL: 5 }), unknown],
    [`${name} with { by }`, (store) => write(store, { by: 5 }), unknown],
  ]),
  ['set(absent key, …, { TTL })', (store) => store.set('absent', 9, { TTL: 5 }), unknown],
  ['forEach(undefined)', (store) => store.forEach(undefined), type],
  ...[null, 5, 'a', {}, Symbol('a')].map((it) => [
    `forEach(${show(it)})`,
    (store) => store.forEach(it),
    type,
  ]),
];

describe('refused, and nothing changes:', () => {
  for (const [index, [what, call, expected]] of cases.entries()) {
    testColdAndWarm(`${index}. ${what} is ${expected.code}`, (heat) => {
      const store = new MemoryStore({ autoStartCleanup: false });
      store.set('a', 1);
      store.set('b', 2, HOUR_MS);
      store.set(3, 3);
      heat(store, 'a');
      assertRefused(store, () => call(store), expected);
    });
  }
});

describe('the message says what was expected, for what, and what came:', () => {
  for (const [index, [what, call, expected]] of cases.entries()) {
    if (expected !== type && expected !== range) continue;
    test(`${index}. ${what}`, () => {
      const message = /^Expected .+ for .+, got .+$/s;
      assert.throws(() => call(new MemoryStore()), { message });
    });
  }
});

test('too many arguments are no error', () => {
  const store = new MemoryStore();
  assert.equal(store.set('a', 1, undefined, 'more'), true);
  assert.equal(store.get('a', 'more'), 1);
  assert.equal(store.has('a', 'more'), true);
  assert.deepEqual(snapshot(store), [['a', 'a', 1, false]]);
});
