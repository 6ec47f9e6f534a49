/**
 * The adapters are what the typings of each package ask for.
 */
import type { KeyValueCache } from '@apollo/utils.keyvaluecache';
import { useResponseCache } from '@envelop/response-cache';
import fastifyRateLimit from '@fastify/rate-limit';
import { metrics } from '@opentelemetry/api';
import { bentostore } from 'bentocache';
import type { BetterAuthOptions } from 'better-auth';
import { type Store as RateStore, rateLimit } from 'express-rate-limit';
import session from 'express-session';
import fastify from 'fastify';
import Keyv from 'keyv';
import type { KeyvStorageAdapter } from 'keyv6';
import { Registry } from 'prom-client';
import SharedMemoryCache from 'shared-memory-store/apollo';
import sharedMemoryDriver, { memoryDriver, sharedMemoryBus } from 'shared-memory-store/bentocache';
import secondaryStorage from 'shared-memory-store/better-auth';
import createCache from 'shared-memory-store/envelop';
import SessionStore from 'shared-memory-store/express-session';
import createRateLimitStore from 'shared-memory-store/fastify-rate-limit';
import KeyvAdapter from 'shared-memory-store/keyv';
import registerMetrics from 'shared-memory-store/metrics';
import RateLimitStore from 'shared-memory-store/rate-limit';
import createAdapter from 'shared-memory-store/socket.io';
import CacheStore from 'shared-memory-store/undici';
import driver from 'shared-memory-store/unstorage';
import { Server } from 'socket.io';
import { interceptors } from 'undici';
import type { Driver } from 'unstorage';

export const cache: KeyValueCache<string> = new SharedMemoryCache();
type SecondaryStorage = NonNullable<BetterAuthOptions['secondaryStorage']>;
export const storage: SecondaryStorage = secondaryStorage();
export const limits: RateStore = new RateLimitStore();
export const six: KeyvStorageAdapter = new KeyvAdapter();
export const mounted: Driver = driver();
rateLimit({ store: new RateLimitStore() });
session({ secret: 'secret', store: new SessionStore() });
new Keyv({ store: new KeyvAdapter() });
bentostore().useL1Layer(memoryDriver()).useL2Layer(sharedMemoryDriver()).useBus(sharedMemoryBus());
new Server({ adapter: createAdapter({ name: 'chat' }) });
useResponseCache({ session: () => null, cache: createCache() });
interceptors.cache({ store: new CacheStore() });
fastify().register(fastifyRateLimit, { store: createRateLimitStore() });
registerMetrics(new Registry(), {});
registerMetrics(metrics.getMeter('test'), {});
