/// <reference lib="esnext.disposable" />
/** The contract of `NodeShareCache`, of node-share-memory-cache. A part of `index.d.ts`. */
import type { SharedStats } from '../../shared/shared-store.js';
import type { Bytes, Key, Milliseconds } from '../../store/interface.js';

/**
 * A cache that all processes of a user on a machine share, by name. It grows as it is filled, up to
 * its limit, then evicts the entries that were read least (S3-FIFO), and gives memory back when it
 * empties. Values are copied in and out.
 *
 * It is a `SharedStore` of that name with scope `'processes'` and `whenFull: 'evict'`, and stays
 * when the last process exits.
 */
export declare class NodeShareCache<V = unknown> {
  /**
   * Opens a cache, or joins the one of that name (default `'default'`). It throws as `SharedStore`.
   *
   * @param sizeBytes Checked, and of no effect: the cache takes what it needs.
   * @param renew Whether to empty it first, for every process. Default: `false`.
   */
  constructor(name?: string, sizeBytes?: Bytes, renew?: boolean, options?: NodeShareCacheOptions);
  /** Accepted, and of no effect: readers take no lock, and writers are always safe. */
  setLock(isOn: boolean): void;
  /** Accepted, and of no effect: nothing is ever written to standard output. */
  setLogLevel(level: 1 | 2 | 3): void;
  readonly [Symbol.toStringTag]: 'NodeShareCache';
}

export interface NodeShareCache<V = unknown> extends ProcessCache<V> {}

/** The verbs of `NodeShareCache` and `ShmCache`; what says nothing is as in `SharedStore`. */
export interface ProcessCache<V> {
  /** A copy of the value under `key`, or `undefined` if there is none or it is too old. */
  get(key: Key): V | undefined;
  /**
   * Stores a copy. `maxAgeMs` is more than 0, `Infinity` for ever; without it, what `setMaxAge` or
   * option `maxAge` says counts.
   */
  set(key: Key, value: V, maxAgeMs?: Milliseconds): true;
  /** Removes the entry under `key`; `false` if there was none. */
  del(key: Key): boolean;
  /** The age of what this object sets from now on without one of its own. At first it is 2000. */
  setMaxAge(ms: Milliseconds): void;
  /**
   * The limit of the cache, for everybody: 256 KiB … 16 GiB, at first 800 MiB. Less than 4 MiB is
   * 4 MiB. A store of that name that was made with `maxBytes` takes no more than that.
   */
  setMaxSize(bytes: Bytes): void;
  stats(): SharedStats;
  close(): void;
  destroy(): void;
  [Symbol.dispose](): void;
}

/** Options of {@link NodeShareCache}. */
export interface NodeShareCacheOptions {
  /** The folder of the cache's file, as option `path` of a `SharedStore`. */
  readonly path?: string | undefined;
}
