/** The contract of `SharedStore`. A part of `index.d.ts`. */
import type {
  Bytes,
  EpochMilliseconds,
  ErrorCode,
  ErrorEvents,
  Key,
  Listening,
  Milliseconds,
  Namespace,
  Signal,
  Store,
  StoreStats,
} from '../store/interface.js';
import type { StoreObserver } from './opening/observing/store-observer.js';

/**
 * A store that all threads of a process share, or all processes of a user on a machine, by name:
 * when `set` returns, every other participant sees what it set. A participant is a thread that has
 * the store open, with an object of its own. Values are copied in and out, as by a structured
 * clone. Lists and iteration have no order. A store keeps no process alive.
 *
 * With scope `'threads'` the store lives while a thread has it open. With scope `'processes'` it is
 * a file, by default in memory (`/dev/shm`), that stays until it is destroyed or the machine
 * restarts, regardless of which process exits, or how. On a disk (option `path`) it also outlives a
 * restart if the last process closed it. `docs/guarantees.md` says what holds when processes die.
 *
 * Each call on one key is atomic among all participants; `setMany`, `deleteMany`, `clear` and lists
 * are a sequence of such calls.
 */
export declare class SharedStore<V = unknown> {
  /**
   * Opens a store, or joins the one of that name.
   *
   * @throws StoreError `ERR_STORE_MISMATCH` (it is open with another `maxBytes`, `maxEntries` or
   *   `whenFull`), `ERR_STORE_FULL` (no memory, or 256 participants). With scope `'processes'` also
   *   `ERR_STORE_FORBIDDEN` (file or folder belong to another user, or are open to others),
   *   `ERR_STORE_UNAVAILABLE` (the system refuses), `ERR_CORRUPTED`, `ERR_UNSUPPORTED_PLATFORM`.
   */
  constructor(options?: SharedOptions);
  /**
   * The stores in a folder; without `path`, those in this user's own folder and those of this
   * process's threads. It opens none, waits for nobody, and changes nothing.
   */
  static list(options?: PlaceOptions): ListedStore[];
  /**
   * Removes the file of a store of scope `'processes'` without opening it, also a damaged one, and
   * those of other versions of the package; `false` if there is none. Who has it open keeps it.
   *
   * @throws StoreError `ERR_STORE_FORBIDDEN` (it is no file of this user), `ERR_STORE_UNAVAILABLE`.
   */
  static remove(name: string, options?: PlaceOptions): boolean;
  /**
   * A look at a store of scope `'processes'`, or at any file that holds one, without taking part:
   * nobody notices, and nothing changes.
   *
   * @throws StoreError `ERR_STORE_UNAVAILABLE` (there is none), `ERR_STORE_FORBIDDEN`,
   *   `ERR_STORE_MISMATCH` (of another version of the package), `ERR_CORRUPTED`.
   */
  static observe(name: string, options?: PlaceOptions): StoreObserver;
  static observe(target: { readonly file: string }): StoreObserver;
  readonly name: string;
  readonly scope: 'threads' | 'processes';
  /** With scope `'processes'`. */
  readonly file: string | undefined;
  /** Room for entries, in whole segments: what `stats` says. */
  readonly maxBytes: Bytes;
  /**
   * A copy of the value under `key`, or `undefined`; with `reads: 'frozen'`, a frozen object, which
   * may be the same at each call until the entry changes.
   *
   * @throws StoreError `ERR_CORRUPTED`; `ERR_UNSUPPORTED_PLATFORM` for a value that the other
   *   engine (Node.js, Bun) wrote and only that can read: a `Map`, a long array, ….
   */
  get(key: Key): V | undefined;
  /** What all participants have done, and what the store holds. */
  stats(): SharedStats;
  /**
   * Ends the use of this object. With scope `'threads'` the last participant frees the memory; with
   * scope `'processes'` the data stays for the next process that opens the store.
   */
  close(): void;
  /**
   * Removes the store's name and closes this object. Participants that have it open keep it until
   * they close it; the next one to open the name gets a new, empty store. If the system refuses to
   * remove the file, it throws `ERR_STORE_UNAVAILABLE`, and the store stays open.
   */
  destroy(): void;
  readonly [Symbol.toStringTag]: 'SharedStore';
}

export interface SharedStore<V = unknown>
  extends Store<V>,
    Locks,
    Watchers,
    Listening<SharedEvents> {
  namespace(name: string): SharedNamespace<V>;
}

