/** The contract of `shared-memory-store/unstorage`: a driver for unstorage 1 and 2. */
import type { AdapterOptions } from '../core/adapter-options.js';

/**
 * A driver of unstorage. Nitro, Nuxt and Astro take it by name, with options that JSON can say.
 *
 * @example
 * const storage = createStorage({ driver: driver({ name: 'app' }) });
 * export default defineNitroConfig({
 *   storage: { cache: { driver: 'shared-memory-store/unstorage', name: 'app' } },
 * });
 */
declare function driver(options?: driver.Options): driver.Driver;

declare namespace driver {
  export interface Options extends AdapterOptions {
    /** As `prefix`, with a colon after it: what other drivers call it. */
    readonly base?: string | undefined;
    /** What a framework's configuration says besides; of no effect. */
    readonly driver?: string | undefined;
  }
  /** At once over a store that answers at once. */
  export type Later<T> = T | Promise<T>;
  // biome-ignore lint/suspicious/noExplicitAny: options of calls, and values, as unstorage has them
  type Any = any;
  export interface Driver {
    name: string;
    options: Any;
    flags: { ttl: true };
    getInstance(): Any;
    hasItem(key: string, options?: Any): Later<boolean>;
    getItem(key: string, options?: Any): Later<Any>;
    getItemRaw(key: string, options?: Any): Later<Any>;
    getItems(items: { key: string; options?: Any }[]): Later<{ key: string; value: Any }[]>;
    /** `ttl` is in seconds. */
    setItem(key: string, value: string, options?: Any): Later<void>;
    setItemRaw(key: string, value: Any, options?: Any): Later<void>;
    removeItem(key: string, options?: Any): Later<void>;
    /** `ttl`: the seconds that are left. */
    getMeta(key: string, options?: Any): Later<{ ttl?: number } | null>;
    getKeys(base: string, options?: Any): Later<string[]>;
    clear(base: string, options?: Any): Later<void>;
    /**
     * Tells what anybody changes, until its result is called; over a store that tells no changes,
     * there is none. The empty key: all of them, or some that are not known.
     */
    watch?: (listener: (event: 'update' | 'remove', key: string) => Any) => Later<() => void>;
    /** Ends what watches, and closes the store, if the driver opened it. */
    dispose(): Later<void>;
  }
  export { driver, driver as default };
}

export = driver;
