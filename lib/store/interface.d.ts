/// <reference lib="esnext.disposable" />
/**
 * The verbs that all stores have, typed and documented once: `Store`, `AsyncStore`.
 *
 * Knows no scope. A part of `index.d.ts`, which exports it.
 */

export type Milliseconds = number;
/** A whole number of bytes. */
export type Bytes = number;
/** Milliseconds since 1 January 1970 UTC, as `Date.now()` gives. */
export type EpochMilliseconds = number;

/**
 * What addresses an entry. A string is itself, exactly. A mutable key is its current value.
 * Number, bigint, boolean, `null` and `undefined` are `String(key)`: `1` and `'1'` are one key.
 * A plain object or array is its `JSON.stringify`. In a `MemoryStore`, an object that JSON cannot
 * say (a function, a `Map`, a cycle) is a key by identity; shared stores refuse it. A symbol is
 * `ERR_INVALID_KEY`.
 */
export type Key = string | number | bigint | boolean | null | undefined | object;

/** When an entry expires. `ttl` and `expiresAt` together are a TypeError. */
export interface Expiry {
  /** More than 0; a fraction is rounded up. `Infinity`: the entry never expires. */
  readonly ttl?: Milliseconds | undefined;
  /** If that moment has passed, the call succeeds and the key is absent afterwards. */
  readonly expiresAt?: Date | EpochMilliseconds | undefined;
}

/**
 * Names that an entry can be removed by: 1 to 1,024 characters each, at the most 128. Writes that
 * keep the entry (`update`, `touch`, the counters) keep its tags unless they bring some.
 */
export type Tags = readonly string[];

/** Options of a write. Without `ttl` and `expiresAt`, the store's own `ttl` counts. */
export interface SetOptions extends Omit<Expiry, 'ttl'> {
  /** As in {@link Expiry}; or `'keep'`, the deadline that the live entry has, if there is one. */
  readonly ttl?: Milliseconds | 'keep' | undefined;
  /** `false` together with `maxAgeMs > 0` makes the entry expire; `ttl`, if given, wins. */
  readonly isPermanent?: boolean | undefined;
  /** Only with `isPermanent: false`; 0: that of the store. Alone it has no effect, and warns once. */
  readonly maxAgeMs?: Milliseconds | undefined;
  /** Counts towards `maxSize`, a whole number; only in a `MemoryStore` with that option. */
  readonly size?: number | undefined;
  /** What `invalidateTag` removes the entry by. Default: none. */
  readonly tags?: Tags | undefined;
}

/** Options of the counters. Expiry and tags count when the entry is made, and not later. */
export interface CounterOptions extends SetOptions {
  /** `true`: counts only what is there; without an entry the call gives `undefined`. */
  readonly ifPresent?: boolean | undefined;
  /** The least result; but a negative `by` never moves a number up. */
  readonly min?: number | undefined;
  /** The greatest result; but a positive `by` never moves a number down. */
  readonly max?: number | undefined;
}

/** The third argument of a counter; without `ifPresent` there is always a result. */
export type Counting = (CounterOptions & { readonly ifPresent?: false | undefined }) | Milliseconds;
export type MayCount = CounterOptions | Milliseconds;

/** An entry for `setMany`. */
export type ManyEntry<V = unknown> =
  | readonly [key: Key, value: V]
  | readonly [key: Key, value: V, options: SetOptions | Milliseconds | undefined];

/** A value with its remaining time (rounded up; `Infinity` for none) and tags, of one moment. */
export interface Entry<V = unknown> {
  readonly value: V;
  readonly ttl: Milliseconds;
  readonly tags: Tags;
}

/** What `hit` gives: the count, and the time until it starts again. */
export interface Hit extends Omit<Entry<number>, 'tags'> {}

/** What `limit` gives. `retryMs`: until the same call is allowed, 0 if it was. */
export interface Limited {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryMs: Milliseconds;
}

/** A limit; all are whole numbers. */
export interface LimitOptions {
  /** How much comes back in `per` milliseconds. */
  readonly rate: number;
  readonly per: Milliseconds;
  /** How much there is at once. Default: `rate`. */
  readonly burst?: number | undefined;
  /** How much is taken, up to `burst`; 0 only looks. Default: 1. */
  readonly cost?: number | undefined;
  /** As in `set`. */
  readonly size?: number | undefined;
}

