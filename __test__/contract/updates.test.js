/**
 * `update`: one atomic step from what is there to what shall be there.
 *
 * Must not know how a scope holds others off. Invariant tested: `update` gives what it stored; a
 * change that gives nothing, or fails, has changed nothing.
 */
const assert = require('node:assert/strict');
const expiry = require('../helpers/expiry.js');
const {
  HOUR_MS,
  assertRefused,
  entriesOf,
  outcomeOf,
  property,
  propertyColdAndWarm,
  setExpired,
  sinceNow,
} = require('./contract.js');

propertyColdAndWarm('change gets the value, and its answer is stored', async (store, _s, heat) => {
  await store.set('a', { n: 1 });
  await heat(store, 'a');
  const seen = [];
  const made = await store.update('a', (value, ...more) => {
    seen.push([value, more.length]);
    return { n: value.n + 1 };
  });
  assert.deepEqual(made, { n: 2 });
  assert.deepEqual(seen, [[{ n: 1 }, 0]]);
  assert.deepEqual(await store.get('a'), { n: 2 });
});

property('of an absent entry change gets undefined, and makes it', async (store) => {
  const seen = [];
  const change = (value) => {
    seen.push(value);
    return 'made';
  };
  assert.equal(await store.update('a', change), 'made');
  await setExpired(store, 'b');
  assert.equal(await store.update('b', change), 'made');
  assert.deepEqual(seen, [undefined, undefined]);
  assert.deepEqual(await entriesOf(store), [
    ['a', 'made', false],
    ['b', 'made', false],
  ]);
});

property('undefined changes nothing, and gives what is there', async (store) => {
  await store.set('a', { n: 1 }, HOUR_MS);
  const before = await entriesOf(store);
  assert.deepEqual(await store.update('a', () => undefined), { n: 1 });
  assert.deepEqual(await store.update('a', () => {}, { ttl: Infinity }), { n: 1 });
  assert.equal(await store.update('absent', () => undefined), undefined);
  assert.deepEqual(await entriesOf(store), before);
});

property('null, false, 0 and the empty string are stored', async (store) => {
  for (const value of [null, false, 0, '', Number.NaN]) {
    await store.set('a', 'before');
    assert.equal(await store.update('a', () => value), value);
    assert.equal(await store.get('a'), value);
  }
});

property('the deadline is kept', async (store) => {
  const since = sinceNow();
  await store.set('a', 1, HOUR_MS);
  await store.set('b', 1);
  await store.update('a', (n) => n + 1);
  await store.update('a', (n) => n + 1, {});
  await store.update('a', (n) => n + 1, { ttl: 'keep' });
  assert.equal(await store.update('a', (n) => n + 1, { ttl: undefined }), 5);
  since.assertLeft(await store.ttl('a'), HOUR_MS);
  await store.update('b', (n) => n + 1);
  assert.equal(await store.ttl('b'), Infinity);
});

property('options say another deadline', async (store) => {
  await store.set('a', 1, HOUR_MS);
  let since = sinceNow();
  await store.update('a', (n) => n + 1, { ttl: 3 * HOUR_MS });
  since.assertLeft(await store.ttl('a'), 3 * HOUR_MS);
  since = sinceNow();
  await store.update('a', (n) => n + 1, 2 * HOUR_MS);
  since.assertLeft(await store.ttl('a'), 2 * HOUR_MS);
  await store.update('a', (n) => n + 1, { ttl: Infinity });
  assert.equal(await store.ttl('a'), Infinity);
  since = sinceNow();
  await store.update('a', (n) => n + 1, { expiresAt: Date.now() + HOUR_MS });
  since.assertLeftByWallClock(await store.ttl('a'), HOUR_MS);
  assert.equal(await store.get('a'), 5);
});

property(
  'what it makes gets the ttl of the store',
  { options: { ttl: HOUR_MS } },
  async (store) => {
    const since = sinceNow();
    await store.update('a', () => 1);
    await store.update('b', () => 1, { ttl: 'keep' });
    await store.update('c', () => 1, { ttl: Infinity });
    since.assertLeft(await store.ttl('a'), HOUR_MS);
    since.assertLeft(await store.ttl('b'), HOUR_MS);
    assert.equal(await store.ttl('c'), Infinity);
  },
);

property('what change throws is told, and nothing has changed', async (store, scope) => {
  await store.set('a', 1, HOUR_MS);
  const broken = new Error('from the change');
  for (const key of ['a', 'absent']) {
    const call = () =>
      store.update(key, () => {
        throw broken;
      });
    await assertRefused(store, scope, 'update', call, (error) => error === broken);
  }
  assert.equal(await store.update('a', (n) => n + 1), 2);
});

property(
  'a change that gives a promise is refused',
  { needs: ['at once'] },
  async (store, scope) => {
    await store.set('a', 1);
    const isTold = (error) => error instanceof TypeError && /^ERR_/.test(error.code);
    for (const change of [async (n) => n + 1, () => Promise.resolve()]) {
      await assertRefused(store, scope, 'update', () => store.update('a', change), isTold);
      await assertRefused(store, scope, 'update', () => store.update('absent', change), isTold);
    }
  },
);

property('a change may give a promise', { needs: ['by promise'] }, async (store) => {
  await store.set('a', 1);
  assert.equal(await store.update('a', async (n) => n + 1), 2);
  assert.equal(await store.update('a', async () => undefined), 2);
  assert.equal(await store.update('b', async () => 'made'), 'made');
  const broken = new Error('from the change');
  await assert.rejects(
    store.update('a', async () => {
      throw broken;
    }),
    (error) => error === broken,
  );
  assert.deepEqual(await entriesOf(store), [
    ['a', 2, false],
    ['b', 'made', false],
  ]);
});

