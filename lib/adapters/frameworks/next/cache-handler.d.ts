/** The contract of `shared-memory-store/next`: the class for `cacheHandler` of Next.js 15 and 16. */
import type { AdapterOptions } from '../../core/adapter-options.js';

// biome-ignore lint/suspicious/noExplicitAny: values and contexts, as Next.js has them
type Any = any;

/**
 * Pages, route handlers, `fetch` and `unstable_cache` of all servers of a machine.
 *
 * Options come from the environment: `SHARED_MEMORY_STORE_NEXT_NAME` (default `'next'`), `…_PATH`,
 * `…_MAX_BYTES`, `…_SCOPE`; or from a file of yours with {@link CacheHandler.createCacheHandler}.
 *
 * @example
 * // next.config.js
 * const cacheHandler = require.resolve('shared-memory-store/next');
 * module.exports = { cacheHandler, cacheMaxMemorySize: 0 };
 */
declare class CacheHandler {
  constructor(context?: Any);
  get(key: string, context?: Any): Promise<Any>;
  set(key: string, value: Any, context?: Any): Promise<void>;
  revalidateTag(tags: string | string[], durations?: { expire?: number }): Promise<void>;
  resetRequestCache(): void;
}

declare namespace CacheHandler {
  /** The class with options of your own: `module.exports = createCacheHandler({ … })`. */
  export function createCacheHandler(options?: AdapterOptions): typeof CacheHandler;
  export { CacheHandler, CacheHandler as default };
}

export = CacheHandler;
