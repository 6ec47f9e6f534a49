/**
 * Near caches of others before the same server: how each is opened, and what a read of it is.
 *
 * Knows no measurement. Invariant: each holds all texts in memory before it is given.
 */
'use strict';

const { connected } = require('./fleets.js');

/** As many as there may be entries, and more. */
const MOST_ENTRIES = 10_000;
const HOUR_MS = 3_600_000;

/** By name: what opens it at a server with a load; throws where its package is not there. */
const PEERS = {
  'node-redis': async (url, { keys, values }) => {
    const near = { ttl: 0, maxEntries: MOST_ENTRIES, evictPolicy: 'LRU' };
    const store = await connected(url, { RESP: 3, clientSideCache: near });
    for (const [index, key] of keys.entries()) await store.set(key, values[index]);
    for (const key of keys) await store.get(key);
    return { store, call: 'store.get(key)', awaited: true };
  },
  'layered-loader': async (url, load) => {
    const store = await layeredLoader(url, load);
    return { store, call: 'store.get(key)', awaited: true };
  },
  'layered-loader, not awaited': async (url, load) => {
    const store = await layeredLoader(url, load);
    return { store, call: 'store.getInMemoryOnly(key)', awaited: false };
  },
  cacheable: async (url, { keys, values }) => {
    const { Cacheable } = await import('cacheable');
    const { default: KeyvRedis } = await import('@keyv/redis');
    const store = new Cacheable({ secondary: new KeyvRedis(url), ttl: HOUR_MS });
    for (const [index, key] of keys.entries()) await store.set(key, values[index]);
    return { store, call: 'store.get(key)', awaited: true };
  },
  bentocache: async (url, { keys, values }) => {
    const { BentoCache, bentostore } = await import('bentocache');
    const { memoryDriver } = await import('bentocache/drivers/memory');
    const { redisDriver } = await import('bentocache/drivers/redis');
    const { port, hostname: host } = new URL(url);
    const far = redisDriver({ connection: { host, port: Number(port) } });
    const near = memoryDriver({ maxItems: MOST_ENTRIES });
    const stores = { main: bentostore().useL1Layer(near).useL2Layer(far) };
    const store = new BentoCache({ default: 'main', stores });
    for (const [index, key] of keys.entries()) await store.set({ key, value: values[index] });
    return { store, call: 'store.get({ key })', awaited: true };
  },
};

/** A loader of layered-loader over ioredis, as its documentation makes one. */
async function layeredLoader(url, { keys, values }) {
  const { Loader, RedisCache } = await import('layered-loader');
  const { default: Redis } = await import('ioredis');
  const of = new Map(keys.map((key, index) => [key, values[index]]));
  const store = new Loader({
    inMemoryCache: { cacheType: 'lru-object', ttlInMsecs: HOUR_MS, maxItems: MOST_ENTRIES },
    asyncCache: new RedisCache(new Redis(url), { prefix: 'loader', ttlInMsecs: HOUR_MS }),
    dataSources: [{ name: 'texts', get: async (key) => of.get(key) }],
  });
  for (const key of keys) await store.get(key);
  return store;
}

module.exports = { PEERS };