/** A part of a shared store, with locks and channels of its own. */
export interface SharedNamespace<V = unknown> extends Namespace<V>, Locks, Watchers {
  namespace(name: string): SharedNamespace<V>;
}

/** What is told of changes, and messages, among all who share a store. */
export interface Watchers {
  /**
   * Tells a listener of changes by anybody who shares the store, in order per key, within
   * milliseconds; gives the function that stops it. Without a listener, an async iterable. A
   * watcher does not keep the process alive. `overflow`: changes may be missing, look at the store.
   *
   * @throws StoreError `ERR_STORE_FULL` (no memory), `ERR_STORE_UNAVAILABLE` (no thread).
   */
  watch(
    what: Key | Watched,
    listener: (change: Change) => void,
    options?: WatchOptions,
  ): () => void;
  watch(what: Key | Watched, options?: WatchOptions): AsyncIterableIterator<Change>;
  /** The same for messages on a channel, own ones too. After an overflow the value is `undefined`. */
  subscribe<T = unknown>(
    channel: string,
    listener: (value: T, about: About) => void,
    options?: WatchOptions,
  ): () => void;
  subscribe<T = unknown>(
    channel: string,
    options?: WatchOptions,
  ): AsyncIterableIterator<Message<T>>;
  /**
   * Sends a clone of a value to all who subscribe now. Nothing is kept for others.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE`: longer than 32 … 512 KiB, by `maxBytes`.
   */
  publish(channel: string, value: unknown): void;
}

/** What an object of a shared store tells. */
export interface SharedEvents extends ErrorEvents {
  /**
   * The store has lost its name: somebody has destroyed or removed it, and who opens the name gets
   * another. Told once, within about a second.
   */
  orphaned: () => void;
}

/** What to watch, if not one key. */
export type Watched =
  /** Keys that begin so; `''` for all. */
  | { readonly prefix: string }
  /** Keys of a namespace, but of none within. */
  | { readonly namespace: string }
  /** A tag: its invalidation, and entries that carry it or did until they changed. */
  | { readonly tag: string };

/** How long to watch. */
export interface WatchOptions {
  /** Ends it. An iterable that is asked for more rejects with the signal's reason then. */
  readonly signal?: Signal | undefined;
  /** Whether it keeps the process alive. Default: `false`. */
  readonly keepAlive?: boolean | undefined;
}

/** A change of an entry, or of many. Its origin: a call of this thread, or another participant. */
export type Change =
  | {
      readonly type: 'set' | 'delete' | 'expire' | 'evict';
      readonly key: string;
      readonly origin: 'own' | 'other';
    }
  | {
      readonly type: 'clear' | 'overflow';
      readonly key: undefined;
      readonly origin: 'own' | 'other';
    }
  | {
      readonly type: 'invalidate';
      readonly key: undefined;
      readonly origin: 'own' | 'other';
      readonly tag: string;
    };

/** What is known of a message: whose it is, or that messages may be missing. */
export interface About {
  readonly type: 'message' | 'overflow';
  readonly origin: 'own' | 'other';
}

/** A message of an iterable. */
export interface Message<T = unknown> extends About {
  readonly value: T;
}

/** Locks among all who share a store. */
export interface Locks {
  /**
   * Takes the lock of a key, which need not exist; `false` if another thread held it for all of
   * `timeout` (default 1000). It blocks the thread while it waits. The thread may take it again,
   * and has to release it as often; it is free when the thread ends. Other verbs ignore it.
   */
  lock(key: Key, timeout?: Milliseconds): boolean;
  /** Releases a lock; `false` if this thread does not hold it. */
  release(key: Key): boolean;
  /**
   * Runs `task` under the lock of a key, a mutex among all participants; gives what the task gives.
   * It does not block the thread. If it cannot begin in time, it rejects with `ERR_LOCK_TIMEOUT`.
   */
  withLock<T>(key: Key, task: () => T | PromiseLike<T>, timeout?: Milliseconds): Promise<T>;
}

