/**
 * Stores without a type of values: what README shows compiles.
 */
import MemoryStore, { SharedStore } from 'shared-memory-store';
import { MemoryStore as A } from 'shared-memory-store/memory-store';
import { Session } from 'shared-memory-store/session';

const a = new Session({ store: new SharedStore({ name: 'x' }) });
const b = new Session({ store: new MemoryStore() });
const c = new Session({ store: new A() });
const d = new Session<{ id: number }>({ store: new SharedStore<{ id: number }>() });
const s = new MemoryStore();
s.update('cart', (items = []) => [...items, 'tea']);
s.update('n', (count: number = 0) => count + 1);
const n: number | undefined = new MemoryStore<number>().update('a', (v) => (v ?? 0) + 1);

export { a, b, c, d, n };
