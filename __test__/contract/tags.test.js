/**
 * Tags: what was invalidated is gone at once, for everybody and for good.
 *
 * Must not know how a scope notes an invalidation. Invariant tested: an entry is there while none
 * of its tags was invalidated after what it says was true.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { HOUR_MS, property, propertyColdAndWarm } = require('./contract.js');
const { deferred } = require('../helpers/deferred.js');
const { withFile } = require('../helpers/snapshot-files.js');

const needs = ['tags'];
/** Strings that every encoding has to tell apart. */
const ODD_TAGS = ['a', 'a\0', '\0a', 'é', '☺', '\ud800', '😀', 't'.repeat(1024), '["a"]', ' '];

async function tagsOf(store, key) {
  return (await store.getEntry(key))?.tags;
}

/** Room for as many tags as there may be: they take a quarter of a segment at the most. */
const roomy = { needs, options: { maxBytes: 2 ** 24 } };

property('an entry shows the tags that it was written with', roomy, async (store) => {
  for (const tag of ODD_TAGS) {
    await store.set('key', tag, { tags: [tag] });
    assert.deepEqual(await tagsOf(store, 'key'), [tag]);
  }
  await store.set('key', 1, { tags: ['b', 'a', 'b'] });
  assert.deepEqual(await tagsOf(store, 'key'), ['b', 'a']);
  await store.set('key', 2);
  assert.deepEqual(await tagsOf(store, 'key'), []);
  const most = Array.from({ length: 128 }, (_, at) => `${at}`);
  await store.add('many', 1, { tags: most });
  assert.deepEqual(await tagsOf(store, 'many'), most);
});

propertyColdAndWarm('what is invalidated is gone', { needs }, async (store, _scope, heat) => {
  await store.set('a', 1, { tags: ['x'] });
  await store.set('b', { n: 2 }, { tags: ['y', 'x'], ttl: HOUR_MS });
  await store.set('c', 3, { tags: ['y'] });
  await store.set('d', 4);
  await heat(store, 'a', 'b', 'c', 'd');
  assert.equal(await store.invalidateTag('x'), undefined);
  for (const key of ['a', 'b']) {
    assert.equal(await store.get(key), undefined);
    assert.equal(await store.peek(key), undefined);
    assert.equal(await store.has(key), false);
    assert.equal(await store.ttl(key), undefined);
    assert.equal(await store.getEntry(key), undefined);
    assert.equal(await store.take(key), undefined);
    assert.equal(await store.delete(key), false);
    assert.equal(await store.touch(key, HOUR_MS), false);
    assert.equal(await store.replace(key, 5), false);
  }
  assert.equal(await store.size(), 2);
  assert.equal((await store.stats()).entries, 2);
  assert.deepEqual([...(await store.keys())].sort(), ['c', 'd']);
  assert.deepEqual(await store.getMany(['a', 'b', 'c', 'd']), [undefined, undefined, 3, 4]);
  await store.invalidateTag(['y', 'never used']);
  assert.deepEqual([...(await store.keys())], ['d']);
});

property('each odd tag is a tag of its own', { needs }, async (store) => {
  for (const tag of ODD_TAGS) await store.set(tag, tag, { tags: [tag] });
  for (const [at, tag] of ODD_TAGS.entries()) {
    await store.invalidateTag(tag);
    const left = await store.getMany(ODD_TAGS);
    assert.deepEqual(
      left,
      ODD_TAGS.map((it, place) => (place <= at ? undefined : it)),
    );
  }
});

propertyColdAndWarm('what is written afterwards stays', { needs }, async (store, _s, heat) => {
  await store.set('a', 1, { tags: ['x'] });
  for (const round of [1, 2, 3]) {
    await store.invalidateTag('x');
    assert.equal(await store.add('a', round, { tags: ['x'] }), true);
    await heat(store, 'a');
    assert.equal(await store.get('a'), round);
    assert.equal(await store.size(), 1);
    assert.equal(await store.get('a'), round);
  }
});

property('what changes an entry keeps its tags', { needs }, async (store) => {
  const tags = ['x', 'y'];
  await store.set('a', 1, { tags });
  await store.increment('a');
  await store.hit('a');
  await store.touch('a', HOUR_MS);
  await store.update('a', (value) => value + 1);
  assert.deepEqual(await tagsOf(store, 'a'), tags);
  await store.update('a', (value) => value + 1, { tags: ['z'] });
  assert.deepEqual(await tagsOf(store, 'a'), ['z']);
  assert.equal(await store.compareAndSet('a', 5, 6), true);
  assert.deepEqual(await tagsOf(store, 'a'), []);
  await store.set('a', 1, { tags });
  await store.set('a', 2, { ttl: 'keep' });
  assert.deepEqual(await tagsOf(store, 'a'), []);
});

