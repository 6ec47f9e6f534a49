/**
 * Tags of a store of one thread, beyond what every scope promises: memory, order, keys and events.
 *
 * Must not know how an invalidation is noted. Invariant tested: what was invalidated is no entry
 * for anything that a store does, whether its memory has come back or not.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { deferred } = require('../helpers/deferred.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');
const { waitUntil } = require('../helpers/wait-until.js');

/** More than a step of a purge. */
const MANY = 3000;
/** More tags than are remembered. */
const MOST_TAGS = 70_000;

const kinds = {
  'a store': (options) => new MemoryStore(options),
  'a bounded store': (options) => new MemoryStore({ maxEntries: 10_000, ...options }),
  'a store with sizes': (options) =>
    new MemoryStore({ maxSize: 10_000, sizeOf: () => 1, ...options }),
  'a store that is listened to': (options) => {
    const store = new MemoryStore(options);
    for (const event of ['set', 'expire', 'evict', 'dispose']) store.on(event, () => {});
    return store;
  },
};

for (const [kind, open] of Object.entries(kinds)) {
  describe(kind, () => {
    test('that is left alone lets go of what was invalidated', async () => {
      const store = open({ autoStartCleanup: false });
      const references = weakly((index) => {
        const value = { index };
        store.set(`key ${index}`, value, { tags: ['t'] });
        warm(store, `key ${index}`);
        return value;
      });
      store.invalidateTag('t');
      await untilCollected(references);
      assert.equal(store.size(), 0);
    });

    test('that is left alone lets go of a namespace that was cleared', async () => {
      const store = open({ autoStartCleanup: false });
      const view = store.namespace('a');
      const references = weakly((index) => {
        const value = { index };
        const one = index % 2 === 0 ? view : view.namespace('b');
        one.set(`key ${index}`, value, index % 3 === 0 ? { tags: ['t'] } : undefined);
        warm(one, `key ${index}`);
        return value;
      });
      store.set('kept', 1);
      view.clear();
      assert.equal(view.size(), 0);
      await untilCollected(references);
      assert.equal(store.size(), 1);
    });

    test('has what is stored in a namespace between its clears', () => {
      const store = open();
      const views = Array.from({ length: 20 }, (_, number) => store.namespace(`${number % 10}`));
      for (let round = 0; round < 200; round += 1) {
        const view = views[round % views.length];
        for (let key = 0; key < 5; key += 1) view.set(`${key}`, round);
        views[(round * 7) % views.length].clear();
        const isGone = (round * 7 - round) % 10 === 0;
        assert.equal(view.get('3'), isGone ? undefined : round);
        assert.equal(view.size(), isGone ? 0 : 5);
      }
    });

    test('lets go of it while others are stored in one turn', () => {
      const store = open();
      for (let key = 0; key < 100; key += 1) store.set(`old ${key}`, key, { tags: ['t'] });
      store.set('kept', 1, { tags: ['u'] });
      store.invalidateTag('t');
      for (let round = 0; round < 100; round += 1) store.set('other', round);
      let visits = 0;
      for (const _ of store.entries()) visits += 1;
      assert.equal(visits, 2);
      assert.deepEqual(store.keys(), ['kept', 'other']);
    });

    test('is walked past it, whenever it comes', () => {
      const store = open();
      for (let key = 0; key < MANY; key += 1) {
        store.set(`${key}`, key, { tags: [key % 2 === 0 ? 'even' : 'odd'] });
      }
      const seen = [];
      for (const [key, value] of store) {
        seen.push(value);
        assert.equal(store.get(key), value);
        if (value === 10) store.invalidateTag('odd');
      }
      assert.deepEqual(
        seen,
        [...Array(MANY).keys()].filter((key) => key % 2 === 0 || key < 10),
      );
      assert.equal(store.size(), MANY / 2);
    });

    test('neither counts nor lists it, however much of it is there still', () => {
      const view = (store) => store.namespace('n');
      const counts = {
        size: (store) => store.size(),
        entries: (store) => store.stats().entries - view(store).size(),
        count: (store) => store.count({ prefix: 'k' }),
        keys: (store) => store.keys().length,
        getKeys: (store) => store.getKeys().length,
        all: (store) => store.all().filter((value) => value % 3 !== 0).length,
        'a view': (store) => view(store).size(),
      };
      for (const [name, count] of Object.entries(counts)) {
        const store = open();
        for (let key = 0; key < MANY; key += 1) {
          // Each list of tags is one of its own.
          const tags = key % 3 === 0 ? ['t', `${key}`] : ['u', `${key}`];
          store.set(`k${key}`, key, key % 3 === 1 ? undefined : { tags });
          view(store).set(`k${key}`, key, { tags });
        }
        view(store).invalidateTag('t');
        store.invalidateTag('t');
        for (let round = 0; round < 3; round += 1) {
          assert.equal(count(store), (MANY / 3) * 2, name);
        }
        store.clear();
      }
    });

    test('places what is set again at the end, with the deadline of what is new', () => {
      const store = open({ ttl: HOUR_MS });
      store.set('a', 1, { tags: ['t'], ttl: 2 * HOUR_MS });
      store.set('b', 2);
      warm(store, 'a');
      store.invalidateTag('t');
      store.set('a', 3, { ttl: 'keep' });
      assert.ok(store.ttl('a') <= HOUR_MS);
      assert.deepEqual(store.all(), [2, 3]);
    });
  });
}

