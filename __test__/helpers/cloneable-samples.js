/**
 * Values of every kind that a structured clone knows, by name.
 *
 * Must not know of stores. Invariant: each call makes new objects, so tests share none.
 */

function circular() {
  const ring = { name: 'ring', list: [] };
  ring.self = ring;
  ring.list.push(ring);
  return ring;
}

function withProperties() {
  const array = [1, 2, 3];
  array.extra = 'property';
  return array;
}

/** As many properties that are no elements as there are holes. */
function holesAndProperties() {
  const array = [1, 2, 3];
  delete array[1];
  array.extra = 'property';
  return array;
}

function holes() {
  const array = [1, 2, 3];
  delete array[1];
  return array;
}

function sparse() {
  const array = [];
  array[1000] = 'end';
  return array;
}

function nested(depth) {
  let value = { end: true };
  for (let level = 0; level < depth; level += 1) value = { level, in: value, list: [value] };
  return value;
}

function deep(depth) {
  let value = { end: true };
  for (let level = 0; level < depth; level += 1) value = { in: value };
  return value;
}

function typed(Type) {
  const isBig = Type.name.startsWith('Big');
  return Type.from([1, 2, 250].map((it) => (isBig ? BigInt(it) : it)));
}

class Point {
  constructor() {
    this.x = 1;
    this.y = { z: 2 };
  }
}

const TYPES = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
];

const primitives = () => ({
  undefined: undefined,
  null: null,
  true: true,
  false: false,
  'the number 0': 0,
  'the number -0': -0,
  NaN: Number.NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
  'the smallest number': Number.MIN_VALUE,
  'the largest number': Number.MAX_VALUE,
  '2^31': 2 ** 31,
  '-2^31 - 1': -(2 ** 31) - 1,
  '2^53': 2 ** 53,
  '2^64': 2 ** 64,
  'a fraction': 0.1,
  'the bigint 0': 0n,
  'a bigint past 64 bits': 2n ** 200n,
  'a negative bigint': -(2n ** 64n),
  'the empty string': '',
  'a string': 'value',
  'a string with NUL': 'a\0b\0',
  'a Latin-1 string': '\u00e9\u00ff',
  'a wide string': '\u4e2d\u6587 \ud83d\ude00',
  'a string with a byte order mark': '\ufeffvalue',
  'a lone high surrogate': '\ud800',
  'a lone low surrogate': 'a\udc00b',
  'a string of 1 MiB': 'x'.repeat(2 ** 20),
  'a wide string of 1 MiB': '\u4e2d'.repeat(2 ** 20),
  'a Latin-1 string of 1 MiB': '\u00e9'.repeat(2 ** 20),
});

const objects = () => ({
  'an empty object': {},
  'an object': { a: 1, b: 'two', c: null, d: undefined, e: true },
  'an object of numbers': {
    a: -0,
    b: Number.NaN,
    c: 2 ** 53 + 2,
    d: -(2 ** 53),
    e: 2 ** 32,
    f: 1e300,
  },
  'an object of odd strings': {
    a: '\ud800',
    b: '\0',
    c: '\ufeffx',
    d: '\ufeff'.repeat(50),
    e: '\u4e2d',
  },
  'an object of bigints': { a: 1n, b: -(2n ** 70n) },
  'an object with whole-number keys': { b: 1, 2: 'two', 1: 'one' },
  'an object with odd keys': { '': 1, '\ud800': 2, '\0': 3, '\ufeff': 4, 'a b': 5, '\u4e2d': 6 },
  'an object without a prototype': Object.assign(Object.create(null), { a: 1 }),
  'an own key __proto__': JSON.parse('{ "__proto__": { "a": 1 }, "b": 2 }'),
  'an own key constructor': { constructor: 1, prototype: 2 },
  'own keys toString and valueOf': { toString: 1, valueOf: 2, hasOwnProperty: 3 },
  'an own key toJSON': { toJSON: 'no function' },
  'an own key then': Object.fromEntries([['then', 1]]),
  'an own key length': { length: 3, 0: 'a' },
  'keys of 100 units': { ['k'.repeat(100)]: 1, ['\u4e2d'.repeat(100)]: 2 },
  'an object of 1000 keys': Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]),
  ),
  'a frozen object': Object.freeze({ a: Object.freeze([1]) }),
  'a getter': {
    get now() {
      return { made: 'value' };
    },
  },
  'a property that is not enumerable': Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }),
  'a key that is a symbol': { a: 1, [Symbol('hidden')]: 2 },
  'an instance of a class': new Point(),
  'an instance in an object': { point: new Point() },
  'a circular object': circular(),
  'a nested object': nested(8),
  'an object of depth 40': deep(40),
  'an object of depth 500': deep(500),
  'an object as deep as can be': deep(999),
  'an empty array': [],
  'an array': [1, 'two', null, undefined, [3], { four: 4 }],
  'an array of 100,000': Array.from({ length: 100_000 }, (_, index) => index),
  'an array of 100 objects': Array.from({ length: 100 }, (_, id) => ({ id, name: `n${id}` })),
  'an array with holes': holes(),
  'a sparse array': sparse(),
  'an array with a property': withProperties(),
  'an array with a hole and a property': holesAndProperties(),
  'a Map': new Map([[{ key: 1 }, new Set([1])]]),
  'a Map in an object': { map: new Map([['a', { b: 1 }]]) },
  'an empty Map': new Map(),
  'a Set': new Set([1, 'a', { b: 1 }]),
  'a date': new Date(1234567890123),
  'a date in an object': { at: new Date(0) },
  'a regular expression': /a[/]b\n/gimsuy,
  'an error': new RangeError('sample'),
  'a boxed string': Object('a'),
  'a boxed number': Object(-0),
  'a boxed bigint': Object(1n),
  'a boxed boolean': Object(false),
  'an ArrayBuffer': new Uint8Array([1, 2, 3]).buffer,
  'an empty ArrayBuffer': new ArrayBuffer(0),
  'a DataView': new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  'an empty Uint8Array': new Uint8Array(0),
  'a view of a part': new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  'an array of 1 MiB': new Uint8Array(2 ** 20).fill(7),
  'bytes in an object': { bytes: new Uint8Array([1, 2, 3]) },
  ...Object.fromEntries(TYPES.map((Type) => [Type.name, typed(Type)])),
});

