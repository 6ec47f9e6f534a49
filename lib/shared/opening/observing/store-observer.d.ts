/** The contract of `StoreObserver`. A part of `index.d.ts`. */
import type {
  Bytes,
  EpochMilliseconds,
  Filter,
  Key,
  Milliseconds,
} from '../../../store/interface.js';

/**
 * A store of scope `'processes'` as one sees it who does not take part, from `SharedStore.observe`.
 * It has no place among the participants, takes no lock, moves no counter and writes nothing; no
 * call waits for anybody. What others change meanwhile, a walk may show or not.
 *
 * Methods throw StoreError `ERR_CORRUPTED`, and `ERR_LOCK_TIMEOUT` where others change an entry all
 * the time.
 */
export interface StoreObserver {
  readonly file: string;
  stats(): ObservedStats;
  /** Who is in the table of participants, the dead included until another takes the place. */
  participants(): ObservedParticipant[];
  /** Keys that are locked, and keys that are being loaded. */
  claims(): ObservedClaim[];
  /**
   * Locks of the store itself at this moment. In a busy store most are gone at the next look; one
   * that stays is held by a participant that was stopped.
   */
  heldLocks(): ObservedLock[];
  /** The segments that were used, in order. */
  segments(): ObservedSegment[];
  keys(options?: ObservedFilter): IterableIterator<string>;
  entries(options?: ObservedFilter): IterableIterator<ObservedEntry>;
  /**
   * How many entries the index has, which is what `stats().entries` counts: those that have expired,
   * were invalidated or cleared with their namespace, and that no sweep has removed, too. Other numbers in a
   * store that nobody uses mean that it is damaged.
   */
  indexed(): number;
  /** What a sample of so many entries (default 10,000) says of all, at no cost to participants. */
  sample(options?: SampleOptions): ObservedSample;
  get(key: Key, options?: InNamespace): unknown;
  /** What is known of an entry, or `undefined`. */
  entry(key: Key, options?: InNamespace): ObservedEntry | undefined;
  /** A second time, nothing happens. */
  close(): void;
  [Symbol.dispose](): void;
  readonly [Symbol.toStringTag]: 'StoreObserver';
}

/** Whose key: of a namespace, by the names from the outermost on. Default: the store's own. */
export interface InNamespace {
  readonly namespace?: readonly string[] | undefined;
}

/** Which entries. */
export interface ObservedFilter extends Filter, InNamespace {
  /** All entries, of all namespaces, too; the other options are not looked at. */
  readonly everywhere?: boolean | undefined;
}

/** What to look at. */
export interface SampleOptions {
  /** How many entries, at the most. Default: 10,000. */
  readonly entries?: number | undefined;
  /** What ends a prefix. Default: `':'`. */
  readonly delimiter?: string | undefined;
}

/** What lies in a store, as far as it was looked at. */
export interface ObservedSample {
  /** Entries that were looked at. */
  readonly looked: number;
  /** The largest first. A key without the delimiter has the prefix `''`. */
  readonly prefixes: readonly {
    readonly prefix: string;
    readonly namespace: readonly string[];
    readonly entries: number;
    /** Of their values. */
    readonly bytes: Bytes;
    /** Of the entries that were looked at. */
    readonly share: number;
  }[];
  /** Those that were read most lately; none in a store that does not evict. */
  readonly hottest: readonly {
    readonly key: string;
    readonly namespace: readonly string[];
    readonly uses: number;
  }[];
}

/** What a store has done and holds. */
export interface ObservedStats {
  readonly name: string;
  readonly file: string;
  readonly layout: number;
  readonly whenFull: 'error' | 'evict';
  readonly maxEntries: number | undefined;
  /** The size of each segment. */
  readonly bytesPerSegment: Bytes;
  readonly segments: number;
  readonly usedSegments: number;
  readonly freeSegments: number;
  /** When the last to close it left it whole; `undefined` in use, and if that one died. */
  readonly closedAt: EpochMilliseconds | undefined;
  /** `false` of a store from before the machine's last start. */
  readonly isOfThisBoot: boolean;
  readonly hitRatio: number;
  /** Expired ones included that no sweep has removed. */
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
  readonly sets: number;
  readonly deletes: number;
  readonly evicted: number;
  readonly expired: number;
  readonly locksRecovered: number;
  /** Of loads and of waits for locks participants tell once a second, and when they close it. */
  readonly loads: number;
  readonly loadErrors: number;
  readonly loadMs: Milliseconds;
  readonly staleServed: number;
  readonly lockWaits: number;
  readonly lockWaitMs: Milliseconds;
  readonly dataBytes: Bytes;
  readonly segmentBytes: Bytes;
  readonly indexBytes: Bytes;
  readonly residentBytes: Bytes;
  readonly maxBytes: Bytes;
  readonly participants: number;
}

/** A thread that has the store open, or had. */
export interface ObservedParticipant {
  /** As the process itself knows it: in a container, one of that container. */
  readonly pid: number;
  readonly thread: number;
  readonly since: EpochMilliseconds;
  /** `false` of one that only keeps the store in order. */
  readonly isUser: boolean;
  readonly isAlive: boolean;
  /** Of those counts, earlier participants of the same place have a part. */
  readonly hits: number;
  readonly misses: number;
  readonly sets: number;
  readonly deletes: number;
}

/** A key that somebody has locked, or loads. */
export interface ObservedClaim {
  readonly type: 'lock' | 'load';
  /** `undefined` where the key has no entry: the store knows it by its hash alone. */
  readonly key: string | undefined;
  readonly namespace: readonly string[];
  readonly hash: string;
  /** `undefined` if the holder's place is another's by now. */
  readonly pid: number | undefined;
  readonly thread: number | undefined;
  /** How often the holder has it. */
  readonly depth: number;
  readonly isAlive: boolean;
  /** Whether somebody waits for its end. */
  readonly isAwaited: boolean;
}

/** A lock of the store itself. */
export interface ObservedLock {
  readonly type:
    | 'shard'
    | 'free segments'
    | 'key locks'
    | 'loads'
    | 'structures'
    | 'tags'
    | 'changes';
  readonly shard: number | undefined;
  readonly pid: number | undefined;
  readonly thread: number | undefined;
  readonly isAlive: boolean;
}

/** A part of the store's memory, that is filled and emptied whole. */
export interface ObservedSegment {
  readonly role: 'free' | 'new' | 'main' | 'index';
  readonly shard: number;
  readonly usedBytes: Bytes;
  readonly liveBytes: Bytes;
}

/** What is known of an entry. */
export interface ObservedEntry {
  readonly key: string;
  readonly namespace: readonly string[];
  /** Of its value. */
  readonly bytes: Bytes;
  /** What is left; `Infinity` for ever. */
  readonly ttl: Milliseconds;
  /** How often it was read lately, 0 … 3; always 0 in a store that does not evict. */
  readonly uses: number;
  readonly tags: readonly string[];
}
