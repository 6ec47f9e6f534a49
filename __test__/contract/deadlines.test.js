/**
 * Deadlines: how they are said, what keeps and what replaces them, and what passes with them.
 *
 * Must not know how a store keeps time. Invariant tested: no entry ends before its time, none is
 * seen after it, by any verb.
 */
const assert = require('node:assert/strict');
const {
  HOUR_MS,
  entriesOf,
  listOf,
  passDeadline,
  property,
  setExpired,
  sinceNow,
  warm,
} = require('./contract.js');

/** Every verb that stores a value under `'key'`, with options; how, and what has to be there. */
const WRITES = {
  set: (store, options) => store.set('key', 1, options),
  add: (store, options) => store.add('key', 1, options),
  replace: async (store, options) => {
    await store.set('key', 0);
    await store.replace('key', 1, options);
  },
  setMany: (store, options) => store.setMany([['key', 1]], options),
  'setMany, of an entry': (store, options) => store.setMany([['key', 1, options]]),
  increment: (store, options) => store.increment('key', 1, options),
  decrement: (store, options) => store.decrement('key', -1, options),
  hit: (store, options) => store.hit('key', 1, options),
  update: (store, options) => store.update('key', () => 1, options),
  compareAndSet: (store, options) => store.compareAndSet('key', undefined, 1, options),
  getOrSet: (store, options) => store.getOrSet('key', () => 1, options),
};

for (const [verb, write] of Object.entries(WRITES)) {
  property(`${verb}: a ttl is milliseconds from now`, async (store) => {
    const since = sinceNow();
    await write(store, { ttl: HOUR_MS });
    assert.equal(await store.get('key'), 1);
    since.assertLeft(await store.ttl('key'), HOUR_MS);
    since.assertLeft((await store.getEntry('key')).ttl, HOUR_MS);
  });

  property(`${verb}: a number alone is a ttl`, async (store) => {
    const since = sinceNow();
    await write(store, HOUR_MS);
    since.assertLeft(await store.ttl('key'), HOUR_MS);
  });

  property(`${verb}: without a ttl there is no deadline`, async (store) => {
    for (const options of [undefined, {}, { ttl: undefined }, { expiresAt: undefined }]) {
      await store.clear();
      await write(store, options);
      assert.equal(await store.ttl('key'), Infinity);
      assert.equal(await store.get('key'), 1);
    }
  });

  property(`${verb}: an entry is gone when its ttl has passed`, async (store) => {
    await write(store, { ttl: 1 });
    passDeadline(1);
    assert.equal(await store.get('key'), undefined);
    assert.equal(await store.has('key'), false);
    await write(store, 2);
    await warm(store, 'key');
    passDeadline(2);
    assert.equal(await store.get('key'), undefined);
    assert.equal(await store.size(), 0);
  });

  property(`${verb}: a fraction is rounded up, never down to nothing`, async (store) => {
    for (const ttl of [Number.MIN_VALUE, 0.25, 0.999]) {
      await write(store, { ttl });
      const left = await store.ttl('key');
      assert.ok(left === undefined || left === 1, `${left} of ${ttl}`);
      passDeadline(1);
      assert.equal(await store.has('key'), false);
    }
    const since = sinceNow();
    await write(store, { ttl: HOUR_MS + 0.5 });
    const left = await store.ttl('key');
    assert.ok(Number.isInteger(left), 'what is left is a whole number');
    since.assertLeft(left, HOUR_MS + 1);
    await store.clear();
    await write(store, HOUR_MS + 0.5);
    since.assertLeft(await store.ttl('key'), HOUR_MS + 1);
  });

  property(`${verb}: Infinity is no deadline`, { options: { ttl: HOUR_MS } }, async (store) => {
    await write(store, { ttl: Infinity });
    assert.equal(await store.ttl('key'), Infinity);
    await store.clear();
    await write(store, Infinity);
    assert.equal(await store.ttl('key'), Infinity);
  });

  property(
    `${verb}: the ttl of the store is for what says none`,
    { options: { ttl: HOUR_MS } },
    async (store) => {
      for (const options of [undefined, {}, { ttl: undefined }, { expiresAt: undefined }]) {
        await store.clear();
        const since = sinceNow();
        await write(store, options);
        // A replaced entry had the deadline before, so `replace` shows nothing of its own else.
        since.assertLeft(await store.ttl('key'), HOUR_MS);
      }
      await store.clear();
      const since = sinceNow();
      await write(store, { ttl: 2 * HOUR_MS });
      since.assertLeft(await store.ttl('key'), 2 * HOUR_MS);
    },
  );

  property(`${verb}: expiresAt is a Date or epoch milliseconds`, async (store) => {
    for (const make of [(at) => at, (at) => new Date(at), (at) => at + 0.5]) {
      await store.clear();
      const since = sinceNow();
      await write(store, { expiresAt: make(Date.now() + HOUR_MS) });
      since.assertLeftByWallClock(await store.ttl('key'), HOUR_MS);
      assert.equal(await store.get('key'), 1);
    }
  });

  property(`${verb}: expiresAt in the past succeeds, and the key is absent`, async (store) => {
    for (const expiresAt of [Date.now() - HOUR_MS, new Date(0), 0, -5, new Date(-8.64e15)]) {
      await write(store, { expiresAt });
      assert.equal(await store.get('key'), undefined);
      assert.equal(await store.has('key'), false);
      assert.equal(await store.ttl('key'), undefined);
      assert.equal(await store.size(), 0);
    }
  });
}