/** Which keys are meant, in string form: those for which all that is given holds. */
export interface Filter {
  /** How they begin. */
  readonly prefix?: string | undefined;
  /**
   * A glob for the whole key, in which `*` is any characters and `?` is one; or a RegExp, without
   * look-around and back-references. Both take linear time. Of flags, `i`, `m`, `s`, `u` count.
   */
  readonly match?: string | RegExp | undefined;
}

/** Options of `scan`. */
export interface ScanOptions {
  /** Ends the iteration, with the signal's reason. */
  readonly signal?: Signal | undefined;
}

/** The `AbortSignal` of the program, where its typings (`dom` or Node's) have one. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : { readonly aborted: boolean };

/** Makes the value that `getOrSet` stores; its signal aborts when nobody waits, or for too long. */
export type Factory<V = unknown> = (
  key: string,
  context: { readonly signal: Signal },
) => V | PromiseLike<V>;

/** Options of `getOrSet`. Those of the call that starts the load count for its result. */
export interface LoadOptions<V = unknown> extends Omit<Expiry, 'ttl'> {
  /** How long the result is fresh; or a function of it that says so, 0 for "do not store". */
  readonly ttl?: Milliseconds | ((value: V, key: string) => Milliseconds | undefined) | undefined;
  /**
   * Stale-while-revalidate: how long after `ttl` the old value is still served while one call
   * renews it in the background. To `get`, `has` and `ttl` a stale entry is live; what `set` stored
   * is never stale. Default: 0.
   */
  readonly staleMs?: Milliseconds | undefined;
  /** How long a stale value is served after a renewal that failed, before the next. Default: 1000. */
  readonly retryMs?: Milliseconds | undefined;
  /**
   * How long the factory may take, and how long this call waits for that of another thread or
   * process before its own runs: 1 … 2^31-1, or `Infinity`. Then the callers of this thread get
   * `ERR_FACTORY_TIMEOUT`, and the next call begins anew. Default: 30000.
   */
  readonly factoryTimeoutMs?: Milliseconds | undefined;
  /** What becomes of the factory's call when all callers have given up. Default: `'abort'`. */
  readonly whenAbandoned?: 'abort' | 'finish' | undefined;
  /** Ends the wait of this call, with the signal's reason; other callers wait on. */
  readonly signal?: Signal | undefined;
  /** As in `set`, for the result. */
  readonly size?: number | undefined;
  /** As in `set`, or a function of the result. They count from before the factory ran. */
  readonly tags?: Tags | ((value: V, key: string) => Tags | undefined) | undefined;
}

/** Counters of every store, since it was made; of a namespace, those of its object. */
export interface NamespaceStats {
  /** Live entries. */
  readonly entries: number;
  /** Reads that found an entry; `misses` are those that found none. */
  readonly hits: number;
  readonly misses: number;
  /** `hits ÷ (hits + misses)`; 0 without reads. */
  readonly hitRatio: number;
  /** Values stored, by any method. */
  readonly sets: number;
  /** Loads of `getOrSet` that failed or could not be stored; of a shared store, in this thread. */
  readonly loadErrors: number;
}
/** Counters of a store, with its namespaces; `clear` resets none. */
export interface StoreStats extends NamespaceStats {
  /** Entries removed to make room. */
  readonly evicted: number;
  /** Expired entries that have been removed so far. */
  readonly expired: number;
  /** Memory of the index. */
  readonly indexBytes: Bytes;
  /** Loads that gave a value, and how long their factories took; of a shared store, as above. */
  readonly loads: number;
  readonly loadMs: Milliseconds;
  /** Stale values that were given while a new one was made. */
  readonly staleServed: number;
}

/** Options of `snapshot`. */
export interface SnapshotOptions {
  /** Called now and then during the work, and at its end. */
  readonly onProgress?: ((progress: SnapshotProgress) => void) | undefined;
  /** Ends the call; its reason rejects the promise. */
  readonly signal?: Signal | undefined;
}
/** Options of `restore`. */
export interface RestoreOptions extends SnapshotOptions {
  /** `false`: entries of keys that are there stay as they are. Default: `true`. */
  readonly overwrite?: boolean | undefined;
}
/** What `snapshot` gives: the entries in the file, and its length. */
export interface SnapshotResult {
  readonly entries: number;
  readonly bytes: Bytes;
}
/** How far a call has come: entries and bytes written or read, and how many entries there are. */
export interface SnapshotProgress extends SnapshotResult {
  readonly total: number;
}
/** What `restore` gives: the entries that were stored, and those that have expired since. */
export interface RestoreResult extends SnapshotResult {
  readonly expired: number;
}

