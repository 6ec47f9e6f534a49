/// <reference lib="esnext.disposable" />
/**
 * The contract of `NodeShareCache`, the cache of node-share-memory-cache. A part of `index.d.ts`.
 */
import type MemoryStore = require('../../../index.js');

/**
 * A cache that all processes of a user on a machine share, by name: what one of them sets is there
 * in every other when `set` returns, for its age and not a millisecond longer. It grows as it is
 * filled, up to its limit, then evicts what was read least (S3-FIFO), and gives memory back when
 * it empties. Values are copied in and out.
 *
 * The same store as a `SharedStore` of that name with scope `'processes'` and `whenFull: 'evict'`.
 * It stays when the last process ends. Its memory is `/dev/shm`, or the folder `path`.
 *
 * @typeParam V The type of the values. Default: `unknown`.
 *
 * @example
 * const { NodeShareCache } = require('shared-memory-store');
 * const cache = new NodeShareCache('pages');
 * cache.set('page:1', '<h1>1</h1>', 60_000);
 * cache.get('page:1'); // in every process, for a minute
 * cache.del('page:1'); // true
 */
export declare class NodeShareCache<V = unknown> {
  /**
   * Opens a cache, or joins the one of that name.
   *
   * @param name 1 to 255 characters. Default: `'default'`.
   * @param sizeBytes A hint of the first size: a whole number of bytes, 1 … 256 GiB. Checked, and
   *   of no effect: the cache takes what it needs. Default: 800 MiB.
   * @param renew Whether to empty it first, for everybody; who has it open goes on. Default:
   *   `false`.
   * @throws StoreError `ERR_STORE_MISMATCH` when the store of that name does not evict; otherwise
   *   as `SharedStore` with scope `'processes'`. TypeError, RangeError.
   */
  constructor(name?: string, sizeBytes?: number, renew?: boolean, options?: NodeShareCacheOptions);

  /** A copy of the value under `key`, or `undefined` when there is none or it is too old. */
  get(key: MemoryStore.Key): V | undefined;

  /**
   * Stores a copy of `value` under `key`, for all processes at once.
   *
   * @param maxAgeMs Milliseconds to live: a whole number, 1 … 2^53. Default: what
   *   {@link NodeShareCache.setMaxAge} says.
   * @returns `true`.
   * @throws TypeError `ERR_NOT_CLONEABLE`, `ERR_INVALID_KEY`, `ERR_INVALID_ARG_TYPE`,
   *   `ERR_MISSING_ARGS`; RangeError `ERR_OUT_OF_RANGE`, `ERR_TOO_LARGE` (more than the cache can
   *   ever hold); StoreError `ERR_STORE_CLOSED`, `ERR_STORE_FULL` (no memory is left on the
   *   machine). Nothing has changed then.
   */
  set(key: MemoryStore.Key, value: V, maxAgeMs?: number): true;

  /** Removes the entry under `key`; `false` when there was none. */
  del(key: MemoryStore.Key): boolean;

  /**
   * The age of what this object sets from now on without one of its own.
   *
   * @param ms A whole number of milliseconds, 1 … 2^53. Default: 2000.
   */
  setMaxAge(ms: number): void;

  /**
   * The limit of the whole cache, for everybody, from now on. A smaller one evicts at once.
   *
   * @param bytes A whole number, 256 KiB … 16 GiB, or as much as the store was made for (the
   *   `maxBytes` of a `SharedStore`). What is below 4 MiB counts as 4 MiB. Default: 800 MiB.
   * @throws RangeError `ERR_OUT_OF_RANGE`.
   */
  setMaxSize(bytes: number): void;

  /** Accepted, and of no effect: readers take no lock, and writers are always safe. */
  setLock(isOn: boolean): void;

  /** Accepted, and of no effect: nothing is ever written to standard output. */
  setLogLevel(level: 1 | 2 | 3): void;

  /** What all processes have done since the store was built, and what it holds. */
  stats(): MemoryStore.SharedStats;

  /** Ends the use of this object; everything stays for the others, and for who opens it next. */
  close(): void;

  /**
   * Removes the cache's name and closes this object. Others that have it open go on until they
   * close it; whoever opens the name from then on gets a new, empty cache.
   *
   * @throws StoreError `ERR_STORE_UNAVAILABLE` when the system refuses to remove the file.
   */
  destroy(): void;

  /** The same as {@link NodeShareCache.close}, for `using`. */
  [Symbol.dispose](): void;

  readonly [Symbol.toStringTag]: 'NodeShareCache';
}

/** Options of {@link NodeShareCache}. */
export interface NodeShareCacheOptions {
  /** The folder of the cache's file, as option `path` of a `SharedStore`. */
  readonly path?: string | undefined;
}
