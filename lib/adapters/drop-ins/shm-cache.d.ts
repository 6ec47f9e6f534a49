/** The contract of `ShmCache`, of node-share-memory-cache. A part of `index.d.ts`. */
import type { Bytes, Milliseconds } from '../../store/interface.js';
import type { ProcessCache } from './node-share-cache.js';

/**
 * A `NodeShareCache` that begins empty with a program and that the program's other processes join.
 * The first process to open it empties it, unless another one has it open. Workers of a `cluster`,
 * children of `child_process.fork` (and all others started with an IPC channel) and worker threads
 * never empty it.
 */
export declare class ShmCache<V = unknown> {
  /** Opens a cache, or joins the one of that name. It throws as `NodeShareCache`. */
  constructor(options?: ShmCacheOptions);
  readonly [Symbol.toStringTag]: 'ShmCache';
}

export interface ShmCache<V = unknown> extends ProcessCache<V> {}

/** Options of {@link ShmCache}. */
export interface ShmCacheOptions {
  /** 1 to 255 characters. Default: `'default'`. */
  readonly name?: string | undefined;
  /** Checked, and of no effect: the cache takes what it needs. */
  readonly size?: Bytes | undefined;
  /** Time to live of what is set without an age of its own. Default: 2000. */
  readonly maxAge?: Milliseconds | undefined;
  /** As `setMaxSize` has it, for everybody. Default: 800 MiB, or what the cache has. */
  readonly maxSize?: Bytes | undefined;
  /** The folder of the cache's file, as option `path` of a `SharedStore`. */
  readonly path?: string | undefined;
}