test('a key that is renamed meets no entry that was invalidated', () => {
  const store = new MemoryStore();
  const [from, to] = [store.createKey('from'), store.createKey('to')];
  store.set(from, 1, { tags: ['t'] });
  store.set('there', 2, { tags: ['t'] });
  store.set(to, 3, { tags: ['u'] });
  store.invalidateTag('t');
  from.value = 'elsewhere';
  assert.equal(store.get('elsewhere'), undefined);
  to.value = 'there';
  assert.equal(store.get('there'), 3);
  assert.deepEqual(store.getEntry('there').tags, ['u']);
  store.invalidateTag('u');
  assert.equal(store.has(to), false);
  assert.deepEqual(store.getKeys(), []);
});

test('a slot that is used again has the tags of its entry', () => {
  const store = new MemoryStore();
  for (const remove of [
    () => store.delete('a'),
    () => store.deleteWhere({ prefix: 'a' }),
    () => store.invalidateTag('s'),
    () => store.clear(),
  ]) {
    store.set('a', 1, { tags: ['s', 't'] });
    remove();
    store.set('b', 2);
    store.invalidateTag('t');
    assert.equal(store.get('b'), 2);
    assert.deepEqual(store.getEntry('b').tags, []);
    store.delete('b');
  }
});

test('a hot key that gets tags is invalidated, and one that loses them is not', () => {
  const store = new MemoryStore();
  store.set('a', 1);
  warm(store, 'a');
  store.set('a', 2, { tags: ['t'] });
  warm(store, 'a');
  store.invalidateTag('t');
  assert.equal(store.get('a'), undefined);
  store.set('a', 3, { tags: ['t'] });
  warm(store, 'a');
  store.set('a', 4);
  store.invalidateTag('t');
  assert.equal(store.get('a'), 4);
  assert.equal(store.has('a'), true);
});

test('a limit that was invalidated is whole again', () => {
  const store = new MemoryStore();
  const rate = { rate: 2, per: HOUR_MS };
  store.set('limit', 2, { tags: ['t'], ttl: HOUR_MS });
  warm(store, 'limit');
  assert.equal(store.limit('limit', rate).allowed, false);
  store.invalidateTag('t');
  assert.equal(store.limit('limit', rate).remaining, 1);
});

describe('events of what was invalidated', () => {
  const open = () => {
    const store = new MemoryStore({ autoStartCleanup: false });
    const told = [];
    for (const event of ['set', 'delete', 'expire', 'evict', 'dispose']) {
      store.on(event, (...given) => told.push([event, ...given]));
    }
    store.set('a', 1, { tags: ['t'] });
    store.namespace('n').set('b', 2, { tags: ['t'] });
    told.length = 0;
    return { store, told };
  };
  const disposed = ['dispose', 'a', 1, 'invalidate'];

  for (const [name, meet] of Object.entries({
    get: (store) => store.get('a'),
    size: (store) => store.size(),
    delete: (store) => store.delete('a'),
    take: (store) => store.take('a'),
    touch: (store) => store.touch('a', HOUR_MS),
    clear: (store) => store.clear(),
    close: (store) => store.close(),
  })) {
    test(`are of its value alone, which ${name} meets`, () => {
      const { store, told } = open();
      store.invalidateTag('t');
      meet(store);
      assert.deepEqual(
        told.filter(([, key]) => key === 'a'),
        [disposed],
      );
    });
  }

  test('come before those of what takes its place', () => {
    const { store, told } = open();
    store.invalidateTag('t');
    store.set('a', 3);
    assert.deepEqual(told, [disposed, ['set', 'a', 3, 'add']]);
  });

  test('come by themselves, once, those of namespaces too', async () => {
    const { store, told } = open();
    store.namespace('n').invalidateTag('t');
    await waitUntil(() => told.length > 0, 'it is told');
    store.invalidateTag('t');
    await waitUntil(() => told.length > 1, 'it is told');
    store.close();
    assert.deepEqual(told, [['dispose', 'b', 2, 'invalidate', ['n']], disposed]);
  });
});

describe('what is made meanwhile', () => {
  test('is stored though others are invalidated, again and again', async () => {
    const store = new MemoryStore();
    const made = deferred();
    store.set('other', 1, { tags: ['other'] });
    const load = store.getOrSet('a', () => made.promise, { tags: ['t'] });
    for (let round = 0; round < 100; round += 1) {
      store.invalidateTag('other');
      assert.equal(store.size(), 0);
      store.set('other', round, { tags: ['other'] });
    }
    made.resolve('made');
    await load;
    assert.deepEqual(store.getEntry('a'), { value: 'made', ttl: Infinity, tags: ['t'] });
  });

  test('is not stored when too much was invalidated to know', async () => {
    const store = new MemoryStore();
    const made = deferred();
    const load = store.getOrSet('a', () => made.promise, { tags: ['first'] });
    store.invalidateTag('first');
    for (let tag = 0; tag < MOST_TAGS; tag += 1) store.invalidateTag(`${tag}`);
    made.resolve('made');
    assert.equal(await load, 'made');
    assert.equal(store.has('a'), false);
    assert.equal(await store.getOrSet('a', () => 'again', { tags: ['first'] }), 'again');
    assert.equal(store.get('a'), 'again');
  });
});

test('more tags than are remembered invalidate what they are of, and nothing else', () => {
  const store = new MemoryStore();
  store.set('kept', 1, { tags: ['kept'] });
  for (let tag = 0; tag < MOST_TAGS; tag += 1) store.invalidateTag(`${tag}`);
  assert.equal(store.get('kept'), 1);
  store.invalidateTag('kept');
  assert.equal(store.get('kept'), undefined);
});
