/**
 * A program that somebody bundles: it uses what is loaded at start, and what is loaded later.
 */
const MemoryStore = require('shared-memory-store');

async function main() {
  const store = new MemoryStore();
  store.set('key', { of: 'one' }, { ttl: 60_000 });
  const loaded = await store.getOrSet('loaded', () => 'by a factory');
  const shared = new MemoryStore.SharedStore({ name: 'bundled', maxBytes: 1024 ** 2 });
  shared.set('key', { of: 'all', at: new Map([[1, 2]]) });
  let line;
  try {
    store.get(Symbol('key'));
  } catch (error) {
    line = error.code;
  }
  const { at, of } = shared.get('key');
  shared.close();
  console.log(JSON.stringify([store.get('key').of, loaded, of, at.get(1), line]));
}

main();
