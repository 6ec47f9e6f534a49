/** The contract of `shared-memory-store/envelop`: a cache for `useResponseCache`. */
import type { Milliseconds } from '../../store/interface.js';
import type { AdapterOptions } from '../core/adapter-options.js';

/**
 * A cache of responses for Envelop and GraphQL Yoga. What one process invalidates, all have lost.
 *
 * @example
 * useResponseCache({ session: () => null, cache: createCache({ name: 'graphql' }) });
 */
declare function createCache(options?: createCache.Options): createCache.Cache;

declare namespace createCache {
  export interface Options extends AdapterOptions {
    /** The name of an entity. Default: `${typename}:${id}`. */
    readonly buildEntityId?: ((typename: string, id: string | number) => string) | undefined;
  }
  export interface Entity {
    typename: string;
    id?: string | number;
  }
  /** At once over a store that answers at once. */
  export type Later<T> = T | Promise<T>;
  // biome-ignore lint/suspicious/noExplicitAny: what GraphQL gives, whose types may be absent
  type Result = any;
  export interface Cache {
    get(id: string): Later<Result | null>;
    /** What cannot be stored is told by a process warning. `ttl` may be `Infinity`. */
    set(id: string, result: Result, entities: Iterable<Entity>, ttl: Milliseconds): Later<void>;
    /**
     * Removes the responses that hold an entity, or one of a type. Throws nothing: a failure is a
     * process warning, and rejects for who awaits it.
     */
    invalidate(entities: Iterable<Entity>): Later<void>;
    /** Closes the store, if the cache opened it. */
    close(): Later<void>;
  }
  export { createCache, createCache as default };
}

export = createCache;
