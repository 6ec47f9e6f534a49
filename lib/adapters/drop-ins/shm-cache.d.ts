/// <reference lib="esnext.disposable" />
/**
 * The contract of `ShmCache`, the other cache of node-share-memory-cache. A part of `index.d.ts`.
 */
import type MemoryStore = require('../../../index.js');

/**
 * A cache that begins empty with a program and that the program's other processes join: a
 * `NodeShareCache` that knows by itself when to renew. The first process to open it empties it,
 * unless another one has it open. Workers of a `cluster`, children of `child_process.fork` (and
 * whatever else was started with an IPC channel, as some process managers do) and worker threads
 * never do.
 *
 * @typeParam V The type of the values. Default: `unknown`.
 *
 * @example
 * const { ShmCache } = require('shared-memory-store');
 * const cache = new ShmCache({ name: 'pages', maxAge: 60_000 }); // in the primary and in workers
 * cache.set('page:1', '<h1>1</h1>');
 * cache.get('page:1'); // in every process
 */
export declare class ShmCache<V = unknown> {
  /**
   * Opens a cache, or joins the one of that name.
   *
   * @param options See {@link ShmCacheOptions}.
   * @throws As `NodeShareCache`.
   */
  constructor(options?: ShmCacheOptions);

  /** A copy of the value under `key`, or `undefined` when there is none or it is too old. */
  get(key: MemoryStore.Key): V | undefined;

  /**
   * Stores a copy of `value` under `key`, for all processes at once.
   *
   * @param maxAgeMs Milliseconds to live: a whole number, 1 … 2^53. Default: option `maxAge`.
   * @returns `true`.
   * @throws As `set` of `NodeShareCache`.
   */
  set(key: MemoryStore.Key, value: V, maxAgeMs?: number): true;

  /** Removes the entry under `key`; `false` when there was none. */
  del(key: MemoryStore.Key): boolean;

  /** What all processes have done since the store was built, and what it holds. */
  stats(): MemoryStore.SharedStats;

  /** Ends the use of this object; everything stays for the others, and for who opens it next. */
  close(): void;

  /** As `destroy` of `NodeShareCache`. */
  destroy(): void;

  /** The same as {@link ShmCache.close}, for `using`. */
  [Symbol.dispose](): void;

  readonly [Symbol.toStringTag]: 'ShmCache';
}

/** Options of {@link ShmCache}. */
export interface ShmCacheOptions {
  /** 1 to 255 characters. Default: `'default'`. */
  readonly name?: string | undefined;
  /** Bytes, 1 … 256 GiB. A hint, checked and of no effect: the cache takes what it needs. */
  readonly size?: number | undefined;
  /** Milliseconds to live of what is set without an age of its own, 1 … 2^53. Default: 2000. */
  readonly maxAge?: number | undefined;
  /**
   * Bytes at the most, 256 KiB … 16 GiB, for everybody, whichever process gives it. What is below
   * 4 MiB counts as 4 MiB. Default: 800 MiB, or what the cache has that is there.
   */
  readonly maxSize?: number | undefined;
  /** The folder of the cache's file, as option `path` of a `SharedStore`. */
  readonly path?: string | undefined;
}
