/**
 * `compareAndSet`: what counts as equal, and that nothing else is written.
 *
 * Must not know how values are kept. Invariant tested: it stores if and only if what is there is
 * deeply equal to what is expected, by `util.isDeepStrictEqual`.
 */
const assert = require('node:assert/strict');
const { isDeepStrictEqual } = require('node:util');
const {
  HOUR_MS,
  assertRefused,
  entriesOf,
  property,
  propertyColdAndWarm,
  setExpired,
} = require('./contract.js');

propertyColdAndWarm(
  'it stores where the expected value is, and nowhere else',
  async (store, _s, heat) => {
    await store.set('a', { n: 1 });
    await heat(store, 'a');
    assert.equal(await store.compareAndSet('a', { n: 2 }, 'no'), false);
    assert.equal(await store.compareAndSet('a', undefined, 'no'), false);
    assert.deepEqual(await entriesOf(store), [['a', { n: 1 }, false]]);
    assert.equal(await store.compareAndSet('a', { n: 1 }, { n: 2 }), true);
    assert.deepEqual(await entriesOf(store), [['a', { n: 2 }, false]]);
  },
);

propertyColdAndWarm('undefined stands for no entry', async (store, _s, heat) => {
  await heat(store, 'a');
  assert.equal(await store.compareAndSet('a', null, 'no'), false);
  assert.equal(await store.has('a'), false);
  assert.equal(await store.compareAndSet('a', undefined, 1), true);
  assert.equal(await store.get('a'), 1);
  await setExpired(store, 'b', 1);
  assert.equal(await store.compareAndSet('b', 1, 'no'), false);
  assert.equal(await store.compareAndSet('b', undefined, 2), true);
  assert.equal(await store.get('b'), 2);
});

property('undefined that is stored is undefined, too', async (store) => {
  await store.set('a', undefined);
  assert.equal(await store.compareAndSet('a', undefined, undefined), true);
  assert.equal(await store.has('a'), true);
  assert.equal(await store.compareAndSet('a', undefined, 1), true);
  assert.equal(await store.get('a'), 1);
});

property('it is refused again once it was done', async (store) => {
  await store.set('a', 'free');
  const results = [];
  for (let taker = 0; taker < 5; taker += 1) {
    results.push(await store.compareAndSet('a', 'free', `taken by ${taker}`));
  }
  assert.deepEqual(results, [true, false, false, false, false]);
  assert.equal(await store.get('a'), 'taken by 0');
});

/** Values, each of which is equal to no other. */
const different = () => [
  ...[0, -0, 1, Number.NaN, Infinity, '', '1', 'a', 1n, true, false, null],
  ...[{}, { a: 1 }, { a: undefined }, { a: { b: [1, 2] } }, { a: { b: [1, 3] } }],
  ...[[], [undefined], [1, 2], [2, 1]],
  ...[new Date(0), new Date(1), /a/, /a/i],
  ...[new Set(), new Set(['a']), new Map(), new Map([['a', 1]]), new Map([['a', 2]])],
  ...[new Uint8Array([1]), new Uint8Array([2]), new Int8Array([1])],
  'x'.repeat(5000),
];

property('each value is equal to its like, and to no other', async (store) => {
  for (const [index, value] of different().entries()) {
    for (const [other, expected] of different().entries()) {
      await store.set('a', value);
      const isSame = isDeepStrictEqual(value, expected);
      assert.equal(isSame, index === other, `samples ${index} and ${other}`);
      assert.equal(await store.compareAndSet('a', expected, 'new'), isSame);
      assert.equal((await store.get('a')) === 'new', isSame);
    }
  }
});

property('the order of keys counts for nothing', async (store) => {
  await store.set('a', { a: 1, b: { c: 2, d: 3 } });
  assert.equal(await store.compareAndSet('a', { b: { d: 3, c: 2 }, a: 1 }, 'new'), true);
});

property('a value that was read is what to expect', async (store) => {
  await store.set('a', { count: 0, tags: ['x'] });
  for (let round = 1; round <= 10; round += 1) {
    const before = await store.get('a');
    assert.equal(await store.compareAndSet('a', before, { ...before, count: round }), true);
  }
  assert.deepEqual(await store.get('a'), { count: 10, tags: ['x'] });
});

property('it keeps the deadline where it is refused', async (store) => {
  await store.set('a', 1, HOUR_MS);
  await store.set('b', 1);
  assert.equal(await store.compareAndSet('a', 2, 3), false);
  assert.equal(await store.compareAndSet('b', 2, 3, HOUR_MS), false);
  assert.deepEqual(await entriesOf(store), [
    ['a', 1, true],
    ['b', 1, false],
  ]);
});

property('what is expected may be anything, even what cannot be stored', async (store) => {
  await store.set('a', 1);
  for (const expected of [() => {}, Symbol('a'), new WeakMap(), Promise.resolve(1)]) {
    assert.equal(await store.compareAndSet('a', expected, 2), false);
  }
  assert.equal(await store.get('a'), 1);
});

property(
  'functions and symbols are equal to themselves',
  { needs: ['by reference'] },
  async (store) => {
    for (const value of [() => {}, Symbol('a'), new WeakMap()]) {
      await store.set('a', value);
      assert.equal(await store.compareAndSet('a', value, 'new'), true);
      assert.equal(await store.get('a'), 'new');
    }
  },
);

property(
  'a value that cannot be cloned is refused, whatever is expected',
  { needs: ['copies'] },
  async (store, scope) => {
    await store.set('a', 1);
    const expected = { name: 'TypeError', code: 'ERR_NOT_CLONEABLE' };
    for (const is of [1, 2]) {
      const call = () => store.compareAndSet('a', is, () => {});
      await assertRefused(store, scope, 'compareAndSet', call, expected);
    }
  },
);

property('what an expected value throws is told, and nothing has changed', async (store, scope) => {
  await store.set('a', { n: 1 });
  const broken = new Error('from the getter');
  const expected = {
    get n() {
      throw broken;
    },
  };
  const call = () => store.compareAndSet('a', expected, 2);
  await assertRefused(store, scope, 'compareAndSet', call, (error) => error === broken);
});

property('one of two objects succeeds', { needs: ['shared'] }, async (store, scope) => {
  const other = scope.again(store);
  for (let round = 0; round < 50; round += 1) {
    const [first, second] = round % 2 === 0 ? [store, other] : [other, store];
    const before = await second.get('a');
    assert.equal(await first.compareAndSet('a', before, { round }), true);
    assert.equal(await second.compareAndSet('a', before, 'lost'), false);
    assert.deepEqual(await second.get('a'), { round });
  }
  await other.close();
});