/** How a store answers: at once, or by promises. */
export type Mode = 'sync' | 'async';
/** What a verb gives. */
export type Answer<M extends Mode, T> = M extends 'async' ? Promise<T> : T;
/** What the callback of `update` gives. */
export type Change<M extends Mode, T> = T | (M extends 'async' ? PromiseLike<T> : never);
/** In a store without a type of values the function of `update` says what it takes. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the function takes has to be allowed
export type Loose<V> = unknown extends V ? any : V;
/** The key of a counter: none in a store whose values are not numbers. */
export type Counter<V> = number extends V ? Key : never;

/**
 * The verbs of {@link Store} and {@link AsyncStore}.
 *
 * Every call may throw (or reject with) TypeError `ERR_INVALID_ARG_TYPE`, `ERR_MISSING_ARGS`,
 * `ERR_INVALID_KEY`, `ERR_UNKNOWN_OPTION`; RangeError `ERR_OUT_OF_RANGE`; StoreError
 * `ERR_STORE_CLOSED`. Writes may also throw StoreError `ERR_STORE_FULL`, and those of shared stores
 * RangeError `ERR_TOO_LARGE` and TypeError `ERR_NOT_CLONEABLE`. A failed call changes nothing,
 * unless its verb says otherwise. As options of a write, a number is a time to live, as `{ ttl }`.
 */
