/**
 * Stores that are used from vm contexts, and a package that is evaluated several times over.
 *
 * Test runners do both: each test file in a context of its own, with a fresh module registry.
 */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { collectGarbage } = require('../helpers/collect-garbage');

const CONTEXTS = 20;

async function main() {
  const MemoryStore = require('shared-memory-store');
  const shared = new MemoryStore({ cleanupInterval: 1 });
  shared.startCleanupTask();

  for (let number = 0; number < CONTEXTS; number += 1) {
    useFromContext(MemoryStore, shared, number);
    useFreshCopy(number);
    await collectGarbage();
  }

  // Values and functions of contexts that are long gone are still what was stored.
  assert.equal(shared.size(), CONTEXTS);
  for (let number = 0; number < CONTEXTS; number += 1) {
    assert.equal(shared.get(`function-${number}`)(), number);
  }
  console.log('done');
}

function useFromContext(MemoryStore, shared, number) {
  const context = vm.createContext({ MemoryStore, shared, number });
  const result = vm.runInContext(
    `
      const own = new MemoryStore({ cleanupInterval: 1 });
      own.set({ from: 'context' }, [number]);
      for (let entry = 0; entry < 100; entry += 1) own.set('e' + entry, {}, { ttl: 1 });
      shared.set('function-' + number, () => number);
      const key = own.createKey('a');
      own.set(key, number);
      key.value = 'b';
      let code;
      try { own.set(Symbol('refused'), 1); } catch (error) { code = error.code; }
      [own.get({ from: 'context' })[0], own.get('b'), code];
    `,
    context,
  );
  assert.deepEqual([...result], [number, number, 'ERR_INVALID_KEY']);
}

/** Loads every file of the package anew, as a fresh module registry does. */
function useFreshCopy(number) {
  const entry = require.resolve('shared-memory-store');
  const folder = entry.slice(0, -'index.js'.length);
  const kept = [];
  for (const file of Object.keys(require.cache)) {
    if (!file.startsWith(folder) || file.includes('__test__')) continue;
    kept.push([file, require.cache[file]]);
    delete require.cache[file];
  }
  const Fresh = require('shared-memory-store');
  const store = new Fresh({ cleanupInterval: 1 });
  store.set('number', number);
  store.set('short', number, { ttl: 1 });
  assert.equal(store.get('number'), number);
  assert.throws(() => store.set(Symbol('refused'), 1), { code: 'ERR_INVALID_KEY' });
  for (const [file, module] of kept) require.cache[file] = module;
}

main();