property('with expiresAt in the past a verb answers as if it had stored', async (store) => {
  const past = { expiresAt: Date.now() - HOUR_MS };
  assert.equal(await store.set('key', 1, past), true);
  assert.equal(await store.add('key', 1, past), true);
  assert.equal(await store.setMany([['key', 1]], past), true);
  assert.equal(await store.increment('key', 5, past), 5);
  assert.equal(await store.decrement('key', 5, past), -5);
  assert.equal((await store.hit('key', 5, past)).value, 5);
  assert.equal(await store.update('key', () => 'made', past), 'made');
  assert.equal(await store.compareAndSet('key', undefined, 1, past), true);
  assert.equal(await store.getOrSet('key', () => 'made', past), 'made');
  assert.equal(await store.replace('key', 1, past), false);
  assert.equal(await store.touch('key', past), false);
  assert.equal(await store.size(), 0);
});

property('with expiresAt in the past what was there goes', async (store) => {
  const past = { expiresAt: new Date(Date.now() - HOUR_MS) };
  for (const [write, answer] of [
    [() => store.set('key', 2, past), true],
    [() => store.replace('key', 2, past), true],
    [() => store.setMany([['key', 2]], past), true],
    [() => store.update('key', (n) => n + 1, past), 2],
    [() => store.compareAndSet('key', 1, 2, past), true],
    [() => store.touch('key', past), true],
  ]) {
    await store.set('key', 1);
    await warm(store, 'key');
    assert.equal(await write(), answer);
    assert.equal(await store.get('key'), undefined);
    assert.equal(await store.has('key'), false);
    assert.equal(await store.size(), 0);
  }
});

property('with expiresAt in the past a refused condition leaves what is there', async (store) => {
  const past = { expiresAt: Date.now() - HOUR_MS };
  await store.set('key', 1);
  assert.equal(await store.add('key', 2, past), false);
  assert.equal(await store.compareAndSet('key', 'other', 2, past), false);
  assert.equal(await store.update('key', () => undefined, past), 1);
  assert.deepEqual(await entriesOf(store), [['key', 1, false]]);
});

property('a counter that is there keeps its own deadline, whatever is said', async (store) => {
  const past = { expiresAt: Date.now() - HOUR_MS };
  await store.set('key', 1);
  assert.equal(await store.increment('key', 1, past), 2);
  assert.equal(await store.decrement('key', 1, past), 1);
  assert.deepEqual(await store.hit('key', 4, past), { value: 5, ttl: Infinity });
  assert.deepEqual(await entriesOf(store), [['key', 5, false]]);
});

property('set, replace and compareAndSet replace the deadline', async (store) => {
  for (const write of [
    (options) => store.set('key', 2, options),
    (options) => store.replace('key', 2, options),
    (options) => store.compareAndSet('key', 1, 2, options),
    (options) => store.setMany([['key', 2]], options),
  ]) {
    await store.set('key', 1, HOUR_MS);
    await write();
    assert.equal(await store.ttl('key'), Infinity);
    await store.set('key', 1);
    const since = sinceNow();
    await write({ ttl: HOUR_MS });
    since.assertLeft(await store.ttl('key'), HOUR_MS);
  }
});