export interface Verbs<V, M extends Mode> {
  /** The value under `key`; `undefined` if there is none or it has expired. */
  get(key: Key): Answer<M, V | undefined>;
  /** Whether there is a live entry under `key`. It does not count as a read. */
  has(key: Key): Answer<M, boolean>;
  /**
   * Stores `value` under `key`, in place of what is there, its deadline included. Gives `true`.
   *
   * @example
   * store.set('user:123', { name: 'Alice' });
   * store.set('session:abc', session, { ttl: 30_000 }); // or 30_000
   * store.set('offer', offer, { expiresAt: new Date('2027-01-01') });
   */
  set(key: Key, value: V, options?: SetOptions | Milliseconds): Answer<M, true>;
  /** Removes the entry under `key`; `false` if there was none. */
  delete(key: Key): Answer<M, boolean>;
  /** Removes every entry. */
  clear(): Answer<M, true>;
  /**
   * Removes every entry with that tag, however many, in constant time: for everybody who shares the
   * store when the call returns, and for good. Of several tags, one after another. What a factory
   * of `getOrSet` began to make before it gets to those who wait for it, and is not stored.
   *
   * @example
   * store.set('page:7', html, { tags: ['product:7', 'prices'] });
   * store.invalidateTag('prices');
   */
  invalidateTag(tag: string | Tags): Answer<M, void>;
  /** The number of live entries. */
  size(): Answer<M, number>;
  /** The live keys, in string form: all, or those that the filter means. */
  keys(filter?: Filter): Answer<M, string[]>;
  /** The number of live entries that the filter means; without one, as `size()`. */
  count(filter?: Filter): Answer<M, number>;
  /**
   * Iterates over `[key, value]` in short turns, between which the event loop goes on. What stays
   * throughout is shown once; what comes or goes meanwhile may be shown.
   *
   * @throws TypeError `ERR_INVALID_PATTERN`, as all that takes a filter.
   * @example
   * for await (const [key, value] of store.scan({ prefix: 'user:' })) check(key, value);
   */
  scan(filter?: Filter, options?: ScanOptions): AsyncIterableIterator<[string, V]>;
  /**
   * Removes the entries that the filter means; how many there were. What is written meanwhile may
   * go as well. `{}` is a TypeError: all keys are `{ prefix: '' }`.
   *
   * @example
   * store.deleteWhere({ prefix: 'user:1:' });
   * store.deleteWhere({ match: 'page:*:draft' }); // or a RegExp
   */
  deleteWhere(filter: Filter): Answer<M, number>;
  /** What the store is and holds, for logs; `util.inspect` shows the same. */
  toJSON(): object;
  /**
   * How long until the entry expires, rounded up; `Infinity` if it never does; `undefined` if there
   * is none. `touch` and `set` take what it gives.
   */
  ttl(key: Key): Answer<M, Milliseconds | undefined>;
  /** Gives a live entry a new deadline, `Infinity` for none; `false` if there is no live entry. */
  touch(key: Key, ttl: Milliseconds | Expiry): Answer<M, boolean>;
  /** As `get`, but it does not count as a read: not for eviction, not in `stats`. */
  peek(key: Key): Answer<M, V | undefined>;
  /** The value with time and tags, of one moment; `undefined` if there is no live entry. */
  getEntry(key: Key): Answer<M, Entry<V> | undefined>;
  /** Removes the entry and gives its value. Of several callers, one gets it. */
  take(key: Key): Answer<M, V | undefined>;
  /** Stores `value` if there is no live entry; whether it did. Of several callers, one does. */
  add(key: Key, value: V, options?: SetOptions | Milliseconds): Answer<M, boolean>;
  /** Stores `value` if there is a live entry; whether it did. */
  replace(key: Key, value: V, options?: SetOptions | Milliseconds): Answer<M, boolean>;
  /**
   * Stores `value` if what is there equals `expected`, compared by `util.isDeepStrictEqual`;
   * `undefined` also stands for no entry. Atomic. Gives whether it was stored.
   */
  compareAndSet(
    key: Key,
    expected: V | undefined,
    value: V,
    options?: SetOptions | Milliseconds,
  ): Answer<M, boolean>;
  /**
   * Reads, changes and writes the value under `key`, atomically; gives the value that is there
   * then. The entry keeps its deadline unless the options say otherwise.
   *
   * @param change Gets the value, or `undefined` if there is none, and gives the new one;
   *   `undefined` changes nothing. It is called again if another write came in between; a shared
   *   store gives up with `ERR_LOCK_TIMEOUT` if that goes on for 10 seconds. It may give
   *   a promise only to a store that answers by promises (`ERR_INVALID_ARG_VALUE`).
   */
  update(
    key: Key,
    change: (value: Loose<V> | undefined) => Change<M, Loose<V> | undefined>,
    options?: SetOptions | Milliseconds,
  ): Answer<M, Loose<V> | undefined>;
  /**
   * Adds `by` (default 1) to the number under `key`, atomically, and gives the new number. Without
   * an entry it stores `by`, with the options; an entry that is there keeps its deadline.
   *
   * @throws TypeError `ERR_NOT_A_NUMBER` if the value is not a number; RangeError
   *   `ERR_OUT_OF_RANGE` if the sum is not finite.
   */
  increment(key: Counter<V>, by?: number, options?: Counting): Answer<M, number>;
  increment(key: Counter<V>, by?: number, options?: MayCount): Answer<M, number | undefined>;
  /** Subtracts `by`; otherwise as {@link Verbs.increment}. */
  decrement(key: Counter<V>, by?: number, options?: Counting): Answer<M, number>;
  decrement(key: Counter<V>, by?: number, options?: MayCount): Answer<M, number | undefined>;
  /**
   * As {@link Verbs.increment}, with the remaining time: a counter and its window in one atomic
   * call. The window begins with the first hit.
   */
  hit(key: Counter<V>, by?: number, options?: Counting): Answer<M, Hit>;
  hit(key: Counter<V>, by?: number, options?: MayCount): Answer<M, Hit | undefined>;
  /**
   * Takes `cost` from a limit if there is so much, atomically: `rate` units come back in `per`
   * milliseconds, evenly, up to `burst`. While some of it is taken there is an entry under `key`:
   * it expires when all of it is back, `delete` gives all of it back. A refusal writes nothing.
   *
   * @throws TypeError `ERR_NOT_A_NUMBER` if the value under `key` is not a number.
   * @example
   * const { allowed, retryMs } = store.limit(`login:${ip}`, { rate: 5, per: 60_000 });
   */
  limit(key: Counter<V>, options: LimitOptions): Answer<M, Limited>;
  /**
   * The value under `key`; if there is none, what `factory` makes, which is then stored. Concurrent
   * calls for the same key share one factory call, and its error; the next call tries again. A
   * write to the key while the factory runs is newer: callers get what was made, but it is not
   * stored. Nor is `undefined`, or what cannot be stored (too large, not cloneable, no room): that
   * is an event, `'error'`. A factory that awaits `getOrSet` of its own key waits for itself.
   *
   * @example
   * // Fresh for a minute, then served stale for at most an hour while one call renews it.
   * const rates = await store.getOrSet('rates', fetchRates, { ttl: 60_000, staleMs: 3_600_000 });
   */
  getOrSet<T extends V>(
    key: Key,
    factory: Factory<T>,
    options?: LoadOptions<T> | Milliseconds,
  ): Promise<unknown extends V ? T : V>;
  /** The values under `keys`, in their order; `undefined` where there is no live entry. */
  getMany(keys: Iterable<Key>): Answer<M, (V | undefined)[]>;
  /**
   * Stores many entries, `[key, value]` or `[key, value, options]` each (a `Map` will do);
   * `options` count for those without their own. All are checked before the first is stored; only
   * `ERR_STORE_FULL` can come half-way. Gives `true`.
   */
  setMany(entries: Iterable<ManyEntry<V>>, options?: SetOptions | Milliseconds): Answer<M, true>;
  /** Removes the entries under `keys`; how many there were. */
  deleteMany(keys: Iterable<Key>): Answer<M, number>;
  /** What the store has done, and what it holds. */
  stats(): Answer<M, NamespaceStats>;
  /**
   * A part of the store with keys, tags and locks of its own (docs/api.md); the same object for the
   * same name, 1 to 255 characters. `clear` of it is for those within, too. It ends with its store.
   */
  namespace(name: string): M extends 'async' ? AsyncNamespace<V> : Namespace<V>;
}

