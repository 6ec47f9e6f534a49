/**
 * Namespaces: keys of their own, whatever characters names and keys have.
 *
 * Must not know how keys are told apart. Invariant tested: what is done in one keyspace is seen in
 * no other, but for `clear`, which is for what lies within, too.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { Keyspace, PLAIN, keyOf, namesOf, pathsOf } = require('../../lib/keys/keyspace.js');
const { HOUR_MS, entriesOf, listOf, outcomeOf, property, warm } = require('./contract.js');
const { deferred } = require('../helpers/deferred.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

/** Any UTF-16 units, those that mean something to whoever tells keys apart most often. */
const units = fc
  .array(fc.oneof(fc.constantFrom(0, 0, 1, 2, 97), fc.nat({ max: 0xffff })), { maxLength: 6 })
  .map((codes) => String.fromCharCode(...codes));
const names = fc.array(
  units.filter((name) => name !== ''),
  { maxLength: 3 },
);
const spaceOf = (path) => path.reduce((space, name) => space.within(name), PLAIN);

test('no two keys of any two namespaces are kept under one string', () => {
  fc.assert(
    fc.property(names, units, names, units, (path, key, otherPath, otherKey) => {
      const space = spaceOf(path);
      const other = spaceOf(otherPath);
      const isSame = JSON.stringify([path, key]) === JSON.stringify([otherPath, otherKey]);
      const string = space.stringOf(key);
      assert.equal(string === other.stringOf(otherKey), isSame);
      assert.equal(keyOf(string), key);
      assert.deepEqual(namesOf(string), path);
      const paths = path.map((_name, index) => spaceOf(path.slice(0, index + 1)).path);
      assert.deepEqual(pathsOf(string), paths);
      assert.equal(other.has(string), JSON.stringify(path) === JSON.stringify(otherPath));
      const isWithin = otherPath.every((name, index) => name === path[index]);
      assert.equal(other.covers(string), isWithin);
      assert.equal(Keyspace.isWhole(string), path.length > 0);
      assert.notEqual(space.tagOf(key), other.path);
    }),
    { numRuns: 20_000 },
  );
});

/** Keys of a plain store that look like what keys of a namespace are kept under. */
const LOOKALIKES = ['\0', '\0a', '\0a\0', '\0a\0\0k', '\0\0a\0\0k', '\0\0', 'k', ''];

property('keys of a namespace and of its store are apart', async (store) => {
  const view = store.namespace('a');
  const nested = view.namespace('a');
  const all = [store, view, nested, store.namespace('\0'), store.namespace('a\0')];
  for (const [number, one] of all.entries()) {
    for (const key of LOOKALIKES) await one.set(key, `${number} ${key}`);
  }
  for (let round = 0; round < 2; round += 1) {
    for (const [number, one] of all.entries()) {
      for (const key of LOOKALIKES) assert.equal(await one.get(key), `${number} ${key}`);
      assert.deepEqual([...(await one.keys())].sort(), [...LOOKALIKES].sort());
      assert.equal(await one.size(), LOOKALIKES.length);
      assert.equal((await listOf(one.entries())).length, LOOKALIKES.length);
      assert.equal((await listOf(one.values())).length, LOOKALIKES.length);
      await warm(one, ...LOOKALIKES);
    }
  }
  for (const key of LOOKALIKES) assert.equal(await view.delete(key), true);
  for (const [number, one] of all.entries()) {
    if (one === view) continue;
    for (const key of LOOKALIKES) assert.equal(await one.get(key), `${number} ${key}`);
  }
});

property('clear of a namespace is for it and those within', async (store) => {
  const view = store.namespace('a');
  const others = [store, store.namespace('b'), store.namespace('ab')];
  const within = [view, view.namespace('b'), view.namespace('b').namespace('c')];
  for (const one of [...others, ...within]) await one.set('k', 1);
  assert.equal(await view.clear(), true);
  for (const one of within) assert.deepEqual(await entriesOf(one), []);
  for (const one of others) assert.deepEqual(await entriesOf(one), [['k', 1, false]]);
  await view.set('k', 2);
  assert.equal(await view.get('k'), 2);
  await store.clear();
  for (const one of [...others, ...within]) assert.equal(await one.size(), 0);
});

