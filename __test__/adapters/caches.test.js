/**
 * Adapters of caches as their frameworks call them, over every scope that they can have.
 *
 * Must not know the frameworks. Invariant tested: what an interface says of absence, prefixes and
 * times holds, and an adapter touches only its own keys.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { finished } = require('node:stream/promises');
const { describe, test } = require('node:test');
const { SharedMemoryCache } = require('shared-memory-store/apollo');
const { memoryDriver, sharedMemoryDriver } = require('shared-memory-store/bentocache');
const { secondaryStorage } = require('shared-memory-store/better-auth');
const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
const { CacheStore } = require('shared-memory-store/undici');
const { driver } = require('shared-memory-store/unstorage');
const MemoryStore = require('../../index.js');
const { scopes } = require('../contract/scopes.js');

const HOUR_MS = 3_600_000;
const HOUR_S = 3600;

const isAnHour = (ms) => ms > HOUR_MS / 2 && ms <= HOUR_MS;
const sorted = (list) => [...list].sort();

for (const scope of scopes) {
  describe(scope.name, () => {
    test('Apollo', () =>
      scope.with({}, async (store) => {
        const cache = new SharedMemoryCache({ store });
        assert.equal(await cache.get('a'), undefined);
        assert.equal(await cache.set('a', 'text', { ttl: HOUR_S }), undefined);
        assert.equal(await cache.get('a'), 'text');
        assert.ok(isAnHour(await store.ttl('apollo:a')));
        for (const options of [undefined, {}, { ttl: null }]) {
          await cache.set('a', 'text', options);
          assert.equal(await store.ttl('apollo:a'), Infinity);
        }
        assert.equal(await cache.delete('a'), true);
        assert.equal(await cache.delete('a'), false);
      }));

    test('better-auth', () =>
      scope.with({}, async (store) => {
        const storage = secondaryStorage({ store });
        assert.equal(await storage.get('a'), null);
        await storage.set('a', 'text', HOUR_S);
        assert.ok(isAnHour(await store.ttl('better-auth:a')));
        assert.equal(await storage.get('a'), 'text');
        assert.equal(await storage.getAndDelete('a'), 'text');
        assert.equal(await storage.getAndDelete('a'), null);
        assert.equal(await storage.increment('n', HOUR_S), 1);
        assert.equal(await storage.increment('n', 10 * HOUR_S), 2);
        assert.ok(isAnHour(await store.ttl('better-auth:n')));
        await store.set('other', 1);
        await storage.set('b', 'text');
        assert.deepEqual(sorted(await storage.listKeys()), ['b', 'n']);
        await storage.delete('b');
        await storage.clear();
        assert.deepEqual(await store.keys(), ['other']);
      }));

    test('unstorage', () =>
      scope.with({}, async (store) => {
        const storage = driver({ store, base: 'app', driver: 'shared-memory-store/unstorage' });
        assert.equal(await storage.getItem('a:b'), null);
        assert.equal(await storage.hasItem('a:b'), false);
        assert.equal(await storage.getMeta('a:b'), null);
        await storage.setItem('a:b', 'text', { ttl: HOUR_S });
        assert.ok(isAnHour((await storage.getMeta('a:b')).ttl * 1000));
        await storage.setItem('a:c', 'text', {});
        assert.deepEqual(await storage.getMeta('a:c'), {});
        await storage.setItemRaw('raw', Buffer.from('bytes'));
        assert.deepEqual(await storage.getItemRaw('raw'), Buffer.from('bytes'));
        assert.deepEqual(await storage.getItems([{ key: 'a:b' }, { key: 'none' }]), [
          { key: 'a:b', value: 'text' },
          { key: 'none', value: null },
        ]);
        await store.set('other', 1);
        assert.deepEqual(sorted(await storage.getKeys('')), ['a:b', 'a:c', 'raw']);
        assert.deepEqual(sorted(await storage.getKeys('a:')), ['a:b', 'a:c']);
        await storage.removeItem('a:b');
        await storage.clear('a:');
        assert.deepEqual(await storage.getKeys(''), ['raw']);
        await storage.clear('');
        await storage.dispose();
        assert.deepEqual(await store.keys(), ['other']);
        assert.equal(await storage.getInstance(), store);
      }));

    test('bentocache, second level', () =>
      scope.with({}, (store) => levelOf(sharedMemoryDriver({ store }), store)));

    if (scope.can('at once')) {
      test('bentocache, first level', () =>
        scope.with({}, async (store) => {
          const level = await levelOf(memoryDriver({ store }), store);
          level.set('short', 'text', HOUR_MS);
          assert.ok(isAnHour(level.getRemainingTtl('short')));
          assert.equal(level.get('short'), 'text');
        }));
    }

    test('undici', () => scope.with({}, (store) => answersOf(store)));
  });
}

/** What both levels of bentocache do. */
async function levelOf({ factory }, store) {
  const level = factory({ prefix: 'cache:' });
  assert.equal(await level.get('a'), undefined);
  assert.equal(await level.set('a', 'text'), true);
  assert.equal(await store.get('cache:a'), 'text');
  assert.equal(await level.pull('a'), 'text');
  assert.equal(await level.pull('a'), undefined);
  const users = level.namespace('users');
  await users.set('a', 'one', HOUR_MS);
  assert.ok(isAnHour(await store.ttl('cache:users:a')));
  await users.namespace('vip').set('a', 'two');
  await level.set('usersAbc', 'three');
  await users.clear();
  assert.deepEqual(await store.keys(), ['cache:usersAbc']);
  assert.equal(await level.deleteMany(['usersAbc', 'none']), true);
  assert.equal(await level.deleteMany([]), true);
  assert.equal(await level.delete('usersAbc'), false);
  await level.disconnect();
  assert.equal(await store.size(), 0);
  return level;
}

