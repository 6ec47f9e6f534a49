/// <reference lib="esnext.disposable" />
/**
 * The contract of `shared-memory-store`: what `require('shared-memory-store')` gives.
 *
 * `require` returns the class `MemoryStore` itself; every other export is a property of it, so
 * that `require`, default import and named imports all work. All times are milliseconds.
 */

/**
 * A store of one isolate: any JavaScript value by reference, under string keys, with an
 * exact time to live. Use one store per purpose; a store is cheap (about 2 KB when empty).
 *
 * @typeParam V The type of the values. Default: `unknown`.
 *
 * @example
 * const MemoryStore = require('shared-memory-store');
 * const sessions = new MemoryStore({ cleanupInterval: 5000 });
 * sessions.set('session:abc', { userId: 123 }, { ttl: 30_000 });
 * sessions.get('session:abc'); // { userId: 123 }, the same object, for 30 seconds
 */
declare class MemoryStore<V = unknown> implements Iterable<[MemoryStore.Key, V]> {
  /**
   * Opens an empty store.
   *
   * @param options See {@link MemoryStore.Options}.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` (wrong type), `ERR_UNKNOWN_OPTION` (a name that is
   *   not an option), `ERR_CONSTRUCT_CALL_REQUIRED` (called without `new`).
   * @throws RangeError `ERR_OUT_OF_RANGE`.
   */
  constructor(options?: MemoryStore.Options);

  /**
   * Stores `value` under `key`. Overwriting replaces the value, the form of the key and the
   * deadline, and keeps the entry's place in the order.
   *
   * @param key A string is itself; see {@link MemoryStore.Key} for everything else.
   * @param value Any JavaScript value; `get` gives back the identical one.
   * @param options Without it the entry never expires. A number is a time to live in
   *   milliseconds, as `{ ttl }`.
   * @returns `true`.
   * @throws TypeError `ERR_INVALID_KEY` (a symbol), `ERR_INVALID_ARG_TYPE`, `ERR_UNKNOWN_OPTION`,
   *   `ERR_MISSING_ARGS`; RangeError `ERR_OUT_OF_RANGE`; StoreError `ERR_STORE_CLOSED`,
   *   `ERR_STORE_FULL`. After an error nothing has changed.
   *
   * @example
   * store.set('user:123', { name: 'Alice' });
   * store.set('session:abc', session, { isPermanent: false, maxAgeMs: 30_000 });
   * store.set('session:abc', session, { ttl: 30_000 }); // the same, shorter
   * store.set('session:abc', session, 30_000); // the same again
   */
  set(key: MemoryStore.Key, value: V, options?: MemoryStore.SetOptions | number): true;

  /**
   * The value under `key`, or `undefined` when there is none or its deadline has passed.
   *
   * @example
   * store.get('user:123')?.name;
   */
  get(key: MemoryStore.Key): V | undefined;

  /** Whether a live entry is stored under `key`. */
  has(key: MemoryStore.Key): boolean;

  /** Removes the entry under `key`; `false` when there was none or it had expired. */
  delete(key: MemoryStore.Key): boolean;

  /** Removes every entry. */
  clear(): true;

  /** The number of live entries; an expired one never counts. */
  size(): number;

  /** The live keys in string form, in insertion order (a key set again keeps its place). */
  keys(): string[];

  /** The live keys as they were passed to `set`, in the same order. */
  getKeys(): MemoryStore.Key[];

  /** The live values, in the same order. */
  all(): V[];

  /**
   * Milliseconds until the entry under `key` expires, rounded up; `Infinity` when it never does;
   * `undefined` when there is no live entry.
   */
  ttl(key: MemoryStore.Key): number | undefined;

  /**
   * Gives the live entry under `key` a new deadline, `ttl` milliseconds from now.
   *
   * @param ttl Milliseconds, a whole number, 1 … 2^53.
   * @returns `false` when there is no live entry (nothing happens then).
   */
  touch(key: MemoryStore.Key, ttl: number): boolean;

  /**
   * Iterates over `[key, value]` in insertion order, keys in string form. Live, as in `Map`: an
   * entry that goes before it is reached is not visited, one that comes is.
   */
  entries(): IterableIterator<[string, V]>;

  /** Iterates over the live values in insertion order. */
  values(): IterableIterator<V>;

  /** Calls `callback(value, key, store)` for each live entry in insertion order. */
  forEach<T = undefined>(
    callback: (this: T, value: V, key: string, store: this) => void,
    thisArg?: T,
  ): void;