/** What makes an entry, each under the key of its name. */
const MAKERS = {
  set: (view) => view.set('set', 1),
  wide: (view) => view.set('☺', { n: 1 }),
  brief: (view) => view.set('brief', 1, { ttl: HOUR_MS }),
  add: (view) => view.add('add', 1),
  many: (view) => view.setMany([['many', 1]]),
  increment: (view) => view.increment('increment'),
  hit: (view) => view.hit('hit', 1, { ttl: HOUR_MS }),
  limit: (view) => view.limit('limit', { rate: 1, per: HOUR_MS }),
  update: (view) => view.update('update', () => 1),
  compareAndSet: (view) => view.compareAndSet('compareAndSet', undefined, 1),
  getOrSet: (view) => view.getOrSet('getOrSet', () => 1),
};

property('clear takes what any verb made, again and again', async (store) => {
  const view = store.namespace('a');
  const nested = view.namespace('b');
  const others = [store, store.namespace('b')];
  for (const one of others) for (const make of Object.values(MAKERS)) await make(one);
  for (let round = 0; round < 3; round += 1) {
    for (const one of [view, nested]) {
      for (const make of Object.values(MAKERS)) await make(one);
      assert.equal(await one.size(), Object.keys(MAKERS).length);
      await one.update('set', (value) => value + 1);
      await one.touch('add', HOUR_MS);
      await warm(one, ...(await one.keys()));
    }
    const keys = await view.keys();
    await (round === 1 ? store.namespace('a') : view).clear();
    for (const one of [view, nested]) {
      assert.deepEqual(await one.keys(), []);
      assert.deepEqual(
        await one.getMany(keys),
        keys.map(() => undefined),
      );
      for (const key of keys) assert.equal(await one.has(key), false);
      assert.deepEqual(await one.increment('increment', 5, { ifPresent: true }), undefined);
      assert.equal(await one.replace('set', 1), false);
      assert.equal(await one.delete('many'), false);
    }
  }
  for (const one of others) assert.equal(await one.size(), Object.keys(MAKERS).length);
});

property('an entry shows the tags that it was given, none of its namespaces', async (store) => {
  const view = store.namespace('a').namespace('b');
  await view.set('k', 1);
  assert.deepEqual((await view.getEntry('k')).tags, []);
  await view.update('k', (value) => value + 1);
  assert.deepEqual((await view.getEntry('k')).tags, []);
});

property(
  'tags of entries of a namespace are theirs, beside what clears them',
  { needs: ['tags'] },
  async (store) => {
    const [view, outer] = [store.namespace('a').namespace('b'), store.namespace('a')];
    const all = ['x', '\0', '\0a\0', 'y'];
    for (const one of [view, outer, store]) {
      await one.set('k', 1, { tags: all });
      assert.deepEqual((await one.getEntry('k')).tags, all);
    }
    await view.update('k', (value) => value + 1);
    assert.deepEqual((await view.getEntry('k')).tags, all);
    for (const tag of ['\0a\0', '\0a\0b\0']) {
      await store.invalidateTag(tag);
      assert.deepEqual([await view.get('k'), await outer.get('k')], [2, 1]);
    }
    assert.equal(await store.get('k'), undefined);
    await view.invalidateTag('x');
    assert.deepEqual([await view.get('k'), await outer.get('k')], [undefined, 1]);
    await outer.clear();
    assert.equal(await outer.get('k'), undefined);
  },
);

property(
  'what was made from before a clear is not kept, and nobody joins in it afterwards',
  { needs: ['shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    try {
      const view = store.namespace('a').namespace('b');
      const [old, begun] = [deferred(), deferred()];
      const first = view.getOrSet('k', () => {
        begun.resolve();
        return old.promise;
      });
      await begun.promise;
      await other.namespace('a').clear();
      const second = view.getOrSet('k', () => 'new');
      assert.equal(await second, 'new');
      old.resolve('old');
      assert.equal(await first, 'old');
      assert.equal(await view.get('k'), 'new');
    } finally {
      await other.close();
    }
  },
);

