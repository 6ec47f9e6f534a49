/**
 * One value of each kind that JavaScript has, by name.
 *
 * Must not know of stores. Invariant: each call makes new objects, so tests share none.
 */
const vm = require('node:vm');

function revokedProxy() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function withHoles() {
  const holes = [1, 2, 3];
  delete holes[1];
  return holes;
}

function circular() {
  const ring = { name: 'ring' };
  ring.self = ring;
  return ring;
}

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
  'a whole number past 2^31': 2 ** 31 + 1,
  'a whole number past 2^53': 2 ** 53 + 2,
  'a fraction': 0.1,
  'the bigint 0': 0n,
  'a bigint past 64 bits': 2n ** 200n,
  'a negative bigint': -1n,
  'the empty string': '',
  'a string': 'value',
  'a lone surrogate': '\ud800',
  'a string with NUL': 'a\0b',
  'a string of 10 MB': 'x'.repeat(10_000_000),
  'a symbol': Symbol('value'),
  'a registered symbol': Symbol.for('value'),
  'a well-known symbol': Symbol.iterator,
});

const objects = () => ({
  'an object': { a: 1 },
  'an object without a prototype': Object.create(null),
  'a frozen object': Object.freeze({ a: 1 }),
  'a sealed object': Object.seal({ a: 1 }),
  'a circular object': circular(),
  'an array': [1, 2, 3],
  'an array with holes': withHoles(),
  'a function': function named() {},
  'an arrow function': () => {},
  'an async function': async () => {},
  'a generator function': function* numbers() {},
  'a class': class Sample {},
  'an instance of a class': new (class Sample {
    #secret = 1;
    get secret() {
      return this.#secret;
    }
  })(),
  'a boxed string': Object('a'),
  'a boxed number': Object(1),
  'a boxed symbol': Object(Symbol('boxed')),
  'a date': new Date(0),
  'an invalid date': new Date(Number.NaN),
  'a regular expression': /a/g,
  'an error': new Error('value'),
  'a promise': Promise.resolve(1),
  'a Map': new Map([[1, 2]]),
  'a Set': new Set([1]),
  'a WeakMap': new WeakMap(),
  'a WeakRef': new WeakRef({}),
  'a typed array': new Float64Array(4),
  'a buffer': Buffer.from('value'),
  'an ArrayBuffer': new ArrayBuffer(8),
  'a SharedArrayBuffer': new SharedArrayBuffer(8),
  'a DataView': new DataView(new ArrayBuffer(8)),
  'a proxy': new Proxy({}, {}),
  'a proxy that throws at everything': new Proxy(
    {},
    {
      get() {
        throw new Error('from the proxy');
      },
      getPrototypeOf() {
        throw new Error('from the proxy');
      },
    },
  ),
  'a revoked proxy': revokedProxy(),
  'a getter that throws': {
    get broken() {
      throw new Error('from the getter');
    },
  },
  'an object with a then that throws': Object.defineProperty({}, 'then', {
    get() {
      throw new Error('from then');
    },
  }),
  'an object of another realm': vm.runInNewContext('({ a: 1 })'),
  'a function of another realm': vm.runInNewContext('(() => {})'),
  'the global object': globalThis,
});

/** `[name, value]` of each kind. */
const valueSamples = () => Object.entries({ ...primitives(), ...objects() });

module.exports = { valueSamples };
