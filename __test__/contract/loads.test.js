/**
 * `getOrSet`: one factory for all who ask, and nothing newer is overwritten.
 *
 * Must not know how a load is shared. Invariant tested: a caller that waits gets what was made, and
 * what was written since the load began stays.
 */
const assert = require('node:assert/strict');
const { heldFactory, outcomes, turn } = require('../helpers/flight.js');
const { waitUntil } = require('../helpers/wait-until.js');
const {
  HOUR_MS,
  assertRefused,
  passDeadline,
  property,
  propertyColdAndWarm,
  setExpired,
  sinceNow,
} = require('./contract.js');

const notNeeded = () => assert.fail('the factory is not needed');

propertyColdAndWarm('what is there is given, and no factory runs', async (store, _s, heat) => {
  await store.set('a', { n: 1 });
  await store.set('undefined', undefined);
  await store.set('null', null);
  await heat(store, 'a', 'undefined', 'null');
  assert.deepEqual(await store.getOrSet('a', notNeeded), { n: 1 });
  assert.equal(await store.getOrSet('undefined', notNeeded), undefined);
  assert.equal(await store.getOrSet('null', notNeeded), null);
});

property('what the factory makes is given and stored', async (store) => {
  const given = [];
  const factory = (...all) => {
    given.push(all);
    return { made: true };
  };
  assert.deepEqual(await store.getOrSet(7, factory), { made: true });
  assert.deepEqual(await store.get('7'), { made: true });
  assert.equal(await store.ttl('7'), Infinity);
  assert.equal(given.length, 1);
  const [[key, context]] = given;
  assert.equal(key, '7');
  assert.ok(context.signal instanceof AbortSignal && !context.signal.aborted);
  assert.deepEqual(await store.getOrSet('async', async () => 'value'), 'value');
  assert.equal(await store.get('async'), 'value');
});

property('an expired entry is made anew', async (store) => {
  await setExpired(store, 'a');
  assert.equal(await store.getOrSet('a', () => 'new'), 'new');
});

property('null, false, 0 and the empty string are values', async (store) => {
  for (const value of [null, false, 0, '', Number.NaN]) {
    await store.delete('a');
    assert.equal(await store.getOrSet('a', () => value), value);
    assert.equal(await store.has('a'), true);
    assert.equal(await store.getOrSet('a', notNeeded), value);
  }
});

property('a factory runs once for all who wait', { needs: ['at hand'] }, async (store) => {
  const { factory, runs } = heldFactory();
  const all = Array.from({ length: 20 }, () => store.getOrSet('a', factory));
  await turn();
  assert.equal(runs.length, 1);
  runs[0].resolve('made');
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['made']));
  assert.equal(runs.length, 1);
  assert.equal(await store.getOrSet('a', notNeeded), 'made');
});

property('keys do not wait for each other', async (store) => {
  const { factory, runs } = heldFactory();
  const slow = store.getOrSet('slow', factory);
  assert.equal(await store.getOrSet('quick', () => 'made'), 'made');
  await turn();
  runs[0].resolve('slow');
  assert.equal(await slow, 'slow');
});

property(
  'a failure is told to all who wait, stores nothing, and the next call tries again',
  async (store) => {
    const broken = new Error('from the factory');
    for (const fail of [
      () => {
        throw broken;
      },
      () => Promise.reject(broken),
    ]) {
      const all = [1, 2, 3].map(() => store.getOrSet('a', fail));
      for (const { reason } of await outcomes(all)) assert.equal(reason, broken);
      assert.equal(await store.has('a'), false);
    }
    assert.equal(await store.getOrSet('a', () => 'again'), 'again');
  },
);

