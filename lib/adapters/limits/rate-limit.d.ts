/** The contract of `shared-memory-store/rate-limit`. */
import type { Milliseconds } from '../../store/interface.js';
import type { AdapterOptions } from '../core/adapter-options.js';

/**
 * What `store` of express-rate-limit, express-slow-down and hono-rate-limiter takes, and `context`
 * of elysia-rate-limit. Each limiter has one of its own, with a prefix of its own.
 *
 * @example
 * app.use(rateLimit({ windowMs: 60_000, limit: 100, store: new RateLimitStore({ name: 'api' }) }));
 */
declare class RateLimitStore {
  constructor(options?: RateLimitStore.Options);
  /** `false`: others count the same clients. */
  localKeys: boolean;
  prefix: string;
  /** Called by the limiter, with its window. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of four packages
  init(options: any): void;
  get(key: string): RateLimitStore.Later<RateLimitStore.Client | undefined>;
  increment(key: string, durationMs?: Milliseconds): RateLimitStore.Later<RateLimitStore.Client>;
  decrement(key: string): RateLimitStore.Later<void>;
  resetKey(key: string): RateLimitStore.Later<void>;
  /** Removes the counters of this prefix. */
  resetAll(): RateLimitStore.Later<void>;
  /** Closes the store, if this object opened it. */
  shutdown(): RateLimitStore.Later<void>;
  /** As `resetKey`, or without a key as `resetAll`, for elysia-rate-limit. */
  reset(key?: string): RateLimitStore.Later<void>;
  /** As `shutdown`, for elysia-rate-limit. */
  kill(): RateLimitStore.Later<void>;
}

declare namespace RateLimitStore {
  /** At once over a store that answers at once. */
  export type Later<T> = T | Promise<T>;
  export interface Client {
    totalHits: number;
    resetTime: Date;
    count: number;
    nextReset: Date;
    start: number;
  }
  export interface Options extends AdapterOptions {
    /** Unique to each limiter. Default: `'rl:'`. */
    readonly prefix?: string | undefined;
    /** The window of a limiter that says none. Default: 60000. */
    readonly ttl?: Milliseconds | undefined;
    /** When the store fails: hand the error on, or let requests pass. Default: `'closed'`. */
    readonly onError?: 'open' | 'closed' | undefined;
  }
  export { RateLimitStore, RateLimitStore as default };
}

export = RateLimitStore;
