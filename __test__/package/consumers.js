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
  const shared = new MemoryStore.SharedStore({ name: 'consumer', maxBytes: 1024 ** 2 });
  shared.set('key', { of: 'all' });
  assert.deepEqual(MemoryStore.createStore('consumer').get('key'), { of: 'all' });
  MemoryStore.createStore('consumer').close();
  shared.close();
  const path = process.cwd() + '/cache';
  const cache = new MemoryStore.NodeShareCache('consumer', 1, true, { path });
  assert.equal(cache.set('key', { of: 'all' }), true);
  assert.deepEqual(new MemoryStore.ShmCache({ name: 'consumer', path }).get('key'), { of: 'all' });
  cache.destroy();
}
`;

/** The same for the subpaths. */
const USE_SUBPATHS = `
async function useSubpaths(MemoryStore, Session) {
  assert.equal(MemoryStore.name, 'MemoryStore');
  assert.equal(Session.name, 'Session');
  const store = new MemoryStore({ ttl: 60000 });
  const session = new Session({ store });
  const data = {};
  const id = await session.create(data);
  assert.equal(await store.get(id), data);
  assert.equal(await session.fromRequest({ headers: { cookie: 'session_id=' + id } }), data);
  const headers = new Headers();
  session.setCookie(headers, id);
  assert.ok(headers.get('set-cookie').startsWith('session_id=' + id));
  await assert.rejects(store.get(Symbol('key')), { code: 'ERR_INVALID_KEY' });
  await store.close();
}
`;

/** The adapters that need no package of others, with what each is or has. */
const ADAPTERS = `
const ADAPTERS = {
  apollo: 'SharedMemoryCache',
  bentocache: 'sharedMemoryDriver',
  'better-auth': 'secondaryStorage',
  envelop: 'createCache',
  'express-session': 'SessionStore',
  'fastify-rate-limit': 'createRateLimitStore',
  keyv: 'KeyvAdapter',
  metrics: 'registerMetrics',
  next: 'CacheHandler',
  'rate-limit': 'RateLimitStore',
  'socket.io': 'createAdapter',
  undici: 'CacheStore',
  unstorage: 'driver',
};
`;

const CONSUMERS = {
  'require.cjs': `
const assert = require('node:assert/strict');
const MemoryStore = require('shared-memory-store');
const { MemoryStore: Named, StoreError } = require('shared-memory-store');
use(MemoryStore, Named, StoreError);
assert.equal(require('shared-memory-store/package.json').name, 'shared-memory-store');
assert.throws(() => require('shared-memory-store/lib/native/loader.js'), /./);
${USE}`,
  'import.mjs': `
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import MemoryStore, { MemoryStore as Named, StoreError } from 'shared-memory-store';
import * as namespace from 'shared-memory-store';
use(MemoryStore, Named, StoreError);
// Newer versions of Node name what the others belong to, and Bun what every function has.
const OTHERS = ['module.exports', 'length', 'name', 'prototype'];
assert.deepEqual(Object.keys(namespace).filter((name) => !OTHERS.includes(name)).sort(), [
  'MemoryStore',
  'NodeShareCache',
  'SharedStore',
  'ShmCache',
  'StoreError',
  'createStore',
  'default',
]);
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
  'require-subpaths.cjs': `
const assert = require('node:assert/strict');
const Local = require('shared-memory-store');
const { MemoryStore } = require('shared-memory-store/memory-store');
const { Session } = require('shared-memory-store/session');
assert.notEqual(MemoryStore, Local);
assert.throws(() => require('shared-memory-store/lib/session/session.js'), /./);
useSubpaths(MemoryStore, Session);
${USE_SUBPATHS}`,
  'import-subpaths.mjs': `
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { MemoryStore } from 'shared-memory-store/memory-store';
import { Session } from 'shared-memory-store/session';
const require = createRequire(import.meta.url);
assert.equal(require('shared-memory-store/memory-store').MemoryStore, MemoryStore);
assert.equal(require('shared-memory-store/session').Session, Session);
await useSubpaths(MemoryStore, Session);
${USE_SUBPATHS}`,
  'require-adapters.cjs': `
const assert = require('node:assert/strict');
${ADAPTERS}
for (const [name, main] of Object.entries(ADAPTERS)) {
  const adapter = require('shared-memory-store/' + name);
  assert.equal(typeof adapter, 'function', name);
  assert.equal(adapter[main], adapter, name);
}
const store = require('shared-memory-store/testing').temporaryStore();
const Keyv = require('shared-memory-store/keyv');
new Keyv({ store }).set('key', 'value').then(() => {
  assert.equal(store.get('key'), 'value');
  store.close();
});
`,
  'import-adapters.mjs': `
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import KeyvAdapter, { createKeyv } from 'shared-memory-store/keyv';
import { memoryDriver } from 'shared-memory-store/bentocache';
import { fakeClock } from 'shared-memory-store/testing';
${ADAPTERS}
const require = createRequire(import.meta.url);
for (const [name, main] of Object.entries(ADAPTERS)) {
  const adapter = await import('shared-memory-store/' + name);
  assert.equal(adapter.default, require('shared-memory-store/' + name), name);
  assert.equal(adapter[main], adapter.default, name);
}
assert.equal(createKeyv, KeyvAdapter.createKeyv);
assert.equal(memoryDriver().factory().get('key'), undefined);
assert.equal(fakeClock(1)(), 1);
`,
};

module.exports = { CONSUMERS };
