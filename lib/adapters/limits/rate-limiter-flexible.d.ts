/** The contract of `shared-memory-store/rate-limiter-flexible`, which needs that package. */
import type { AdapterOptions, AnyStore } from '../core/adapter-options.js';

/**
 * A limiter of rate-limiter-flexible, with all options of its store limiters.
 *
 * @example
 * const limiter = new RateLimiterSharedMemory({ name: 'logins', points: 5, duration: 60 });
 * await limiter.consume(ip); // rejects with how long to wait
 */
declare class RateLimiterSharedMemory {
  constructor(options?: RateLimiterSharedMemory.Options);
  consume(key: string | number, points?: number, options?: object): Promise<Result>;
  penalty(key: string | number, points?: number, options?: object): Promise<Result>;
  reward(key: string | number, points?: number, options?: object): Promise<Result>;
  block(key: string | number, seconds: number, options?: object): Promise<Result>;
  set(key: string | number, points: number, seconds: number, options?: object): Promise<Result>;
  get(key: string | number, options?: object): Promise<Result | null>;
  delete(key: string | number, options?: object): Promise<boolean>;
  getKey(key: string | number): string;
  /** Closes the store, if the limiter opened it. */
  close(): unknown;
  points: number;
  duration: number;
  blockDuration: number;
  keyPrefix: string;
}

type Result = RateLimiterSharedMemory.Result;

declare namespace RateLimiterSharedMemory {
  /** `RateLimiterRes` of that package. */
  export interface Result {
    readonly msBeforeNext: number;
    readonly remainingPoints: number;
    readonly consumedPoints: number;
    readonly isFirstInDuration: boolean;
  }
  export interface Options extends Omit<AdapterOptions, 'prefix' | 'ttl'> {
    /** A store that is open, as `store`. */
    readonly storeClient?: AnyStore | undefined;
    readonly points?: number | undefined;
    /** Seconds. */
    readonly duration?: number | undefined;
    /** Seconds. */
    readonly blockDuration?: number | undefined;
    readonly keyPrefix?: string | undefined;
    /** The others, as that package has them. */
    readonly [option: string]: unknown;
  }
  export { RateLimiterSharedMemory, RateLimiterSharedMemory as default };
}

export = RateLimiterSharedMemory;
