/**
 * What processes and threads do through adapters over one store.
 */
const KeyvAdapter = require('shared-memory-store/keyv');
const SessionStore = require('shared-memory-store/express-session');
const RateLimitStore = require('shared-memory-store/rate-limit');
const createRateLimitStore = require('shared-memory-store/fastify-rate-limit');
const { SharedMemoryCache } = require('shared-memory-store/apollo');
const { sharedMemoryBus, sharedMemoryDriver } = require('shared-memory-store/bentocache');
const secondaryStorage = require('shared-memory-store/better-auth');
const createCache = require('shared-memory-store/envelop');
const CacheStore = require('shared-memory-store/undici');
const driver = require('shared-memory-store/unstorage');
const { createStore } = require('../../index.js');

const HOUR_MS = 3_600_000;
const HOURS = Object.freeze({ cookie: { maxAge: HOUR_MS } });

/** Writes something by each adapter that keeps values. */
async function writeByAll({ place }) {
  await new KeyvAdapter({ ...place, prefix: 'keyv:' }).set('key', { of: 'keyv' }, HOUR_MS);
  new SessionStore(place).set('id', { ...HOURS, user: 'ann' });
  await new SharedMemoryCache(place).set('key', 'apollo', { ttl: 3600 });
  await sharedMemoryDriver(place).factory({ prefix: 'bento' }).set('key', 'bento');
  await secondaryStorage(place).set('key', 'auth');
  await driver({ ...place, base: 'storage' }).setItem('key', 'storage');
  createCache(place).set('key', { data: 'envelop' }, [{ typename: 'User', id: 1 }], HOUR_MS);
  const request = { origin: 'http://a', path: '/', method: 'GET' };
  const stream = new CacheStore(place).createWriteStream(request, {
    deleteAt: Date.now() + HOUR_MS,
  });
  await new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.end('undici', resolve);
  });
  const FastifyStore = createRateLimitStore(place);
  new FastifyStore().incr('client', () => {}, HOUR_MS, 10);
  return true;
}

/** Counts by a limiter, `hits` times; gives the counts that it was told. */
function hitOn({ place, hits }) {
  const counter = new RateLimitStore(place);
  counter.init({ windowMs: HOUR_MS });
  let most = 0;
  for (let hit = 0; hit < hits; hit += 1) {
    most = Math.max(most, counter.increment('client').totalHits);
  }
  return most;
}

/** Takes a token of better-auth as often as it can. */
async function takeTokens({ place, tokens }) {
  const storage = secondaryStorage(place);
  const taken = [];
  for (let token = 0; token < tokens; token += 1) {
    if ((await storage.getAndDelete(`token:${token}`)) !== null) taken.push(token);
  }
  return taken;
}

/** Writes a session, and lives on until it is killed. */
function writeSession({ place }, say) {
  new SessionStore(place).set('id', { ...HOURS, cart: [1, 2, 3] }, (error) => {
    say('written', error?.code);
  });
  return new Promise((resolve) => setTimeout(resolve, HOUR_MS));
}

/** Tells others by a bus of bentocache, of a short key and of a long one. */
async function tellBus({ place }) {
  const bus = sharedMemoryBus(place).factory().setId('there');
  await bus.publish('c', { type: 'delete', keys: ['a'] });
  await bus.publish('c', { type: 'delete', keys: ['x'.repeat(2 ** 20)] });
  await bus.disconnect();
  return true;
}

/** Removes what a pattern means, by the store of native-keyshare. */
function removePattern({ name, pattern }) {
  const store = createStore(name);
  const isRemoved = store.delete(pattern);
  store.close();
  return isRemoved;
}

module.exports = { hitOn, removePattern, takeTokens, tellBus, writeByAll, writeSession };