const request = (headers, more) => ({
  ...{ origin: 'http://a', path: '/b', method: 'GET', headers },
  ...more,
});

async function write(cache, key, text, more = {}) {
  const [statusCode, deleteAt] = [200, Date.now() + HOUR_MS];
  const stream = cache.createWriteStream(key, { statusCode, deleteAt, ...more });
  stream.write(text.slice(0, 2));
  stream.end(text.slice(2));
  await finished(stream);
}

async function bodyOf(cache, key) {
  const answer = await cache.get(key);
  return answer && Buffer.concat([...answer.body]).toString();
}

/** What undici asks of a store of answers. */
async function answersOf(store) {
  const cache = new CacheStore({ store, maxEntrySize: 1000 });
  assert.equal(await cache.get(request({})), undefined);
  await write(cache, request({ a: '1' }), 'any');
  assert.equal(await bodyOf(cache, request({ a: '2' })), 'any');
  assert.equal(await bodyOf(cache, request({}, { method: 'HEAD' })), undefined);
  assert.equal(await bodyOf(cache, request({}, { path: '/c' })), undefined);
  await cache.delete(request({}));
  assert.equal(await bodyOf(cache, request({})), undefined);

  await write(cache, request({ a: '1' }), 'one', { vary: { a: '1', b: null } });
  await write(cache, request({ a: '2' }), 'two', { vary: { a: '2', b: null } });
  assert.equal(await bodyOf(cache, request({ a: '1' })), 'one');
  assert.equal(await bodyOf(cache, request({ a: '2' })), 'two');
  assert.equal(await bodyOf(cache, request({ a: '1', b: '1' })), undefined);
  assert.equal(await bodyOf(cache, request({})), undefined);
  const again = { vary: { a: '1', b: null } };
  await write(cache, request({ a: '1' }), 'newer', again);
  assert.equal(await bodyOf(cache, request({ a: '1' })), 'newer');
  await cache.delete(request({}));
  await write(cache, request({ a: '1' }), 'last', again);
  assert.equal(await bodyOf(cache, request({ a: '2' })), undefined, 'removed stays removed');

  // The server begins to vary its answers, and later to vary them by less.
  await cache.delete(request({}));
  const at = Date.now();
  await write(cache, request({ a: '1' }), 'old', { cachedAt: at });
  await write(cache, request({ a: '1' }), 'new', { vary: { a: '1' }, cachedAt: at });
  assert.equal(await bodyOf(cache, request({ a: '1' })), 'new');
  assert.equal(await bodyOf(cache, request({ a: '2' })), undefined, 'what it replaced has gone');
  await write(cache, request({ a: '2' }), 'newer', { cachedAt: at + 1 });
  assert.equal(await bodyOf(cache, request({ a: '1' })), 'newer', 'the latest is given');
  assert.equal(await bodyOf(cache, request({ a: '2' })), 'newer');
  await cache.delete(request({}));

  await write(cache, request({ a: '1' }), 'past', { ...again, deleteAt: Date.now() - 1 });
  assert.equal(await bodyOf(cache, request({ a: '1' })), undefined);
  const large = cache.createWriteStream(request({ a: '3' }), { deleteAt: Date.now() + HOUR_MS });
  large.write('x'.repeat(2000));
  await assert.rejects(finished(large));
  assert.equal(await bodyOf(cache, request({ a: '3' })), undefined);
}

