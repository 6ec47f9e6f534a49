/// <reference lib="esnext.disposable" />
/**
 * The contract of `shared-memory-store/memory-store`: a store of one process behind promises.
 *
 * What `harpiats/memory-store` documents, and more; a drop-in for it. All times are milliseconds.
 */
import LocalStore = require('../../../index.js');

/**
 * What a `Session` keeps its data in: anything with `get`, `set` and `delete`.
 *
 * @typeParam T The type of the values. Default: `any`, as in Harpia.
 *
 * @example
 * const redisStore: Store = {
 *   get: async (id) => JSON.parse((await redis.get(`session:${id}`)) ?? 'null') ?? undefined,
 *   set: async (id, data, { ttl } = {}) => {
 *     await redis.set(`session:${id}`, JSON.stringify(data), ttl ? { PX: ttl } : {});
 *   },
 *   delete: async (id) => {
 *     await redis.del(`session:${id}`);
 *   },
 *   touch: (id, ttl) => redis.pExpire(`session:${id}`, ttl),
 * };
 */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's `Store` must compile
export interface Store<T = any> {
  /** The data under an id, or `undefined`. */
  get(id: string): Promise<T | undefined>;
  /**
   * Stores data under an id.
   *
   * @param options `ttl`: the milliseconds after which the data should be gone. Only a `Session`
   *   with a `ttl` passes it; in a store that ignores it, sessions do not end.
   */
  set(id: string, data: T, options?: { readonly ttl?: number | undefined }): Promise<void>;
  /** Removes the data under an id, if there are any. */
  delete(id: string): Promise<void>;
  /** Optional: a new deadline for data that are there; `false` when there are none. */
  touch?(id: string, ttl: number): Promise<boolean>;
  /**
   * Optional: changes data that are there, atomically, and keeps their deadline; `false` when
   * there are none. See {@link MemoryStore.update}.
   */
  update?(id: string, change: (data: NoInfer<T>) => NoInfer<T> | undefined): Promise<boolean>;
}

/** Options of the constructor. */
export interface Options<T = unknown> extends LocalStore.Options<T> {
  /**
   * Milliseconds until an entry that is set without a `ttl` of its own expires: a whole number,
   * 1 … 2^53. Default: it never does.
   */
  readonly ttl?: number | undefined;
}

/** Options of `set`. */
export interface SetOptions {
  /** Milliseconds until the entry expires: a whole number, 1 … 2^53. Default: the store's. */
  readonly ttl?: number | undefined;
}

/**
 * A store of one process whose methods give promises: any JavaScript value by reference (but one
 * with a `then` method, which a promise cannot carry), under string keys.
 *
 * The calls on one key take effect in the order in which they were made. They do so within the
 * call, unless an {@link MemoryStore.update} of the same key is under way; another key never
 * waits. No method throws: bad arguments reject the promise, and change nothing.
 *
 * @typeParam T The type of the values. Default: `any`, as in Harpia.
 *
 * @example
 * const store = new MemoryStore({ ttl: 1_800_000, maxEntries: 100_000 });
 * await store.set('session123', { userId: 1, username: 'Alice' });
 * await store.get('session123'); // { userId: 1, username: 'Alice' }, the same object
 */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's must compile
export declare class MemoryStore<T = any> implements Store<T> {
  /**
   * Opens an empty store.
   *
   * @param options Those of the in-process store (`maxEntries`, `maxSize` with `sizeOf`,
   *   `cleanupInterval`, `autoStartCleanup`), and `ttl`.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_UNKNOWN_OPTION`,
   *   `ERR_CONSTRUCT_CALL_REQUIRED`; RangeError `ERR_OUT_OF_RANGE`.
   */
  constructor(options?: Options<T>);

  /**
   * The value under `key`, or `undefined` when there is none or its deadline has passed.
   *
   * All methods reject with a TypeError `ERR_INVALID_ARG_TYPE` (a key that is not a string, and
   * other wrong types), and after `close` with a StoreError `ERR_STORE_CLOSED`.
   */
  get(key: string): Promise<T | undefined>;

  /** Whether a live entry is stored under `key`. */
  has(key: string): Promise<boolean>;

  /**
   * Stores `value` under `key`, in place of what is there, its deadline included.
   *
   * @param options A number is a time to live, as `{ ttl }`.
   *
   * Rejects with TypeError `ERR_MISSING_ARGS`, `ERR_UNKNOWN_OPTION`; RangeError
   * `ERR_OUT_OF_RANGE`; StoreError `ERR_STORE_FULL`.
   */
  set(key: string, value: T, options?: SetOptions | number): Promise<void>;

  /** Removes the entry under `key`, if there is one. */
  delete(key: string): Promise<void>;

  /**
   * Gives the live entry under `key` a new deadline, `ttl` milliseconds from now.
   *
   * @param ttl A whole number, 1 … 2^53.
   * @returns `false` when there is no live entry.
   */
  touch(key: string, ttl: number): Promise<boolean>;

  /**
   * Changes the value under `key`: nothing else happens to that key between the look at the old
   * value and the storing of the new one. The entry keeps its deadline.
   *
   * Without a live entry `change` is not called, and an entry that ends while `change` runs (it
   * expires, or is evicted) stays away: an update never makes an entry.
   *
   * An async `change` that awaits a call on its own key waits for itself, for ever.
   *
   * @param change Gets the value, and gives the new one, or `undefined` to leave it as it is. It
   *   may be async or not. What it throws rejects the promise, and nothing has changed then.
   * @returns `false` when there was no live entry, or none any more.
   *
   * @example
   * await store.update('visits', (count) => count + 1);
   */
  update(
    key: string,
    change: (value: T) => T | undefined | PromiseLike<T | undefined>,
  ): Promise<boolean>;

  /** Removes every entry; those whose update is under way in their turn. */
  clear(): Promise<void>;

  /**
   * Drops every entry and ends the store, at once. Every other method rejects from then on, and
   * so do updates that are under way. A store that is garbage-collected closes itself.
   */
  close(): Promise<void>;

  /** The same as {@link MemoryStore.close}, for `using`. */
  [Symbol.dispose](): void;

  /** The same as {@link MemoryStore.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;

  readonly [Symbol.toStringTag]: 'MemoryStore';
}