/** Options of a shared store. */
export interface SharedOptions {
  /** 1 to 255 characters. Default: `'default'`. */
  readonly name?: string | undefined;
  /** The threads of this process, or all processes of this user here. Default: `'threads'`. */
  readonly scope?: 'threads' | 'processes' | undefined;
  /**
   * The folder of the store's file, only with scope `'processes'`; not on a network file system. It
   * is made, for this user alone, if its parent is there. Default: `shared-memory-store-<uid>` in
   * `/dev/shm` (Linux) or `os.tmpdir()`.
   */
  readonly path?: string | undefined;
  /**
   * Who may open it, only with scope `'processes'`: this user, or with `'group'` all members of the
   * folder's group; file and folder have mode 660 and 770 then. Default: `'user'`.
   */
  readonly access?: 'user' | 'group' | undefined;
  /** Room, 256 KiB … 256 GiB, taken as it is used. Default: up to 1 GiB (docs/api.md). */
  readonly maxBytes?: Bytes | undefined;
  /** The most entries; writers of one moment may each add one more. Default: as many as fit. */
  readonly maxEntries?: number | undefined;
  /**
   * `'error'`: a write without room throws `ERR_STORE_FULL`, and no entry is ever dropped.
   * `'evict'`: the entries that were read least go (S3-FIFO). Default: `'error'`.
   */
  readonly whenFull?: 'error' | 'evict' | undefined;
  /** Time to live of what is set without one, more than 0. Default: `Infinity`. */
  readonly ttl?: Milliseconds | undefined;
  /**
   * `'copy'`: each `get` gives a copy of its own. `'frozen'`: objects and arrays are deeply frozen.
   * A thread keeps those that it reads often, which is as fast as a `Map`, until the entry changes.
   * What cannot be frozen whole (a `Map`, a `Date`, bytes) is always decoded. Default: `'copy'`.
   */
  readonly reads?: 'copy' | 'frozen' | undefined;
  /**
   * What becomes of this object when others have destroyed the store: with `'stay'` it goes on with
   * the old one, with `'rejoin'` the next call opens the store of that name anew; iterators and
   * snapshots that were begun before end with `ERR_STORE_CLOSED`. Default: `'stay'`.
   */
  readonly whenOrphaned?: 'stay' | 'rejoin' | undefined;
}

/** Where stores are looked for that nobody opens. */
export interface PlaceOptions {
  /** The folder of their files. Default: as of `SharedOptions`. */
  readonly path?: string | undefined;
  /** Whose, as of `SharedOptions`. Default: `'user'`. */
  readonly access?: 'user' | 'group' | undefined;
}

/** What `SharedStore.list` says of a store. */
export interface ListedStore {
  /** `undefined` if the file does not say it, or is not to be read: then there is an `error`. */
  readonly name: string | undefined;
  readonly scope: 'threads' | 'processes';
  readonly file: string | undefined;
  /** Memory, or disk space, that it takes. */
  readonly bytes: Bytes;
  /** Threads that have it open, and live. */
  readonly participants: readonly {
    /** As the process itself knows it: in a container, one of that container. */
    readonly pid: number;
    /** A number of that process's own. */
    readonly thread: number;
    readonly since: EpochMilliseconds;
  }[];
  /** The version of the file's layout. */
  readonly layout: number;
  /** Why it cannot be read: it is damaged, another user's, or of another version. */
  readonly error?: StoreFailure;
}

/** A `StoreError`, as far as one has to know. */
export interface StoreFailure extends Error {
  readonly code: ErrorCode;
}

/**
 * What `stats` of a shared store gives. Reads of other threads that their own copies answered count
 * within a second. `entries` may include expired ones while another participant holds a write lock,
 * and invalidated ones until their memory has come back.
 */
export interface SharedStats extends StoreStats {
  /** Reads of this thread that were answered from its own copies. */
  readonly nearHits: number;
  /** Values that lists and `getMany` of this object left out: only another engine reads them. */
  readonly unreadable: number;
  readonly deletes: number;
  /** Tasks of `withLock` in this thread that had to wait for others, and how long together. */
  readonly lockWaits: number;
  readonly lockWaitMs: Milliseconds;
  /** Locks recovered from participants that died holding them. */
  readonly locksRecovered: number;
  /** Memory of live keys and values. */
  readonly dataBytes: Bytes;
  /** Memory of the segments that hold entries. */
  readonly segmentBytes: Bytes;
  /** Memory that is taken from the system. */
  readonly residentBytes: Bytes;
  /** Room for entries, as option `maxBytes`. */
  readonly maxBytes: Bytes;
  /** Threads that have it open, in all processes. */
  readonly participants: number;
}

/**
 * An immutable view of a type, for a `SharedStore` with `reads: 'frozen'`:
 * `new SharedStore<Frozen<Page>>({ reads: 'frozen' })`. `set` takes a plain `Page` as well.
 */
export type Frozen<T> = T extends
  | ((...given: never[]) => unknown)
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBufferView
  ? T
  : { readonly [P in keyof T]: Frozen<T[P]> };
