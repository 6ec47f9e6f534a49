/**
 * The arguments of `getOrSet`, and the deadlines that it gives.
 *
 * Must not know how a flight works. Invariant tested: bad arguments reject the promise, never
 * throw, call no factory and store nothing.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { heldFactory, turn } = require('../helpers/flight.js');
const { snapshot } = require('../helpers/snapshot.js');

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };
const anyType = { name: 'TypeError' };

const open = () => new MemoryStore({ autoStartCleanup: false });
const neverCalled = () => assert.fail('the factory was called');

/** Past 2^52 a deadline is no longer exact to the millisecond. */
const rounding = (ttl) => (ttl < 2 ** 52 ? 0 : 2);

const notNumbers = {
  'a string': '5',
  null: null,
  'a bigint': 5n,
  'a boolean': true,
  'an object': {},
};
const notLives = [0, -1, -0.5, Number.NaN, -Infinity, 2 ** 53 + 2];

describe('rejected, and nothing changes:', () => {
  const cases = [
    ['no arguments', [], anyType],
    ['a key alone', ['new'], anyType],
    ['a symbol as key', [Symbol('key'), neverCalled], { code: 'ERR_INVALID_KEY' }],
    ...[undefined, null, 5, 'factory', {}, Promise.resolve(1), Symbol('f')].map((it) => [
      `${String(it)} as factory`,
      ['new', it],
      type,
    ]),
    ['no factory for a key that is there', ['a', 'factory'], type],
    ...['5', null, true, 5n, Symbol('o')].map((it) => [
      `${typeof it} ${String(it)} as options`,
      ['new', neverCalled, it],
      type,
    ]),
    ...notLives.map((it) => [`a ttl of ${it} as options`, ['new', neverCalled, it], range]),
    ...notLives.map((ttl) => [`a ttl of ${ttl}`, ['new', neverCalled, { ttl }], range]),
    ...[-1, 0.5, Number.NaN, Infinity, 2 ** 53 + 2].map((staleMs) => [
      `staleMs ${staleMs}`,
      ['new', neverCalled, { staleMs }],
      range,
    ]),
    ...Object.entries(notNumbers).flatMap(([what, value]) => [
      [`a ttl that is ${what}`, ['new', neverCalled, { ttl: value }], type],
      [`staleMs that is ${what}`, ['new', neverCalled, { staleMs: value }], type],
    ]),
    ...[null, 5, 'signal', {}, { aborted: true }, new EventTarget(), new AbortController()].map(
      (signal) => [`signal ${String(signal)}`, ['new', neverCalled, { signal }], type],
    ),
    ...[0, -1, 0.5, Number.NaN, 2 ** 31, -Infinity].map((factoryTimeoutMs) => [
      `factoryTimeoutMs ${factoryTimeoutMs}`,
      ['new', neverCalled, { factoryTimeoutMs }],
      range,
    ]),
    ...[-1, 0.5, Number.NaN, Infinity].map((retryMs) => [
      `retryMs ${retryMs}`,
      ['new', neverCalled, { retryMs }],
      range,
    ]),
    ...Object.entries(notNumbers).flatMap(([what, value]) => [
      [`factoryTimeoutMs that is ${what}`, ['new', neverCalled, { factoryTimeoutMs: value }], type],
      [`retryMs that is ${what}`, ['new', neverCalled, { retryMs: value }], type],
    ]),
    ['whenAbandoned true', ['new', neverCalled, { whenAbandoned: true }], type],
    [
      "whenAbandoned 'end'",
      ['new', neverCalled, { whenAbandoned: 'end' }],
      { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' },
    ],
    ['a misspelt option', ['new', neverCalled, { TTL: 5 }], unknown],
    ['an option of set', ['new', neverCalled, { isPermanent: false }], unknown],
    ['an unknown option for a key that is there', ['a', neverCalled, { TTL: 5 }], unknown],
  ];
  for (const [index, [what, given, expected]] of cases.entries()) {
    test(`${index}. ${what}`, async () => {
      const store = open();
      store.set('a', 1);
      const before = snapshot(store);
      const asked = store.getOrSet(...given);
      assert.ok(asked instanceof Promise);
      await assert.rejects(asked, expected);
      assert.deepEqual(snapshot(store), before);
    });
  }
});

test('an error inside the options rejects as it is', async () => {
  const broken = new Error('from the getter');
  for (const name of ['ttl', 'staleMs', 'signal']) {
    const options = Object.defineProperty({}, name, {
      enumerable: true,
      get() {
        throw broken;
      },
    });
    await assert.rejects(open().getOrSet('new', neverCalled, options), (error) => error === broken);
  }
});

test('a closed store rejects', async () => {
  const store = open();
  store.set('a', 1);
  store.close();
  for (const key of ['a', 'new']) {
    await assert.rejects(store.getOrSet(key, neverCalled), { code: 'ERR_STORE_CLOSED' });
  }
});

test('a receiver that is no store rejects', async () => {
  const { getOrSet } = MemoryStore.prototype;
  for (const receiver of [undefined, {}, MemoryStore.prototype, new Proxy(open(), {})]) {
    await assert.rejects(async () => Reflect.apply(getOrSet, receiver, ['a', neverCalled]), {
      name: 'TypeError',
      code: 'ERR_INVALID_THIS',
    });
  }
});

describe('the result lives', () => {
  const lives = {
    'for ever without options': [undefined, Infinity],
    'for ever with empty options': [{}, Infinity],
    'for ever with ttl undefined': [{ ttl: undefined }, Infinity],
    'for ever with staleMs alone': [{ staleMs: 5 }, Infinity],
    'for ever when ttl computes undefined': [{ ttl: () => undefined }, Infinity],
    'for a number': [HOUR_MS, HOUR_MS],
    'for a ttl': [{ ttl: HOUR_MS }, HOUR_MS],
    'for 2^53 at the most': [{ ttl: 2 ** 53 }, 2 ** 53],
    'for what ttl computes': [{ ttl: () => HOUR_MS }, HOUR_MS],
    'for ttl and staleMs': [{ ttl: HOUR_MS, staleMs: HOUR_MS }, 2 * HOUR_MS],
    'for what ttl computes and staleMs': [{ ttl: () => HOUR_MS, staleMs: HOUR_MS }, 2 * HOUR_MS],
  };
  for (const [name, [options, ttl]] of Object.entries(lives)) {
    test(name, async () => {
      const store = open();
      const before = performance.now();
      assert.equal(await store.getOrSet('key', async () => 'made', options), 'made');
      const left = store.ttl('key');
      const passed = performance.now() - before;
      assert.equal(store.get('key'), 'made');
      if (ttl === Infinity) assert.equal(left, Infinity);
      else assert.ok(left <= ttl + rounding(ttl) && left >= ttl - passed - 2, `${left} of ${ttl}`);
    });
  }

  test('until its deadline', async () => {
    const store = open();
    for (const options of [1, { ttl: 1 }, { ttl: () => 1 }]) {
      await store.getOrSet('key', () => 'made', options);
      passDeadline(1);
      assert.equal(store.get('key'), undefined);
    }
  });

  test('from when the factory was done', async () => {
    const store = open();
    const { factory, runs } = heldFactory();
    const asked = store.getOrSet('key', factory, { ttl: HOUR_MS });
    await turn();
    passDeadline(50);
    const done = performance.now();
    runs[0].resolve('made');
    await asked;
    assert.ok(store.ttl('key') >= HOUR_MS - (performance.now() - done) - 2);
  });
});

describe('a ttl that is computed', () => {
  test('gets the value and the key in string form', async () => {
    const given = [];
    const ttl = (...all) => {
      given.push(all);
      return 5;
    };
    await open().getOrSet(7, async () => 'made', { ttl });
    assert.deepEqual(given, [['made', '7']]);
  });

  test('of 0 or less gives the value and stores nothing', async () => {
    for (const ttl of [0, -0, -1, -0.5, -Infinity]) await assertNotStored({ ttl: () => ttl });
  });

  /** Whether each round makes a value, which all get and which is not stored. */
  async function assertNotStored(options) {
    const store = open();
    let made = 0;
    for (let round = 1; round < 5; round += 1) {
      const asked = [1, 2, 3].map(() => store.getOrSet('key', async () => ++made, options));
      assert.deepEqual(await Promise.all(asked), [round, round, round]);
      assert.equal(store.has('key'), false);
      assert.equal(store.stats().sets, 0);
    }
  }

  test('of a fraction is rounded up, Infinity is for ever, too much is the longest', async () => {
    const ttls = [
      [HOUR_MS + 0.5, HOUR_MS + 1],
      [Infinity, Infinity],
      // At such a size a float does not count every millisecond.
      [2 ** 53 + 2, 2 ** 53 + 1024],
    ];
    for (const [ttl, most] of ttls) {
      const store = open();
      await store.getOrSet('key', () => 'made', { ttl: () => ttl });
      const left = store.ttl('key');
      assert.ok(left <= most && left > HOUR_MS / 2, `${left} of ${ttl}`);
    }
  });

  const bad = [
    ['NaN', Number.NaN, range],
    ...Object.entries(notNumbers).map(([what, it]) => [what, it, type]),
    ['a promise', Promise.resolve(5), type],
  ];
  for (const [what, ttl, expected] of bad) {
    test(`of ${what} gives the value, stores nothing, and is told once`, async () => {
      const store = open();
      const told = [];
      store.on('error', (error, key) => told.push([error.name, error.code, key]));
      const asked = [1, 2, 3].map(() => store.getOrSet('key', () => 'made', { ttl: () => ttl }));
      assert.deepEqual(await Promise.all(asked), ['made', 'made', 'made']);
      assert.deepEqual(told, [[expected.name, expected.code, 'key']]);
      assert.equal(store.stats().loadErrors, 1);
      assert.equal(store.has('key'), false);
      assert.equal(await store.getOrSet('key', () => 'again'), 'again');
    });
  }

  test('with an error gives the value, stores nothing, and the error is told', async () => {
    const store = open();
    const told = [];
    store.on('error', (...given) => told.push(given));
    const broken = new Error('from ttl');
    const ttl = () => {
      throw broken;
    };
    assert.equal(await store.getOrSet('key', () => 'made', { ttl }), 'made');
    assert.equal(told.length, 1);
    assert.equal(told[0][0], broken);
    assert.equal(told[0][1], 'key');
    assert.equal(store.has('key'), false);
  });

  test('is not computed when the factory fails', async () => {
    const ttl = () => assert.fail('ttl was computed');
    const failure = new Error('from the factory');
    await assert.rejects(
      open().getOrSet('key', () => Promise.reject(failure), { ttl }),
      (error) => error === failure,
    );
  });
});
