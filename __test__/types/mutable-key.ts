/**
 * The typings of mutable keys: made from any key, accepted wherever a key is, one property.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

const store = new MemoryStore<number>();

const text = store.createKey('a');
const count = store.createMutableKey(5);
const object = store.createKey({ tenant: 7 });
const again = store.createKey(text);
assert<Equal<ReturnType<typeof text.toString>, string>>();
assert<Equal<ReturnType<typeof text.valueOf>, string>>();
assert<Equal<ReturnType<typeof text.toJSON>, string>>();

// It is a key like others.
store.set(text, 1);
store.get(count);
store.has(object);
store.delete(again);
store.ttl(text);
store.touch(text, 1000);
accept<MemoryStore.Key>(text);
accept<MemoryStore.Key[]>([text, count, object]);

// Any key can be assigned; whoever holds a key of some kind can hold this one.
text.value = 'b';
text.value = 5;
text.value = { tenant: 8 };
text.value = count;
accept<MemoryStore.MutableKey>(text);
accept<MemoryStore.MutableKey>(count);
accept<MemoryStore.MutableKey>(object);
accept<MemoryStore.Key>(text.value);
const spelled = `${text}`;
assert<Equal<typeof spelled, string>>();

// @ts-expect-error a symbol is no key
text.value = Symbol('key');
// @ts-expect-error no other property
text.name = 'b';
// @ts-expect-error methods are not replaced
text.toString = 5;
// @ts-expect-error a string is no mutable key
accept<MemoryStore.MutableKey>('a');
// @ts-expect-error an initial value is needed
store.createKey();