/** Verbs that may write over a live entry, of the value 1. */
const KEEPING = {
  set: (store) => store.set('key', 2, { ttl: 'keep' }),
  replace: (store) => store.replace('key', 2, { ttl: 'keep' }),
  setMany: (store) => store.setMany([['key', 2]], { ttl: 'keep' }),
  'setMany, of an entry': (store) => store.setMany([['key', 2, { ttl: 'keep' }]]),
  update: (store) => store.update('key', () => 2, { ttl: 'keep' }),
  compareAndSet: (store) => store.compareAndSet('key', 1, 2, { ttl: 'keep' }),
};
for (const [verb, write] of Object.entries(KEEPING)) {
  property(
    `${verb}: 'keep' keeps the deadline`,
    { options: { ttl: 9 * HOUR_MS } },
    async (store) => {
      const since = sinceNow();
      await store.set('key', 1, HOUR_MS);
      await warm(store, 'key');
      await write(store);
      assert.equal(await store.get('key'), 2);
      since.assertLeft(await store.ttl('key'), HOUR_MS);
      await store.set('key', 1, { ttl: Infinity });
      await write(store);
      assert.equal(await store.get('key'), 2);
      assert.equal(await store.ttl('key'), Infinity);
    },
  );

  property(`${verb}: what keeps a deadline goes with it`, async (store) => {
    const ttlMs = 100;
    let begun;
    // It has to be written while what is there still lives.
    do {
      begun = performance.now();
      await store.set('key', 1, ttlMs);
      await write(store);
    } while (performance.now() - begun >= ttlMs);
    passDeadline(ttlMs);
    assert.equal(await store.get('key'), undefined);
    assert.equal(await store.has('key'), false);
  });
}

property(
  "'keep' of an absent entry is the ttl of the store",
  { options: { ttl: HOUR_MS } },
  async (store) => {
    const writes = [
      () => store.set('key', 1, { ttl: 'keep' }),
      () => store.add('key', 1, { ttl: 'keep' }),
      () => store.setMany([['key', 1]], { ttl: 'keep' }),
      () => store.update('key', () => 1, { ttl: 'keep' }),
      () => store.compareAndSet('key', undefined, 1, { ttl: 'keep' }),
      () => store.increment('key', 1, { ttl: 'keep' }),
      () => store.hit('key', 1, { ttl: 'keep' }),
    ];
    for (const begin of [() => store.delete('key'), () => setExpired(store, 'key')]) {
      for (const write of writes) {
        await begin();
        const since = sinceNow();
        await write();
        since.assertLeft(await store.ttl('key'), HOUR_MS);
      }
    }
  },
);

property("'keep' of an absent entry is none in a store without a ttl", async (store) => {
  await store.set('key', 1, { ttl: 'keep' });
  assert.equal(await store.ttl('key'), Infinity);
  await setExpired(store, 'key');
  await store.set('key', 1, { ttl: 'keep' });
  assert.equal(await store.ttl('key'), Infinity);
});

property('touch gives another deadline, in every form', async (store) => {
  await store.set('key', 1);
  for (const [time, ttl] of [
    [HOUR_MS, HOUR_MS],
    [{ ttl: 2 * HOUR_MS }, 2 * HOUR_MS],
    [HOUR_MS + 0.5, HOUR_MS + 1],
    [{ ttl: HOUR_MS - 0.5 }, HOUR_MS],
  ]) {
    const since = sinceNow();
    assert.equal(await store.touch('key', time), true);
    since.assertLeft(await store.ttl('key'), ttl);
  }
  for (const time of [Infinity, { ttl: Infinity }]) {
    await store.touch('key', HOUR_MS);
    assert.equal(await store.touch('key', time), true);
    assert.equal(await store.ttl('key'), Infinity);
  }
  for (const make of [(at) => at, (at) => new Date(at)]) {
    const since = sinceNow();
    assert.equal(await store.touch('key', { expiresAt: make(Date.now() + HOUR_MS) }), true);
    since.assertLeftByWallClock(await store.ttl('key'), HOUR_MS);
  }
  assert.equal(await store.get('key'), 1);
});

property('touch finds nothing that is absent', async (store) => {
  await setExpired(store, 'expired');
  for (const key of ['absent', 'expired']) {
    assert.equal(await store.touch(key, HOUR_MS), false);
    assert.equal(await store.touch(key, Infinity), false);
    assert.equal(await store.touch(key, { expiresAt: 0 }), false);
    assert.equal(await store.has(key), false);
  }
  assert.equal(await store.size(), 0);
});