/** Writes while a factory runs, each newer than what it makes; and what they leave. */
const NEWER = {
  set: [(store) => store.set('a', 'newer'), 'newer'],
  add: [(store) => store.add('a', 'newer'), 'newer'],
  setMany: [(store) => store.setMany([['a', 'newer']]), 'newer'],
  compareAndSet: [(store) => store.compareAndSet('a', undefined, 'newer'), 'newer'],
  update: [(store) => store.update('a', () => 'newer'), 'newer'],
  increment: [(store) => store.increment('a'), 1],
  decrement: [(store) => store.decrement('a'), -1],
  hit: [(store) => store.hit('a'), 1],
  delete: [(store) => store.delete('a'), undefined],
  deleteMany: [(store) => store.deleteMany(['a']), undefined],
  take: [(store) => store.take('a'), undefined],
  clear: [(store) => store.clear(), undefined],
  'set and delete': [
    async (store) => {
      await store.set('a', 'newer');
      await store.delete('a');
    },
    undefined,
  ],
};
for (const [what, [write, left]] of Object.entries(NEWER)) {
  property(`a newer ${what} stays, and who waits gets what was made`, async (store) => {
    const { factory, runs } = heldFactory();
    const loading = store.getOrSet('a', factory);
    await turn();
    await write(store);
    await waitUntil(() => runs.length === 1, 'it is being made');
    runs[0].resolve('older');
    assert.equal(await loading, 'older');
    assert.equal(await store.get('a'), left);
    assert.equal(await store.has('a'), left !== undefined);
  });
}

property('a write to another key is no newer one', async (store) => {
  const { factory, runs } = heldFactory();
  const loading = store.getOrSet('a', factory);
  await turn();
  await store.set('b', 1);
  await store.delete('c');
  assert.equal(await store.get('a'), undefined);
  assert.equal(await store.touch('a', HOUR_MS), false);
  runs[0].resolve('made');
  assert.equal(await loading, 'made');
  assert.equal(await store.get('a'), 'made');
});

/** Calls on the key of a load that write nothing. */
const NEUTRAL = {
  'a look': (store) => store.getEntry('a'),
  'a touch': (store) => store.touch('a', HOUR_MS),
  'a replace': (store) => store.replace('a', 'newer'),
  'an update that gives nothing': (store) => store.update('a', () => undefined),
  'a compareAndSet': (store) => store.compareAndSet('a', 'expected', 'newer'),
  'an increment with ifPresent': (store) => store.increment('a', 1, { ifPresent: true }),
  'a hit with ifPresent': (store) => store.hit('a', 1, { ifPresent: true }),
};
for (const [what, call] of Object.entries(NEUTRAL)) {
  property(`${what} of nothing leaves a load alone`, async (store) => {
    const { factory, runs } = heldFactory();
    const loading = store.getOrSet('a', factory);
    await turn();
    await call(store);
    await waitUntil(() => runs.length === 1, 'it is being made');
    runs[0].resolve('made');
    assert.equal(await loading, 'made');
    assert.equal(await store.get('a'), 'made');
  });
}

property('a ttl may be computed from the value', async (store) => {
  const given = [];
  const ttl = (...all) => {
    given.push(all);
    return HOUR_MS;
  };
  const since = sinceNow();
  await store.getOrSet(7, () => 'made', { ttl });
  assert.deepEqual(given, [['made', '7']]);
  since.assertLeft(await store.ttl('7'), HOUR_MS);
  await store.getOrSet('ever', () => 'made', { ttl: () => undefined });
  assert.equal(await store.ttl('ever'), Infinity);
  await store.getOrSet('infinity', () => 'made', { ttl: () => Infinity });
  assert.equal(await store.ttl('infinity'), Infinity);
});

property('a computed ttl of 0 gives the value and stores nothing', async (store) => {
  let made = 0;
  for (let round = 1; round < 5; round += 1) {
    const factory = async () => {
      made += 1;
      return made;
    };
    assert.equal(await store.getOrSet('a', factory, { ttl: () => 0 }), round);
    assert.equal(await store.has('a'), false);
  }
});

property('a computed fraction is rounded up', async (store) => {
  const since = sinceNow();
  await store.getOrSet('a', () => 'made', { ttl: () => HOUR_MS - 0.5 });
  since.assertLeft(await store.ttl('a'), HOUR_MS);
});

