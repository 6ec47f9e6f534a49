/**
 * What all adapters have in common: the store that they open or are given, and their keys.
 *
 * Must not know what an interface asks for. Invariant tested: an adapter closes only the store that
 * it opened, and the main entry loads none.
 */
const assert = require('node:assert/strict');
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { adapt } = require('../../lib/adapters/core/adapted.js');
const { WarnOnce } = require('../../lib/adapters/core/warn-once.js');
const { scopes } = require('../contract/scopes.js');
const { REPOSITORY, runToExit } = require('../helpers/run-program.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFolder } = require('../helpers/store-folders.js');
const { waitUntil } = require('../helpers/wait-until.js');

const { SharedStore } = MemoryStore;
const { exports: SUBPATHS } = require('../../package.json');
/** Those that need a package of others when they are loaded. */
const WITH_PEERS = ['rate-limiter-flexible'];
const ADAPTERS = Object.entries(SUBPATHS)
  .filter(([, { default: file }]) => /^\.\/lib\/adapters\/(?!drop-ins)/.test(file ?? ''))
  .map(([subpath, { default: file }]) => ({ name: subpath.slice(2), file }));

describe('the store of an adapter', () => {
  test('one that was given stays open', () => {
    const store = new MemoryStore();
    const adapted = adapt({ store });
    assert.equal(adapted.store, store);
    adapted.close();
    assert.equal(store.set('key', 1), true);
  });

  test('its own is closed with it, shared by processes, and evicts', () =>
    withFolder((path) => {
      const place = { name: 'own', path };
      const adapted = adapt({ ...place, maxBytes: 2 ** 20 });
      assert.equal(adapted.store.scope, 'processes');
      adapted.store.set('key', 'value');
      const other = new SharedStore({ ...place, scope: 'processes', whenFull: 'evict' });
      assert.equal(other.get('key'), 'value');
      other.close();
      adapted.close();
      assert.throws(() => adapted.store.get('key'), { code: 'ERR_STORE_CLOSED' });
    }));

  test('one that is given leaves nothing to open', () => {
    const store = new MemoryStore();
    const opening = { store, name: 'other' };
    assert.throws(() => adapt(opening), { code: 'ERR_INVALID_ARG_VALUE', message: /option name/ });
  });

  for (const store of [1, {}, null, new Map(), () => {}]) {
    test(`what is none is told: ${typeof store} ${store}`, () => {
      assert.throws(() => adapt({ store }), { code: 'ERR_INVALID_ARG_TYPE' });
    });
  }

  test('a wrong option is told', () => {
    assert.throws(() => adapt({ prefx: 'a' }), { code: 'ERR_UNKNOWN_OPTION', message: /"prefix"/ });
    assert.throws(() => adapt({ prefix: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => adapt({ ttl: -1 }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => adapt({ whenFull: 'never' }), { code: 'ERR_INVALID_ARG_VALUE' });
  });
});

describe('what is no options object is told, and opens no store', () => {
  const bento = require('shared-memory-store/bentocache');
  const { createKeyv, KeyvAdapter } = require('shared-memory-store/keyv');
  const { createCacheHandler } = require('shared-memory-store/next');
  const { createUseCacheHandler } = require('shared-memory-store/next/use-cache');
  const made = (subpath) => {
    const Class = require(`shared-memory-store/${subpath}`);
    return (given) => new Class(given);
  };
  const makers = {
    ...{ createKeyv, createCacheHandler, createUseCacheHandler },
    KeyvAdapter: (given) => new KeyvAdapter(given),
    'express-session': made('express-session'),
    'rate-limit': made('rate-limit'),
    'fastify-rate-limit': require('shared-memory-store/fastify-rate-limit'),
    unstorage: require('shared-memory-store/unstorage'),
    'better-auth': require('shared-memory-store/better-auth'),
    apollo: made('apollo'),
    envelop: require('shared-memory-store/envelop'),
    undici: made('undici'),
    'socket.io': require('shared-memory-store/socket.io'),
    memoryDriver: bento.memoryDriver,
    sharedMemoryDriver: (given) => bento.sharedMemoryDriver(given).factory(),
    sharedMemoryBus: (given) => bento.sharedMemoryBus(given).factory(),
  };
  for (const [name, make] of Object.entries(makers)) {
    test(name, () => {
      const code = 'ERR_INVALID_ARG_TYPE';
      for (const none of [null, 5, 'name', [], new Date(), new Map(), () => {}]) {
        assert.throws(() => make(none), { code, message: /a plain object for options/ });
      }
      const stores = [new MemoryStore(), new MemoryStore().namespace('a')];
      for (const store of stores) assert.throws(() => make(store), { code, message: /{ store }/ });
    });
  }
});

describe('the keys of an adapter', () => {
  for (const scope of scopes) {
    test(`clear removes what begins so and nothing else: ${scope.name}`, () =>
      scope.with({}, async (store) => {
        const adapted = adapt({ store, prefix: 'p:' });
        for (const key of ['p:a:1', 'p:a:2', 'p:ab', 'q:a:1', 'p']) await store.set(key, key);
        assert.deepEqual([...(await adapted.keys('a:'))].sort(), ['a:1', 'a:2']);
        await adapted.clear('a:');
        assert.deepEqual([...(await store.keys())].sort(), ['p', 'p:ab', 'q:a:1']);
        await adapted.clear();
        assert.deepEqual([...(await store.keys())].sort(), ['p', 'q:a:1']);
        await store.namespace('of others').set('a', 1);
        await adapt({ store }).clear();
        assert.equal(await store.size(), 0);
        assert.equal(await store.namespace('of others').get('a'), 1);
      }));
  }
});

describe('the time of an entry', () => {
  const { store } = adapt({ store: new MemoryStore() });
  const left = (options, ttl) => {
    store.set('key', 1, adapt({ store, ...options }).expiry(ttl));
    return store.ttl('key');
  };

  test('that of the call, then that of the adapter', () => {
    const hour = 3_600_000;
    assert.ok(left({ ttl: 1 }, hour) > hour / 2);
    for (const none of [undefined, null, 0]) assert.ok(left({ ttl: hour }, none) > hour / 2);
    assert.equal(left({}, undefined), Infinity);
    assert.equal(left({ ttl: hour }, Infinity), Infinity);
  });

  test('one that has passed leaves nothing', () => assert.equal(left({}, -1), undefined));
  test('one that a store cannot count is as long as it can', () => {
    assert.ok(left({}, 1e300) > 2 ** 52);
  });
  test('none at all is told', () => {
    assert.throws(() => left({}, Number.NaN), { code: 'ERR_OUT_OF_RANGE' });
  });
});

describe('the modules', () => {
  test('there are adapters', () => assert.ok(ADAPTERS.length >= 12));

  test('the main entry loads none', async () => {
    const program = `
      require(${JSON.stringify(REPOSITORY)});
      const loaded = Object.keys(require.cache).filter((file) =>
        /adapters.(?!drop-ins)/.test(file.replace(${JSON.stringify(REPOSITORY)}, '')));
      if (loaded.length > 0) throw new Error(String(loaded));`;
    await withFolder(async (folder) => {
      const file = path.join(folder, 'main.cjs');
      writeFileSync(file, program);
      await runToExit(0, file);
    });
  });

  for (const { name, file } of ADAPTERS.filter(({ name }) => !WITH_PEERS.includes(name))) {
    test(`an import gives what require gives: ${name}`, async () => {
      const required = require(path.join(REPOSITORY, file));
      const imported = await import(`shared-memory-store/${name}`);
      assert.equal(imported.default, required);
      const named = /^module\.exports = \{ ?([^}]*) ?\};$/m.exec(
        readFileSync(path.join(REPOSITORY, file), 'utf8').replaceAll(/\n(?=[ }])/g, ''),
      )[1];
      const names = named.split(',').map((one) => one.split(':')[0].trim());
      for (const one of names.filter(Boolean)) {
        assert.ok(required[one] !== undefined && one in imported, one);
        if (one !== 'default') assert.equal(imported[one], required[one]);
      }
    });
  }
});

describe('a warning', () => {
  const REASON = 'messages of other processes were lost, since this one was too slow for them';
  const cases = [
    ['a reason', (warning) => warning.say(REASON), REASON],
    ['an error', (warning) => warning.tell(new Error(REASON)), REASON],
    ['what is no error', (warning) => warning.tell(1), '1'],
  ];
  for (const [what, tell, reason] of cases) {
    test(`is told whole, and once: ${what}`, async () => {
      const heard = [];
      const hear = (warning) => warning.code === 'SMS_TEST' && heard.push(warning.message);
      process.on('warning', hear);
      const warning = new WarnOnce('So it is', 'SMS_TEST');
      tell(warning);
      tell(warning);
      await waitUntil(() => heard.length > 0, 'it is told');
      process.off('warning', hear);
      assert.deepEqual(heard, [`So it is: ${reason}`]);
    });
  }
});

test('names of stores are given to adapters, too', () => {
  const name = freshName('adapter');
  const adapted = adapt({ name, scope: 'threads' });
  assert.equal(adapted.store.name, name);
  adapted.close();
});