  /** The same as {@link MemoryStore.entries}. */
  [Symbol.iterator](): IterableIterator<[string, V]>;

  /**
   * Makes a key whose value can be changed: `key.value = 'b'` moves this store's live entry from
   * the old value to `'b'`, in O(1), with its value and deadline. When `'b'` already holds a live
   * entry nothing moves: the key now points at that one. Other stores read the key by its
   * current value and never move an entry. Keys are held weakly.
   *
   * @param initial Any key but a symbol; `createKey(5)` addresses the key `5`.
   *
   * @example
   * const key = store.createKey('user-config');
   * store.set(key, { theme: 'dark' });
   * key.value = 'user-settings';
   * store.get('user-settings'); // { theme: 'dark' }
   */
  createKey<K extends MemoryStore.Key>(initial: K): MemoryStore.MutableKey<K>;

  /** The same as {@link MemoryStore.createKey}. */
  createMutableKey<K extends MemoryStore.Key>(initial: K): MemoryStore.MutableKey<K>;

  /**
   * Starts the background sweep of expired entries.
   *
   * @param intervalMs Milliseconds between two sweeps, a whole number, 1 … 2^31-1. Default: what
   *   the store has (option `cleanupInterval`, or the last start).
   * @returns `true` when this call started it; `false` when an earlier call had (nothing changes
   *   then). A sweeper that started by itself does not count.
   */
  startCleanupTask(intervalMs?: number): boolean;

  /**
   * Stops the background sweep; `true` when one was running. Expiry stays exact: only the
   * release of memory in the background stops.
   */
  stopCleanupTask(): boolean;

  /**
   * Drops every entry and ends the store. Any method but `close` then throws `ERR_STORE_CLOSED`.
   * A store that is garbage-collected closes itself.
   */
  close(): void;

  /** The same as {@link MemoryStore.close}, for `using`. */
  [Symbol.dispose](): void;

  readonly [Symbol.toStringTag]: 'MemoryStore';
}

declare namespace MemoryStore {
  /** Options of the constructor. */
  export interface Options {
    /** Milliseconds between two background sweeps: a whole number, 1 … 2^31-1. Default: 60000. */
    readonly cleanupInterval?: number | undefined;
    /**
     * Whether the background sweep starts by itself with the first entry that has a deadline.
     * Default: `true`.
     */
    readonly autoStartCleanup?: boolean | undefined;
  }

  /** Options of `set`. */
  export interface SetOptions {
    /** Milliseconds until the entry expires: a whole number, 1 … 2^53. Default: it never does. */
    readonly ttl?: number | undefined;
    /**
     * `false` together with `maxAgeMs > 0` makes the entry expire; `ttl`, where given, decides
     * alone. Default: `true`.
     */
    readonly isPermanent?: boolean | undefined;
    /**
     * Milliseconds until an entry with `isPermanent: false` expires: a whole number, 0 … 2^53, 0
     * for never. Without `isPermanent` it has no effect (and warns once). Default: 0.
     */
    readonly maxAgeMs?: number | undefined;
  }

  /**
   * What addresses an entry. A string is itself, exactly. A mutable key is its current value.
   * Number, bigint, boolean, `null` and `undefined` are `String(key)`: `1` and `'1'` are one key.
   * An object is its `JSON.stringify`; what JSON cannot say (a function, a cycle, a throwing
   * `toJSON`) is a key by identity, in string form `'[object Object #7]'`. A symbol is refused.
   */
  export type Key = string | number | bigint | boolean | null | undefined | object;

  /** A key whose value can be changed; see {@link MemoryStore.createKey}. */
  export interface MutableKey<K extends Key = Key> {
    /** The current value; assigning renames the entry in the store that made the key. */
    value: K | Key;
    /** The current value in string form. */
    toString(): string;
    /** The current value in string form. */
    valueOf(): string;
    /** The current value in string form. */
    toJSON(): string;
  }

  /** The state of a store made a call impossible: `ERR_STORE_CLOSED`, `ERR_STORE_FULL`, … */
  export class StoreError extends Error {
    constructor(code: string, message: string);
    /** Stable, part of the API: `ERR_…`. */
    readonly code: string;
  }

  // The class once more, for named imports, and for default imports without `esModuleInterop`.
  export { MemoryStore, MemoryStore as default };
}

export = MemoryStore;
