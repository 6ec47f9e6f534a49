/**
 * Bad arguments: every verb by every kind of them, refused by class and code.
 *
 * Must not know in which order arguments are read. Invariant tested: a refused call changes
 * nothing, whether the key is there or not, and however often it was read.
 */
const assert = require('node:assert/strict');
const vm = require('node:vm');
const { inspect } = require('node:util');
const { assertRefused, entriesOf, outcomeOf, property, sinceNow, warm } = require('./contract.js');
const { HOUR_MS, fill, verbs } = require('./verbs.js');

const typeError = (code) => ({ name: 'TypeError', code });
const type = typeError('ERR_INVALID_ARG_TYPE');
const missing = typeError('ERR_MISSING_ARGS');
const unknown = typeError('ERR_UNKNOWN_OPTION');
const pattern = typeError('ERR_INVALID_PATTERN');
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
/** A ttl that cannot be is told the way to say a time. */
const life = { ...range, message: /expiresAt/ };
/** A TypeError, whatever its code. */
const anyType = (error) => error instanceof TypeError && /^ERR_[A-Z_]+$/.test(error.code);

class Options {
  ttl = HOUR_MS;
}

const each = (values, expected) => values.map((value) => [value, expected]);
const notNumbers = ['5', '', true, false, null, 5n, {}, [], () => {}, Symbol('5'), new Date(5)];
const notLives = [0, -0, -1, -0.5, Number.NaN, -Infinity, -(2 ** 53)];
const notAges = [-1, Number.NaN, -Infinity];
const notBooleans = [0, 1, '', 'true', null, 5n, {}, [], () => {}, Symbol('true')];
const notTimes = ['2030-01-01', '', true, null, 5n, {}, [], () => {}, Symbol('time')];
const notRecords = [
  ...['5', '', true, false, null, 5n, Symbol('options'), () => {}, [], [5], new Date()],
  ...[new Map([['ttl', 5]]), new Set(), new Options(), /a/, Promise.resolve({ ttl: 5 })],
  ...[Object(5), new Uint8Array(1), new Error('ttl'), new Proxy([], {})],
];
const under = (name, values, expected, more = {}) =>
  values.map((value) => [{ ...more, [name]: value }, expected]);

/** Tags that no entry can have. */
const badTags = [
  ...under('tags', [null, 'a', 5, true, {}, new Set(['a']), [5], [null], ['a', undefined]], type),
  ...under('tags', [[''], ['a', '']], typeError('ERR_INVALID_ARG_VALUE')),
  ...under('tags', [['t'.repeat(1025)], Array.from({ length: 129 }, (_, at) => `t${at}`)], range),
];

/** Options that no writing verb takes. */
const notWriting = [
  ...each(notRecords, type),
  ...under('ttl', notNumbers, type),
  ...under('ttl', notLives, life),
  ...under('ttl', [2 ** 53 + 2, Number.MAX_VALUE], range),
  ...under('expiresAt', notTimes, type),
  ...under('expiresAt', [Number.NaN, new Date(Number.NaN)], range),
  ...under('expiresAt', [Date.now() + HOUR_MS, new Date(), 0], anyType, { ttl: HOUR_MS }),
  ...under('expiresAt', [Date.now() + HOUR_MS], anyType, { ttl: Infinity }),
  ...under('isPermanent', notBooleans, type),
  ...under('maxAgeMs', notNumbers, type, { isPermanent: false }),
  ...under('maxAgeMs', notAges, range, { isPermanent: false }),
  ...['TTL', 'Ttl', 'maxAge', 'expires', 'expiresat', 'px', 'ispermanent', 'cleanupInterval'].map(
    (name) => [{ [name]: 5 }, unknown],
  ),
  [{ ttl: HOUR_MS, px: 5 }, unknown],
  [{ px: undefined }, unknown],
  ...badTags,
];