property('a result lives from when the factory was done', { needs: ['at hand'] }, async (store) => {
  const { factory, runs } = heldFactory();
  const loading = store.getOrSet('a', factory, { ttl: HOUR_MS });
  await turn();
  passDeadline(50);
  const since = sinceNow();
  runs[0].resolve('made');
  await loading;
  since.assertLeft(await store.ttl('a'), HOUR_MS);
});

property(
  'staleMs prolongs the life, and a stale value is given while it is renewed',
  async (store) => {
    const options = { ttl: 1, staleMs: HOUR_MS };
    assert.equal(await store.getOrSet('a', () => 'first', options), 'first');
    passDeadline(1);
    const { factory, runs } = heldFactory();
    assert.equal(await store.getOrSet('a', factory, options), 'first');
    assert.equal(await store.getOrSet('a', factory, options), 'first');
    await turn();
    assert.equal(runs.length, 1);
    assert.equal(await store.get('a'), 'first');
    runs[0].resolve('second');
    await turn();
    await turn();
    assert.equal(await store.get('a'), 'second');
  },
);

property('a signal ends the wait of its caller alone', async (store) => {
  const { factory, runs } = heldFactory();
  const abort = new AbortController();
  const [mine, others] = [
    store.getOrSet('a', factory, { signal: abort.signal }),
    store.getOrSet('a', factory),
  ];
  await waitUntil(() => runs.length === 1);
  const reason = new Error('given up');
  abort.abort(reason);
  await assert.rejects(mine, (error) => error === reason);
  assert.equal(runs[0].signal.aborted, false);
  runs[0].resolve('made');
  assert.equal(await others, 'made');
  assert.equal(await store.get('a'), 'made');
});

property(
  'when all have given up the factory is told, and the next caller begins anew',
  { needs: ['at hand'] },
  async (store) => {
    const { factory, runs } = heldFactory();
    const abort = new AbortController();
    const loading = store.getOrSet('a', factory, { signal: abort.signal });
    await turn();
    abort.abort(new Error('given up'));
    await assert.rejects(loading, /given up/);
    assert.equal(runs[0].signal.aborted, true);
    assert.equal(await store.getOrSet('a', () => 'made'), 'made');
    runs[0].resolve('late');
    await turn();
    assert.equal(await store.get('a'), 'made');
  },
);

property('a signal that is aborted already runs no factory', async (store, scope) => {
  await store.set('b', 1);
  const reason = new Error('too late');
  const signal = AbortSignal.abort(reason);
  for (const key of ['a', 'b']) {
    const call = () => store.getOrSet(key, notNeeded, { signal });
    await assertRefused(store, scope, 'getOrSet', call, (error) => error === reason);
  }
});

property(
  'who waits gets what was made though the store was closed',
  { needs: ['at hand'] },
  async (store) => {
    const { factory, runs } = heldFactory();
    const all = [store.getOrSet('a', factory), store.getOrSet('a', factory)];
    await turn();
    await store.close();
    runs[0].resolve('made');
    assert.deepEqual(await Promise.all(all), ['made', 'made']);
    await assert.rejects(async () => store.get('a'), { code: 'ERR_STORE_CLOSED' });
  },
);

property('a factory may use the store', async (store) => {
  const made = await store.getOrSet('sum', async () => {
    await store.set('one', 1);
    const two = await store.getOrSet('two', () => 2);
    return (await store.get('one')) + two;
  });
  assert.equal(made, 3);
  assert.deepEqual([...(await store.keys())].sort(), ['one', 'sum', 'two']);
});

property('many keys at once are all made', async (store) => {
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
  const made = await Promise.all(keys.map((key) => store.getOrSet(key, async (it) => `${it}!`)));
  assert.deepEqual(
    made,
    keys.map((key) => `${key}!`),
  );
  assert.equal(await store.size(), keys.length);
});

