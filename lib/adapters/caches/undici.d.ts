/** The contract of `shared-memory-store/undici`. */
import type { Bytes } from '../../store/interface.js';
import type { AdapterOptions } from '../core/adapter-options.js';

/**
 * What option `store` of undici's cache interceptor takes.
 *
 * @example
 * const cached = interceptors.cache({ store: new CacheStore({ name: 'http' }) });
 * setGlobalDispatcher(new Agent().compose(cached));
 */
declare class CacheStore {
  constructor(options?: CacheStore.Options);
  /** Throws if a store fails at once. What fails later is a process warning, and no answer. */
  get(key: CacheStore.Any): CacheStore.Any;
  createWriteStream(key: CacheStore.Any, value: CacheStore.Any): CacheStore.Any;
  /** Removes the answers of a resource, of all methods. What fails is told by a process warning. */
  delete(key: CacheStore.Any): void | Promise<void>;
  /** Closes the store, if this object opened it. */
  close(): unknown;
}

declare namespace CacheStore {
  // biome-ignore lint/suspicious/noExplicitAny: requests, answers and streams, as undici has them
  export type Any = any;
  export interface Options extends Omit<AdapterOptions, 'ttl'> {
    /** Default: `'undici:'`. */
    readonly prefix?: string | undefined;
    /** An answer of this size or more is not kept. Default: 5 MiB. */
    readonly maxEntrySize?: Bytes | undefined;
  }
  export { CacheStore, CacheStore as default };
}

export = CacheStore;
