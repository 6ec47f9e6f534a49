/// <reference lib="esnext.disposable" />
/**
 * The contract of the stores that threads or processes share: `SharedStore`, `createStore`.
 *
 * A part of `index.d.ts`, which exports it. Values are copied in and out: whatever a structured
 * clone carries comes back as its clone.
 */
import type MemoryStore = require('../../index.js');

/**
 * A store that all threads of a process share, or all processes of a user on a machine, by name:
 * what one thread sets is there in every other when `set` returns. Each thread makes an object of
 * its own. It keeps no process alive.
 *
 * With scope `'threads'` the store lives while somebody has it open. With scope `'processes'` it
 * lies in a file, by default in memory (`/dev/shm`), and stays until it is destroyed or the machine
 * restarts, whoever ends and however. On a disk (option `path`) it also outlives a restart, if the
 * last process closed it; times to live have gone on meanwhile. `docs/guarantees.md` says what holds
 * when processes die.
 *
 * Whatever is said here of threads holds for those of all processes that have the store open.
 *
 * @typeParam V The type of the values. Default: `unknown`.
 *
 * @example
 * const { SharedStore } = require('shared-memory-store');
 * const cache = new SharedStore({ name: 'pages', maxBytes: 64 * 1024 ** 2, whenFull: 'evict' });
 * cache.set('page:1', { html: '<h1>1</h1>' }, { ttl: 60_000 });
 * cache.get('page:1'); // in every thread
 *
 * @example
 * const sessions = new SharedStore({ name: 'sessions', scope: 'processes', ttl: 1_800_000 });
 * sessions.set('session:abc', { userId: 123 }); // for every process of this user
 */
export declare class SharedStore<V = unknown> implements Iterable<[string, V]> {
  /**
   * Opens a store, or joins the one of that name.
   *
   * @throws StoreError `ERR_STORE_MISMATCH` when it is there with other `maxBytes`, `maxEntries` or
   *   `whenFull` than are given; `ERR_STORE_FULL` without memory, without room in the folder, or
   *   when 256 threads have it open. TypeError, RangeError.
   *
   *   With scope `'processes'` also `ERR_STORE_FORBIDDEN` (the file or the folder is another user's,
   *   the file or the default folder is open to others, or it is a symbolic link, a pipe, …),
   *   `ERR_STORE_UNAVAILABLE` (the system refuses; the message has its code, say `ENOENT` or
   *   `EROFS`), `ERR_CORRUPTED` (the file is no store, or a damaged one),
   *   `ERR_UNSUPPORTED_PLATFORM` (Windows).
   */
  constructor(options?: SharedOptions);

  /**
   * A copy of the value under `key`, or `undefined`; with `reads: 'frozen'`, one frozen object that
   * is handed out again until the entry changes.
   *
   * @throws StoreError `ERR_STORE_CLOSED`, `ERR_CORRUPTED`; `ERR_UNSUPPORTED_PLATFORM` for what the
   *   other kind of engine wrote (Node.js, Bun) and only that can read: a `Map`, a long array, ….
   */
  get(key: MemoryStore.Key): V | undefined;

  /** Whether a live entry is stored under `key`. */
  has(key: MemoryStore.Key): boolean;

  /**
   * Stores a copy of `value` under `key`, for all threads at once.
   *
   * @returns `true`.
   * @throws TypeError `ERR_NOT_CLONEABLE` (a function, a symbol, a `WeakMap`, …), `ERR_INVALID_KEY`,
   *   `ERR_INVALID_ARG_TYPE`, `ERR_UNKNOWN_OPTION`; RangeError `ERR_OUT_OF_RANGE`, `ERR_TOO_LARGE`
   *   (more than 1 GiB, or more than the store); StoreError `ERR_STORE_FULL`, `ERR_STORE_CLOSED`.
   *   Nothing has changed then.
   */
  set(key: MemoryStore.Key, value: V, options?: MemoryStore.SetOptions | number): true;

