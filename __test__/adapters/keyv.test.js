/**
 * `KeyvAdapter` as Keyv 5 and Keyv 6 use it, over every scope.
 *
 * Must not know Keyv: each version is played by the calls that it makes. Invariant tested: an
 * adapter has the contract of the version that uses it, over the same entries.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { KeyvAdapter } = require('shared-memory-store/keyv');
const { keyvOptions } = require('../../lib/adapters/caches/keyv-peer.js');
const { scopes } = require('../contract/scopes.js');

const HOUR_MS = 3_600_000;

/** An adapter as Keyv 5 has it: it says its namespace, and puts it before keys itself. */
function five(store, namespace = 'one') {
  return Object.assign(new KeyvAdapter({ store, prefix: 'p:' }), { namespace });
}

/** As Keyv 6 has it, which asks for its capabilities. */
function six(store, namespace = 'one') {
  const adapter = five(store, namespace);
  assert.equal(adapter.capabilities.expires, true);
  return adapter;
}

async function all(iterator) {
  const found = [];
  for await (const one of iterator) found.push(one);
  return found.sort();
}

for (const scope of scopes) {
  describe(scope.name, () => {
    test('Keyv 5 says how long', () =>
      scope.with({}, async (store) => {
        const keyv = five(store);
        assert.equal(await keyv.set('one:a', 'text', HOUR_MS + 0.5), true);
        assert.ok((await store.ttl('p:one:a')) > HOUR_MS / 2);
        assert.equal(await keyv.get('one:a'), 'text');
        assert.equal(await keyv.get('one:none'), undefined);
        await keyv.set('one:a', 'text', 0);
        assert.equal(await store.ttl('p:one:a'), Infinity);
        await keyv.set('one:a', 'text', -1);
        assert.equal(await keyv.has('one:a'), false);
      }));

    test('Keyv 6 says until when', () =>
      scope.with({}, async (store) => {
        const keyv = six(store);
        assert.equal(await keyv.set('a', 'text', Date.now() + HOUR_MS), true);
        assert.ok((await store.ttl('p:one:a')) > HOUR_MS / 2);
        assert.equal(await keyv.set('a', 'text'), true);
        assert.equal(await store.ttl('p:one:a'), Infinity);
        assert.equal(await keyv.set('a', 'text', Date.now() - 1), true);
        assert.equal(await keyv.get('a'), undefined);
      }));

    test('both have their own answers of many', () =>
      scope.with({}, async (store) => {
        const [old, young] = [five(store), six(store)];
        const entries = [
          { key: 'one:a', value: 1, ttl: HOUR_MS },
          { key: 'one:b', value: 2 },
        ];
        assert.deepEqual(await old.setMany(entries), [true, true]);
        assert.deepEqual(await young.getMany(['a', 'none', 'b']), [1, undefined, 2]);
        assert.deepEqual(await young.hasMany(['a', 'none']), [true, false]);
        assert.ok((await store.ttl('p:one:a')) <= HOUR_MS);
        assert.deepEqual(await young.deleteMany(['a', 'none']), [true, false]);
        assert.equal(await old.deleteMany(['one:b', 'one:none']), true);
        assert.equal(await old.deleteMany(['one:b']), false);
        const expires = Date.now() + HOUR_MS;
        assert.deepEqual(await young.setMany([{ key: 'c', value: 3, expires }]), [true]);
        assert.ok((await store.ttl('p:one:c')) > HOUR_MS / 2);
        assert.equal(await old.delete('one:c'), true);
      }));

    test('a namespace is cleared and walked over alone', () =>
      scope.with({}, async (store) => {
        for (const make of [five, six]) {
          const [one, other] = [make(store), make(store, 'oneself')];
          const begin = (namespace) => (make === five ? `${namespace}:` : '');
          await one.set(`${begin('one')}a`, 1);
          await other.set(`${begin('oneself')}b`, 2);
          assert.deepEqual(await all(one.iterator('one')), [[`${begin('one')}a`, 1]]);
          await one.clear();
          assert.deepEqual(await all(one.iterator()), []);
          assert.deepEqual(await all(other.iterator()), [[`${begin('oneself')}b`, 2]]);
          await other.clear();
        }
      }));

    test('values keep their types', () =>
      scope.with({}, async (store) => {
        const keyv = six(store);
        const value = { value: { at: new Date(5), map: new Map([[1, 2n]]) }, expires: undefined };
        await keyv.set('a', value);
        assert.deepEqual(await keyv.get('a'), value);
      }));
  });
}

test('Keyv takes the methods for what they are', () => {
  // Keyv 6 looks at the kind of a function, and would take others for those of a Map.
  for (const name of ['get', 'set', 'delete', 'clear', 'has', 'getMany', 'setMany', 'deleteMany']) {
    assert.equal(KeyvAdapter.prototype[name].constructor.name, 'AsyncFunction', name);
  }
  assert.equal(KeyvAdapter.prototype.iterator.constructor.name, 'AsyncGeneratorFunction');
});

test('any number of Keyvs listen for errors without a warning', () => {
  const adapter = new KeyvAdapter({ store: new MemoryStore() });
  for (let count = 0; count < 50; count += 1) adapter.on('error', () => {});
  assert.equal(adapter.getMaxListeners(), 0);
});

test('a closed store rejects', async () => {
  const store = new MemoryStore();
  const adapter = new KeyvAdapter({ store });
  store.close();
  await assert.rejects(adapter.get('a'), { code: 'ERR_STORE_CLOSED' });
  await assert.rejects(adapter.set('a', 1), { code: 'ERR_STORE_CLOSED' });
});

test('a read that fails is an event to Keyv 5 alone, which takes it for a miss', async () => {
  const code = 'ERR_STORE_CLOSED';
  for (const [make, told] of [
    [five, [code]],
    [six, []],
  ]) {
    const store = new MemoryStore();
    const [adapter, unheard] = [make(store), make(store)];
    const errors = [];
    adapter.on('error', (error) => errors.push(error.code));
    store.close();
    await assert.rejects(adapter.get('a'), { code });
    assert.deepEqual(errors, told);
    await assert.rejects(unheard.get('a'), { code });
  }
});

test('a Keyv has the namespace that one gives it, or its own', () => {
  const store = new MemoryStore();
  for (const given of [{ store }, { store, namespace: undefined }]) {
    // One that is there and `undefined` would take the place of that of Keyv 5.
    assert.equal('namespace' in keyvOptions(KeyvAdapter, given), false);
  }
  for (const namespace of ['users', '']) {
    assert.equal(keyvOptions(KeyvAdapter, { store, namespace }).namespace, namespace);
  }
});
