/**
 * Calls for many entries: taken from any iterable, checked whole before anything changes.
 *
 * Must not know in which order a store works. Invariant tested: a call of many does what calls of
 * one, one after another, would do; one bad entry, and nothing has changed.
 */
const assert = require('node:assert/strict');
const { HOUR_MS, assertRefused, entriesOf, property, sinceNow } = require('./contract.js');

function* pairs() {
  yield ['a', 1];
  yield ['b', 2];
}

const iterables = {
  'an array': () => [...pairs()],
  'a Map': () => new Map(pairs()),
  'a Set': () => new Set(pairs()),
  'a generator': pairs,
  'an object with an iterator': () => ({ [Symbol.iterator]: pairs }),
};

for (const [what, make] of Object.entries(iterables)) {
  property(`setMany takes ${what}`, async (store) => {
    assert.equal(await store.setMany(make()), true);
    assert.deepEqual(await entriesOf(store), [
      ['a', 1, false],
      ['b', 2, false],
    ]);
  });
}

property('getMany and deleteMany take any iterable of keys', async (store) => {
  function* keys() {
    yield 'a';
    yield 'c';
  }
  for (const make of [() => ['a', 'c'], () => new Set(['a', 'c']), keys]) {
    await store.setMany(pairs());
    assert.deepEqual(await store.getMany(make()), [1, undefined]);
    assert.equal(await store.deleteMany(make()), 1);
    assert.deepEqual(await entriesOf(store), [['b', 2, false]]);
  }
});

property('many of nothing do nothing', async (store) => {
  await store.set('a', 1);
  assert.equal(await store.setMany([]), true);
  assert.deepEqual(await store.getMany([]), []);
  assert.equal(await store.deleteMany([]), 0);
  assert.deepEqual(await entriesOf(store), [['a', 1, false]]);
});

property('the last of two values of one key stays', async (store) => {
  await store.setMany([
    ['a', 1, HOUR_MS],
    ['b', 2],
    ['a', 3],
  ]);
  assert.deepEqual(await entriesOf(store), [
    ['a', 3, false],
    ['b', 2, false],
  ]);
});

property('a key that is deleted twice counts once', async (store) => {
  await store.setMany(pairs());
  assert.equal(await store.deleteMany(['a', 'b', 'a', 'x']), 2);
  assert.equal(await store.size(), 0);
});

property('an entry has its own options, or those for all', async (store) => {
  const since = sinceNow();
  await store.setMany(
    [
      ['own', 1, { ttl: 2 * HOUR_MS }],
      ['number', 1, 3 * HOUR_MS],
      ['all', 1],
      ['undefined', 1, undefined],
      ['never', 1, { ttl: Infinity }],
    ],
    { ttl: HOUR_MS },
  );
  since.assertLeft(await store.ttl('own'), 2 * HOUR_MS);
  since.assertLeft(await store.ttl('number'), 3 * HOUR_MS);
  since.assertLeft(await store.ttl('all'), HOUR_MS);
  since.assertLeft(await store.ttl('undefined'), HOUR_MS);
  assert.equal(await store.ttl('never'), Infinity);
});

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const badEntries = {
  'a number': [5, type],
  null: [null, type],
  undefined: [undefined, type],
  'a string of two': ['ab', type],
  'a function': [() => {}, type],
  'an empty array': [[], { name: 'TypeError' }],
  'a key alone': [['x'], { name: 'TypeError' }],
  'a symbol as key': [[Symbol('x'), 1], { name: 'TypeError', code: 'ERR_INVALID_KEY' }],
  'a ttl of 0': [['x', 1, 0], range],
  'a ttl of -1': [['x', 1, { ttl: -1 }], range],
  'a ttl of NaN': [['x', 1, { ttl: Number.NaN }], range],
  'a ttl that is a string': [['x', 1, { ttl: '5' }], type],
  'options that are a string': [['x', 1, '5'], type],
  'options that are null': [['x', 1, null], type],
  'options that are a Date': [['x', 1, new Date()], type],
  'an unknown option': [['x', 1, { TTL: 5 }], { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' }],
};
const places = {
  first: (entry) => [entry, ['a', 9], ['new', 9]],
  'in the middle': (entry) => [['a', 9], entry, ['new', 9]],
  last: (entry) => [['a', 9], ['new', 9, HOUR_MS], entry],
};

for (const [what, [entry, expected]] of Object.entries(badEntries)) {
  property(`one entry that is ${what}, and setMany changes nothing`, async (store, scope) => {
    await store.setMany(pairs());
    for (const place of Object.values(places)) {
      await assertRefused(store, scope, 'setMany', () => store.setMany(place(entry)), expected);
    }
  });
}

property('one bad key, and getMany and deleteMany do nothing', async (store, scope) => {
  await store.setMany(pairs());
  const keys = ['a', Symbol('b'), 'b'];
  for (const verb of ['getMany', 'deleteMany']) {
    const expected = { name: 'TypeError', code: 'ERR_INVALID_KEY' };
    await assertRefused(store, scope, verb, () => store[verb](keys), expected);
  }
});

property('an iterable that throws changes nothing, and its error is told', async (store, scope) => {
  await store.setMany(pairs());
  const broken = new Error('from the iterable');
  function* breaking(items) {
    yield* items;
    throw broken;
  }
  const isIt = (error) => error === broken;
  for (const [verb, items] of [
    ['setMany', [['a', 9]]],
    ['deleteMany', ['a']],
    ['getMany', ['a']],
  ]) {
    await assertRefused(store, scope, verb, () => store[verb](breaking(items)), isIt);
  }
});

property(
  'one value that cannot be cloned, and setMany stores none',
  { needs: ['copies'] },
  (store, scope) =>
    assertRefused(
      store,
      scope,
      'setMany',
      () =>
        store.setMany([
          ['a', 1],
          ['b', () => {}],
          ['c', 3],
        ]),
      { name: 'TypeError', code: 'ERR_NOT_CLONEABLE' },
    ),
);