property('a change of what was invalidated begins anew', { needs }, async (store) => {
  await store.set('a', 1, { tags: ['x'] });
  await store.invalidateTag('x');
  assert.equal(await store.update('a', (value) => value ?? 'new'), 'new');
  assert.deepEqual(await tagsOf(store, 'a'), []);
  await store.set('n', 5, { tags: ['x'] });
  await store.invalidateTag('x');
  assert.equal(await store.increment('n', 1, { tags: ['k'] }), 1);
  assert.equal(await store.increment('n', 1, { tags: ['other'] }), 2);
  assert.deepEqual(await tagsOf(store, 'n'), ['k']);
  assert.deepEqual(await store.hit('h', 2, { tags: ['k'] }), { value: 2, ttl: Infinity });
  assert.equal(await store.decrement('i', 2, { tags: ['k'], ifPresent: true }), undefined);
  await store.invalidateTag('k');
  assert.deepEqual(await store.getMany(['n', 'h']), [undefined, undefined]);
});

property('a load has the tags that it says, or that are computed', { needs }, async (store) => {
  await store.getOrSet('a', () => 'one', { tags: ['x'] });
  assert.deepEqual(await tagsOf(store, 'a'), ['x']);
  await store.getOrSet('b', () => ['y'], { tags: (value, key) => [...value, key] });
  assert.deepEqual(await tagsOf(store, 'b'), ['y', 'b']);
  await store.getOrSet('c', () => 1, { tags: () => undefined });
  assert.deepEqual(await tagsOf(store, 'c'), []);
  await store.invalidateTag(['x', 'y']);
  assert.equal(await store.getOrSet('a', () => 'two', { tags: ['x'] }), 'two');
  assert.equal(await store.get('a'), 'two');
});

property(
  'tags that are none keep a result from being stored',
  {
    needs: ['tags', 'events'],
  },
  async (store) => {
    for (const tags of [5, 'a', [5], ['']]) {
      const told = once(store, 'error');
      assert.equal(await store.getOrSet('a', () => 'made', { tags: () => tags }), 'made');
      const [error, key] = await told;
      assert.match(error.code, /^ERR_INVALID_ARG_/);
      assert.equal(key, 'a');
      assert.equal(await store.has('a'), false);
    }
  },
);

for (const [name, tags] of [
  ['given', ['t']],
  ['computed', () => ['t']],
]) {
  property(`nobody joins a load that began before, ${name}`, { needs }, async (store) => {
    const made = deferred();
    const old = store.getOrSet('a', () => made.promise, { tags });
    await store.invalidateTag('t');
    assert.equal(await store.getOrSet('a', () => 'new', { tags }), 'new');
    made.resolve('old');
    assert.equal(await old, 'old');
    assert.equal(await store.get('a'), 'new');
  });

  property(`what was begun before is given and not stored, ${name}`, { needs }, async (store) => {
    const made = deferred();
    const old = store.getOrSet('a', () => made.promise, { tags });
    await store.invalidateTag('t');
    // Whatever is noted of it may be forgotten meanwhile.
    assert.equal(await store.size(), 0);
    made.resolve('old');
    assert.equal(await old, 'old');
    assert.equal(await store.has('a'), false);
  });
}

property('a load without that tag is joined', { needs }, async (store) => {
  const made = deferred();
  const first = store.getOrSet('a', () => made.promise, { tags: ['u'] });
  await store.invalidateTag('t');
  const second = store.getOrSet('a', () => 'another', { tags: ['u'] });
  made.resolve('one');
  assert.deepEqual(await Promise.all([first, second]), ['one', 'one']);
  assert.equal(await store.get('a'), 'one');
});

property(
  'a snapshot has the tags, and restoring brings entries back',
  {
    needs: ['tags', 'snapshot'],
  },
  async (store) => {
    await withFile(async (file) => {
      await store.set('a', 1, { tags: ODD_TAGS, ttl: HOUR_MS });
      await store.set('b', 2, { tags: ['x'] });
      await store.set('c', 3);
      await store.set('gone', 4, { tags: ['y'] });
      await store.invalidateTag('y');
      assert.equal((await store.snapshot(file)).entries, 3);
      await store.invalidateTag('x');
      await store.clear();
      await store.restore(file);
      assert.deepEqual(await tagsOf(store, 'a'), ODD_TAGS);
      assert.deepEqual(await tagsOf(store, 'b'), ['x']);
      assert.deepEqual(await tagsOf(store, 'c'), []);
      await store.invalidateTag('x');
      assert.equal(await store.has('b'), false);
    });
  },
);

property(
  'everybody who shares a store sees it at once',
  {
    needs: ['tags', 'shared'],
  },
  async (store, scope) => {
    const other = scope.again(store);
    await store.set('a', 1, { tags: ['x'] });
    for (let read = 0; read < 72; read += 1) assert.equal(await other.get('a'), 1);
    await store.invalidateTag('x');
    assert.equal(await other.get('a'), undefined);
    assert.equal(await other.size(), 0);
    await other.close();
  },
);
