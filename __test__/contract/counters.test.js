/**
 * Counters: `increment`, `decrement` and `hit`, their bounds, and the window that they count in.
 *
 * Must not know how a number is stored. Invariant tested: a counter answers what it stored; a
 * refused one stores nothing.
 */
const assert = require('node:assert/strict');
const {
  HOUR_MS,
  assertRefused,
  entriesOf,
  property,
  propertyColdAndWarm,
  setExpired,
  sinceNow,
} = require('./contract.js');

/** The three verbs as one: what a call makes the number to be. */
const COUNTERS = {
  increment: (store, key, by, options) => store.increment(key, by, options),
  decrement: (store, key, by, options) => store.decrement(key, by && -by, options),
  hit: async (store, key, by, options) => (await store.hit(key, by, options))?.value,
};
const notANumber = { name: 'TypeError', code: 'ERR_NOT_A_NUMBER' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

propertyColdAndWarm(
  'a counter begins with its first step, and goes on',
  async (store, _s, heat) => {
    for (const [verb, count] of Object.entries(COUNTERS)) {
      assert.equal(await count(store, verb, 5), 5, verb);
      await heat(store, verb);
      assert.equal(await count(store, verb, 2), 7, verb);
      assert.equal(await count(store, verb, -10), -3, verb);
      assert.equal(await count(store, verb, 0.5), -2.5, verb);
      assert.equal(await store.get(verb), -2.5, verb);
    }
  },
);

property('a step is 1 where none is said', async (store) => {
  assert.equal(await store.increment('i'), 1);
  assert.equal(await store.increment('i', undefined), 2);
  assert.equal(await store.decrement('d'), -1);
  assert.equal((await store.hit('h')).value, 1);
  assert.equal((await store.hit('h', undefined, { ttl: HOUR_MS })).value, 2);
});

property('a step of 0 makes an entry, and changes none', async (store) => {
  assert.equal(await store.increment('a', 0), 0);
  assert.equal(await store.has('a'), true);
  await store.set('b', 7);
  assert.equal(await store.increment('b', 0), 7);
  assert.equal((await store.hit('b', 0)).value, 7);
});

property('a counter goes on from a number that was set, and is read as one', async (store) => {
  await store.set('a', 41.5);
  assert.equal(await store.increment('a'), 42.5);
  assert.equal(await store.peek('a'), 42.5);
  assert.equal(await store.take('a'), 42.5);
  assert.equal(await store.increment('a'), 1);
  await store.set('a', 'text');
  await store.set('a', 10);
  assert.equal(await store.decrement('a', 3), 7);
});

property('sums are those of JavaScript', async (store) => {
  const steps = [0.1, 0.2, -0.3, 2 ** 53, 1, -(2 ** 53), 1e-300, 5, 1e300, -1e300];
  let sum = 0;
  await store.increment('a', 0);
  for (const step of steps) {
    sum += step;
    assert.equal(await store.increment('a', step), sum);
    assert.equal(await store.get('a'), sum);
  }
});

for (const [what, value] of Object.entries({
  text: 'text',
  'text of digits': '5',
  'a bigint': 5n,
  true: true,
  null: null,
  undefined: undefined,
  'an object': { n: 5 },
  'an array': [5],
  'a Date': new Date(5),
})) {
  property(`${what} is no number to count from`, async (store, scope) => {
    await store.set('a', value, HOUR_MS);
    for (const [verb, count] of Object.entries(COUNTERS)) {
      if (verb === 'hit') continue;
      await assertRefused(store, scope, verb, () => count(store, 'a', 1), notANumber);
    }
    await assertRefused(store, scope, 'hit', () => store.hit('a'), notANumber);
  });
}

property('a sum that is not finite is refused', async (store, scope) => {
  for (const value of [Number.MAX_VALUE, Infinity, -Infinity, Number.NaN]) {
    await store.set('a', value);
    const by = Number.MAX_VALUE;
    await assertRefused(store, scope, 'increment', () => store.increment('a', by), range);
    await assertRefused(store, scope, 'hit', () => store.hit('a', by), range);
  }
  await store.set('a', -Number.MAX_VALUE);
  const by = Number.MAX_VALUE;
  await assertRefused(store, scope, 'decrement', () => store.decrement('a', by), range);
});

for (const [verb, count] of Object.entries(COUNTERS)) {
  propertyColdAndWarm(
    `${verb}: ifPresent counts nothing that is absent`,
    async (store, _s, heat) => {
      const options = { ifPresent: true, ttl: HOUR_MS };
      assert.equal(await count(store, 'a', 1, options), undefined);
      assert.equal(await store.has('a'), false);
      await setExpired(store, 'a', 5);
      assert.equal(await count(store, 'a', 1, options), undefined);
      assert.equal(await store.has('a'), false);
      await store.set('a', 5);
      await heat(store, 'a');
      assert.equal(await count(store, 'a', 1, options), 6);
      assert.equal(await store.ttl('a'), Infinity);
      assert.equal(await count(store, 'b', 1, { ifPresent: false }), 1);
      assert.equal(await count(store, 'b', 1, { ifPresent: undefined }), 2);
    },
  );

  property(`${verb}: the sum is kept between min and max`, async (store) => {
    for (const [from, by, bounds, to] of [
      [5, 3, { max: 7 }, 7],
      [5, 2, { max: 7 }, 7],
      [5, 1, { max: 7 }, 6],
      [7, 1, { max: 7 }, 7],
      [1, -3, { min: 0 }, 0],
      [1, -1, { min: 0 }, 0],
      [0, -1, { min: 0 }, 0],
      [5, -1, { min: 0, max: 7 }, 4],
      [5, 9, { min: 0, max: 7 }, 7],
      [-5, 1, { min: 0 }, 0],
      [9, -1, { max: 7 }, 7],
      [0.25, 0.5, { max: 0.5 }, 0.5],
      [5, 1, { min: undefined, max: undefined }, 6],
    ]) {
      await store.set('a', from);
      const what = `${from} + ${by} within ${JSON.stringify(bounds)}`;
      assert.equal(await count(store, 'a', by, bounds), to, what);
      assert.equal(await store.get('a'), to, what);
    }
  });

  property(`${verb}: a bound never moves a number against the step`, async (store) => {
    for (const [from, by, bounds] of [
      [10, 1, { max: 7 }],
      [10, 100, { max: 7 }],
      [-5, -1, { min: 0 }],
      [-5, -100, { min: 0 }],
    ]) {
      await store.set('a', from);
      const what = `${from} + ${by} within ${JSON.stringify(bounds)}`;
      assert.equal(await count(store, 'a', by, bounds), from, what);
      assert.equal(await store.get('a'), from, what);
    }
  });

  property(`${verb}: what a counter begins with is kept between the bounds`, async (store) => {
    assert.equal(await count(store, 'a', 10, { max: 7 }), 7);
    assert.equal(await count(store, 'b', -10, { min: -7 }), -7);
    assert.equal(await count(store, 'c', -1, { min: 0 }), 0);
    assert.equal(await count(store, 'd', 1, { min: 10 }), 10);
    assert.deepEqual(await entriesOf(store), [
      ['a', 7, false],
      ['b', -7, false],
      ['c', 0, false],
      ['d', 10, false],
    ]);
  });

  property(`${verb}: the first call gives the ttl, and the next ones keep it`, async (store) => {
    const since = sinceNow();
    await count(store, 'a', 1, { ttl: HOUR_MS });
    await count(store, 'a', 1, { ttl: 9 * HOUR_MS });
    await count(store, 'a', 1);
    await count(store, 'a', 1, { ttl: Infinity });
    assert.equal(await count(store, 'a', 1, 9 * HOUR_MS), 5);
    since.assertLeft(await store.ttl('a'), HOUR_MS);
    await store.set('b', 1);
    await count(store, 'b', 1, { ttl: HOUR_MS });
    assert.equal(await store.ttl('b'), Infinity);
  });

  property(`${verb}: an expired counter begins anew`, async (store) => {
    await setExpired(store, 'a', 100);
    const since = sinceNow();
    assert.equal(await count(store, 'a', 2, HOUR_MS), 2);
    since.assertLeft(await store.ttl('a'), HOUR_MS);
  });

  property(`${verb}: min above max is refused, as a user would expect`, async (store, scope) => {
    await store.set('a', 5);
    const call = () => store[verb]('a', 1, { min: 2, max: 1 });
    await assertRefused(store, scope, verb, call, (error) => /^ERR_/.test(error.code));
  });
}

propertyColdAndWarm(
  'hit gives the number and what is left of its window',
  async (store, _s, heat) => {
    const since = sinceNow();
    const first = await store.hit('a', 1, { ttl: HOUR_MS });
    assert.deepEqual(Object.keys(first).sort(), ['ttl', 'value']);
    assert.equal(first.value, 1);
    since.assertLeft(first.ttl, HOUR_MS);
    await heat(store, 'a');
    const second = await store.hit('a', 3, { ttl: 9 * HOUR_MS });
    assert.equal(second.value, 4);
    since.assertLeft(second.ttl, HOUR_MS);
    assert.ok(second.ttl <= first.ttl, 'a window never grows');
    assert.ok((await store.ttl('a')) <= second.ttl);
  },
);

property('hit without a window gives Infinity', async (store) => {
  assert.deepEqual(await store.hit('a'), { value: 1, ttl: Infinity });
  assert.deepEqual(await store.hit('a', 2, { ttl: HOUR_MS }), { value: 3, ttl: Infinity });
});

property('a bad step is refused though a bound would hold it', async (store, scope) => {
  await store.set('a', 1);
  for (const verb of ['increment', 'decrement', 'hit']) {
    for (const by of [Infinity, -Infinity, Number.NaN]) {
      const call = () => store[verb]('a', by, { min: 0, max: 5 });
      await assertRefused(store, scope, verb, call, range);
    }
  }
});
