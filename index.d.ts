/// <reference lib="esnext.disposable" />
/**
 * The contract of `shared-memory-store`: what `require('shared-memory-store')` gives.
 *
 * `require` returns the class `MemoryStore` itself; every other export is a property of it, so
 * that `require`, default import and named imports all work. All times are milliseconds.
 */

import nodeShareCache = require('./lib/adapters/drop-ins/node-share-cache.js');
import shmCache = require('./lib/adapters/drop-ins/shm-cache.js');
import shared = require('./lib/shared/shared-store.js');

/**
 * A store of one isolate: any JavaScript value by reference, under string keys, with an
 * exact time to live and, where asked for, a bound. Use one store per purpose; a store is cheap
 * (about 2 KB when empty).
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
  constructor(options?: MemoryStore.Options<V>);

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
   * The value under `key`, as `get`, but neither eviction nor `stats` learns of it.
   *
   * @example
   * store.peek('user:123');
   */
  peek(key: MemoryStore.Key): V | undefined;

  /**
   * Removes the entry under `key` and gives its value; `undefined` when there was none.
   *
   * @example
   * const token = store.take('one-time:abc'); // nobody else gets it
   */
  take(key: MemoryStore.Key): V | undefined;

  /**
   * Stores `value` under `key` if no live entry is there; otherwise changes nothing.
   *
   * @returns Whether it was stored.
   * @throws As `set`.
   */
  add(key: MemoryStore.Key, value: V, options?: MemoryStore.SetOptions | number): boolean;

  /**
   * Stores `value` under `key` if a live entry is there, as `set` would (deadline included);
   * otherwise changes nothing.
   *
   * @returns Whether it was stored.
   * @throws As `set`.
   */
  replace(key: MemoryStore.Key, value: V, options?: MemoryStore.SetOptions | number): boolean;

  /**
   * Adds `by` to the number under `key`. Without a live entry it stores `by`, with the options;
   * an entry that is there keeps its deadline and size, so `{ ttl }` is a window that begins with
   * the first call: the shape of a rate limit.
   *
   * @param by A finite number. Default: 1.
   * @param options Used only when the entry is made. A number is a time to live, as `{ ttl }`.
   * @returns The new number.
   * @throws TypeError `ERR_NOT_A_NUMBER` when something else is stored under `key`; RangeError
   *   `ERR_OUT_OF_RANGE` when the sum is not finite; otherwise as `set`. Nothing has changed then.
   *
   * @example
   * if (store.increment(`hits:${address}`, 1, { ttl: 60_000 }) > 100) throw new TooMany();
   */
  increment(key: MemoryStore.Key, by?: number, options?: MemoryStore.SetOptions | number): number;

  /** Subtracts `by`; see {@link MemoryStore.increment}. */
  decrement(key: MemoryStore.Key, by?: number, options?: MemoryStore.SetOptions | number): number;

  /**
   * The value under `key`; when there is none, what `factory` makes, which is then stored. All
   * who ask for a key while its factory runs wait for that one flight; when it fails, they all get
   * its error, nothing is stored, and the next call tries again. A `set`, `delete`, `clear` or
   * any other write to the key while its factory runs counts as newer: those who wait get what the
   * factory made, but it is not stored.
   *
   * A factory that awaits `getOrSet` of its own key waits for itself, forever.
   *
   * @param factory Gets the key in string form and `{ signal }`, which is aborted once all who
   *   waited have given up; its result counts for nothing then. It may be async or not.
   * @param options See {@link MemoryStore.LoadOptions}. A number is a time to live, as `{ ttl }`.
   * @returns A promise of the value. Bad arguments reject it, as does the signal of the options.
   *
   * @example
   * const page = await store.getOrSet(`page:${id}`, () => render(id), { ttl: 60_000 });
   *
   * @example
   * // Fresh for a minute, then served stale for an hour at the most while one call renews it.
   * const rates = await store.getOrSet('rates', fetchRates, { ttl: 60_000, staleMs: 3_600_000 });
   */
  getOrSet(
    key: MemoryStore.Key,
    factory: MemoryStore.Factory<V>,
    options?: MemoryStore.LoadOptions<V> | number,
  ): Promise<V>;

  /** The values under `keys`, in their order, `undefined` where there is no live entry. */
  getMany(keys: Iterable<MemoryStore.Key>): (V | undefined)[];

  /**
   * Stores many entries. All are checked before the first is stored.
   *
   * @param entries `[key, value]` or `[key, value, options]` each; a `Map` will do.
   * @param options For the entries that bring none of their own. A number is a time to live.
   * @returns `true`.
   * @throws As `set`. Nothing has changed then, but for `ERR_STORE_FULL`, which can come half-way.
   *
   * @example
   * store.setMany([['a', 1], ['b', 2, { ttl: 5000 }]], { ttl: 60_000 });
   */
  setMany(
    entries: Iterable<MemoryStore.ManyEntry<V>>,
    options?: MemoryStore.SetOptions | number,
  ): true;

  /** Removes the entries under `keys`; how many there were. */
  deleteMany(keys: Iterable<MemoryStore.Key>): number;

  /**
   * Calls `listener(key, value, reason)` after each event of a kind; see
   * {@link MemoryStore.Events}. Listeners are called as those of an `EventEmitter`: in order,
   * synchronously, at the end of the call that made the event, and what one throws that call
   * throws (what it did stays done, and the events after it come in a turn of their own). What a
   * listener causes is told to all after what it was told. `expire` is called when the deadline
   * passes, from a timer that does not keep the process alive, or earlier by a call that meets the
   * expired entry; a store that has such a listener lives until its last deadline. A call that is
   * cut off (by the end of the stack, by the timeout of a `vm` script) may change without telling.
   *
   * @returns The store.
   * @throws TypeError `ERR_UNKNOWN_EVENT`, `ERR_INVALID_ARG_TYPE`.
   *
   * @example
   * store.on('evict', (key, value, reason) => log.info({ key, reason }));
   */
  on<E extends keyof MemoryStore.Events<V>>(event: E, listener: MemoryStore.Events<V>[E]): this;

  /** As `on`, for one event only. */
  once<E extends keyof MemoryStore.Events<V>>(event: E, listener: MemoryStore.Events<V>[E]): this;

  /** Removes a listener that `on` or `once` added; without such a listener nothing happens. */
  off<E extends keyof MemoryStore.Events<V>>(event: E, listener: MemoryStore.Events<V>[E]): this;

  /** What the store has done since it was opened, and what it holds. */
  stats(): MemoryStore.Stats;

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
   * Writes all live entries to a file, with their times to live, in a format of its own
   * (docs/snapshots.md). It is written beside `file` and then takes its name, readable by its owner
   * alone: there is never half a snapshot, nor one that is damaged. The event loop goes on
   * meanwhile; what changes while it is written may be in it or not. Values are written as by a
   * structured clone.
   *
   * @param file A path. What is there is replaced.
   * @throws Rejects with TypeError `ERR_NOT_CLONEABLE` (a value is a function, a symbol, …),
   *   `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_UNKNOWN_OPTION`; RangeError
   *   `ERR_TOO_LARGE` (a value of 2 GiB); StoreError `ERR_STORE_CLOSED`; what the system says
   *   (`ENOENT`, `ENOSPC`, …); the reason of the signal. No file is left then.
   *
   * @example
   * process.once('SIGTERM', () => store.snapshot('cache.snapshot').then(() => process.exit()));
   */
  snapshot(
    file: string,
    options?: MemoryStore.SnapshotOptions,
  ): Promise<MemoryStore.SnapshotResult>;

  /**
   * Stores the entries that `snapshot` of a store of either kind wrote to a file, in their order.
   * Entries of the same keys are overwritten, others stay. Times to live have gone on by the wall
   * clock; what is due by now is left out. The whole file is checked before anything changes.
   *
   * Numbers, bigints beyond 2^53, `null`, `true`, … and objects that JSON gives back are keys as
   * they were; other objects are the string of their JSON. A key by identity belongs to an object
   * that no file holds: its entry gets another such string, which is that of no object.
   *
   * @param file A path.
   * @throws Rejects with StoreError `ERR_CORRUPTED` (no snapshot, or a damaged one),
   *   `ERR_UNSUPPORTED_PLATFORM` (Node.js and Bun do not read each other's clones), the errors of
   *   `set` for the sizes of a store with `maxSize`, and all but the first and `ERR_TOO_LARGE` of
   *   `snapshot`. Nothing has changed then, but for `ERR_STORE_FULL`, a store that is closed
   *   meanwhile, an `onProgress` that throws and a signal, which can come half-way.
   *
   * @example
   * await store.restore('cache.snapshot').catch(() => {}); // without one, it begins empty
   */
  restore(file: string, options?: MemoryStore.SnapshotOptions): Promise<MemoryStore.RestoreResult>;

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
  export interface Options<V = unknown> {
    /**
     * Entries at the most: a whole number, 1 … 33,554,431. One more evicts another (S3-FIFO: what
     * was not used again goes first). Default: none, a store then ends with `ERR_STORE_FULL`.
     */
    readonly maxEntries?: number | undefined;
    /**
     * Sum of the sizes of all entries at the most, in whatever unit the sizes are in: a whole
     * number, 1 … 2^53-1. Each entry then needs a `size` or the store a `sizeOf`. Default: none.
     */
    readonly maxSize?: number | undefined;
    /**
     * The size of an entry that is set without `size`: a whole number, 0 … 2^53-1. Only with
     * `maxSize`. The key comes in string form.
     */
    readonly sizeOf?: ((value: V, key: string) => number) | undefined;
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
    /**
     * Counts towards the store's `maxSize`: a whole number, 0 … 2^53-1; larger than `maxSize` is
     * a RangeError. Default: what `sizeOf` says. Only in a store with `maxSize`.
     */
    readonly size?: number | undefined;
  }

  /** An entry for `setMany`. */
  export type ManyEntry<V = unknown> =
    | readonly [key: Key, value: V]
    | readonly [key: Key, value: V, options: SetOptions | number | undefined];

  /** The `AbortSignal` of the program, where its typings (`dom` or Node's) have one. */
  export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
    ? S
    : { readonly aborted: boolean };

  /** Makes the value that `getOrSet` stores. */
  export type Factory<V = unknown> = (
    key: string,
    context: { readonly signal: Signal },
  ) => V | PromiseLike<V>;

  /** Options of `getOrSet`. Those of the call that starts the flight count for its result. */
  export interface LoadOptions<V = unknown> {
    /**
     * Milliseconds for which the result is fresh: a whole number, 1 … 2^53; or computed from it,
     * where 0 means "do not store" and `undefined` "for ever". Default: for ever.
     */
    readonly ttl?: number | ((value: V, key: string) => number | undefined) | undefined;
    /**
     * Milliseconds that the entry lives on after `ttl`, served stale while one call renews it
     * in the background: a whole number, 0 … 2^53. A renewal that fails leaves the stale entry, and
     * the next call tries again. Any entry with at most this long to live counts as stale. To
     * `get`, `has` and `ttl`, stale entries are live. Default: 0.
     */
    readonly staleMs?: number | undefined;
    /** Ends the wait of this call, not that of others. Its reason rejects the promise. */
    readonly signal?: Signal | undefined;
    /** As in `set`, for the result. */
    readonly size?: number | undefined;
  }

  /**
   * The listeners of a store. `reason` says more: a `set` is an `'add'`, an `'update'` or, by a
   * mutable key, a `'rename'`; a `delete` is by `'delete'`, by `'take'` or the other half of a
   * `'rename'`; an entry expires by its `'ttl'`; one is evicted for the number of `'entries'` or
   * their `'size'`. A whole store is emptied by `'clear'` or by `'close'`, with no key and value.
   */
  export interface Events<V = unknown> {
    set: (key: string, value: V, reason: 'add' | 'update' | 'rename') => void;
    delete: (key: string, value: V, reason: 'delete' | 'take' | 'rename') => void;
    expire: (key: string, value: V, reason: 'ttl') => void;
    evict: (key: string, value: V, reason: 'entries' | 'size') => void;
    clear: (key: undefined, value: undefined, reason: 'clear' | 'close') => void;
  }

  /** What `stats` gives. Counts are since the store was opened; `clear` does not reset them. */
  export interface Stats {
    /** Look-ups (`get`, `getMany`, `take`, `getOrSet`) that found a live entry. */
    readonly hits: number;
    /** Look-ups that found none. */
    readonly misses: number;
    /** `hits ÷ (hits + misses)`, 0 when there were none. */
    readonly hitRatio: number;
    /** Of the hits, the share that needed no native call, 0 … 1. */
    readonly nearShare: number;
    /** Values stored, by whichever method. */
    readonly sets: number;
    /** Entries whose deadline passed, as far as they were met or swept. */
    readonly expired: number;
    /** Entries that were evicted. */
    readonly evicted: number;
    /** Live entries, as `size()`. */
    readonly entries: number;
    /** The sum of their sizes; 0 in a store without `maxSize`. */
    readonly size: number;
    /** Bytes that the index has allocated in the native core: keys, order, deadlines, eviction. */
    readonly indexBytes: number;
  }

  /** Options of `snapshot` and `restore`. */
  export interface SnapshotOptions {
    /** Is called now and then while entries are written or stored, and at the end. */
    readonly onProgress?: ((progress: SnapshotProgress) => void) | undefined;
    /** Ends the call; its reason rejects the promise. */
    readonly signal?: Signal | undefined;
  }

  /** How far a call of `snapshot` or `restore` is. */
  export interface SnapshotProgress {
    /** Entries that were written, or read: those that are due included. */
    readonly entries: number;
    /** Bytes of the file so far. */
    readonly bytes: number;
    /** Entries in all; of `snapshot`, as many as there were when it began. */
    readonly total: number;
  }

  /** What `snapshot` gives. */
  export interface SnapshotResult {
    /** Entries in the file. */
    readonly entries: number;
    /** Bytes of the file. */
    readonly bytes: number;
  }

  /** What `restore` gives. */
  export interface RestoreResult {
    /** Entries that were stored. */
    readonly entries: number;
    /** Bytes of the file. */
    readonly bytes: number;
    /** Entries of the file that were due by now, and are not stored. */
    readonly expired: number;
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

  // The stores that threads share, and processes.
  export import NodeShareCache = nodeShareCache.NodeShareCache;
  export import SharedStore = shared.SharedStore;
  export import ShmCache = shmCache.ShmCache;
  export import createStore = shared.createStore;
  export type KeyshareSetOptions = shared.KeyshareSetOptions;
  export type KeyshareStore<V = unknown> = shared.KeyshareStore<V>;
  export type NodeShareCacheOptions = nodeShareCache.NodeShareCacheOptions;
  export type SharedOptions = shared.SharedOptions;
  export type SharedStats = shared.SharedStats;
  export type ShmCacheOptions = shmCache.ShmCacheOptions;

  // The class once more, for named imports, and for default imports without `esModuleInterop`.
  export { MemoryStore, MemoryStore as default };
}

export = MemoryStore;