/** What no filter is. */
const notFilters = [
  ...each(notRecords, type),
  ...under('prefix', [5, true, null, ['a'], {}, Symbol('a'), /a/], type),
  ...under('match', [5, true, null, ['a'], {}, Symbol('a'), () => {}], type),
  ...under('match', [/(?=a)/, /(?<!a)b/, /(a)\1/, '*'.repeat(1e6)], pattern),
  ...['Prefix', 'pattern', 'suffix', 'ttl'].map((name) => [{ [name]: 'a' }, unknown]),
];

/** Every kind of argument, with values that it cannot be, and how each is refused. */
const BAD = {
  key: each([Symbol('a'), Symbol.for('a'), Symbol.iterator], typeError('ERR_INVALID_KEY')),
  value: [],
  expected: [],
  function: each([undefined, null, 5, 'a', true, {}, [], Symbol('f'), Promise.resolve()], type),
  time: [
    ...each([undefined, ...notNumbers.filter((it) => typeof it !== 'object')], type),
    ...each([null, [], new Date(Date.now() + HOUR_MS), new Map(), new Options()], type),
    ...each(notLives, life),
    ...each([2 ** 53 + 2, Number.MAX_VALUE], range),
    ...under('ttl', notNumbers, type),
    ...under('ttl', notLives, life),
    ...under('expiresAt', notTimes, type),
    ...under('expiresAt', [Number.NaN, new Date(Number.NaN)], range),
    [{ ttl: HOUR_MS, expiresAt: Date.now() + HOUR_MS }, anyType],
    [{ TTL: 5 }, unknown],
    [{ ttl: HOUR_MS, tags: ['t'] }, unknown],
    [{}, anyType],
  ],
  tag: [
    ...each([undefined, null, 5, true, Symbol('t'), {}, () => {}, [5], ['a', null]], type),
    ...each(['', ['']], typeError('ERR_INVALID_ARG_VALUE')),
    ...each(['t'.repeat(1025)], range),
  ],
  amount: [...each(notNumbers, type), ...each([Number.NaN, Infinity, -Infinity], range)],
  keys: each([null, 5, true, 5n, Symbol('a'), {}, () => {}, undefined], type),
  entries: each([null, 5, true, 5n, Symbol('a'), {}, () => {}, undefined], type),
  options: [
    ...notWriting,
    ...each(notLives, life),
    ...each([2 ** 53 + 2], range),
    ...under('min', [1], unknown),
    ...under('ifPresent', [true], unknown),
  ],
  counting: [
    ...notWriting,
    ...each(notLives, life),
    ...under('ifPresent', notBooleans, type),
    ...under('min', notNumbers, type),
    ...under('max', notNumbers, type),
    ...under('min', [Number.NaN], range),
    ...under('max', [Number.NaN], range),
    ...under('by', [1], unknown),
    ...under('Max', [1], unknown),
  ],
  filter: notFilters,
  deletion: [
    ...notFilters,
    ...each([undefined, {}, { prefix: undefined }, { prefix: undefined, match: undefined }], type),
  ],
  rate: [
    ...each([undefined, ...notRecords], type),
    ...['rate', 'per'].flatMap((name) => [
      ...under(name, [undefined, ...notNumbers], type, { rate: 5, per: 5 }),
      ...under(name, [0, -1, 0.5, Number.NaN, Infinity], range, { rate: 5, per: 5 }),
    ]),
    ...['burst', 'cost'].flatMap((name) => [
      ...under(name, notNumbers, type, { rate: 5, per: 5 }),
      ...under(name, [-1, 0.5, Number.NaN, Infinity], range, { rate: 5, per: 5 }),
    ]),
    ...under('burst', [0], range, { rate: 5, per: 5 }),
    ...under('cost', [6, 2 ** 32], range, { rate: 5, per: 5 }),
    ...under('cost', [2], range, { rate: 5, per: 5, burst: 1 }),
    ...under('burst', [2 ** 32], range, { rate: 1, per: 2 ** 40 }),
    ...under('ttl', [5], unknown, { rate: 5, per: 5 }),
  ],
  loading: [
    ...badTags,
    ...each(notRecords, type),
    ...each(notLives, life),
    ...under(
      'ttl',
      notNumbers.filter((it) => typeof it !== 'function'),
      type,
    ),
    ...under('ttl', notLives, life),
    ...under('expiresAt', notTimes, type),
    ...under('expiresAt', [Number.NaN, new Date(Number.NaN)], range),
    [{ ttl: HOUR_MS, expiresAt: Date.now() + HOUR_MS }, anyType],
    ...under('staleMs', notNumbers, type),
    ...under('staleMs', [-1, Number.NaN, -Infinity], range),
    ...under('signal', [null, 5, 'signal', {}, { aborted: true }, new AbortController()], type),
    ...under('TTL', [5], unknown),
    ...under('isPermanent', [false], unknown),
  ],
};

