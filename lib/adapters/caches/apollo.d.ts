/** The contract of `shared-memory-store/apollo`: a `KeyValueCache` of @apollo/utils.keyvaluecache. */
import type { AdapterOptions } from '../core/adapter-options.js';

/**
 * What option `cache` of Apollo Server takes. Values are copied, not made text.
 *
 * @example
 * new ApolloServer({ typeDefs, resolvers, cache: new SharedMemoryCache({ name: 'graphql' }) });
 */
declare class SharedMemoryCache<V = string> {
  constructor(options?: SharedMemoryCache.Options);
  get(key: string): Promise<V | undefined>;
  /** `ttl` is in seconds; without one, option `ttl` counts. */
  set(key: string, value: V, options?: { ttl?: number | null }): Promise<void>;
  delete(key: string): Promise<boolean>;
  /** Closes the store, if the cache opened it. */
  close(): Promise<void>;
}

declare namespace SharedMemoryCache {
  export interface Options extends AdapterOptions {
    /** Default: `'apollo:'`. */
    readonly prefix?: string | undefined;
  }
  export { SharedMemoryCache, SharedMemoryCache as default };
}

export = SharedMemoryCache;
