/**
 * Every adapter over a store that is closed, full, destroyed, or of another layout.
 *
 * Must not know the frameworks. Invariant tested: each call comes to an end, and what could not be
 * done is an error or, where the interface has no room for one, a process warning; never a miss.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { finished } = require('node:stream/promises');
const { setImmediate: turn } = require('node:timers/promises');
const { describe, test } = require('node:test');
const { SharedMemoryCache } = require('shared-memory-store/apollo');
const { sharedMemoryBus, sharedMemoryDriver } = require('shared-memory-store/bentocache');
const secondaryStorage = require('shared-memory-store/better-auth');
const createCache = require('shared-memory-store/envelop');
const SessionStore = require('shared-memory-store/express-session');
const createRateLimitStore = require('shared-memory-store/fastify-rate-limit');
const KeyvAdapter = require('shared-memory-store/keyv');
const { createCacheHandler } = require('shared-memory-store/next');
const { createUseCacheHandler } = require('shared-memory-store/next/use-cache');
const RateLimitStore = require('shared-memory-store/rate-limit');
const CacheStore = require('shared-memory-store/undici');
const driver = require('shared-memory-store/unstorage');
const MemoryStore = require('../../index.js');
const { adapt } = require('../../lib/adapters/core/adapted.js');
const { Channels } = require('../../lib/adapters/core/channels.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const { SharedStore } = MemoryStore;
const HOUR_MS = 3_600_000;
const LONG = 'x'.repeat(3000);
const REQUEST = Object.freeze({ origin: 'http://a', path: '/', method: 'GET' });

/** What a callback is told, as a promise. */
const told = (call) =>
  new Promise((resolve, reject) => {
    call((error, answer) => (error ? reject(error) : resolve(answer)));
  });

const page = (html) => ({ kind: 'APP_ROUTE', body: Buffer.from(html), headers: {} });
const cached = (text) => ({
  ...{ value: new Blob([text]).stream(), tags: [], stale: 0, revalidate: 3600, expire: 3600 },
  timestamp: Date.now(),
});

/**
 * `write(adapter, text)` keeps something longer than a full store has room for, `read(adapter)`
 * gives whether it is there; `warning` is what is told of a write that has nobody to throw at.
 */
const ADAPTERS = [
  {
    name: 'keyv',
    make: (options) => new KeyvAdapter(options),
    write: (keyv, text) => keyv.set('key', text),
    read: async (keyv) => (await keyv.get('key')) !== undefined,
  },
  {
    name: 'express-session',
    make: (options) => new SessionStore(options),
    write: (sessions, text) => told((tell) => sessions.set('id', { cookie: {}, text }, tell)),
    read: async (sessions) => Boolean(await told((tell) => sessions.get('id', tell))),
  },
  {
    name: 'rate-limit',
    make: (options) => new RateLimitStore(options),
    write: async (limits, text) => limits.increment(`client${text}`),
    read: async (limits) => limits.get(`client${LONG}`) !== undefined,
  },
  {
    name: 'fastify-rate-limit',
    make: (options) => new (createRateLimitStore(options))(),
    write: (limits, text) => told((tell) => limits.incr(`client${text}`, tell, HOUR_MS, 10)),
    read: async (limits) => {
      const { current } = await told((tell) => limits.read(`client${LONG}`, tell, HOUR_MS, 10));
      return current > 0;
    },
  },
  {
    name: 'unstorage',
    make: (options) => driver(options),
    write: async (storage, text) => storage.setItem('key', text),
    read: async (storage) => (await storage.getItem('key')) !== null,
  },
  {
    name: 'apollo',
    make: (options) => new SharedMemoryCache(options),
    write: (cache, text) => cache.set('key', text),
    read: async (cache) => (await cache.get('key')) !== undefined,
  },
  {
    name: 'better-auth',
    make: (options) => secondaryStorage(options),
    write: (storage, text) => storage.set('key', text),
    read: async (storage) => (await storage.get('key')) !== null,
  },
  {
    name: 'undici',
    make: (options) => new CacheStore(options),
    write: async (cache, text) => {
      const stream = cache.createWriteStream(REQUEST, { deleteAt: Date.now() + HOUR_MS });
      stream.end(text);
      await finished(stream);
    },
    read: async (cache) => cache.get(REQUEST) !== undefined,
  },
  {
    name: 'bentocache',
    make: (options) => sharedMemoryDriver(options).factory({ prefix: 'bento' }),
    write: (level, text) => level.set('key', text),
    read: async (level) => (await level.get('key')) !== undefined,
  },
  {
    name: 'envelop',
    make: (options) => createCache(options),
    write: async (cache, text) => cache.set('id', { data: { text } }, [], HOUR_MS),
    read: async (cache) => (await cache.get('id')) !== null,
    warning: 'SMS_ENVELOP_UNSTORED',
  },
  {
    name: 'next',
    make: (options) => new (createCacheHandler(options))({}),
    write: (handler, text) => handler.set('/page', page(text), {}),
    read: async (handler) => Boolean(await handler.get('/page', { kind: 'APP_ROUTE' })),
    warning: 'SMS_NEXT_UNSTORED',
  },
  {
    name: 'next/use-cache',
    make: (options) => createUseCacheHandler(options),
    write: (handler, text) => handler.set('key', Promise.resolve(cached(text))),
    read: async (handler) => Boolean(await handler.get('key', [])),
    warning: 'SMS_NEXT_UNSTORED',
  },
];

