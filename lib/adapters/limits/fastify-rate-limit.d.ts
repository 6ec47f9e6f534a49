/** The contract of `shared-memory-store/fastify-rate-limit`. */
import type { Milliseconds } from '../../store/interface.js';
import type { AdapterOptions } from '../core/adapter-options.js';

/**
 * Makes a class for option `store` of @fastify/rate-limit. A route is one counter in all processes.
 *
 * @example
 * await fastify.register(rateLimit, { max: 100, store: createRateLimitStore({ name: 'api' }) });
 */
declare function createRateLimitStore(
  options?: createRateLimitStore.Options,
): createRateLimitStore.RateLimitStoreClass;

declare namespace createRateLimitStore {
  export interface Options extends AdapterOptions {
    /** Default: `'fastify-rate-limit:'`. */
    readonly prefix?: string | undefined;
    /** When the store fails: hand the error on, or let requests pass. Default: `'closed'`. */
    readonly onError?: 'open' | 'closed' | undefined;
  }
  export interface RateLimitStoreClass {
    // biome-ignore lint/suspicious/noExplicitAny: the options of the plugin
    new (parameters?: any): RateLimitStore;
    /** Closes the store, if it was opened for this class. */
    close(): unknown;
  }
  export interface RateLimitStore {
    incr(key: string, callback: Callback, windowMs: Milliseconds, max: number): void;
    /** Looks, and counts nothing. */
    read(key: string, callback: Callback): void;
    // biome-ignore lint/suspicious/noExplicitAny: the options of a route
    child(parameters: any): RateLimitStore;
  }
  export type Callback = (
    error: Error | null,
    counted?: { current: number; ttl: Milliseconds },
  ) => void;
  export { createRateLimitStore, createRateLimitStore as default };
}

export = createRateLimitStore;