/** `[name, value]` of each kind. */
const cloneableSamples = () => Object.entries({ ...primitives(), ...objects() });

/** `[name, value]` of what is no primitive. */
const cloneableObjects = () => Object.entries(objects());

/** An error whose cause leads back to it, through what `between` makes of it. */
function ring(between = (error) => error) {
  const error = new Error('of itself');
  error.cause = between(error);
  return error;
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Bytes that were given away. */
function detached(Type = ArrayBuffer) {
  const buffer = new ArrayBuffer(8);
  const given = Type === ArrayBuffer ? buffer : new Type(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return given;
}

const WASM = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

/** What a clone would lose, or write so that nobody can read it; each with the path to it. */
const lostSamples = () => [
  ['a URL', new URL('http://a.b/'), ''],
  ['Headers', new Headers({ a: 'b' }), ''],
  ['URLSearchParams', new URLSearchParams('a=1'), ''],
  ['an AbortController', new AbortController(), ''],
  ['a WebAssembly.Module', new WebAssembly.Module(WASM), ''],
  ['a SharedArrayBuffer', new SharedArrayBuffer(8), ''],
  ['a revoked Proxy', revoked(), ''],
  ['a detached ArrayBuffer', detached(), ''],
  ['a detached Uint8Array', detached(Uint8Array), ''],
  ['a detached Float64Array', detached(Float64Array), ''],
  ['an Error that is its own cause', ring(), 'value.cause'],
  ['an Error that its cause holds', ring((error) => ({ a: [error] })), 'value.cause.a[0]'],
  ['two errors that are each other s cause', ring((cause) => new Error('b', { cause })), '.cause'],
  ['a function deep inside', { a: [{ 'b c': () => {} }] }, 'value.a[0]["b c"]'],
  ['a symbol in a Map', new Map([['k', { s: Symbol('s') }]]), 'value.get("k").s'],
  ['an object that is too deep', deep(1500), 'value.in.in.in'],
  ['an object that is a level too deep', { a: deep(999) }, 'value.a.in.in'],
  ['a URL in a Set', new Set([new URL('http://a.b/')]), 'value (in the Set)'],
  ['a revoked Proxy in an object', { a: revoked() }, 'value.a'],
  ['a detached view in a list', [1, detached(Uint8Array)], 'value[1]'],
  ['shared bytes in an object', { a: new Uint8Array(new SharedArrayBuffer(8)) }, 'value.a'],
];

/** `[name, value]` of what a structured clone refuses. */
const uncloneableSamples = () =>
  Object.entries({
    'a function': () => {},
    'a class': class {},
    'a symbol': Symbol('value'),
    'a registered symbol': Symbol.for('value'),
    'a WeakMap': new WeakMap(),
    'a WeakRef': new WeakRef({}),
    'a promise': Promise.resolve(1),
    'a function in an object': { a: 1, f() {} },
    'a function in an array': [() => {}],
    'a symbol in an object': { s: Symbol('value') },
    'a symbol in a Map': new Map([['s', Symbol('value')]]),
    'a WeakMap in an object': { map: new WeakMap() },
    'a promise in an array': [Promise.resolve(1)],
    'a toJSON function': { toJSON: () => 'text' },
    // A promise cannot carry that one: it looks for a `then`.
    ...Object.fromEntries(lostSamples().filter(([name]) => name !== 'a revoked Proxy')),
    'a function deep in a list': Array.from({ length: 100 }, () => ({ deep: [() => {}] })),
  });

module.exports = { cloneableObjects, cloneableSamples, lostSamples, uncloneableSamples };
