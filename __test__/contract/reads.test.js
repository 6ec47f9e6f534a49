/**
 * The verbs that read: what they find, and that they change nothing.
 *
 * Must not know of deadlines. Invariant tested: what is set is found under its key alone, by every
 * verb alike, however often it was read before.
 */
const assert = require('node:assert/strict');
const { entriesOf, listOf, property, propertyColdAndWarm, warm } = require('./contract.js');

property('an empty store holds nothing', async (store) => {
  assert.equal(await store.get('a'), undefined);
  assert.equal(await store.has('a'), false);
  assert.equal(await store.peek('a'), undefined);
  assert.equal(await store.ttl('a'), undefined);
  assert.equal(await store.getEntry('a'), undefined);
  assert.deepEqual(await store.getMany(['a', 'b']), [undefined, undefined]);
  assert.equal(await store.size(), 0);
  assert.deepEqual(await store.keys(), []);
  assert.deepEqual(await listOf(store.entries()), []);
});

propertyColdAndWarm('every verb that reads finds what was set', async (store, _scope, heat) => {
  await store.set('a', 1);
  await store.set('b', { list: [1, 'two', null] });
  await heat(store, 'a', 'b', 'absent');
  assert.equal(await store.get('a'), 1);
  assert.equal(await store.peek('a'), 1);
  assert.equal(await store.has('a'), true);
  assert.equal(await store.ttl('a'), Infinity);
  assert.deepEqual(await store.get('b'), { list: [1, 'two', null] });
  assert.deepEqual(await store.peek('b'), { list: [1, 'two', null] });
  assert.deepEqual(await store.getMany(['b', 'absent', 'a']), [
    { list: [1, 'two', null] },
    undefined,
    1,
  ]);
  assert.equal(await store.get('absent'), undefined);
  assert.equal(await store.has('absent'), false);
  assert.equal(await store.size(), 2);
});

property('reads change nothing', async (store) => {
  await store.set('a', 1);
  await store.set('b', 2, 3_600_000);
  const before = await entriesOf(store);
  await warm(store, 'a', 'b', 'absent');
  for (const key of ['a', 'b', 'absent']) {
    await store.has(key);
    await store.peek(key);
    await store.ttl(key);
    await store.getEntry(key);
  }
  await store.getMany(['a', 'b', 'absent']);
  assert.deepEqual(await entriesOf(store), before);
});

property('undefined and null are values that are there', async (store) => {
  await store.set('u', undefined);
  await store.set('n', null);
  assert.equal(await store.has('u'), true);
  assert.equal(await store.get('u'), undefined);
  assert.deepEqual(await store.getEntry('u'), { value: undefined, ttl: Infinity, tags: [] });
  assert.equal(await store.get('n'), null);
  assert.deepEqual(await store.getEntry('n'), { value: null, ttl: Infinity, tags: [] });
  assert.equal(await store.size(), 2);
  assert.equal(await store.delete('u'), true);
  assert.equal(await store.has('u'), false);
});

propertyColdAndWarm('an overwritten value is never read again', async (store, _scope, heat) => {
  for (let round = 0; round < 20; round += 1) {
    await store.set('a', { round });
    if (round % 5 === 0) await heat(store, 'a');
    assert.deepEqual(await store.get('a'), { round });
    assert.deepEqual(await store.peek('a'), { round });
    assert.deepEqual((await store.getEntry('a')).value, { round });
    assert.deepEqual(await store.getMany(['a']), [{ round }]);
  }
});

propertyColdAndWarm('a deleted value is never read again', async (store, _scope, heat) => {
  await store.set('a', 1);
  await heat(store, 'a');
  await store.delete('a');
  assert.equal(await store.get('a'), undefined);
  assert.equal(await store.peek('a'), undefined);
  assert.equal(await store.has('a'), false);
  assert.equal(await store.ttl('a'), undefined);
  assert.equal(await store.getEntry('a'), undefined);
  assert.deepEqual(await store.getMany(['a']), [undefined]);
});

propertyColdAndWarm(
  'getEntry gives value, ttl and tags, and nothing else',
  async (store, _s, heat) => {
    await store.set('a', { id: 7 });
    await heat(store, 'a');
    const entry = await store.getEntry('a');
    assert.deepEqual(entry, { value: { id: 7 }, ttl: Infinity, tags: [] });
    assert.deepEqual(Object.keys(entry).sort(), ['tags', 'ttl', 'value']);
  },
);

property('what getEntry gave belongs to its caller', async (store) => {
  await store.set('a', 1);
  const entry = await store.getEntry('a');
  entry.value = 2;
  entry.ttl = 3;
  entry.tags.push('tag');
  assert.deepEqual(await store.getEntry('a'), { value: 1, ttl: Infinity, tags: [] });
});

property('getMany gives a key that is asked for twice twice, in order', async (store) => {
  await store.setMany([
    ['a', 1],
    ['b', 2],
  ]);
  assert.deepEqual(await store.getMany(['b', 'a', 'x', 'b']), [2, 1, undefined, 2]);
  assert.deepEqual(await store.getMany(new Set(['a', 'b'])), [1, 2]);
  assert.deepEqual(await store.getMany([]), []);
});

property(
  'reads by another object see every write at once',
  { needs: ['shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    try {
      for (let round = 0; round < 30; round += 1) {
        await store.set('a', { round });
        assert.deepEqual(await other.get('a'), { round });
        if (round % 10 === 0) await warm(other, 'a');
        await other.update('a', (value) => ({ ...value, seen: true }));
        assert.deepEqual(await store.get('a'), { round, seen: true });
      }
      await other.delete('a');
      assert.equal(await store.get('a'), undefined);
      assert.equal(await store.has('a'), false);
    } finally {
      await other.close();
    }
  },
);
