/**
 * Values: what a store gives back of what it was given, and to whom it belongs.
 *
 * Must not know how a value is stored. Invariant tested: what comes back is what was set, at the
 * time when it was set, by every verb that gives a value.
 */
const assert = require('node:assert/strict');
const v8 = require('node:v8');
const { isDeepStrictEqual } = require('node:util');
const { cloneableSamples, uncloneableSamples } = require('../helpers/cloneable-samples.js');
const { assertRefused, entriesOf, listOf, property, warm } = require('./contract.js');

/** Room for each of the samples. */
const options = { maxBytes: 2 ** 26 };
const IS_BUN = process.versions.bun !== undefined;

/** Equal bytes say more than Bun's comparison, which finds no two Maps of objects equal. */
function assertSame(got, expected, what) {
  if (IS_BUN && v8.serialize(got).equals(v8.serialize(expected))) return;
  assert.ok(isDeepStrictEqual(got, expected), `${what} is not what was set`);
}

property('a clone of each value comes back', { needs: ['copies'], options }, async (store) => {
  for (const [what, value] of cloneableSamples()) {
    await store.set('a', value);
    assertSame(await store.get('a'), structuredClone(value), what);
    assertSame(await store.peek('a'), structuredClone(value), what);
    assertSame((await store.getEntry('a')).value, structuredClone(value), what);
    assertSame((await store.getMany(['a']))[0], structuredClone(value), what);
    assertSame((await listOf(store.values()))[0], structuredClone(value), what);
    assertSame(await store.take('a'), structuredClone(value), what);
  }
});

property('each value comes back, frozen or not', { needs: ['frozen'], options }, async (store) => {
  for (const [what, value] of cloneableSamples()) {
    await store.set('a', value);
    await warm(store, 'a');
    assertSame(await store.get('a'), structuredClone(value), what);
  }
});

property('the very value comes back', { needs: ['by reference'] }, async (store) => {
  const samples = [...cloneableSamples(), ...uncloneableSamples()];
  for (const [what, value] of samples) {
    // What a promise carries is never a promise.
    if (typeof value?.then === 'function') continue;
    await store.set('a', value);
    assert.ok(Object.is(await store.get('a'), value), what);
    assert.ok(Object.is(await store.peek('a'), value), what);
    assert.ok(Object.is((await store.getEntry('a')).value, value), what);
    assert.ok(Object.is((await store.getMany(['a']))[0], value), what);
    assert.ok(Object.is(await store.take('a'), value), what);
  }
});

property('each read gives a copy of its own', { needs: ['copies'] }, async (store) => {
  const given = { list: [1], at: { b: 2 } };
  await store.set('a', given);
  given.list.push('changed after set');
  await warm(store, 'a');
  const reads = [
    () => store.get('a'),
    () => store.peek('a'),
    async () => (await store.getEntry('a')).value,
    async () => (await store.getMany(['a']))[0],
    async () => (await listOf(store.values()))[0],
    async () => (await listOf(store.entries()))[0][1],
    () => store.getOrSet('a', () => assert.fail('not needed')),
  ];
  for (const read of reads) {
    const copy = await read();
    assert.deepEqual(copy, { list: [1], at: { b: 2 } });
    copy.list.push('changed after get');
    copy.at.b = 'changed after get';
  }
});

property('a value that a change was given belongs to it', { needs: ['copies'] }, async (store) => {
  await store.set('a', { list: [1] });
  await store.update('a', (value) => {
    value.list.push('kept nowhere');
    return undefined;
  });
  assert.deepEqual(await store.get('a'), { list: [1] });
  const made = await store.update('a', (value) => {
    value.list.push(2);
    return value;
  });
  made.list.push('changed after update');
  assert.deepEqual(await store.get('a'), { list: [1, 2] });
});

property('what is read cannot be changed', { needs: ['frozen'] }, async (store) => {
  await store.set('a', { list: [1], at: { b: 2 } });
  for (const value of [await store.get('a'), await store.get('a')]) {
    assert.ok(Object.isFrozen(value) && Object.isFrozen(value.list) && Object.isFrozen(value.at));
  }
});