property(
  'after the key was written the next caller does not wait for the old load',
  { needs: ['at hand'] },
  async (store) => {
    const { factory, runs } = heldFactory();
    const older = store.getOrSet('a', factory);
    await turn();
    await store.delete('a');
    assert.equal(await store.getOrSet('a', () => 'newer'), 'newer');
    runs[0].resolve('older');
    assert.equal(await older, 'older');
    assert.equal(await store.get('a'), 'newer');
  },
);

property(
  'a renewal does not overwrite what was written since',
  { needs: ['at hand'] },
  async (store) => {
    const options = { ttl: 1, staleMs: HOUR_MS };
    for (const [write, left] of [
      [() => store.set('a', 'newer', HOUR_MS / 2), 'newer'],
      [() => store.update('a', () => 'newer'), 'newer'],
      [() => store.delete('a'), undefined],
    ]) {
      await store.delete('a');
      await store.getOrSet('a', () => 'first', options);
      passDeadline(1);
      const { factory, runs } = heldFactory();
      assert.equal(await store.getOrSet('a', factory, options), 'first');
      await turn();
      await write();
      runs[0].resolve('renewed');
      await turn();
      await turn();
      assert.equal(await store.get('a'), left);
    }
  },
);

property('a renewal that fails leaves what is there', { needs: ['at hand'] }, async (store) => {
  const options = { ttl: 1, staleMs: HOUR_MS };
  await store.getOrSet('a', () => 'first', options);
  passDeadline(1);
  const { factory, runs } = heldFactory();
  assert.equal(await store.getOrSet('a', factory, options), 'first');
  await turn();
  runs[0].reject(new Error('on purpose'));
  await turn();
  assert.equal(await store.get('a'), 'first');
});

property(
  'a factory that closes the store gives its value',
  { needs: ['at hand'] },
  async (store) => {
    const made = await store.getOrSet('a', async () => {
      await store.close();
      return 'made';
    });
    assert.equal(made, 'made');
  },
);

property(
  'a factory runs once for two objects',
  { needs: ['at hand', 'shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    const { factory, runs } = heldFactory();
    const both = [store.getOrSet('a', factory), other.getOrSet('a', factory)];
    await turn();
    runs[0].resolve('made');
    assert.deepEqual(await Promise.all(both), ['made', 'made']);
    assert.equal(runs.length, 1);
    await other.close();
  },
);

property(
  'a newer write of another object stays',
  { needs: ['at hand', 'shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    const { factory, runs } = heldFactory();
    const loading = store.getOrSet('a', factory);
    await turn();
    await other.set('a', 'newer');
    runs[0].resolve('older');
    await loading;
    assert.equal(await store.get('a'), 'newer');
    await other.close();
  },
);

/** Objects in which somebody notes who he is; each with a note, if there is one. */
const NOTED = {
  'an object': [() => ({ in: {} }), (it, who) => (it.in.who ??= who)],
  'an array': [() => [[]], (it, who) => (it[0][0] ??= who)],
  'a Map': [() => new Map(), (it, who) => (it.has(0) ? it.get(0) : it.set(0, who).get(0))],
  bytes: [() => Buffer.alloc(1), (it, who) => (it[0] ||= who)],
};
for (const [what, [make, note]] of Object.entries(NOTED)) {
  property(`callers who wait together have ${what} each`, { needs: ['copies'] }, async (store) => {
    const { signal } = new AbortController();
    const all = [{}, { signal }, {}, { signal }].map(async (options, index) => {
      const made = await store.getOrSet('k', async () => make(), options);
      return note(made, index + 1);
    });
    assert.deepEqual(await Promise.all(all), [1, 2, 3, 4]);
    const there = await store.get('k');
    assert.equal(note(there, 5), 5, 'nor is it that of the store');
  });
}

property('who makes a frozen value has it frozen', { needs: ['frozen'] }, async (store) => {
  const all = [1, 2].map(() => store.getOrSet('k', async () => ({ list: [1] })));
  for (const { list } of await Promise.all(all)) assert.ok(Object.isFrozen(list));
});