  /** Stores a copy if there is no live entry; whether it did. One thread of all succeeds. */
  add(key: MemoryStore.Key, value: V, options?: MemoryStore.SetOptions | number): boolean;

  /** Stores a copy if there is a live entry; whether it did. */
  replace(key: MemoryStore.Key, value: V, options?: MemoryStore.SetOptions | number): boolean;

  /**
   * Stores a copy of `value` if what is there equals `expected` (`util.isDeepStrictEqual`);
   * `undefined` stands for no entry, too. Nobody writes in between.
   *
   * @returns Whether it was stored.
   * @throws As `set`.
   */
  compareAndSet(
    key: MemoryStore.Key,
    expected: V | undefined,
    value: V,
    options?: MemoryStore.SetOptions | number,
  ): boolean;

  /** Removes the entry under `key`; `false` when there was none. */
  delete(key: MemoryStore.Key): boolean;

  /** Removes the entry under `key` and gives its value. One thread of all gets it. */
  take(key: MemoryStore.Key): V | undefined;

  /** The same as `get`, for those who write for both kinds of stores. */
  peek(key: MemoryStore.Key): V | undefined;

  /** Milliseconds until the entry expires, rounded up; `Infinity`; `undefined` without an entry. */
  ttl(key: MemoryStore.Key): number | undefined;

  /** Gives a live entry a new deadline, `ttl` milliseconds from now; whether there was one. */
  touch(key: MemoryStore.Key, ttl: number): boolean;

  /**
   * Adds `by` to the number under `key`, atomically: no thread loses a count. Without an entry it
   * stores `by`, with the options.
   *
   * @throws TypeError `ERR_NOT_A_NUMBER`; otherwise as `set`.
   */
  increment(key: MemoryStore.Key, by?: number, options?: MemoryStore.SetOptions | number): number;

  /** Subtracts `by`; see {@link SharedStore.increment}. */
  decrement(key: MemoryStore.Key, by?: number, options?: MemoryStore.SetOptions | number): number;

  /**
   * The value under `key`; when there is none, what `factory` makes, in one thread of all: the
   * others wait for it. The flight of a thread that ends is taken over. A newer write of another
   * thread is never overwritten; a newer `delete` of another thread, while the factory runs, is not
   * seen.
   */
  getOrSet(
    key: MemoryStore.Key,
    factory: MemoryStore.Factory<V>,
    options?: Omit<MemoryStore.LoadOptions<V>, 'size'> | number,
  ): Promise<V>;

  /** The values under `keys`, in their order. */
  getMany(keys: Iterable<MemoryStore.Key>): (V | undefined)[];

  /**
   * Stores many entries, one after another. Keys, options and values are checked before the first
   * is stored; `ERR_STORE_FULL` and `ERR_TOO_LARGE` can come half-way.
   */
  setMany(
    entries: Iterable<MemoryStore.ManyEntry<V>>,
    options?: MemoryStore.SetOptions | number,
  ): true;

  /** Removes the entries under `keys`; how many there were. */
  deleteMany(keys: Iterable<MemoryStore.Key>): number;

  /** Removes every entry. */
  clear(): true;

  /** The number of live entries. */
  size(): number;

  /** The live keys, in string form and in no order. */
  keys(): string[];

  /**
   * Iterates over keys and values in no order. What is there all the time is shown once; what comes
   * or goes meanwhile may be shown or not.
   */
  entries(): IterableIterator<[string, V]>;

  /** Iterates over values. */
  values(): IterableIterator<V>;

  /** Calls `callback(value, key, store)` for each entry. */
  forEach<T = undefined>(
    callback: (this: T, value: V, key: string, store: this) => void,
    thisArg?: T,
  ): void;

  /** The same as {@link SharedStore.entries}. */
  [Symbol.iterator](): IterableIterator<[string, V]>;

  /**
   * Takes the lock of a key, which need not exist. It belongs to this thread, which may take it
   * again and then has to release it as often; it is free when the thread ends. Blocks the thread
   * while it waits. It keeps nobody from reading or writing: see `withLock`.
   *
   * @param timeout Milliseconds to wait, 0 … 2^31-1. Default: 1000.
   * @returns `false` when another thread kept it for so long.
   */
  lock(key: MemoryStore.Key, timeout?: number): boolean;

