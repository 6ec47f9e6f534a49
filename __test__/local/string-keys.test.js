/**
 * String keys: a string is itself, exactly.
 *
 * Must not know how keys are kept. Invariant tested: two different strings are never one key, and
 * what `keys()` says is the string that was set, code unit for code unit.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');

/** Sets each key to its index and asserts that each is an entry of its own. */
function assertAllDistinct(keys, heat) {
  const store = new MemoryStore();
  keys.forEach((key, index) => {
    assert.equal(store.has(key), false, `key ${index} is not there before it is set`);
    store.set(key, index);
  });
  assert.equal(store.size(), keys.length);
  for (const key of keys) heat(store, key);
  keys.forEach((key, index) => {
    assert.equal(store.get(key), index);
  });
  assert.ok(
    store.keys().every((key, index) => key === keys[index]),
    'keys() says the strings',
  );
  keys.forEach((key, index) => {
    assert.equal(store.delete(key), true);
    assert.equal(store.get(key), undefined);
    assert.equal(store.size(), keys.length - index - 1, 'only this key is gone');
  });
}

const families = {
  'the empty string, spaces and NUL': ['', ' ', '  ', '\0', '\0\0', ' \0', '\0 '],
  'strings around a NUL': ['a\0b', 'a', 'a\0', 'a\0c', '\0a'],
  'lone surrogates': ['\ud800', '\udbff', '\udc00', '\udfff', '\ufffd', '\ud83d', '\ude00'],
  'a pair and its halves': ['\ud83d\ude00', '\ude00\ud83d', '\ud83d', '\ude00'],
  'lone surrogates inside text': ['a\ud800b', 'a\ud801b', 'a\ufffdb', 'a?b'],
  'one byte and two byte strings': ['\u00ff', '\u0100', 'y', '\u00ff\u0100', '\u0100\u00ff'],
  'code units with equal low bytes': ['A', '\u0141', '\u0241', 'a', '\u0161'],
  'bytes that could be read as other units': ['\u0101', '\u0001\u0001', '\u0001', '\u0100\u0001'],
  'UTF-8 bytes and the character they spell': ['é', 'Ã©', 'e\u0301'],
  'normal forms': ['\u00c5', '\u212b', 'A\u030a'],
  'upper and lower case': ['key', 'Key', 'KEY'],
  prefixes: ['user', 'user:', 'user:1', 'user:10', 'user:100', 'user:1000'],
  'names of Object.prototype': [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
  ],
  'names that look like values': ['null', 'undefined', 'true', 'NaN', '[object Object]', '{}'],
  'names that look like numbers': ['0', '-0', '00', '0.0', '1', '1.0', '01', '1e0', '4294967296'],
  'indices of arrays': ['2147483647', '2147483648', '4294967294', '4294967295', '-1'],
};

describe('these strings are different keys', () => {
  for (const [family, keys] of Object.entries(families)) {
    testColdAndWarm(family, (heat) => assertAllDistinct(keys, heat));
  }
});

describe('all families together are different keys', () => {
  const keys = [...new Set(Object.values(families).flat())];
  testColdAndWarm('in one store', (heat) => assertAllDistinct(keys, heat));
});

test('each single code unit is a key of its own', () => {
  const store = new MemoryStore();
  const unit = (code) => String.fromCharCode(code);
  for (let code = 0; code < 2 ** 16; code += 1) store.set(unit(code), code);
  assert.equal(store.size(), 2 ** 16);
  for (let code = 0; code < 2 ** 16; code += 1) assert.equal(store.get(unit(code)), code);
});

describe('keys of each length from 0 to 300', () => {
  const alphabets = { 'one byte': 'x', 'one byte, above ASCII': 'ÿ', 'two byte': 'Ā' };
  for (const [what, letter] of Object.entries(alphabets)) {
    testColdAndWarm(`${what}, equal but for the length`, (heat) =>
      assertAllDistinct(
        Array.from({ length: 301 }, (_, length) => letter.repeat(length)),
        heat,
      ),
    );

    testColdAndWarm(`${what}, equal but for the last character`, (heat) =>
      assertAllDistinct(
        Array.from({ length: 300 }, (_, length) => letter.repeat(length))
          .flatMap((start) => [`${start}a`, `${start}b`])
          .filter((key, index, keys) => keys.indexOf(key) === index),
        heat,
      ),
    );

    testColdAndWarm(`${what}, equal but for the first character`, (heat) =>
      assertAllDistinct(
        Array.from({ length: 300 }, (_, length) => letter.repeat(length)).flatMap((end) => [
          `a${end}`,
          `b${end}`,
        ]),
        heat,
      ),
    );
  }
});

describe('keys of 1 MB', () => {
  for (const [what, letter] of Object.entries({ 'one byte': 'x', 'two byte': 'Ā' })) {
    testColdAndWarm(`${what}, equal but for one character`, (heat) => {
      const long = letter.repeat(1_000_000);
      assertAllDistinct([long, `${long}a`, `${long}b`, `a${long}`, `b${long}`], heat);
    });
  }
});

test('a key built in pieces is the same key as a literal', () => {
  const store = new MemoryStore();
  store.set('user:1234567890:session', 1);
  const pieces = ['user', ':', '1234567890', ':', 'session'];
  let joined = '';
  for (const piece of pieces) joined += piece;
  const sliced = `....${joined}....`.slice(4, -4);
  const decoded = Buffer.from(joined).toString('utf8');
  const narrowInWide = `Ā${joined}`.slice(1);
  for (const key of [joined, sliced, decoded, narrowInWide]) assert.equal(store.get(key), 1);
});

testColdAndWarm('a key that is a slice of a wide string is the narrow key', (heat) => {
  const store = new MemoryStore();
  const wide = 'ĀĀĀuser:1'.slice(3);
  store.set(wide, 1);
  heat(store, wide);
  assert.equal(store.get('user:1'), 1);
  store.set('user:1', 2);
  assert.equal(store.get(wide), 2);
  assert.equal(store.size(), 1);
});

test('keys are never looked up on prototypes', () => {
  const store = new MemoryStore();
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.equal(store.get(name), undefined);
    assert.equal(store.has(name), false);
    assert.equal(store.delete(name), false);
  }
});

test('a value under __proto__ changes no prototype', () => {
  const store = new MemoryStore();
  store.set('__proto__', { polluted: true });
  assert.equal({}.polluted, undefined);
  assert.deepEqual(store.get('__proto__'), { polluted: true });
  assert.deepEqual(store.entries().next().value, ['__proto__', { polluted: true }]);
});
