/** The contract of `shared-memory-store/testing`: for tests of programs that use stores. */
import type { SharedOptions, SharedStore } from '../../shared/shared-store.js';
import type { Milliseconds } from '../../store/interface.js';

/** A clock that stands still until it is moved. */
export interface FakeClock {
  (): Milliseconds;
  /** Moves it by so much; gives what it then says. */
  advance(ms: Milliseconds): Milliseconds;
  set(ms: Milliseconds): Milliseconds;
}

/**
 * A clock for option `now` of a `MemoryStore`.
 *
 * @example
 * const clock = fakeClock();
 * const store = new MemoryStore({ now: clock });
 * store.set('key', 'value', { ttl: 1000 });
 * clock.advance(1000);
 * store.get('key'); // undefined
 */
export declare function fakeClock(startMs?: Milliseconds): FakeClock;

/**
 * A `SharedStore` with a name of its own that is destroyed when it is closed or disposed of, at the
 * latest when the process exits. One of a process that was killed stays.
 */
export declare function temporaryStore<V = unknown>(
  options?: Omit<SharedOptions, 'name'>,
): SharedStore<V>;
