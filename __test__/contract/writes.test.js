/**
 * The verbs that write: what they answer, under which condition they write, what is left.
 *
 * Must not know of deadlines. Invariant tested: a verb that says no has changed nothing.
 */
const assert = require('node:assert/strict');
const { entriesOf, property, propertyColdAndWarm } = require('./contract.js');

propertyColdAndWarm('set makes an entry, and overwrites one', async (store, _scope, heat) => {
  assert.equal(await store.set('a', 1), true);
  await heat(store, 'a');
  assert.equal(await store.set('a', { two: 2 }), true);
  assert.deepEqual(await entriesOf(store), [['a', { two: 2 }, false]]);
  assert.equal(await store.size(), 1);
});

propertyColdAndWarm('add writes where nothing is, and nowhere else', async (store, _s, heat) => {
  await heat(store, 'a');
  assert.equal(await store.add('a', 1), true);
  await heat(store, 'a');
  assert.equal(await store.add('a', 2), false);
  assert.deepEqual(await entriesOf(store), [['a', 1, false]]);
  await store.delete('a');
  assert.equal(await store.add('a', 3), true);
  assert.equal(await store.get('a'), 3);
});

property('a stored undefined is in the way of add', async (store) => {
  await store.set('a', undefined);
  assert.equal(await store.add('a', 1), false);
  assert.equal(await store.get('a'), undefined);
  assert.equal(await store.replace('a', 1), true);
});

propertyColdAndWarm(
  'replace writes where something is, and nowhere else',
  async (store, _s, heat) => {
    await heat(store, 'a');
    assert.equal(await store.replace('a', 1), false);
    assert.equal(await store.has('a'), false);
    await store.set('a', 1);
    await heat(store, 'a');
    assert.equal(await store.replace('a', 2), true);
    assert.deepEqual(await entriesOf(store), [['a', 2, false]]);
  },
);

propertyColdAndWarm('delete says whether there was something', async (store, _scope, heat) => {
  await store.set('a', 1);
  await store.set('b', 2);
  await heat(store, 'a', 'b');
  assert.equal(await store.delete('a'), true);
  assert.equal(await store.delete('a'), false);
  assert.equal(await store.delete('never'), false);
  assert.deepEqual(await entriesOf(store), [['b', 2, false]]);
});

propertyColdAndWarm('take gives the value once', async (store, _scope, heat) => {
  await store.set('a', { once: true });
  await heat(store, 'a');
  assert.deepEqual(await store.take('a'), { once: true });
  assert.equal(await store.take('a'), undefined);
  assert.equal(await store.has('a'), false);
  assert.equal(await store.size(), 0);
});

propertyColdAndWarm('clear removes every entry', async (store, _scope, heat) => {
  for (let index = 0; index < 50; index += 1) await store.set(`k${index}`, index, 3_600_000);
  await heat(store, 'k1');
  assert.equal(await store.clear(), true);
  assert.equal(await store.size(), 0);
  assert.equal(await store.get('k1'), undefined);
  assert.deepEqual(await store.keys(), []);
  assert.equal(await store.clear(), true);
  assert.equal(await store.set('k1', 'again'), true);
  assert.equal(await store.get('k1'), 'again');
});

property('size counts entries through all that makes and removes them', async (store) => {
  const sizes = [];
  const note = async () => sizes.push(await store.size());
  await store.set('a', 1);
  await note();
  await store.set('a', 2);
  await note();
  await store.add('b', 1);
  await note();
  await store.increment('c');
  await note();
  await store.setMany([
    ['c', 1],
    ['d', 2],
  ]);
  await note();
  await store.take('a');
  await note();
  await store.delete('b');
  await note();
  await store.deleteMany(['c', 'x']);
  await note();
  await store.update('e', () => 1);
  await note();
  await store.hit('f');
  await note();
  await store.compareAndSet('g', undefined, 1);
  await note();
  assert.deepEqual(sizes, [1, 1, 2, 3, 4, 3, 2, 1, 2, 3, 4]);
});

property('many entries are all kept, and found by key', async (store) => {
  const count = 2000;
  for (let index = 0; index < count; index += 1) await store.set(`key:${index}`, { index });
  assert.equal(await store.size(), count);
  for (let index = 0; index < count; index += 97) {
    assert.deepEqual(await store.get(`key:${index}`), { index });
  }
  for (let index = 0; index < count; index += 2) await store.delete(`key:${index}`);
  assert.equal(await store.size(), count / 2);
  assert.equal(await store.has('key:10'), false);
  assert.deepEqual(await store.get('key:11'), { index: 11 });
});

const BOUND = 8;

property(
  'a store that evicts never holds more than maxEntries',
  { needs: ['evicts'], options: { maxEntries: BOUND, whenFull: 'evict' } },
  async (store) => {
    for (let index = 0; index < 10 * BOUND; index += 1) {
      assert.equal(await store.set(`k${index}`, index), true);
      assert.ok((await store.size()) <= BOUND);
    }
    assert.ok((await store.size()) > 0);
    for (const key of await store.keys()) assert.equal(await store.get(key), Number(key.slice(1)));
  },
);

property(
  'a store that refuses says ERR_STORE_FULL, and keeps what it has',
  { needs: ['refuses'], options: { maxEntries: BOUND, whenFull: 'error' } },
  async (store) => {
    for (let index = 0; index < BOUND; index += 1) await store.set(`k${index}`, index);
    const before = await entriesOf(store);
    const full = { name: 'StoreError', code: 'ERR_STORE_FULL' };
    for (const write of [
      () => store.set('more', 1),
      () => store.add('more', 1),
      () => store.increment('more'),
      () => store.hit('more'),
      () => store.update('more', () => 1),
      () => store.compareAndSet('more', undefined, 1),
    ]) {
      await assert.rejects(async () => write(), full);
      assert.deepEqual(await entriesOf(store), before);
    }
    assert.equal(await store.replace('more', 1), false);
    assert.equal(await store.set('k0', 'fits'), true);
    await store.delete('k1');
    assert.equal(await store.set('more', 1), true);
  },
);