property(
  'updates that wait for promises lose nothing',
  { needs: ['by promise', 'in turn'] },
  async (store) => {
    const updates = Array.from({ length: 50 }, () =>
      store.update('a', async (n = 0) => {
        await null;
        return n + 1;
      }),
    );
    assert.deepEqual(
      await Promise.all(updates),
      updates.map((_, index) => index + 1),
    );
  },
);

property('a change to another key is made, too', { needs: ['at once'] }, async (store) => {
  await store.set('a', 1);
  const made = store.update('a', (n) => {
    store.set('other', store.get('a'));
    return n + 1;
  });
  assert.equal(made, 2);
  assert.deepEqual(await entriesOf(store), [
    ['a', 2, false],
    ['other', 1, false],
  ]);
});

/** What a change may do to its own entry, before it gives `'given'`. */
const meddling = {
  'sets it': (store) => store.set('a', 'set within'),
  'deletes it': (store) => store.delete('a'),
  'clears the store': (store) => store.clear(),
  'prolongs it': (store) => store.touch('a', HOUR_MS),
  'updates it': (store) => store.update('a', () => 'updated within'),
  'lets it expire': (store) => expiry.setExpired(store, 'a'),
};
for (const [what, meddle] of Object.entries(meddling)) {
  property(`a change that ${what} ends, with what is there`, { needs: ['at once'] }, (store) => {
    for (const begin of [() => store.set('a', 'before'), () => store.delete('a')]) {
      begin();
      let runs = 0;
      const made = store.update('a', () => {
        runs += 1;
        if (runs <= 3) meddle(store);
        return 'given';
      });
      assert.equal(made, 'given');
      assert.equal(store.get('a'), 'given');
    }
  });
}

property('a deadline that is given within a change is kept', { needs: ['at once'] }, (store) => {
  for (const [before, within, isTimed] of [
    [undefined, () => store.touch('a', HOUR_MS), true],
    [undefined, () => store.set('a', 'within', HOUR_MS), true],
    [HOUR_MS, () => store.touch('a', Infinity), false],
    [HOUR_MS, () => store.set('a', 'within'), false],
  ]) {
    store.set('a', 'before', before);
    let runs = 0;
    store.update('a', () => {
      runs += 1;
      if (runs === 1) within();
      return 'given';
    });
    assert.deepEqual([store.get('a'), store.ttl('a') !== Infinity], ['given', isTimed]);
  }
});

property(
  'a change that closes the store is refused',
  { needs: ['at once'] },
  async (store, scope) => {
    store.set('a', 1);
    const outcome = await outcomeOf(scope, 'update', () =>
      store.update('a', () => {
        store.close();
        return 2;
      }),
    );
    assert.equal(outcome.throws?.code, 'ERR_STORE_CLOSED');
  },
);

property(
  'a change that meddles for ever is not waited for, for ever',
  { needs: ['at once'] },
  (store) => {
    let runs = 0;
    store.set('a', 0);
    const made = store.update('a', (n) => {
      runs += 1;
      if (runs > 10_000) throw new Error('still asked');
      store.set('a', n + 1000);
      return n + 1;
    });
    assert.equal(made % 1000, 1);
    assert.equal(store.get('a'), made);
  },
);

property(
  'a change that writes to other keys overwrites nothing that others have written',
  { needs: ['at once', 'shared'] },
  (store, scope) => {
    const other = scope.again(store);
    let runs = 0;
    store.set('a', 0);
    // Late each time, but for the last: more often than a change that meddles with its own key.
    const made = store.update('a', (n) => {
      runs += 1;
      store.increment('log');
      if (runs <= 3000) other.set('a', n + 1);
      store.increment('log');
      return n + 1e6;
    });
    assert.equal(made, 3000 + 1e6);
    assert.equal(store.get('a'), made);
  },
);

property(
  'updates of two objects in turn all count',
  { needs: ['shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    for (let round = 0; round < 100; round += 1) {
      const one = round % 2 === 0 ? store : other;
      assert.deepEqual(await one.update('a', (value) => ({ n: (value?.n ?? 0) + 1 })), {
        n: round + 1,
      });
    }
    assert.deepEqual(await store.get('a'), { n: 100 });
    await other.close();
  },
);

property(
  'what another object wrote within a change is not lost',
  { needs: ['at once', 'shared'] },
  (store, scope) => {
    const other = scope.again(store);
    store.set('a', { list: [] });
    let runs = 0;
    const made = store.update('a', ({ list }) => {
      runs += 1;
      if (runs === 1) other.update('a', (value) => ({ list: [...value.list, 'other'] }));
      return { list: [...list, 'own'] };
    });
    assert.deepEqual(made, { list: ['other', 'own'] });
    assert.deepEqual(store.get('a'), { list: ['other', 'own'] });
    assert.equal(runs, 2);
    other.close();
  },
);

property(
  'a value that cannot be cloned is refused',
  { needs: ['copies'] },
  async (store, scope) => {
    await store.set('a', 1);
    const expected = { name: 'TypeError', code: 'ERR_NOT_CLONEABLE' };
    const call = () => store.update('a', () => () => {});
    await assertRefused(store, scope, 'update', call, expected);
  },
);

property(
  'the object that was given is the one that is there',
  { needs: ['by reference'] },
  async (store) => {
    const [before, after] = [{ n: 1 }, { n: 2 }];
    await store.set('a', before);
    let seen;
    const made = await store.update('a', (value) => {
      seen = value;
      return after;
    });
    assert.deepEqual(
      [seen === before, made === after, (await store.get('a')) === after],
      [true, true, true],
    );
  },
);
