/**
 * Who answers the calls of each interface: ours, and what people use there now.
 *
 * `open(place)` opens one and gives `{ set, call, isRight }`: `call(key)` is what is measured, with
 * an answer or a promise of one. Nothing here knows time. Invariant: all of an interface keep the
 * same values, and each is called as its framework calls it.
 */
'use strict';

const path = require('node:path');
const { isDeepStrictEqual } = require('node:util');

const { OURS, ROOT } = require('../contenders.js');

const HOUR_MS = 3_600_000;
const PREFIX = 'bench:';

/** An adapter of the package in a folder, by its name among the exports. */
function adapter(name, storePath = ROOT) {
  const { exports } = require(path.join(storePath, 'package.json'));
  return require(path.join(storePath, exports[`./${name}`].default));
}

/** A client of `redis` that is connected. */
async function clientOf(socket) {
  const client = require('redis').createClient({ socket: { path: await socket() } });
  client.on('error', () => {});
  return client.connect();
}

/** Sessions are asked for by callback; each is awaited, as one request does. */
function sessionsOf(store) {
  const promised = (method, ...given) =>
    new Promise((resolve, reject) => {
      store[method](...given, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  const session = (key) => ({
    cookie: { originalMaxAge: HOUR_MS, httpOnly: true, path: '/' },
    user: { id: key, name: 'Ann', roles: ['reader', 'writer'] },
    cart: [1, 2, 3],
  });
  return {
    set: (key) => promised('set', key, session(key)),
    call: (key) => promised('get', key),
    isRight: (answer, key) => answer?.user.id === key,
  };
}

const objectOf = (key) => ({ id: key, name: 'Ann', email: 'a@b.c', score: 1.5, active: true });
const isValue = (answer, key) => isDeepStrictEqual(answer, objectOf(key));

const keyvOf = (keyv) => ({
  set: (key) => keyv.set(key, objectOf(key), HOUR_MS),
  call: (key) => keyv.get(key),
  isRight: isValue,
});

function limitsOf(store) {
  store.init({ windowMs: HOUR_MS });
  return {
    set: (key) => store.increment(key),
    call: (key) => store.increment(key),
    isRight: ({ totalHits }) => totalHits > 1,
  };
}

const storageOf = (driver) => {
  const storage = require('unstorage').createStorage({ driver });
  return {
    set: (key) => storage.setItem(key, objectOf(key)),
    call: (key) => storage.getItem(key),
    isRight: isValue,
  };
};

async function bentoOf(layers) {
  const { BentoCache, bentostore } = await import('bentocache');
  const bento = new BentoCache({ default: 'app', stores: { app: layers(bentostore()) } });
  return {
    set: (key) => bento.set({ key, value: objectOf(key), ttl: HOUR_MS }),
    call: (key) => bento.get({ key }),
    isRight: isValue,
  };
}

const CONTENDERS = {
  sessions: {
    [OURS]: ({ options, storePath }) => {
      return sessionsOf(new (adapter('express-session', storePath))(options));
    },
    MemoryStore: () => sessionsOf(new (require('express-session').MemoryStore)()),
    memorystore: () => {
      const MemoryStore = require('memorystore')(require('express-session'));
      return sessionsOf(new MemoryStore({ max: 2000, ttl: HOUR_MS }));
    },
    'connect-redis': async ({ socket }) => {
      const { RedisStore } = require('connect-redis');
      return sessionsOf(new RedisStore({ client: await clientOf(socket), prefix: PREFIX }));
    },
  },
  keyv: {
    [OURS]: ({ options, storePath }) => {
      const { Keyv } = require('keyv');
      const KeyvAdapter = adapter('keyv', storePath);
      // As `createKeyv` makes one.
      const asTheyAre = { serialize: undefined, deserialize: undefined };
      return keyvOf(new Keyv({ store: new KeyvAdapter(options), ...asTheyAre }));
    },
    'ours, as JSON': ({ options, storePath }) => {
      const KeyvAdapter = adapter('keyv', storePath);
      return keyvOf(new (require('keyv').Keyv)({ store: new KeyvAdapter(options) }));
    },
    "Keyv's Map": () => keyvOf(new (require('keyv').Keyv)()),
    '@keyv/redis': async ({ socket }) => {
      const { default: KeyvRedis } = await import('@keyv/redis');
      const store = new KeyvRedis({ socket: { path: await socket() } });
      return keyvOf(new (require('keyv').Keyv)({ store }));
    },
  },
  limits: {
    [OURS]: ({ options, storePath }) => {
      return limitsOf(new (adapter('rate-limit', storePath))(options));
    },
    MemoryStore: () => limitsOf(new (require('express-rate-limit').MemoryStore)()),
    'rate-limit-redis': async ({ socket }) => {
      const { RedisStore } = require('rate-limit-redis');
      const client = await clientOf(socket);
      return limitsOf(new RedisStore({ sendCommand: (...words) => client.sendCommand(words) }));
    },
  },
  unstorage: {
    [OURS]: ({ options, storePath }) => storageOf(adapter('unstorage', storePath)(options)),
    memory: async () => storageOf((await import('unstorage/drivers/memory')).default()),
    redis: async ({ socket }) => {
      const { default: driver } = await import('unstorage/drivers/redis');
      return storageOf(driver({ path: await socket(), base: PREFIX }));
    },
  },
  bentocache: {
    [OURS]: ({ options, storePath }) => {
      const { sharedMemoryDriver } = adapter('bentocache', storePath);
      return bentoOf((store) => store.useL2Layer(sharedMemoryDriver(options)));
    },
    'ours, two levels': ({ options, storePath }) => {
      const { memoryDriver, sharedMemoryDriver } = adapter('bentocache', storePath);
      const first = memoryDriver({ maxEntries: 2000 });
      return bentoOf((store) => store.useL1Layer(first).useL2Layer(sharedMemoryDriver(options)));
    },
    memory: async () => {
      const { memoryDriver } = await import('bentocache/drivers/memory');
      return bentoOf((store) => store.useL1Layer(memoryDriver({ maxItems: 2000 })));
    },
    redis: async ({ socket }) => {
      const { redisDriver } = await import('bentocache/drivers/redis');
      const connection = { path: await socket() };
      return bentoOf((store) => store.useL2Layer(redisDriver({ connection })));
    },
  },
};

module.exports = { CONTENDERS, adapter, clientOf };
