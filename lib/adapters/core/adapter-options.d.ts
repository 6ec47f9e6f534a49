/** The options that all adapters take, and what some of them are. */
import type { SharedOptions } from '../../shared/shared-store.js';
import type { AsyncStore, Store } from '../../store/interface.js';

/** A store of any scope. */
// biome-ignore lint/suspicious/noExplicitAny: what an adapter keeps is not the type of a store
export type AnyStore = Store<any> | AsyncStore<any>;

/**
 * `{ store }`, or the options of the `SharedStore` that the adapter opens. Of these, `scope` is by
 * default `'processes'`, `whenFull` is `'evict'`, and `whenOrphaned` is `'rejoin'`.
 */
export interface AdapterOptions extends SharedOptions {
  /** A store that is open. The adapter never closes it; one that it opened itself, it does. */
  readonly store?: AnyStore | undefined;
  /** What the keys of the adapter begin with, to the letter. */
  readonly prefix?: string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: as the EventEmitter of Node, whose types may be absent
type Listener = (...given: any[]) => void;
type EventName = string | symbol;

/** An `EventEmitter` of Node. */
export interface Emitter {
  on(event: EventName, listener: Listener): this;
  once(event: EventName, listener: Listener): this;
  off(event: EventName, listener: Listener): this;
  addListener(event: EventName, listener: Listener): this;
  removeListener(event: EventName, listener: Listener): this;
  prependListener(event: EventName, listener: Listener): this;
  prependOnceListener(event: EventName, listener: Listener): this;
  removeAllListeners(event?: EventName): this;
  // biome-ignore lint/suspicious/noExplicitAny: as there
  emit(event: EventName, ...given: any[]): boolean;
  listeners(event: EventName): Listener[];
  rawListeners(event: EventName): Listener[];
  listenerCount(event: EventName, listener?: Listener): number;
  eventNames(): EventName[];
  setMaxListeners(most: number): this;
  getMaxListeners(): number;
}