/** Good arguments for a key, but for the one at `index`. */
function withBad({ given, takes }, key, index, bad) {
  const all = given.map((argument, at) => (takes[at] === 'key' ? key : argument));
  all[index] = bad;
  return all;
}

for (const verb of verbs) {
  const { name, takes, least } = verb;
  for (const [index, kind] of takes.entries()) {
    if (BAD[kind].length === 0) continue;
    property(`${name}() refuses what is no ${kind}`, async (store, scope) => {
      await fill(store);
      await warm(store, 'a', 'absent');
      const before = await entriesOf(store);
      const wrong = [];
      for (const [bad, expected] of BAD[kind]) {
        for (const key of ['a', 'b', 'absent']) {
          const given = withBad(verb, key, index, bad);
          try {
            await assertRefused(store, scope, name, () => store[name](...given), expected, before);
          } catch (error) {
            wrong.push(`${name}(${given.map((it) => inspect(it))}): ${error.message}`);
          }
        }
      }
      assert.deepEqual(wrong, []);
    });
  }

  if (least === 0) continue;
  property(`${name}() refuses fewer than ${least} arguments`, async (store, scope) => {
    await fill(store);
    // What is no list or function is told of as such, whether it was left out or not.
    const isOfOne = ['keys', 'entries', 'function', 'deletion'].includes(takes[0]);
    for (let count = 0; count < least; count += 1) {
      const call = () => store[name](...verb.given.slice(0, count));
      await assertRefused(store, scope, name, call, isOfOne ? anyType : missing);
    }
  });

  property(`${name}() takes more arguments than it needs`, async (store, scope) => {
    await fill(store);
    const takes =
      name === 'get' && scope.can('asks afresh') ? [...verb.takes, 'options'] : verb.takes;
    const filled = [...verb.given, ...takes.slice(verb.given.length).map(() => undefined)];
    const outcome = await outcomeOf(scope, name, () => store[name](...filled, 'more', {}));
    assert.ok('gives' in outcome, String(outcome.throws));
  });
}

property('a message says what was expected, for what, and what came', async (store, scope) => {
  await fill(store);
  for (const verb of verbs) {
    for (const [index, kind] of verb.takes.entries()) {
      for (const [bad, expected] of BAD[kind]) {
        if (expected !== type && expected !== range) continue;
        const given = withBad(verb, 'a', index, bad);
        const { throws } = await outcomeOf(scope, verb.name, () => store[verb.name](...given));
        assert.match(throws.message, /^Expected .+ for .+, got .+$/s);
      }
    }
  }
});

const receivers = (store) => [
  ...[undefined, null, 5, 'store', {}, [], () => {}, new Map()],
  ...[Object.getPrototypeOf(store), Object.create(store), new Proxy(store, {})],
];

for (const { name, given } of verbs) {
  property(`${name}() refuses what is no store as this`, async (store, scope) => {
    for (const receiver of receivers(store)) {
      const call = () => Reflect.apply(store[name], receiver, given);
      const { throws } = await outcomeOf(scope, name, call);
      assert.equal(throws?.name, 'TypeError', inspect(receiver));
      assert.equal(throws.code, 'ERR_INVALID_THIS');
    }
    assert.equal(await store.size(), 0);
  });
}

