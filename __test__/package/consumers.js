/**
 * Small programs that use the installed package, by name and by every way of importing.
 */

/** What each of them does with what it imported. */
const USE = `
function use(MemoryStore, Named, StoreError) {
  assert.equal(typeof MemoryStore, 'function');
  assert.equal(MemoryStore.name, 'MemoryStore');
  assert.equal(Named, MemoryStore);
  assert.equal(MemoryStore.MemoryStore, MemoryStore);
  assert.equal(MemoryStore.StoreError, StoreError);
  const store = new MemoryStore();
  const value = {};
  store.set('key', value, { ttl: 60000 });
  assert.equal(store.get('key'), value);
  assert.throws(() => store.set(Symbol('key'), 1), { code: 'ERR_INVALID_KEY' });
  store.close();
  assert.throws(() => store.get('key'), StoreError);
}
`;

const CONSUMERS = {
  'require.cjs': `
const assert = require('node:assert/strict');
const MemoryStore = require('shared-memory-store');
const { MemoryStore: Named, StoreError } = require('shared-memory-store');
use(MemoryStore, Named, StoreError);
assert.equal(require('shared-memory-store/package.json').name, 'shared-memory-store');
assert.throws(() => require('shared-memory-store/lib/native.js'), /./);
${USE}`,
  'import.mjs': `
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import MemoryStore, { MemoryStore as Named, StoreError } from 'shared-memory-store';
import * as namespace from 'shared-memory-store';
use(MemoryStore, Named, StoreError);
assert.deepEqual(Object.keys(namespace).sort(), ['MemoryStore', 'StoreError', 'default']);
const loaded = await import('shared-memory-store');
assert.equal(loaded, namespace);
assert.equal(loaded.default, MemoryStore);
assert.equal(createRequire(import.meta.url)('shared-memory-store'), MemoryStore);
${USE}`,
  'dynamic-import.cjs': `
const assert = require('node:assert/strict');
import('shared-memory-store').then((loaded) => {
  use(loaded.default, loaded.MemoryStore, loaded.StoreError);
  assert.equal(require('shared-memory-store'), loaded.default);
});
${USE}`,
};

module.exports = { CONSUMERS };
