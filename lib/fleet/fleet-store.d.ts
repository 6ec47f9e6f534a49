/** A store that the machines of a fleet share, over Redis (7.0.5 or newer) or Valkey. */
import type LocalStore = require('../../index.js');

import type { Watched, WatchOptions } from '../shared/shared-store.js';

/** Sends commands: what another client than that of `redis` has to be made into. */
export interface Carrier {
  /**
   * Sends a command to the master of the slot of `key`, or to any: once, whatever becomes of it, and
   * in the order of the calls. Strings come back as Buffers.
   */
  send(command: readonly (string | Uint8Array)[], key: string | undefined): Promise<unknown>;
  /** A function for each master that sends commands to it. */
  masters(): Promise<((command: readonly (string | Uint8Array)[]) => Promise<unknown>)[]>;
  /** Called before each command: comes when commands can be sent, rejects if not. */
  connect(): Promise<void>;
  close(): void;
}

/** A connected client of the package `redis` (6 or newer): single, pool, Sentinel or Cluster. */
export interface RedisClient {
  // biome-ignore lint/suspicious/noExplicitAny: each kind of client has its own arguments
  sendCommand(...given: any[]): Promise<unknown>;
}

export interface Options {
  /** 1 to 128 characters without braces and spaces; keys at the server begin with it. */
  name: string;
  /**
   * `redis://user:password@host:port/database`, `rediss://` for TLS; default 127.0.0.1:6379. Beside a
   * pool or a carrier: where its server is, or one of its cluster, for near copies and watchers.
   */
  url?: string;
  /** In place of a url: a client, which its owner connects and closes. */
  client?: RedisClient | Carrier;
  /** How long entries live that are set without a time of their own, in milliseconds. */
  ttl?: number;
  /**
   * How long a step at the server may take, connecting included, in milliseconds; default 1,000.
   * Then it is `ERR_STORE_UNAVAILABLE`, or `ERR_OUTCOME_UNKNOWN` for a write that was sent.
   */
  timeout?: number;
  /**
   * How many replicas have to have a write before its promise resolves, else it rejects with
   * `ERR_NOT_REPLICATED`: the master has it. The connection waits with it. Default: 0.
   */
  waitReplicas?: number;
  /**
   * What reads do when the server cannot be had: reject, or, with `near`, give a copy of which nobody
   * has heard for this many milliseconds at the most; event `stale` tells it, once an outage.
   */
  whenDown?: 'error' | { readonly serveStaleMs: number };
  /** What is kept near of what is read. Default: nothing; `{}` is all defaults. */
  near?: NearOptions;
}

/**
 * Near copies: the server says what has changed, a thread listens, and a copy is given only while
 * that is known to have been heard, never after the deadline of its entry.
 */
export interface NearOptions {
  /**
   * Who shares the copies: all processes of this machine, one of which listens; or nobody. Default:
   * the machine, or the process where no memory can be shared.
   */
  scope?: 'machine' | 'process' | 'none';
  /** The folder of a machine's copies, as that of a `SharedStore`. */
  path?: string;
  /** What the copies may take; default 64 MiB. The same for all who share them. */
  maxBytes?: number;
  /** How late a change by others may be seen when the server falls silent; default 1,000 ms. */
  maxStaleMs?: number;
  /** Whether each reader gets a copy of an object, or all the same, frozen; default `'copy'`. */
  reads?: 'copy' | 'frozen';
  /**
   * Patterns of keys that are asked of the server each time, in every namespace; at most 64. The
   * copies of a machine are shared by those who give the same.
   */
  exclude?: readonly (string | RegExp)[];
  /**
   * Where the server does not tell what changes (`CLIENT TRACKING` is refused): no copies, or, with
   * `'ttl'`, of what has a time to live, for so long, whatever others do. Default: `'off'`.
   */
  untracked?: 'off' | 'ttl';
}

/** A lock that is held. */
export interface Lock {
  /** Rises strictly with each holder of the key's lock, in the whole fleet. */
  readonly token: number;
  /** Aborts with `ERR_LOCK_LOST` when the lease could not be renewed in time, or at `close`. */
  readonly signal: LocalStore.Signal;
}

export interface LockOptions {
  /** How long the lock outlives a process that dies, in milliseconds; default 10,000. */
  leaseMs?: number;
  /** How long one waits for it, in milliseconds; default 1,000. Then `ERR_LOCK_TIMEOUT`. */
  timeout?: number;
  /** Ends the wait. */
  signal?: LocalStore.Signal | undefined;
}

/** Each write takes it: one of a holder of old rejects with `ERR_FENCED`, and changes nothing. */
export interface Fence {
  /** The lock on this key under which it is written. */
  fence?: Pick<Lock, 'token'> | undefined;
}

export type SetOptions = LocalStore.SetOptions & Fence;

/** What is told of a change by anybody, another program included. */
export type FleetChange =
  /** Something was written under a key, or removed, expired or evicted. */
  | { readonly type: 'change'; readonly key: string }
  /** A tag was invalidated. */
  | { readonly type: 'invalidate'; readonly key: undefined; readonly tag: string }
  /** The namespace that is watched, or one around it, was cleared. */
  | { readonly type: 'clear'; readonly key: undefined }
  /**
   * Some may be missing: the connection was lost, and stands again, the server was flushed, or keys
   * of a cluster have moved. Look at the store.
   */
  | { readonly type: 'overflow'; readonly key: undefined };

/** What is told beside a message: whose it is, or that messages may be missing. */
export interface FleetAbout {
  readonly type: 'message' | 'overflow';
  readonly origin: 'own' | 'other';
}

