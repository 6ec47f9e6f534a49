/// <reference lib="esnext.disposable" />
/**
 * The contract of `shared-memory-store`: what `require('shared-memory-store')` gives.
 *
 * It is the class `MemoryStore`; every other export is a property of it, so that `require`, default
 * import and named imports all work. The verbs are in `lib/store/interface.d.ts`.
 */

import keyshare = require('./lib/adapters/drop-ins/keyshare.js');
import nodeShareCache = require('./lib/adapters/drop-ins/node-share-cache.js');
import shmCache = require('./lib/adapters/drop-ins/shm-cache.js');
import shared = require('./lib/shared/shared-store.js');
import observed = require('./lib/shared/opening/observing/store-observer.js');
import store = require('./lib/store/interface.js');

/**
 * A store of one thread: any JavaScript value by reference, under string keys, with an exact time
 * to live and, if you want, a bound. Use one store per purpose: an empty one takes about 2 KB.
 *
 * Lists and iteration go in insertion order, as in a `Map`: a key that is set again keeps its
 * place.
 *
 * @example
 * const MemoryStore = require('shared-memory-store');
 * const sessions = new MemoryStore({ ttl: 30_000 });
 * sessions.set('session:abc', { userId: 123 });
 * sessions.get('session:abc'); // { userId: 123 }, the same object, for 30 seconds
 */
declare class MemoryStore<V = unknown> {
  /** May throw TypeError `ERR_INVALID_ARG_TYPE`, `ERR_UNKNOWN_OPTION`; RangeError. */
  constructor(options?: MemoryStore.Options<V>);
  /** The live keys as they were passed to `set`. */
  getKeys(): MemoryStore.Key[];
  /** The live values. */
  all(): V[];
  stats(): MemoryStore.Stats;
  /**
   * Makes a key whose value can be changed: `key.value = 'b'` moves this store's live entry from
   * the old value to `'b'`, in O(1), with its value and deadline. If `'b'` already holds a live
   * entry, nothing moves: the key now points at that one. Other stores read the key by its
   * current value and never move an entry. Keys are held weakly.
   */
  createKey<K extends MemoryStore.Key>(initial: K): MemoryStore.MutableKey<K>;
  /** The same as {@link MemoryStore.createKey}. */
  createMutableKey<K extends MemoryStore.Key>(initial: K): MemoryStore.MutableKey<K>;
  /**
   * Starts the background sweep of expired entries; `false` if an earlier call had started it
   * (nothing changes then). A sweep that started by itself does not count.
   */
  startCleanupTask(intervalMs?: MemoryStore.Milliseconds): boolean;
  /** Stops it; `true` if it was running. Expired entries stay invisible, but keep their memory. */
  stopCleanupTask(): boolean;
  readonly [Symbol.toStringTag]: 'MemoryStore';
}

interface MemoryStore<V = unknown>
  extends MemoryStore.Store<V>,
    MemoryStore.Listening<MemoryStore.Events<V>> {}