/** How `set` is told of a ttl of an hour, where only the options' own properties count. */
const plain = {
  'without a prototype': () => Object.assign(Object.create(null), { ttl: HOUR_MS }),
  'of another realm': () => vm.runInNewContext(`({ ttl: ${HOUR_MS} })`),
  'without a prototype, of another realm': () =>
    vm.runInNewContext(`Object.assign(Object.create(null), { ttl: ${HOUR_MS} })`),
  frozen: () => Object.freeze({ ttl: HOUR_MS }),
  'with a getter': () => ({
    get ttl() {
      return HOUR_MS;
    },
  }),
};
for (const [what, make] of Object.entries(plain)) {
  property(`options may be an object ${what}`, async (store) => {
    const since = sinceNow();
    await store.set('key', 1, make());
    since.assertLeft(await store.ttl('key'), HOUR_MS);
    await store.increment('count', 1, make());
    since.assertLeft(await store.ttl('count'), HOUR_MS);
    await store.getOrSet('loaded', () => 1, make());
    since.assertLeft(await store.ttl('loaded'), HOUR_MS);
    await store.touch('key', make());
    since.assertLeft(await store.ttl('key'), HOUR_MS);
  });
}

property('a property of Object.prototype is no option', { needs: ['at once'] }, (store) => {
  for (const [name, value] of [
    ['ttl', 1],
    ['expiresAt', 0],
    ['ifPresent', true],
    ['max', 0],
    ['isPermanent', 'no boolean'],
    ['unknown', 1],
  ]) {
    store.clear();
    Object.defineProperty(Object.prototype, name, { value, enumerable: true, configurable: true });
    try {
      store.set('set', 1, {});
      store.increment('count', 5, {});
      store.touch('set', { ttl: HOUR_MS });
      store.touch('set', Infinity);
    } finally {
      delete Object.prototype[name];
    }
    assert.deepEqual([store.get('set'), store.get('count')], [1, 5], name);
    assert.deepEqual([store.ttl('set'), store.ttl('count')], [Infinity, Infinity], name);
  }
});

property('what a getter of options throws is told as it is', async (store, scope) => {
  await fill(store);
  const broken = new Error('from the getter');
  const optional = verbs.filter(({ takes }) =>
    ['options', 'counting', 'loading', 'time'].includes(takes.at(-1)),
  );
  for (const option of ['ttl', 'expiresAt']) {
    const options = Object.defineProperty({}, option, {
      enumerable: true,
      get() {
        throw broken;
      },
    });
    for (const { name, given, takes } of optional) {
      const all = given.slice(0, takes.length - 1);
      const call = () => store[name](...all, options);
      await assertRefused(store, scope, name, call, (error) => error === broken);
    }
  }
});

property('options that are undefined are none', async (store) => {
  for (const { name, given, takes, after } of verbs) {
    if (!['options', 'counting', 'loading'].includes(takes.at(-1))) continue;
    await store.clear();
    await fill(store);
    await store[name](...given.slice(0, takes.length - 1), undefined);
    const left = (await entriesOf(store)).map(([key, value]) => `${key}=${value}`);
    assert.deepEqual(left, after, name);
  }
});

/** Options of a store, as every scope takes them. */
const notStores = [
  ...each(['name', 5, null, true, [], () => {}], type),
  ...under('ttl', ['5', null, true, 5n, {}], type),
  ...under('ttl', [0, -1, Number.NaN, -Infinity], range),
  ...under('maxEntries', ['5', null, true, 5n, {}], type),
  ...under('maxEntries', [0, -1, 1.5, Number.NaN], range),
  ...under('timeToLive', [5], unknown),
  ...under('maxentries', [5], unknown),
];

property(
  'the constructor refuses bad options',
  { needs: ['whole', 'made of options alone'] },
  async (store) => {
    const Store = store.constructor;
    for (const [options, expected] of notStores) {
      assert.throws(() => new Store(options), expected, inspect(options));
    }
    assert.throws(() => Store(), typeError('ERR_CONSTRUCT_CALL_REQUIRED'));
  },
);