  /** Releases a lock; `false` when this thread does not hold it. */
  release(key: MemoryStore.Key): boolean;

  /**
   * Runs `task` while nobody else runs one under the lock of this key, in this thread or another,
   * and releases it, however the task ends. Does not block the thread.
   *
   * @returns What the task gives.
   * @throws StoreError `ERR_LOCK_TIMEOUT` when it could not begin in time.
   */
  withLock<T>(key: MemoryStore.Key, task: () => T | PromiseLike<T>, timeout?: number): Promise<T>;

  /**
   * Writes all live entries to a file, whichever thread set them; see
   * {@link MemoryStore.snapshot}. To the store, each is read once.
   */
  snapshot(
    file: string,
    options?: MemoryStore.SnapshotOptions,
  ): Promise<MemoryStore.SnapshotResult>;

  /**
   * Stores the entries of such a file, of a store of either kind; see {@link MemoryStore.restore}.
   * Keys are strings here. What was written without a time to live gets none.
   *
   * @throws As `restore` of {@link MemoryStore}; `ERR_STORE_FULL` and `ERR_TOO_LARGE` can come
   *   half-way.
   */
  restore(file: string, options?: MemoryStore.SnapshotOptions): Promise<MemoryStore.RestoreResult>;

  /** What all threads have done since the store was built, and what it holds. */
  stats(): SharedStats;

  /**
   * Ends the use of this object. With scope `'threads'` the last one to close frees the memory, with
   * scope `'processes'` everything stays for who opens the store next.
   */
  close(): void;

  /**
   * Removes the store's name and closes this object. Others that have it open go on until they
   * close it; whoever opens the name from then on gets a new, empty store. Once closed or destroyed,
   * it does nothing.
   *
   * @throws StoreError `ERR_STORE_UNAVAILABLE` when the system refuses to remove the file; the store
   *   is open then.
   */
  destroy(): void;

  /** The same as {@link SharedStore.close}, for `using`. */
  [Symbol.dispose](): void;

  readonly [Symbol.toStringTag]: 'SharedStore';
}

/** Options of a shared store. */
export interface SharedOptions {
  /** 1 to 255 characters. Default: `'default'`. */
  readonly name?: string | undefined;
  /**
   * Who shares it: the `'threads'` of this process, or the `'processes'` of this user on this
   * machine, with their threads. Default: `'threads'`.
   */
  readonly scope?: 'threads' | 'processes' | undefined;
  /**
   * The folder in which the store's file lies, only with scope `'processes'`. Made (for this user
   * alone) if it is not there; its parent has to be. It has to be this user's or root's. The file,
   * `<name>-<hash>.v<layout>.store`, is for this user alone. Not on a network's file system. Default:
   * `/dev/shm/shared-memory-store-<uid>` on Linux, elsewhere `shared-memory-store-<uid>` in
   * `os.tmpdir()`.
   */
  readonly path?: string | undefined;
  /**
   * Bytes for entries: a whole number, 256 KiB … 256 GiB. It is address space: what is not used is
   * not taken. Default: 1 GiB, or what the store has that is there.
   */
  readonly maxBytes?: number | undefined;
  /** Entries at the most. Default: as many as fit. */
  readonly maxEntries?: number | undefined;
  /**
   * `'error'`: a `set` without room throws `ERR_STORE_FULL`, nothing is ever dropped. `'evict'`:
   * entries go that were read least (S3-FIFO). Default: `'error'`.
   */
  readonly whenFull?: 'error' | 'evict' | undefined;
  /** Milliseconds to live of what is set without a time of its own. Default: for ever. */
  readonly ttl?: number | undefined;
  /**
   * `'copy'`: each `get` gives a copy of its own. `'frozen'`: objects and arrays are deeply frozen,
   * decoded once and handed out again until the entry changes: as fast as a `Map`. What cannot be
   * frozen whole (a `Map`, a `Date`, bytes) is decoded each time. Default: `'copy'`.
   */
  readonly reads?: 'copy' | 'frozen' | undefined;
}

