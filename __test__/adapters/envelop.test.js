/**
 * A cache of GraphQL responses as the plugin calls it, over every scope that has tags.
 *
 * Must not know GraphQL. Invariant tested: no response outlives the invalidation of an entity in
 * it, however many entities it has.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const createCache = require('shared-memory-store/envelop');
const MemoryStore = require('../../index.js');
const { scopes } = require('../contract/scopes.js');

const HOUR_MS = 3_600_000;
const RESULT = Object.freeze({ data: { user: { id: 1, at: new Date(0) } } });
const { Infinity: EVER } = globalThis;

/** So many entities, each of a type of its own or all of one. */
const entities = (count, typeOf = () => 'User') =>
  Array.from({ length: count }, (_, id) => ({ typename: typeOf(id), id }));

for (const scope of scopes.filter(({ can }) => can('tags'))) {
  describe(scope.name, () => {
    const withCache = (body) =>
      scope.with({}, (store) => body(createCache({ store, prefix: 'gql:' }), store));

    test('a response is there until its time or an entity of it goes', () =>
      withCache(async (cache, store) => {
        assert.equal(await cache.get('id'), null);
        assert.equal(
          await cache.set('id', RESULT, [{ typename: 'User', id: 1 }], HOUR_MS),
          undefined,
        );
        assert.deepEqual(await cache.get('id'), RESULT);
        assert.ok((await store.ttl('gql:id')) > HOUR_MS / 2);
        await cache.set('ever', RESULT, [], EVER);
        assert.equal(await store.ttl('gql:ever'), EVER);
        assert.equal(
          await cache.invalidate([{ typename: 'User', id: 2 }, { typename: 'Post' }]),
          undefined,
        );
        assert.deepEqual(await cache.get('id'), RESULT);
        await cache.invalidate([{ typename: 'User', id: 1 }]);
        assert.equal(await cache.get('id'), null);
        assert.deepEqual(await cache.get('ever'), RESULT);
      }));

    for (const [what, all] of [
      ['a few', entities(3)],
      ['more of a type than an entry has tags', entities(500)],
      ['more types than an entry has tags', entities(500, (id) => `Type${id}`)],
    ]) {
      test(`the last entity and the type remove a response: ${what}`, () =>
        withCache(async (cache) => {
          const { typename, id } = all.at(-1);
          for (const gone of [{ typename, id }, { typename }, { typename, id: null }]) {
            await cache.set('id', RESULT, all.values(), EVER);
            await cache.invalidate([{ typename: 'Other', id: 'of another type' }].values());
            if (all.length < 500) assert.notEqual(await cache.get('id'), null);
            await cache.set('id', RESULT, all.values(), EVER);
            await cache.invalidate([gone].values());
            assert.equal(await cache.get('id'), null, JSON.stringify(gone));
          }
        }));
    }

    test('a name that is too long for a tag is one nevertheless', () =>
      withCache(async (cache) => {
        const [long, other] = ['a', 'b'].map((end) => ({
          typename: 'User',
          id: 'x'.repeat(5000) + end,
        }));
        await cache.set('id', RESULT, [long], EVER);
        await cache.invalidate([other]);
        assert.deepEqual(await cache.get('id'), RESULT);
        await cache.invalidate([long]);
        assert.equal(await cache.get('id'), null);
      }));

    test('errors are kept as GraphQL sends them', () =>
      withCache(async (cache) => {
        const error = Object.assign(new Error('none'), {
          toJSON: () => ({ message: 'none', path: ['a'] }),
        });
        await cache.set('id', { data: null, errors: [error] }, [], EVER);
        assert.deepEqual(await cache.get('id'), {
          data: null,
          errors: [{ message: 'none', path: ['a'] }],
        });
      }));

    test('two prefixes are apart', () =>
      withCache(async (cache, store) => {
        const other = createCache({ store, prefix: 'other:' });
        await cache.set('id', RESULT, entities(1), EVER);
        assert.equal(await other.get('id'), null);
        await other.invalidate(entities(1));
        assert.deepEqual(await cache.get('id'), RESULT);
      }));
  });
}

test('entities have the names that one gives them', () => {
  const store = new MemoryStore.SharedStore({ name: 'envelop names', maxBytes: 2 ** 20 });
  const cache = createCache({ store, buildEntityId: (type, id) => `${type}/${id}` });
  cache.set('id', RESULT, entities(1), EVER);
  assert.deepEqual([...store.getEntry('envelop:id').tags].sort(), [
    'envelop:User',
    'envelop:User/0',
  ]);
  store.close();
  assert.throws(() => createCache({ buildEntityId: 'id' }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('what cannot be stored goes out: a warning says why', async () => {
  const store = new MemoryStore.SharedStore({ name: 'envelop unstored', maxBytes: 2 ** 20 });
  const cache = createCache({ store });
  const warned = once(process, 'warning');
  assert.equal(cache.set('id', { data: () => {} }, [], EVER), undefined);
  const [{ code, message }] = await warned;
  assert.equal(code, 'SMS_ENVELOP_UNSTORED');
  assert.match(message, /cloned/);
  store.close();
  assert.equal(cache.set('id', RESULT, [], EVER), undefined);
  assert.throws(() => cache.get('id'), { code: 'ERR_STORE_CLOSED' });
});

test('an invalidation that fails at once throws at nobody: a warning says why', async () => {
  const store = new MemoryStore.SharedStore({ name: 'envelop stale', maxBytes: 2 ** 20 });
  const cache = createCache({ store });
  store.close();
  const warned = once(process, 'warning');
  // The plugin does not wait for it, and has a result of a mutation to give.
  cache.invalidate(entities(1));
  const [{ code, message }] = await warned;
  assert.equal(code, 'SMS_ENVELOP_STALE');
  assert.match(message, /closed/);
  await assert.rejects(cache.invalidate(entities(1)), { code: 'ERR_STORE_CLOSED' });
});

test('one that fails later is a warning, and no unhandled rejection', async () => {
  const store = new MemoryStore.SharedStore({ name: 'envelop later', maxBytes: 2 ** 20 });
  const rejecting = new Proxy(store, {
    get: (target, name) =>
      name === 'invalidateTag'
        ? async () => target.invalidateTag.call(store, [''])
        : Reflect.get(target, name, target),
  });
  const cache = createCache({ store: rejecting });
  const warned = once(process, 'warning');
  cache.invalidate(entities(1));
  assert.equal((await warned)[0].code, 'SMS_ENVELOP_STALE');
  await assert.rejects(cache.invalidate(entities(1)), { code: 'ERR_INVALID_ARG_VALUE' });
  store.close();
});
