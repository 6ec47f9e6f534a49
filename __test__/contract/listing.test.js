/**
 * Listings and walks: `keys`, `entries`, `values`, `forEach` and iterating over a store.
 *
 * Must not know how entries lie. Invariant tested: what is there all the time is shown once, with
 * its value; in insertion order where a scope keeps one.
 */
const assert = require('node:assert/strict');
const {
  HOUR_MS,
  assertRefused,
  listOf,
  passDeadline,
  property,
  setExpired,
} = require('./contract.js');

const COUNT = 300;
const numbered = Array.from({ length: COUNT }, (_, index) => [`key ${index}`, { index }]);
const byKey = (entries) => [...entries].sort(([one], [other]) => (one < other ? -1 : 1));

/** What `forEach` shows. */
async function shown(store) {
  const seen = [];
  await store.forEach((value, key) => {
    seen.push([key, value]);
  });
  return seen;
}

property('every listing shows every entry once', async (store) => {
  await store.setMany(numbered);
  assert.deepEqual(byKey(await listOf(store.entries())), byKey(numbered));
  assert.deepEqual(byKey(await shown(store)), byKey(numbered));
  assert.deepEqual(
    [...(await store.keys())].sort(),
    byKey(numbered).map(([key]) => key),
  );
  const values = await listOf(store.values());
  assert.deepEqual(
    values.map(({ index }) => index).sort((one, other) => one - other),
    numbered.map(([, { index }]) => index),
  );
});

property('a store is iterated as its entries', async (store) => {
  await store.setMany(numbered);
  assert.deepEqual(byKey(await listOf(store)), byKey(numbered));
});

property('a store at once works where an iterable does', { needs: ['at once'] }, (store) => {
  store.setMany(numbered);
  assert.deepEqual(byKey(new Map(store)), byKey(numbered));
  assert.deepEqual(Object.fromEntries(store), Object.fromEntries(numbered));
  const entries = store.entries();
  assert.equal(entries[Symbol.iterator](), entries);
});

property(
  'listings are in the order in which keys were first set',
  { needs: ['insertion order'] },
  async (store) => {
    await store.set('b', 1);
    await store.set('a', 2);
    await store.set('c', 3, HOUR_MS);
    await store.set('b', 4);
    await store.touch('a', HOUR_MS);
    await store.update('b', (n) => n + 1);
    await store.increment('a');
    assert.deepEqual(await store.keys(), ['b', 'a', 'c']);
    assert.deepEqual(await listOf(store.entries()), [
      ['b', 5],
      ['a', 3],
      ['c', 3],
    ]);
    await store.delete('b');
    await store.set('b', 6);
    assert.deepEqual(await store.keys(), ['a', 'c', 'b']);
    assert.deepEqual(await listOf(store.values()), [3, 3, 6]);
    assert.deepEqual(await shown(store), [
      ['a', 3],
      ['c', 3],
      ['b', 6],
    ]);
  },
);

property('listings show no expired entry', async (store) => {
  await store.setMany([
    ['a', 1, 1],
    ['b', 2],
    ['c', 3, 1],
  ]);
  passDeadline(1);
  assert.deepEqual(await store.keys(), ['b']);
  assert.deepEqual(await listOf(store.entries()), [['b', 2]]);
  assert.deepEqual(await listOf(store.values()), [2]);
  assert.deepEqual(await shown(store), [['b', 2]]);
});

property('a list of keys belongs to its caller', async (store) => {
  await store.set('a', 1);
  (await store.keys()).push('more');
  assert.deepEqual(await store.keys(), ['a']);
});

property('forEach gives value, key and store, and calls with thisArg', async (store) => {
  await store.set('a', 1);
  const calls = [];
  function callback(...given) {
    calls.push([this, given]);
  }
  const self = {};
  assert.equal(await store.forEach(callback, self), undefined);
  await store.forEach(callback);
  assert.equal(calls.length, 2);
  for (const [, given] of calls) {
    assert.deepEqual([given.length, given[0], given[1], given[2] === store], [3, 1, 'a', true]);
  }
  assert.equal(calls[0][0], self);
});

property('what a callback throws ends forEach', async (store) => {
  await store.setMany(numbered);
  const broken = new Error('from the callback');
  let calls = 0;
  await assert.rejects(
    async () =>
      store.forEach(() => {
        calls += 1;
        if (calls === 2) throw broken;
      }),
    (error) => error === broken,
  );
  assert.equal(calls, 2);
  assert.equal(await store.size(), COUNT);
});

property('a walk that is left early is no burden', { needs: ['at once'] }, (store) => {
  store.setMany(numbered);
  for (let round = 0; round < 50; round += 1) {
    for (const [key] of store) {
      assert.equal(typeof key, 'string');
      break;
    }
  }
  store.clear();
  assert.equal(store.set('a', 1), true);
  assert.deepEqual([...store], [['a', 1]]);
});

property(
  'what is deleted before a walk reaches it is not shown',
  { needs: ['at once'] },
  (store) => {
    store.setMany(numbered);
    const seen = new Set();
    for (const [key] of store) {
      assert.ok(!seen.has(key), `${key} is shown twice`);
      seen.add(key);
      for (const [other] of numbered) {
        if (!seen.has(other)) {
          store.delete(other);
          break;
        }
      }
    }
    assert.equal(store.size(), seen.size);
    assert.ok(seen.size >= COUNT / 2);
  },
);

property(
  'what stays is shown once, whatever else changes meanwhile',
  { needs: ['at once'] },
  (store) => {
    store.setMany(numbered);
    const stays = numbered.filter((_, index) => index % 3 === 0);
    const seen = [];
    let step = 0;
    for (const [key, value] of store.entries()) {
      seen.push([key, value]);
      step += 1;
      if (step > 10 * COUNT) break;
      store.delete(`key ${(step * 3 + 1) % COUNT}`);
      if (step < COUNT) store.set(`new ${step}`, { index: step });
      if (step % 50 === 0) store.update(stays[step % stays.length][0], (it) => it);
    }
    const keys = seen.map(([key]) => key);
    assert.equal(new Set(keys).size, keys.length, 'nothing is shown twice');
    for (const [key, value] of stays) {
      assert.deepEqual(seen.find(([other]) => other === key)?.[1], value, key);
    }
  },
);

property('a walk ends when the store is cleared', { needs: ['at once'] }, (store) => {
  store.setMany(numbered);
  const walk = store.entries();
  assert.equal(walk.next().done, false);
  store.clear();
  assert.deepEqual([...walk], []);
  assert.equal(walk.next().done, true);
});

property(
  'a walk over a store that was closed is refused or ended',
  { needs: ['at once'] },
  (store) => {
    store.setMany(numbered);
    for (const walk of [store.entries(), store.values(), store[Symbol.iterator]()]) walk.next();
    const [begun, fresh] = [store.entries(), store.values()];
    begun.next();
    store.close();
    for (const walk of [begun, fresh]) {
      try {
        assert.deepEqual([...walk], []);
      } catch (error) {
        assert.equal(error.code, 'ERR_STORE_CLOSED');
      }
    }
  },
);

property('a callback that is no function is refused', async (store, scope) => {
  await setExpired(store, 'expired');
  await store.set('a', 1);
  for (const callback of [undefined, null, 5, 'a', {}, Symbol('a')]) {
    const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    await assertRefused(store, scope, 'forEach', () => store.forEach(callback), expected);
  }
});