property('what ttl gives, touch and set take', async (store) => {
  await store.set('never', 1);
  await store.set('timed', 1, HOUR_MS);
  for (const key of ['never', 'timed']) {
    const since = sinceNow();
    const ttl = await store.ttl(key);
    await store.set('copy', 1, { ttl });
    assert.equal(await store.touch(key, ttl), true);
    if (ttl === Infinity) assert.equal(await store.ttl('copy'), Infinity);
    else since.assertLeft(await store.ttl('copy'), ttl);
    if (ttl === Infinity) assert.equal(await store.ttl(key), Infinity);
    else since.assertLeft(await store.ttl(key), ttl);
  }
});

property('touch shortens and prolongs what was read many times', async (store) => {
  await store.set('short', 1);
  while (!(await store.touch('long', HOUR_MS))) await store.set('long', 1, 100);
  await warm(store, 'short', 'long');
  await store.touch('short', 1);
  passDeadline(100);
  assert.equal(await store.get('short'), undefined);
  assert.equal(await store.get('long'), 1);
});

property('an expired entry is absent for every verb', async (store) => {
  const gone = [
    [(key) => store.get(key), undefined],
    [(key) => store.has(key), false],
    [(key) => store.peek(key), undefined],
    [(key) => store.ttl(key), undefined],
    [(key) => store.getEntry(key), undefined],
    [(key) => store.getMany([key]), [undefined]],
    [(key) => store.take(key), undefined],
    [(key) => store.delete(key), false],
    [(key) => store.deleteMany([key]), 0],
    [(key) => store.touch(key, HOUR_MS), false],
    [(key) => store.replace(key, 1), false],
    [(key) => store.compareAndSet(key, 'expired', 1), false],
    [(key) => store.increment(key, 1, { ifPresent: true }), undefined],
    [(key) => store.hit(key, 1, { ifPresent: true }), undefined],
    [() => store.size(), 0],
    [() => store.keys(), []],
    [() => listOf(store.entries()), []],
    [() => listOf(store.values()), []],
    [(key) => store.add(key, 'new'), true],
    [(key) => store.increment(key), 1],
    [(key) => store.decrement(key), -1],
    [(key) => store.hit(key), { value: 1, ttl: Infinity }],
    [(key) => store.update(key, (value) => [value]), [undefined]],
    [(key) => store.compareAndSet(key, undefined, 'new'), true],
    [(key) => store.getOrSet(key, () => 'made'), 'made'],
    [(key) => store.set(key, 'new'), true],
  ];
  for (const [index, [call, answer]] of gone.entries()) {
    await setExpired(store, 'key');
    assert.deepEqual(await call('key'), answer, `call ${index}`);
    await store.delete('key');
  }
});

property('a deadline of the far future is no sooner', async (store) => {
  for (const ttl of [2 ** 31, 2 ** 32, 2 ** 42, 2 ** 53]) {
    await store.set('key', 1, ttl);
    assert.equal(await store.get('key'), 1);
    const left = await store.ttl('key');
    assert.ok(left > ttl * 0.999 && left <= ttl * 1.001, `${left} of ${ttl}`);
  }
  await store.set('key', 1, { expiresAt: new Date(8.64e15) });
  assert.equal(await store.get('key'), 1);
});

property(
  'isPermanent and maxAgeMs say a deadline as in 1.0.3',
  { options: { ttl: 9 * HOUR_MS } },
  async (store) => {
    const since = sinceNow();
    await store.set('age', 1, { isPermanent: false, maxAgeMs: HOUR_MS });
    since.assertLeft(await store.ttl('age'), HOUR_MS);
    await store.set('permanent', 1, { isPermanent: true });
    assert.equal(await store.ttl('permanent'), Infinity);
    await store.set('both', 1, { isPermanent: false, maxAgeMs: 1, ttl: HOUR_MS });
    since.assertLeft(await store.ttl('both'), HOUR_MS);
  },
);

property('each entry has a deadline of its own', async (store) => {
  for (let index = 0; index < 100; index += 1) {
    await store.set(`k${index}`, index, index % 2 === 0 ? 1 : HOUR_MS);
  }
  passDeadline(1);
  assert.equal(await store.size(), 50);
  const found = await store.getMany(Array.from({ length: 100 }, (_, index) => `k${index}`));
  assert.deepEqual(
    found,
    found.map((_, index) => (index % 2 === 0 ? undefined : index)),
  );
});

property('isPermanent: false and maxAgeMs: Infinity say no deadline', async (store) => {
  await store.set('a', 1, { ttl: HOUR_MS });
  await store.set('a', 2, { isPermanent: false, maxAgeMs: Infinity });
  assert.equal(await store.ttl('a'), Infinity);
});
