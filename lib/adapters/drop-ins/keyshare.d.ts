/** The contract of `createStore`, the store of native-keyshare. A part of `index.d.ts`. */
import type { Key } from '../../store/interface.js';

/**
 * The named store of native-keyshare: the same store in every thread of the process, and the same
 * as a `SharedStore` of that name (default `'default'`). A thread has one object of each name.
 */
export declare function createStore<V = unknown>(name?: string): KeyshareStore<V>;

/** What `createStore` gives. It throws as a `SharedStore` does. */
export interface KeyshareStore<V = unknown> {
  /** Stores a copy; `false` if another thread kept the key locked for a second. */
  set(key: Key, value: V, options?: KeyshareSetOptions): boolean;
  /** A copy of the value, or `undefined`; `ERR_LOCK_TIMEOUT` if the key was locked for a second. */
  get(key: Key, skipLock?: boolean): V | undefined;
  /**
   * Removes an entry, or all that match a pattern: a glob (`*`, `?`), or a regular expression as
   * `/text/` or `RegExp` (flags `i`, `m`, `s`) without look-around and back-references, which are
   * `ERR_INVALID_PATTERN`. Patterns take linear time. Gives whether something was removed.
   */
  delete(pattern: Key | RegExp): boolean;
  /** The live keys, or those that match a pattern; in no order. */
  listKeys(pattern?: Key | RegExp): string[];
  /** As `lock` of `SharedStore`; other threads' `set`, `get` and `delete` wait for it. */
  lock(key: Key, timeout?: number): boolean;
  /** Releases a lock; `false` if this thread does not hold it. */
  release(key: Key): boolean;
  /** Removes every entry. */
  clear(): void;
  /** Ends this thread's use, and leaves the others their data. */
  close(): void;
}

/** Options of `set`. */
export interface KeyshareSetOptions {
  /** Seconds to live, more than 0. Default: for ever. */
  readonly ttl?: number | undefined;
  /** Accepted, and of no effect; so is `immutable`. */
  readonly minBufferSize?: number | undefined;
  readonly immutable?: boolean | undefined;
  /** Whether not to wait for a thread that has locked the key. Default: `false`. */
  readonly skipLock?: boolean | undefined;
}
