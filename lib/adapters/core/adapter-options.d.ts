/** The options that all adapters take. */
import type { SharedOptions } from '../../shared/shared-store.js';
import type { AsyncStore, Store } from '../../store/interface.js';

/** A store of any scope. */
// biome-ignore lint/suspicious/noExplicitAny: what an adapter keeps is not the type of a store
export type AnyStore = Store<any> | AsyncStore<any>;

/**
 * `{ store }`, or the options of the `SharedStore` that the adapter opens. Of these, `scope` is by
 * default `'processes'`, and `whenFull` is `'evict'`.
 */
export interface AdapterOptions extends SharedOptions {
  /** A store that is open. The adapter never closes it; one that it opened itself, it does. */
  readonly store?: AnyStore | undefined;
  /** What the keys of the adapter begin with, to the letter. */
  readonly prefix?: string | undefined;
}