declare namespace MemoryStore {
  /** Options of the constructor. */
  export interface Options<V = unknown> {
    /** Time to live of entries that are set without one, more than 0. Default: `Infinity`. */
    readonly ttl?: Milliseconds | undefined;
    /** The most entries, 1 … 33,554,431; one more evicts another (S3-FIFO). Default: none. */
    readonly maxEntries?: number | undefined;
    /** The most of all sizes together, in any unit; needs `sizeOf` or `size`. Default: none. */
    readonly maxSize?: number | undefined;
    /** The size of an entry that is set without `size`: a whole number. Only with `maxSize`. */
    readonly sizeOf?: ((value: V, key: string) => number) | undefined;
    /** Time between two background sweeps: a whole number, 1 … 2^31-1. Default: 60000. */
    readonly cleanupInterval?: Milliseconds | undefined;
    /** Whether the sweep starts with the first entry that has a deadline. Default: `true`. */
    readonly autoStartCleanup?: boolean | undefined;
    /** The time in milliseconds, for tests that move it by hand. Default: the machine's clock. */
    readonly now?: (() => Milliseconds) | undefined;
    /**
     * Whether each hit of an entry with a deadline reads the clock. With `'coarse'` one does every
     * millisecond: twice as fast, and an entry may be found a millisecond after its deadline, or
     * for as long after it as the machine kept the process from running. Default: `'exact'`.
     */
    readonly clock?: 'exact' | 'coarse' | undefined;
  }
  /**
   * What listeners get: the key in string form, the value, and the reason, at the end of the call
   * that made the event. What a listener throws, that call throws; what the call did stays done.
   * `expire` comes when the deadline passes, from a timer that does not keep the process alive, or
   * from an earlier call that meets the entry. A call that is interrupted may change entries
   * without telling. A rename makes a `delete` and a `set`. `clear` and `close` are one event.
   */
  export interface Events<V = unknown> extends ErrorEvents {
    set: (key: string, value: V, reason: 'add' | 'update' | 'rename') => void;
    delete: (key: string, value: V, reason: 'delete' | 'take' | 'rename') => void;
    expire: (key: string, value: V, reason: 'ttl') => void;
    evict: (key: string, value: V, reason: 'entries' | 'size') => void;
    clear: (key: undefined, value: undefined, reason: 'clear' | 'close') => void;
    /**
     * Each value that leaves the store, once; one that is set again while it is there stays. Those
     * of namespaces, too: `namespace` is the path then. Other events are of what is in none.
     */
    dispose: (
      key: string,
      value: V,
      reason: 'set' | 'delete' | 'take' | 'expire' | 'evict' | 'clear' | 'invalidate' | 'close',
      namespace?: readonly string[],
    ) => void;
  }
  /** What `stats` of a `MemoryStore` gives. */
  export interface Stats extends StoreStats {
    /** Of the hits, the share that needed no native call, 0 … 1. */
    readonly nearShare: number;
    /** The sum of the sizes of the entries; 0 in a store without `maxSize`. */
    readonly size: number;
  }
  /** A key whose `value` can be changed; its methods give the string form of that value. */
  export interface MutableKey<K extends Key = Key> {
    value: K | Key;
    toString(): string;
    valueOf(): string;
    toJSON(): string;
  }
  /** The state of a store made a call impossible: `ERR_STORE_CLOSED`, `ERR_STORE_FULL`, … */
  export class StoreError extends Error {
    constructor(code: ErrorCode, message: string);
    readonly code: ErrorCode;
  }
  export import About = shared.About;
  export import AsyncNamespace = store.AsyncNamespace;
  export import AsyncStore = store.AsyncStore;
  export import Bytes = store.Bytes;
  export import Change = shared.Change;
  export import CounterOptions = store.CounterOptions;
  export import Entry = store.Entry;
  export import EpochMilliseconds = store.EpochMilliseconds;
  export import ErrorCode = store.ErrorCode;
  export import ErrorEvents = store.ErrorEvents;
  export import Expiry = store.Expiry;
  export import Factory = store.Factory;
  export import Filter = store.Filter;
  export import Frozen = shared.Frozen;
  export import Hit = store.Hit;
  export import Key = store.Key;
  export import KeyshareSetOptions = keyshare.KeyshareSetOptions;
  export import KeyshareStore = keyshare.KeyshareStore;
  export import Listening = store.Listening;
  export import LimitOptions = store.LimitOptions;
  export import Limited = store.Limited;
  export import ListedStore = shared.ListedStore;
  export import LoadOptions = store.LoadOptions;
  export import ManyEntry = store.ManyEntry;
  export import Message = shared.Message;
  export import Milliseconds = store.Milliseconds;
  export import Namespace = store.Namespace;
  export import NamespaceStats = store.NamespaceStats;
  export import NodeShareCache = nodeShareCache.NodeShareCache;
  export import NodeShareCacheOptions = nodeShareCache.NodeShareCacheOptions;
  export import ObservedClaim = observed.ObservedClaim;
  export import ObservedEntry = observed.ObservedEntry;
  export import ObservedFilter = observed.ObservedFilter;
  export import ObservedLock = observed.ObservedLock;
  export import ObservedParticipant = observed.ObservedParticipant;
  export import ObservedSample = observed.ObservedSample;
  export import ObservedSegment = observed.ObservedSegment;
  export import ObservedStats = observed.ObservedStats;
  export import PlaceOptions = shared.PlaceOptions;
  export import RestoreOptions = store.RestoreOptions;
  export import RestoreResult = store.RestoreResult;
  export import SampleOptions = observed.SampleOptions;
  export import ScanOptions = store.ScanOptions;
  export import SetOptions = store.SetOptions;
  export import SharedEvents = shared.SharedEvents;
  export import SharedNamespace = shared.SharedNamespace;
  export import SharedOptions = shared.SharedOptions;
  export import SharedStats = shared.SharedStats;
  export import SharedStore = shared.SharedStore;
  export import ShmCache = shmCache.ShmCache;
  export import ShmCacheOptions = shmCache.ShmCacheOptions;
  export import Signal = store.Signal;
  export import SnapshotOptions = store.SnapshotOptions;
  export import SnapshotProgress = store.SnapshotProgress;
  export import SnapshotResult = store.SnapshotResult;
  export import Store = store.Store;
  export import StoreObserver = observed.StoreObserver;
  export import StoreStats = store.StoreStats;
  export import WatchOptions = shared.WatchOptions;
  export import Watched = shared.Watched;
  export import createStore = keyshare.createStore;
  // The class once more, for named imports, and for default imports without `esModuleInterop`.
  export { MemoryStore, MemoryStore as default };
}

export = MemoryStore;
