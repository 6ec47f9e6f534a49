/**
 * The typings of events: which there are, and what each tells its listener.
 */
import MemoryStore = require('shared-memory-store');

import { assert, type Equal } from './exact.js';

interface Session {
  userId: number;
}

const store = new MemoryStore<Session>();

store.on('set', (key, value, reason) => {
  assert<Equal<typeof key, string>>();
  assert<Equal<typeof value, Session>>();
  assert<Equal<typeof reason, 'add' | 'update' | 'rename'>>();
});
store.on('delete', (_key, value, reason) => {
  assert<Equal<typeof value, Session>>();
  assert<Equal<typeof reason, 'delete' | 'take' | 'rename'>>();
});
store.once('expire', (_key, value, reason) => {
  assert<Equal<typeof value, Session>>();
  assert<Equal<typeof reason, 'ttl'>>();
});
store.on('evict', (_key, _value, reason) => assert<Equal<typeof reason, 'entries' | 'size'>>());
store.on('clear', (key, value, reason) => {
  assert<Equal<typeof key, undefined>>();
  assert<Equal<typeof value, undefined>>();
  assert<Equal<typeof reason, 'clear' | 'close'>>();
});
store.on('dispose', (_key, value, reason) => {
  assert<Equal<typeof value, Session>>();
  assert<
    Equal<
      typeof reason,
      'set' | 'delete' | 'take' | 'expire' | 'evict' | 'clear' | 'invalidate' | 'close'
    >
  >();
});
store.on('error', (error, key) => {
  assert<Equal<typeof error, Error>>();
  assert<Equal<typeof key, string | undefined>>();
});
type Told = 'set' | 'delete' | 'expire' | 'evict' | 'clear' | 'dispose' | 'error';
assert<Equal<keyof MemoryStore.Events, Told>>();

// A listener takes as much as it likes; the store comes back.
const listener = (key: string) => print(key);
declare function print(text: string): void;
const chained = store.on('set', listener).once('set', listener).off('set', listener);
assert<Equal<typeof chained, MemoryStore<Session>>>();
store.on('set', () => {});
const typed: MemoryStore.Events<Session>['evict'] = (key, { userId }) => print(`${key}${userId}`);
store.on('evict', typed);

// Whatever takes an emitter takes a store: what Node's typings ask of one.
type Emit = (event: string | symbol, ...given: unknown[]) => boolean;
type Listen = (event: string | symbol, listener: (...given: unknown[]) => void) => unknown;
interface Emitter {
  on(...given: Parameters<Listen>): this;
  once(...given: Parameters<Listen>): this;
  removeListener(...given: Parameters<Listen>): this;
  rawListeners(event: string | symbol): unknown[];
  eventNames(): (string | symbol)[];
  emit: Emit;
}
declare function once(emitter: Emitter, event: string): Promise<unknown[]>;
once(store, 'expire').then(() => {});
store.addListener('set', listener).prependListener('set', listener).removeListener('set', listener);
store
  .prependOnceListener('clear', () => {})
  .removeAllListeners('clear')
  .removeAllListeners();
const counts: number = store.setMaxListeners(0).listenerCount('set') + store.getMaxListeners();
print(`${counts}${store.eventNames().length}${store.listeners('set').length}`);
new MemoryStore.SharedStore().on('error', (error, key) => print(`${error.message}${key}`));

// A subclass stays itself.
class Sessions extends MemoryStore<Session> {
  open(): this {
    return this.on('expire', () => {});
  }
}
const sessions = new Sessions().on('set', () => {});
assert<Equal<typeof sessions, Sessions>>();

// @ts-expect-error no such event
store.on('sets', () => {});
// @ts-expect-error no such event
store.off('errors', () => {});
// @ts-expect-error what a MemoryStore alone tells
new MemoryStore.SharedStore().on('set', () => {});
// @ts-expect-error no listener
store.on('set');
// @ts-expect-error no function
store.once('set', 'listener');
// @ts-expect-error the key is a string
store.on('set', (key: number) => key);
// @ts-expect-error the value is a session
store.on('set', (_key: string, value: string) => value);
// @ts-expect-error a store that is emptied names no key
store.on('clear', (key: string) => key);
// @ts-expect-error no such method
store.emit('set', 'key', { userId: 1 }, 'add');
