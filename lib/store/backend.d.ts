/**
 * What a store's class asks of the scope behind it. A scope is one class that implements this.
 *
 * Arguments are checked and converted before a backend sees them, and nothing of the caller's runs
 * between the check that a store is open and the call of a backend; where a backend runs such code
 * itself (encoding, a `change`, a factory), it looks again whether it is open. A backend answers
 * with values or with promises of them: the classes hand on what it gives. Whatever writes to a key
 * or empties the store invalidates the loads of that key, within the backend.
 */
import type { Filter as FilterClass } from '../arguments/filter.js';
import type { Limit } from '../arguments/limit.js';
import type { LoadRequest } from '../arguments/load-options.js';
import type { Count, Write as WriteClass } from '../arguments/writes.js';
import type { Keyspace as KeyspaceClass } from '../keys/keyspace.js';
import type { Source, Target } from '../snapshot/snapshot.js';

type Write = InstanceType<typeof WriteClass>;
type Keyspace = InstanceType<typeof KeyspaceClass>;
type Filter = InstanceType<typeof FilterClass>;

/** A value now (a thread, a process, a machine), or later (a fleet, the async view). */
type Answer<T> = T | Promise<T>;

/** Entries now, or one after another later. */
export type Walk<T> = Iterable<T> | AsyncIterable<T>;

/** An entry as it was seen: what `exchange` needs to know it again. */
export interface Seen {
  readonly value: unknown;
  /** Milliseconds until the deadline, rounded up; Infinity for none. */
  readonly leftMs: number;
  readonly tags: readonly string[];
  /** What tells it from the entry that comes after it: the backend's own affair. */
  readonly mark: number;
  /** The same of an entry that lies elsewhere: all of it. */
  readonly bytes?: Buffer;
}

export interface Backend {
  readonly isOpen: boolean;

  get(string: string): Answer<unknown>;
  /** As `get`, for who has to know whether there was an entry: `absent` where there was none. */
  getOr(string: string, absent: unknown): Answer<unknown>;
  peek(string: string): Answer<unknown>;
  has(string: string): Answer<boolean>;
  ttl(string: string): Answer<number | undefined>;
  /** The entry of one moment; counts as a read. */
  look(string: string): Answer<Seen | undefined>;

  /** Whether it took place. `when` is one of `When`. */
  write(write: Write, when: number): Answer<boolean>;
  /** Writes where the entry still is the one that was seen, or none where none was. */
  exchange(write: Write, seen: Seen | undefined): Answer<boolean>;
  remove(string: string): Answer<boolean>;
  take(string: string): Answer<unknown>;
  /** `ttlMs` as that of a write. */
  touch(string: string, ttlMs: number): Answer<boolean>;
  increment(count: Count): Answer<number | undefined>;
  hit(count: Count): Answer<{ value: number; ttl: number } | undefined>;
  limit(limit: Limit): Answer<{ allowed: boolean; remaining: number; retryMs: number }>;
  compareAndSet(write: Write, expected: unknown): Answer<boolean>;
  /** Runs what reads and writes a key in several steps, while others that do so wait. */
  alone(string: string, act: (backend: Direct | Far) => unknown): Answer<unknown>;
  /** Whether it may answer with promises; then what `alone` runs may give some, too. */
  readonly mayWait: boolean;
  load(request: LoadRequest): Promise<unknown>;

  getMany(strings: string[]): Answer<unknown[]>;
  writeMany(writes: Write[]): Answer<void>;
  removeMany(strings: string[]): Answer<number>;

  /**
   * Whatever has one of these tags and was written before, or is of a moment before, is not there
   * any more: at once and for everybody, one tag after another.
   */
  invalidate(tags: string[]): Answer<void>;
  /** Somebody has made a namespace of the store. */
  noteNamespace(space: Keyspace): void;
  /** What is in a keyspace and in those within; all there is, if it is that of plain keys. */
  clear(space?: Keyspace): Answer<void>;
  size(space?: Keyspace): Answer<number>;
  /** What those entries are kept under whose keys are meant. */
  keys(filter: Filter): Answer<string[]>;
  count(filter: Filter): Answer<number>;
  walk(filter: Filter): Walk<[string, unknown]>;
  /** The same in small steps, some of which give nothing. */
  scan(filter: Filter): Walk<[string, unknown] | undefined>;
  /** How many were there. Whoever listens is told of each. */
  removeWhere(filter: Filter): Answer<number>;
  walkValues(filter: Filter): Walk<unknown>;
  stats(): Answer<object>;
  /** The entries as snapshots give and take them; each call of it is told which method began. */
  stored(method: string): Source & Target;
  close(): Answer<void>;
}

/** What an update of an entry elsewhere takes: each step is a promise. */
export interface Far {
  readonly isOpen: boolean;
  readonly ownWrites: number;
  hasWritten(string: string, since: number): boolean;
  look(string: string): Promise<Seen | undefined>;
  exchange(write: Write, seen: Seen | undefined): Promise<boolean>;
  write(write: Write, when: number): Promise<boolean>;
}

/** The steps of what reads, decides and writes. */
export type Steps = Pick<
  Direct,
  'isOpen' | 'ownWrites' | 'hasWritten' | 'look' | 'exchange' | 'write'
>;

/** A backend that answers at once: a thread, a process or a machine. */
export type Direct = {
  [K in Exclude<keyof Backend, 'load'>]: Backend[K] extends (...given: infer A) => Answer<infer R>
    ? (...given: A) => R
    : Backend[K];
} & {
  load: Backend['load'];
  /** As `take` and `getMany`, for who has to know what was there: see `getOr`. */
  takeOr(string: string, absent: unknown): unknown;
  getManyOr(strings: string[], absent: unknown): unknown[];
  /** Runs what takes several steps: whoever listens is told at its end. */
  whole<T>(act: (steps: Steps) => T): T;
  /** Grows with what this thread writes, so that it can tell its own writes from others'. */
  readonly ownWrites: number;
  /** Whether this thread has written to a key since it had written so much. */
  hasWritten(string: string, since: number): boolean;
};

/** A backend that counts for itself: told of looks and writes of what takes several steps. */
export interface Tallying {
  readonly tally?: { looked: (isThere: boolean) => void; stored: () => void };
}

/** What a scope has at hand of a namespace's entries, by their keys. */
export interface Near {
  /** Values that `find` gave, each a read that found something. */
  readonly uses: number;
  /** The value of a key, if it is at hand and right; not looked for otherwise. */
  find(key: unknown): unknown;
  /** An entry was just read. */
  learn(string: string): void;
}

/** A backend that has values at hand, and lets views of its namespaces have theirs. */
export interface Nearby {
  readonly near?: Near;
  nearOf?(space: Keyspace): Near;
}

/** A backend that may lose its store, and then opens the one that is there. */
export interface Reopening {
  /** Opens it anew, where it may; whether it is open then. */
  reopen?(): boolean;
}

/** A backend that tells those who listen at the end of a call. */
export interface Telling {
  /** Does something of which they are told in a turn of their own, if they are. */
  untold?(act: () => object): object;
}

/** What `keys`, `count`, `clear` and `removeWhere` do, in parts: others come in between. */
export interface Stepwise {
  keySteps(filter: Filter): Iterable<string[]>;
  countSteps(filter: Filter): Iterable<number>;
  overtakeLoads(filter: Filter): void;
  /** As `clear`, but for the keys that are left where they are. */
  clearBut(space: Keyspace, isLeft: (string: string) => boolean): void;
}