/** What is watched and subscribed to, over connections of its own to all masters. */
export interface FleetWatchers {
  /**
   * Tells a listener of changes, in order per key; comes, with the function that stops it, when the
   * server tells. Without a listener, an iterable that begins when it is first asked.
   */
  watch(
    what: LocalStore.Key | Watched,
    listener: (change: FleetChange) => void,
    options?: WatchOptions,
  ): Promise<() => void>;
  watch(what: LocalStore.Key | Watched, options?: WatchOptions): AsyncIterableIterator<FleetChange>;
  /** The same for messages on a channel, own ones too. After an overflow the value is `undefined`. */
  subscribe<T = unknown>(
    channel: string,
    listener: (value: T, about: FleetAbout) => void,
    options?: WatchOptions,
  ): Promise<() => void>;
  subscribe<T = unknown>(
    channel: string,
    options?: WatchOptions,
  ): AsyncIterableIterator<FleetAbout & { readonly value: T }>;
  /** Sends a clone of a value to all who subscribe now, by any client. Nothing is kept for others. */
  publish(channel: string, value: unknown): Promise<void>;
}

export interface FleetStats
  extends Omit<LocalStore.StoreStats, 'evicted' | 'expired' | 'indexBytes'> {
  /** Reads that near copies answered. */
  readonly nearHits: number;
  /** Reads that were answered with old copies, see `whenDown`. */
  readonly staleHits: number;
  /** How often all near copies were made void, as event `flush` tells. */
  readonly flushes: number;
  /**
   * How long the server took lately to answer who listens for near copies, most times and nearly
   * always, in milliseconds: so late a change is seen. 0 where nobody has listened.
   */
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
}

/** What a fleet store tells: of loads that failed unasked, and of its server. */
export interface FleetEvents extends LocalStore.ErrorEvents {
  /** A command was answered, the first time or after an outage. */
  up: () => void;
  /** A command could not be sent, or was not answered in time. Once an outage. */
  down: (reason: Error) => void;
  /** All near copies were made void: the server was flushed, or listening has begun anew. */
  flush: () => void;
  /** Other masters are listened to now, or the same ones started anew. */
  failover: () => void;
  /** A read was answered with an old copy (`whenDown`). Once an outage. */
  stale: () => void;
}

type All<V> = LocalStore.AsyncStore<V>;
type Written = 'set' | 'add' | 'replace' | 'compareAndSet' | 'update' | 'setMany';
type Counted = 'increment' | 'decrement' | 'hit';
type Shared<V> = Omit<All<V>, 'snapshot' | 'restore' | 'stats' | Written | Counted>;

/** Counts under a lock. */
type FencedCount<V, N extends Counted> = (
  key: Parameters<All<V>[N]>[0],
  by: number | undefined,
  options: LocalStore.CounterOptions & Fence,
) => ReturnType<All<V>[N]>;

/** The verbs that write, each of which takes the lock under which it does. */
export interface Fenced<V> {
  set(key: LocalStore.Key, value: V, options?: SetOptions | number): Promise<true>;
  add(key: LocalStore.Key, value: V, options?: SetOptions | number): Promise<boolean>;
  replace(key: LocalStore.Key, value: V, options?: SetOptions | number): Promise<boolean>;
  compareAndSet(
    key: LocalStore.Key,
    expected: V | undefined,
    value: V,
    options?: SetOptions | number,
  ): Promise<boolean>;
  update(
    key: LocalStore.Key,
    change: Parameters<All<V>['update']>[1],
    options?: SetOptions | number,
  ): ReturnType<All<V>['update']>;
  setMany(entries: Iterable<LocalStore.ManyEntry<V>>, options?: SetOptions | number): Promise<true>;
  increment: All<V>['increment'] & FencedCount<V, 'increment'>;
  decrement: All<V>['decrement'] & FencedCount<V, 'decrement'>;
  hit: All<V>['hit'] & FencedCount<V, 'hit'>;
}

/**
 * The verbs of every store, as promises. Each step on a key is atomic at the server; `getOrSet`
 * runs one factory in the whole fleet. Values are copies, as those of a `SharedStore`.
 *
 * @example
 * const store = new FleetStore({ name: 'shop', url: 'redis://10.0.0.5:6379' });
 * await store.getOrSet('rates', () => fetchRates(), { ttl: 60_000 });
 * await store.withLock('report', async (lock) => {
 *   await store.set('report', await makeReport(lock.signal), { fence: lock });
 * });
 */
export declare class FleetStore<V = unknown> {
  constructor(options: Options);
  readonly name: string;
  readonly [Symbol.toStringTag]: 'FleetStore';

  /** `fresh`: the value is asked for at the master, and its near copy is that. */
  get(key: LocalStore.Key, options?: { readonly fresh?: boolean }): Promise<V | undefined>;

  /**
   * The value of a near copy that is right, at once and without the server; `undefined` if there is
   * none. `get` gives the same, and asks the server where it must; `peek` always asks it.
   */
  near(key: LocalStore.Key): V | undefined;

  /** Runs a task while no other of the fleet has the lock of a key; a number is the `timeout`. */
  withLock<T>(
    key: LocalStore.Key,
    task: (lock: Lock) => T | PromiseLike<T>,
    options?: LockOptions | number,
  ): Promise<T>;

  /** What this object has done; `entries` is counted by a walk over the server. */
  stats(): Promise<FleetStats>;
}

export interface FleetStore<V = unknown>
  extends Shared<V>,
    Fenced<V>,
    FleetWatchers,
    LocalStore.Listening<FleetEvents> {}
