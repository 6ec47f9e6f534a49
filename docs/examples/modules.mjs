/**
 * The package from an ES module, and a store that closes itself at the end of a block.
 *
 *     node docs/examples/modules.mjs
 */

import assert from 'node:assert/strict';
import MemoryStore, { MemoryStore as Named, StoreError } from 'shared-memory-store';

// One class, however it is reached.
assert.equal(Named, MemoryStore);
assert.equal((await import('shared-memory-store')).default, MemoryStore);

/** Counts words in a store of its own. */
function countWords(text) {
  // In TypeScript, in Bun and from Node 24 on: `using counts = new MemoryStore();`
  const counts = new MemoryStore();
  try {
    for (const word of text.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
    return Object.fromEntries(counts);
  } finally {
    counts[Symbol.dispose]();
  }
}

assert.deepEqual(countWords('to be or not to be'), { to: 2, be: 2, or: 1, not: 1 });

// A closed store says so; `code` is stable, the message is not.
const closed = new MemoryStore();
closed.close();
closed.close();
assert.throws(
  () => closed.get('key'),
  (error) => error instanceof StoreError && error.code === 'ERR_STORE_CLOSED',
);

console.log(countWords('to be or not to be'));