/** What a call has failed with, whether it threw or rejected. */
async function failureOf(call) {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Fails with `code`, or tells a warning where the adapter has only that. */
async function failsToWrite({ write, warning }, adapter, code) {
  if (warning === undefined) {
    assert.equal((await failureOf(() => write(adapter, LONG)))?.code, code);
    return;
  }
  const heard = once(process, 'warning');
  assert.equal(await failureOf(() => write(adapter, LONG)), undefined);
  assert.equal((await heard)[0].code, warning);
}

for (const adapter of ADAPTERS) {
  const { name, make, write, read } = adapter;
  describe(name, () => {
    test('a closed store is an error', async () => {
      const store = new SharedStore({ name: freshName('closed'), maxBytes: 2 ** 18 });
      const made = make({ store });
      store.close();
      assert.equal((await failureOf(() => read(made)))?.code, 'ERR_STORE_CLOSED');
      await failsToWrite(adapter, made, 'ERR_STORE_CLOSED');
    });

    test('a full store is an error of writes alone', async () => {
      const full = { name: freshName('full'), maxBytes: 2 ** 18, whenFull: 'error' };
      const store = new SharedStore(full);
      const made = make({ store });
      for (const length of [LONG.length, 500, 50]) {
        const fill = (key) => store.set(`${length} ${key}`, LONG.slice(0, length));
        for (let key = 0; (await failureOf(() => fill(key))) === undefined; ) key += 1;
      }
      await failsToWrite(adapter, made, 'ERR_STORE_FULL');
      assert.equal(await read(made), false);
      store.clear();
      assert.equal(await failureOf(() => write(made, LONG)), undefined);
      assert.equal(await read(made), true);
      store.close();
    });

    test('who runs on when the store is destroyed goes over to the next', SLOW, () =>
      withFolder(async (folder) => {
        const place = { name: 'destroyed', path: folder, maxBytes: 2 ** 20 };
        const [one, other] = [make(place), make(place)];
        await write(one, LONG);
        assert.equal(await read(other), true);
        const options = { ...place, scope: 'processes', whenFull: 'evict' };
        new SharedStore(options).destroy();
        await waitUntil(async () => !(await read(one)) && !(await read(other)), 'both know');
        await write(other, LONG);
        assert.equal(await read(one), true);
        assert.equal(await read(make(place)), true);
      }),
    );

    test('a file of something else is an error, and stays as it is', () =>
      withFolder(async (folder) => {
        const place = { name: 'damaged', path: folder, maxBytes: 2 ** 20 };
        new SharedStore({ ...place, scope: 'processes', whenFull: 'evict' }).close();
        const file = path.join(
          folder,
          readdirSync(folder).find((one) => one.endsWith('.store')),
        );
        writeFileSync(file, 'something else'.repeat(1000));
        const failure = await failureOf(() => read(make(place)));
        assert.equal(failure?.code, 'ERR_CORRUPTED');
      }));
  });
}

/** Runs `body(store, destroy)` with a store, or a namespace of one, that goes over to the next. */
const withDestroyed = (isNamespace, body) =>
  withFolder(async (folder) => {
    const place = { name: 'destroyed', path: folder, scope: 'processes', maxBytes: 2 ** 20 };
    const whole = new SharedStore({ ...place, whenOrphaned: 'rejoin' });
    const destroy = () => new SharedStore(place).destroy();
    try {
      await body(isNamespace ? whole.namespace('part') : whole, destroy);
    } finally {
      whole.destroy();
    }
  });

for (const isNamespace of [false, true]) {
  const of = isNamespace ? 'a namespace of one' : 'a store';
  test(`who hears by ${of} that was destroyed is told so, and hears on`, SLOW, () =>
    withDestroyed(isNamespace, async (store, destroy) => {
      const channels = new Channels(adapt({ store, prefix: 'p:' }));
      const storage = driver({ store, base: 'app' });
      const heard = [];
      const changed = [];
      const listening = channels.subscribe('c', {
        hear: (message) => heard.push(message),
        miss: (reason) => heard.push(`missed: ${reason}`),
      });
      storage.watch((event, key) => changed.push(`${event} ${key}`));
      destroy();
      await waitUntil(() => heard.length > 0 && changed.length > 0, 'both are told');
      await channels.publish('c', 'after');
      await storage.setItem('after', 'text');
      await waitUntil(() => heard.length > 1 && changed.length > 1, 'both hear on');
      assert.deepEqual(heard, ['missed: the store was destroyed', 'after']);
      assert.deepEqual(changed, ['remove ', 'update after']);
      listening.stop();
      storage.dispose();
      destroy();
      channels.publish('c', 'unheard');
      await turn();
      assert.equal(heard.length + changed.length, 4);
    }),
  );
}

test("bentocache's bus hears on when the store was destroyed", SLOW, () =>
  withFolder(async (folder) => {
    const place = { name: 'destroyed', path: folder, maxBytes: 2 ** 20 };
    const [one, other] = ['one', 'two'].map((id) => sharedMemoryBus(place).factory().setId(id));
    const heard = [];
    await other.subscribe('c', ({ keys }) => heard.push(...keys));
    await one.publish('c', { type: 'set', keys: ['before'] });
    await waitUntil(() => heard.includes('before'), 'it is heard');
    new SharedStore({ ...place, scope: 'processes', whenFull: 'evict' }).destroy();
    await waitUntil(async () => {
      await one.publish('c', { type: 'set', keys: ['after'] });
      return heard.includes('after');
    }, 'it is heard again');
    await one.disconnect();
    await other.disconnect();
  }),
);
