/** The contract of `shared-memory-store/next/use-cache`: for `cacheHandlers` of Next.js 15 and 16. */
import type { AdapterOptions } from '../../core/adapter-options.js';

// biome-ignore lint/suspicious/noExplicitAny: entries with their streams, as Next.js has them
type Any = any;

/**
 * What `'use cache'` keeps, of all servers of a machine. Options are as for `/next`.
 *
 * @example
 * // next.config.js
 * const handler = require.resolve('shared-memory-store/next/use-cache');
 * module.exports = { cacheComponents: true, cacheHandlers: { default: handler, remote: handler } };
 */
declare namespace handler {
  export function get(key: string, softTags: string[]): Promise<Any>;
  export function set(key: string, pending: Promise<Any>): Promise<void>;
  export function refreshTags(): Promise<void>;
  export function getExpiration(...tags: Any[]): Promise<number>;
  export function updateTags(tags: string[], durations?: { expire?: number }): Promise<void>;
  /** Of Next.js 15. */
  export function expireTags(...tags: Any[]): Promise<void>;
  /** The object with options of your own: `module.exports = createUseCacheHandler({ … })`. */
  export function createUseCacheHandler(options?: AdapterOptions): Omit<typeof handler, Others>;
  type Others = 'createUseCacheHandler' | 'default';

  export { handler as default };
}

export = handler;