/** What a store can that is no namespace. */
export interface Whole<M extends Mode> {
  /**
   * Writes all live entries to a file, with their remaining times (docs/guides/snapshots.md). The file is
   * whole or not there, and readable by its owner alone; one that is there is replaced, but no
   * device, pipe or link (`ERR_STORE_FORBIDDEN`). What changes meanwhile may be in it or not.
   *
   * @throws Rejects with TypeError `ERR_NOT_CLONEABLE`, RangeError `ERR_TOO_LARGE` (a value of
   *   2 GiB), the error of the system (`ENOSPC`, …) or the reason of the signal.
   */
  snapshot(file: string, options?: SnapshotOptions): Promise<SnapshotResult>;
  /**
   * Stores the entries of a file that `snapshot` of any store wrote. It overwrites entries of the
   * same keys; others stay. What has expired by the wall clock is left out. The whole file is
   * checked before anything changes.
   *
   * @throws Rejects with StoreError `ERR_CORRUPTED` (no snapshot, or a damaged one),
   *   `ERR_UNSUPPORTED_PLATFORM` (Node.js and Bun do not read each other's clones), the error of
   *   the system (`ENOENT`, …) or the reason of the signal. `ERR_STORE_FULL`, `ERR_TOO_LARGE`,
   *   `ERR_STORE_CLOSED` and the signal can come half-way.
   */
  restore(file: string, options?: RestoreOptions): Promise<RestoreResult>;
  /** Ends the use of this object: every other method then throws `ERR_STORE_CLOSED`. */
  close(): Answer<M, void>;
  /** The same as {@link Whole.close}, for `using`. */
  [Symbol.dispose](): void;
}

/** What every store tells: what failed in the background, nothing if nobody listens. */
export interface ErrorEvents {
  error: (error: Error, key: string | undefined) => void;
}

/** `events.once` asks for it; only the store itself tells events. */
export type AsEmitter = { readonly emit: never };

/**
 * Listeners come and go as those of an `EventEmitter`, and no limit counts: `events.once(store, …)`
 * and `events.on(store, …)` work. They run in order and synchronously; those that a timer tells, in
 * the async context of their `on`. An unknown event throws `ERR_UNKNOWN_EVENT`.
 */
