/** The contract of `shared-memory-store/better-auth`. */
import type { AdapterOptions } from '../core/adapter-options.js';

/**
 * Makes what option `secondaryStorage` of better-auth takes.
 *
 * @example
 * betterAuth({ database, secondaryStorage: secondaryStorage({ name: 'auth' }) });
 */
declare function secondaryStorage(options?: secondaryStorage.Options): secondaryStorage.Storage;

declare namespace secondaryStorage {
  export interface Options extends AdapterOptions {
    /** Default: `'better-auth:'`. */
    readonly prefix?: string | undefined;
  }
  /** Times to live are in seconds. */
  export interface Storage {
    get(key: string): Promise<unknown>;
    getAndDelete(key: string): Promise<unknown>;
    set(key: string, value: string, ttl?: number): Promise<void>;
    /** Gives the new count; `ttl` counts for a counter that is new. */
    increment(key: string, ttl?: number): Promise<number>;
    delete(key: string): Promise<void>;
    listKeys(): Promise<string[]>;
    clear(): Promise<void>;
    /** Closes the store, if it was opened here. */
    close(): Promise<void>;
  }
  export { secondaryStorage, secondaryStorage as default };
}

export = secondaryStorage;
