/** The contract of `shared-memory-store/memory-store`, a drop-in for `harpiats/memory-store`. */
import type LocalStore = require('../../../index.js');

export type { SessionStore as Store } from '../../session/session.js';

/** Options of the constructor: those of the synchronous store. */
export type Options<V = unknown> = LocalStore.Options<V>;
/** Options of writes: those of the synchronous store. */
export type SetOptions = LocalStore.SetOptions;

/**
 * A `MemoryStore` whose verbs give promises: any JavaScript value by reference (but one with a
 * `then` method, which a promise cannot carry).
 *
 * Calls on one key take effect in the order in which they were made. They do so within the call,
 * unless an `update` of the same key is in progress; another key never waits. No verb throws: bad
 * arguments reject the promise, and change nothing. Listeners come and go at once, as those of the
 * synchronous store.
 *
 * The `change` of `update` may be async; no other call on its key comes in between. One that awaits
 * a call on its own key waits for itself, for ever.
 *
 * @example
 * const store = new MemoryStore({ ttl: 1_800_000, maxEntries: 100_000 });
 * await store.set('session123', { userId: 1, username: 'Alice' });
 * await store.get('session123'); // { userId: 1, username: 'Alice' }, the same object
 * await store.update('visits', (count = 0) => count + 1);
 */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's must compile
export declare class MemoryStore<V = any> {
  constructor(options?: Options<V>);
  readonly [Symbol.toStringTag]: 'MemoryStore';
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export interface MemoryStore<V = any>
  extends LocalStore.AsyncStore<V>,
    LocalStore.Listening<LocalStore.Events<V>> {}
