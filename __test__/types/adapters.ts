/**
 * The typings of the adapters: what they take, what they give, and that they need no other package.
 */
import MemoryStore, { SharedStore } from 'shared-memory-store';
import SharedMemoryCache from 'shared-memory-store/apollo';
import sharedMemoryDriver, { memoryDriver, sharedMemoryBus } from 'shared-memory-store/bentocache';
import secondaryStorage from 'shared-memory-store/better-auth';
import createCache from 'shared-memory-store/envelop';
import SessionStore, { type Options } from 'shared-memory-store/express-session';
import createRateLimitStore from 'shared-memory-store/fastify-rate-limit';
import KeyvAdapter, { createKeyv } from 'shared-memory-store/keyv';
import { MemoryStore as AsyncStore } from 'shared-memory-store/memory-store';
import registerMetrics from 'shared-memory-store/metrics';
import CacheHandler, { createCacheHandler } from 'shared-memory-store/next';
import useCache, { createUseCacheHandler } from 'shared-memory-store/next/use-cache';
import RateLimitStore from 'shared-memory-store/rate-limit';
import RateLimiterSharedMemory from 'shared-memory-store/rate-limiter-flexible';
import createAdapter from 'shared-memory-store/socket.io';
import { fakeClock, temporaryStore } from 'shared-memory-store/testing';
import CacheStore from 'shared-memory-store/undici';
import driver, { type Driver } from 'shared-memory-store/unstorage';

// Any store, of any values, and the options of one.
const sessions: Options = { store: new MemoryStore<string>(), ttl: (_data, id) => id.length };
new SessionStore(sessions);
new SessionStore({ name: 'sessions', path: '/tmp', prefix: 's:', maxBytes: 2 ** 20 });
new KeyvAdapter({ store: new SharedStore<number>() });
new KeyvAdapter({ store: new AsyncStore<Date>(), ttl: 1000 });
// @ts-expect-error: no store
new KeyvAdapter({ store: new Map() });
// @ts-expect-error: a typo
new KeyvAdapter({ naem: 'cache' });
createKeyv({ name: 'cache', namespace: 'users' });

const text: Promise<string | undefined> = new SharedMemoryCache().get('key');
const numbers = new SharedMemoryCache<number>({ name: 'numbers' });
// @ts-expect-error: a cache of numbers
numbers.set('key', 'text');

const level: string | undefined = memoryDriver({ maxEntries: 10 }).factory().get('key');
const later: Promise<string | undefined> = sharedMemoryDriver().factory().get('key');
// @ts-expect-error: the first level answers at once
memoryDriver({ store: new AsyncStore() });

const responses = createCache({ name: 'graphql', buildEntityId: (type, id) => `${type}/${id}` });
responses.set('id', { data: {} }, [{ typename: 'User', id: 1 }], Infinity);
// @ts-expect-error: an entity has a type
responses.invalidate([{ id: 1 }]);

const told: Promise<void> = sharedMemoryBus({ name: 'bus', retryQueue: {} }).factory().disconnect();
createAdapter({ name: 'chat', heartbeatInterval: 1000 });
// @ts-expect-error: messages have no time
createAdapter({ ttl: 1000 });
const unwatch: driver.Later<() => void> | undefined = driver().watch?.(
  (event, key) => `${event}${key}`,
);

const count: Promise<number> = secondaryStorage({ name: 'auth' }).increment('key', 60);

const limits = new RateLimitStore({ name: 'api', onError: 'open' });
const hits = limits.increment('client');
const total: number = hits instanceof Promise ? 0 : hits.totalHits;
// @ts-expect-error: no such choice
new RateLimitStore({ onError: 'ajar' });
const Limits = createRateLimitStore({ name: 'api' });
new Limits({}).incr('client', (error, counted) => [error?.message, counted?.current], 60_000, 10);
new RateLimiterSharedMemory({ storeClient: new SharedStore(), points: 5, duration: 1 })
  .consume('client')
  .then(({ remainingPoints }) => remainingPoints.toFixed());

const stop: () => void = registerMetrics(
  { registerMetric: (metric) => metric, removeSingleMetric: (name) => name },
  { sessions: new SharedStore(), local: new MemoryStore() },
);
// @ts-expect-error: neither a registry nor a meter
registerMetrics({}, {});

new CacheHandler();
const Handler: typeof CacheHandler = createCacheHandler({ name: 'next' });
new Handler({ serverDistDir: '/' }).revalidateTag('tag', { expire: 0 });
useCache.updateTags(['tag']);
const expired: Promise<number> = createUseCacheHandler({ name: 'next' }).getExpiration(['tag']);

const clock = fakeClock();
new MemoryStore({ now: clock });
const moved: number = clock.advance(1000);
const temporary: SharedStore<string> = temporaryStore<string>({ scope: 'processes' });
// @ts-expect-error: it has a name of its own
temporaryStore({ name: 'mine' });

new CacheStore({ name: 'http', maxEntrySize: 1000 });
const storage: Driver = driver({ name: 'app', base: 'cache' });

export {
  count,
  expired,
  later,
  level,
  moved,
  stop,
  storage,
  temporary,
  text,
  told,
  total,
  unwatch,
};