export interface Listening<E> extends AsEmitter {
  on<N extends keyof E>(event: N, listener: E[N]): this;
  once<N extends keyof E>(event: N, listener: E[N]): this;
  off<N extends keyof E>(event: N, listener: E[N]): this;
  addListener<N extends keyof E>(event: N, listener: E[N]): this;
  removeListener<N extends keyof E>(event: N, listener: E[N]): this;
  prependListener<N extends keyof E>(event: N, listener: E[N]): this;
  prependOnceListener<N extends keyof E>(event: N, listener: E[N]): this;
  removeAllListeners(event?: keyof E): this;
  listeners<N extends keyof E>(event: N): E[N][];
  rawListeners<N extends keyof E>(event: N): E[N][];
  listenerCount<N extends keyof E>(event: N, listener?: E[N]): number;
  eventNames(): (keyof E)[];
  setMaxListeners(most: number): this;
  getMaxListeners(): number;
}

/** A store that answers at once: `MemoryStore`, `SharedStore`. */
export interface Store<V = unknown> extends Namespace<V>, Whole<'sync'> {
  stats(): StoreStats;
}

/** A part of a store, that `namespace` gives: the verbs on keys of its own. */
export interface Namespace<V = unknown> extends Verbs<V, 'sync'>, Iterable<[string, V]> {
  /**
   * Iterates over `[key, value]`, keys in string form. An entry that stays is shown once; one that
   * comes or goes during the iteration may be shown or not.
   */
  entries(filter?: Filter): IterableIterator<[string, V]>;
  values(): IterableIterator<V>;
  /** Calls `callback(value, key, store)` for each live entry. */
  forEach<T = undefined>(
    callback: (this: T, value: V, key: string, store: this) => void,
    thisArg?: T,
  ): void;
  [Symbol.iterator](): IterableIterator<[string, V]>;
}

/** A store that answers by promises: that of `shared-memory-store/memory-store`. */
export interface AsyncStore<V = unknown> extends AsyncNamespace<V>, Whole<'async'> {
  stats(): Promise<StoreStats>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A part of such a store. */
export interface AsyncNamespace<V = unknown> extends Verbs<V, 'async'>, AsyncIterable<[string, V]> {
  /** As those of {@link Store}, with promises; `forEach` awaits each call. */
  entries(filter?: Filter): AsyncIterableIterator<[string, V]>;
  values(): AsyncIterableIterator<V>;
  forEach(call: (value: V, key: string, store: this) => unknown, thisArg?: unknown): Promise<void>;
  [Symbol.asyncIterator](): AsyncIterableIterator<[string, V]>;
}

/** The `code` of an error: part of the API, unlike its message. docs/api.md says what to do. */
// biome-ignore format: a paragraph for each class of errors
export type ErrorCode =
  // TypeError
  | 'ERR_CONSTRUCT_CALL_REQUIRED' | 'ERR_HEADERS_IMMUTABLE' | 'ERR_INVALID_ARG_TYPE'
  | 'ERR_INVALID_ARG_VALUE' | 'ERR_INVALID_KEY' | 'ERR_INVALID_PATTERN' | 'ERR_INVALID_PROPERTY'
  | 'ERR_INVALID_THIS' | 'ERR_MISSING_ARGS' | 'ERR_NOT_A_NUMBER' | 'ERR_NOT_CLONEABLE'
  | 'ERR_UNKNOWN_EVENT' | 'ERR_UNKNOWN_OPTION'
  // RangeError
  | 'ERR_OUT_OF_RANGE' | 'ERR_TOO_LARGE'
  // StoreError
  | 'ERR_CORRUPTED' | 'ERR_FACTORY_CUT_OFF' | 'ERR_FACTORY_TIMEOUT' | 'ERR_LOCK_TIMEOUT'
  | 'ERR_NATIVE_LOAD' | 'ERR_STORE_CLOSED' | 'ERR_STORE_FORBIDDEN' | 'ERR_STORE_FULL'
  | 'ERR_STORE_MISMATCH' | 'ERR_STORE_UNAVAILABLE' | 'ERR_OTHER_CLOCK' | 'ERR_UNSUPPORTED_PLATFORM'
  // StoreError of a FleetStore
  | 'ERR_CLIENT_MISSING' | 'ERR_FENCED' | 'ERR_FOREIGN_VALUE' | 'ERR_LISTENER_REFUSED' | 'ERR_LOCK_LOST'
  | 'ERR_NOT_REPLICATED' | 'ERR_OUTCOME_UNKNOWN' | 'ERR_SERVER_REFUSED' | 'ERR_SERVER_UNSUPPORTED';