property('one object for a name', async (store, scope) => {
  const view = store.namespace('a');
  assert.equal(store.namespace('a'), view);
  assert.equal(view.namespace('a'), view.namespace('a'));
  assert.notEqual(view.namespace('a'), view);
  assert.notEqual(store.namespace('A'), view);
  for (const name of [undefined, null, 5, {}, Symbol('a')]) {
    assert.throws(() => store.namespace(name), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.throws(() => store.namespace(''), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => store.namespace('n'.repeat(256)), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => store.namespace(), { code: 'ERR_MISSING_ARGS' });
  let deepest = view;
  const nest = () => {
    for (let depth = 0; depth < 100; depth += 1) deepest = deepest.namespace('n');
  };
  assert.throws(nest, { code: 'ERR_OUT_OF_RANGE' });
  await deepest.set('k', 1);
  assert.equal(await deepest.get('k'), 1);
  const wrong = await outcomeOf(scope, 'get', () => view.get.call({}, 'k'));
  assert.equal(wrong.throws.code, 'ERR_INVALID_THIS');
});

property('who holds an inner one has the same as anybody who asks for it', async (store) => {
  const inners = Array.from({ length: 50 }, (_, index) => {
    return store.namespace(`outer ${index}`).namespace('inner');
  });
  const outers = weakly((index) => store.namespace(`outer ${index}`));
  await untilCollected(outers);
  for (const [index, inner] of inners.entries()) {
    assert.equal(store.namespace(`outer ${index}`).namespace('inner'), inner);
  }
});

property(
  'a namespace is no whole store, and ends with its own',
  { needs: ['whole'] },
  async (store) => {
    const view = store.namespace('a');
    for (const verb of ['close', 'destroy', 'snapshot', 'restore', 'createKey', 'on']) {
      assert.equal(verb in view, false, verb);
    }
    await store.close();
    await assert.rejects(async () => view.get('k'), { code: 'ERR_STORE_CLOSED' });
  },
);

property('what is stored through a namespace counts there', async (store) => {
  const view = store.namespace('a');
  const past = { expiresAt: 1 };
  await view.set('a', 1);
  for (const verb of ['set', 'add']) await view[verb]('past', 1, past);
  await view.setMany([
    ['b', 1],
    ['c', 1, past],
  ]);
  assert.equal((await view.stats()).sets, 2);
  const rate = { rate: 2, per: HOUR_MS };
  for (let round = 0; round < 3; round += 1) await view.limit('limit', rate);
  await view.limit('limit', { ...rate, cost: 0 });
  assert.equal((await view.stats()).sets, 4);
});

property('an error names the key as it was given', async (store) => {
  const view = store.namespace('a');
  for (const [one, key] of [
    [view, 'text'],
    [store, '\0text'],
  ]) {
    await one.set(key, 'text');
    const quoted = JSON.stringify(key).replaceAll('\\', '\\\\');
    await assert.rejects(async () => one.increment(key), {
      code: 'ERR_NOT_A_NUMBER',
      message: new RegExp(`under ${quoted}`),
    });
  }
});

property('a factory and its options get the key as it was given', async (store) => {
  const seen = [];
  const note = (value, key) => {
    seen.push(key);
    return value;
  };
  const view = store.namespace('a');
  await view.getOrSet('k', (key) => note(1, key), { ttl: (_value, key) => note(1000, key) });
  assert.deepEqual(seen, ['k', 'k']);
});

property(
  'what one object does in a namespace the others see',
  { needs: ['shared'] },
  async (store, scope) => {
    const other = scope.again(store);
    try {
      await store.namespace('a').set('k', 1);
      assert.equal(await other.namespace('a').get('k'), 1);
      assert.equal(await other.size(), 0);
      assert.equal(await other.get('k'), undefined);
      await other.namespace('a').clear();
      assert.equal(await store.namespace('a').get('k'), undefined);
    } finally {
      await other.close();
    }
  },
);

property('locks of a namespace are its own', { needs: ['locks', 'shared'] }, async (store) => {
  const view = store.namespace('a');
  assert.equal(view.lock('k'), true);
  assert.equal(store.release('k'), false);
  assert.equal(await store.withLock('k', () => view.release('k')), true);
  assert.equal(view.release('k'), false);
});