for (const [what, value] of uncloneableSamples()) {
  property(`${what} is refused by every verb`, { needs: ['copies'] }, async (store, scope) => {
    await store.set('a', 1);
    const expected = { name: 'TypeError', code: 'ERR_NOT_CLONEABLE' };
    for (const [verb, call] of [
      ['set', () => store.set('a', value)],
      ['set', () => store.set('absent', value)],
      ['add', () => store.add('absent', value)],
      ['replace', () => store.replace('a', value)],
      ['setMany', () => store.setMany([['a', value]])],
      ['compareAndSet', () => store.compareAndSet('a', 1, value)],
    ]) {
      await assertRefused(store, scope, verb, call, expected);
    }
  });
}

property(
  'what a getter of a value throws is told, and nothing has changed',
  { needs: ['copies'] },
  async (store, scope) => {
    await store.set('a', 1);
    const broken = new Error('from the getter');
    const value = {
      get n() {
        throw broken;
      },
    };
    const isIt = (error) => error === broken || error.cause === broken;
    await assertRefused(store, scope, 'set', () => store.set('a', value), isIt);
    await assertRefused(store, scope, 'add', () => store.add('new', value), isIt);
    await assertRefused(
      store,
      scope,
      'setMany',
      () =>
        store.setMany([
          ['b', 1],
          ['a', value],
        ]),
      isIt,
    );
  },
);

property(
  'what is larger than the store is refused by every verb',
  { needs: ['refuses'] },
  async (store, scope) => {
    await store.set('a', 1);
    const large = 'x'.repeat(2 ** 22);
    const expected = { name: 'RangeError', code: 'ERR_TOO_LARGE' };
    for (const [verb, call] of [
      ['set', () => store.set('a', large)],
      ['set', () => store.set('absent', { large })],
      ['set', () => store.set(large, 1)],
      ['add', () => store.add('absent', large)],
      ['add', () => store.add(large, 1)],
      ['replace', () => store.replace('a', large)],
      ['compareAndSet', () => store.compareAndSet('a', 1, large)],
      ['update', () => store.update('a', () => large)],
      ['update', () => store.update('absent', () => large)],
      ['increment', () => store.increment(large)],
      ['hit', () => store.hit(large)],
    ]) {
      await assertRefused(store, scope, verb, call, expected);
    }
  },
);

property('a key that no store can hold is absent', { needs: ['refuses'] }, async (store) => {
  const long = 'x'.repeat(2 ** 22);
  assert.deepEqual(
    [await store.get(long), await store.has(long), await store.delete(long), await store.ttl(long)],
    [undefined, false, false, undefined],
  );
  assert.equal(await store.touch(long, 1000), false);
  assert.equal(await store.take(long), undefined);
  assert.equal(await store.getEntry(long), undefined);
  assert.deepEqual(await store.getMany([long]), [undefined]);
});

property('values of many sizes replace one another', { options }, async (store) => {
  const units = [0, 1, 7, 8, 15, 16, 100, 1000, 4095, 4096, 4097, 65_535, 65_536, 300_000, 10, 0];
  for (const count of units) {
    const value = { text: 'x'.repeat(count), wide: '\u4e2d'.repeat(count % 1000) };
    await store.set('a', value);
    assert.deepEqual(await store.get('a'), value);
    await store.set('b', 'y'.repeat(count));
    assert.equal(await store.get('b'), 'y'.repeat(count));
  }
  assert.equal(await store.size(), 2);
});

property('one value under two keys is two entries', async (store) => {
  const value = { n: 1 };
  await store.set('a', value);
  await store.set('b', value);
  await store.update('a', () => ({ n: 2 }));
  assert.deepEqual(await entriesOf(store), [
    ['a', { n: 2 }, false],
    ['b', { n: 1 }, false],
  ]);
});