/** What `stats` of a shared store gives. */
export interface SharedStats {
  /** Live entries; with expired ones among them where others stand still in the midst of a write. */
  readonly entries: number;
  /** Reads that found an entry; of those from copies, one in 64. */
  readonly hits: number;
  readonly misses: number;
  /** `hits ÷ (hits + misses)`, 0 when there were none. */
  readonly hitRatio: number;
  /** Reads of this thread that were answered from its copies, in steps of 64. */
  readonly nearHits: number;
  readonly sets: number;
  readonly deletes: number;
  readonly evicted: number;
  readonly expired: number;
  /** Locks that were taken from threads that ended half-way. */
  readonly locksRecovered: number;
  /** Bytes of entries. */
  readonly dataBytes: number;
  /** Bytes of segments that hold entries. */
  readonly segmentBytes: number;
  /** Bytes of the index. */
  readonly indexBytes: number;
  /** Bytes of memory that is taken from the system. */
  readonly residentBytes: number;
  readonly maxBytes: number;
  /** Threads that have it open, in all processes. */
  readonly participants: number;
}

/**
 * The named store of native-keyshare: the same store in every thread of the process, and the same
 * as a `SharedStore` of that name. Of each name a thread has one object, until it closes it.
 *
 * @param name 1 to 255 characters. Default: `'default'`.
 *
 * @example
 * const { createStore } = require('shared-memory-store');
 * const store = createStore('config');
 * store.set('flags', { beta: true }, { ttl: 60 }); // seconds
 * store.listKeys('f*'); // ['flags']
 */
export declare function createStore<V = unknown>(name?: string): KeyshareStore<V>;

/** What `createStore` gives. */
export interface KeyshareStore<V = unknown> {
  /**
   * Stores a copy; `false` when another thread kept the key locked for a second.
   *
   * @throws As `set` of {@link SharedStore}.
   */
  set(key: MemoryStore.Key, value: V, options?: KeyshareSetOptions): boolean;
  /**
   * A copy of the value, or `undefined`.
   *
   * @param skipLock Whether not to wait for a thread that has locked the key. Default: `false`.
   * @throws StoreError `ERR_LOCK_TIMEOUT` when another thread kept it locked for a second.
   */
  get(key: MemoryStore.Key, skipLock?: boolean): V | undefined;
  /**
   * Removes an entry, or all that a pattern means: `*` and `?` make a glob, slashes around it (or a
   * `RegExp`, with its flags `i`, `m` and `s`) a regular expression, in linear time: without
   * look-around and back-references. A character is a code point.
   *
   * @returns Whether something was removed.
   * @throws TypeError `ERR_INVALID_PATTERN`.
   */
  delete(pattern: MemoryStore.Key | RegExp): boolean;
  /** The live keys, or those that a pattern means; in no order. */
  listKeys(pattern?: MemoryStore.Key | RegExp): string[];
  /** As `lock` of {@link SharedStore}; other threads' `set`, `get` and `delete` wait for it. */
  lock(key: MemoryStore.Key, timeout?: number): boolean;
  /** Releases a lock; `false` when this thread does not hold it. */
  release(key: MemoryStore.Key): boolean;
  /** Removes every entry. */
  clear(): void;
  /** Ends this thread's use, and leaves the others their data. */
  close(): void;
}

/** Options of `set`. */
export interface KeyshareSetOptions {
  /** Seconds to live, more than 0. Default: for ever. */
  readonly ttl?: number | undefined;
  /** Accepted, and of no effect: nothing is allocated ahead. */
  readonly minBufferSize?: number | undefined;
  /** Accepted, and of no effect. */
  readonly immutable?: boolean | undefined;
  /** Whether not to wait for a thread that has locked the key. Default: `false`. */
  readonly skipLock?: boolean | undefined;
}