test('bentocache opens a store for each level', async () => {
  const { factory } = memoryDriver({ maxEntries: 2 });
  const level = factory({ prefix: 'cache' });
  for (const key of ['a', 'b', 'c']) level.set(key, key);
  assert.equal(['a', 'b', 'c'].filter((key) => level.get(key) !== undefined).length, 2);
  await level.disconnect();
});

test('bentocache cannot have a store of promises as its first level', () => {
  const store = new AsyncStore();
  assert.throws(() => memoryDriver({ store }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('wrong options of a level of bentocache are told', () => {
  const code = 'ERR_INVALID_ARG_TYPE';
  for (const store of [null, 'x', {}]) assert.throws(() => memoryDriver({ store }), { code });
  for (const make of [memoryDriver, sharedMemoryDriver]) {
    assert.throws(() => make({ prefix: 5 }), { code, message: /option prefix/ });
  }
  assert.throws(() => memoryDriver({ maxEntires: 5 }), { code: 'ERR_UNKNOWN_OPTION' });
  const both = { store: new MemoryStore(), maxEntries: 5 };
  assert.throws(() => memoryDriver(both), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('a server that varies by other headers each time takes no room without end', async () => {
  const store = new MemoryStore();
  const cache = new CacheStore({ store });
  for (let round = 0; round < 100; round += 1) {
    const vary = { [`x-${round}`]: null };
    await write(cache, request({}), `${round}`, { vary });
  }
  assert.equal(await bodyOf(cache, request({})), '99', 'the latest is given');
  const indexes = store.all().filter((value) => value?.shapes !== undefined);
  assert.deepEqual(
    indexes.map(({ shapes }) => shapes.length),
    [32],
  );
});

test('unstorage keeps apart what a base says, beside a prefix, too', () => {
  const store = new MemoryStore();
  const [pages, users] = ['pages', 'users'].map((base) => driver({ store, prefix: 'app:', base }));
  pages.setItem('1', 'text');
  users.setItem('1', 'Ann');
  assert.deepEqual(store.keys().sort(), ['app:pages:1', 'app:users:1']);
  pages.clear();
  assert.equal(users.getItem('1'), 'Ann');
  driver({ store, base: null }).setItem('1', 'none');
  assert.equal(store.get('1'), 'none');
});

test('an answer that cannot be kept fails its stream', async () => {
  const store = new MemoryStore();
  const cache = new CacheStore({ store });
  store.close();
  await assert.rejects(write(cache, request({}), 'text'), { code: 'ERR_STORE_CLOSED' });
  assert.throws(() => cache.get(request({})), { code: 'ERR_STORE_CLOSED' });
  assert.throws(() => cache.get(undefined), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('what undici does not wait for never fails: a warning says why', async () => {
  for (const Store of [MemoryStore, AsyncStore]) {
    const store = new Store();
    const cache = new CacheStore({ store });
    await store.close();
    const warned = once(process, 'warning');
    // So undici does it, in a listener of the stream.
    const stream = cache.createWriteStream(request({}), { deleteAt: Date.now() + HOUR_MS });
    stream.on('error', () => cache.delete(request({})));
    stream.end('text');
    const [{ code, message }] = await warned;
    assert.equal(code, 'SMS_UNDICI_STALE');
    assert.match(message, /closed/);
    assert.equal(await cache.delete(request({})), undefined);
  }
});

test('a request of undici goes out when a store fails later than at once', async () => {
  const store = new AsyncStore();
  const cache = new CacheStore({ store });
  await store.close();
  const warned = once(process, 'warning');
  assert.equal(await cache.get(request({})), undefined);
  assert.equal((await warned)[0].code, 'SMS_UNDICI_UNREAD');
});
