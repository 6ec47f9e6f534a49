/**
 * Every everyday call once: set, get, expire, list, remove.
 *
 *     node docs/examples/basic-usage.js
 */

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const MemoryStore = require('shared-memory-store');

async function main() {
  // The sweep frees the memory of expired entries in the background, here every five seconds.
  const store = new MemoryStore({ cleanupInterval: 5000 });
  assert.equal(store.startCleanupTask(), true);

  // A value is kept by reference: what comes back is the very object that went in.
  const alice = { name: 'Alice', role: 'admin' };
  store.set('user:123', alice);
  assert.equal(store.get('user:123'), alice);
  assert.equal(store.get('user:124'), undefined);

  // A time to live, in milliseconds; the long form says the same.
  store.set('session:abc', { userId: 123 }, { ttl: 30_000 });
  store.set('session:def', { userId: 124 }, { isPermanent: false, maxAgeMs: 30_000 });
  assert.ok(store.ttl('session:abc') <= 30_000);
  assert.equal(store.ttl('user:123'), Number.POSITIVE_INFINITY);

  // An entry past its deadline is absent, whether the sweep has come by or not.
  store.set('code:1', '4711', { ttl: 20 });
  while (store.has('code:1')) await pause(5);
  assert.equal(store.get('code:1'), undefined);

  // A use can move the deadline.
  assert.equal(store.touch('session:abc', 60_000), true);
  assert.ok(store.ttl('session:abc') > 30_000);

  // Objects, numbers and the like are keys as well, by their string form.
  store.set({ tenant: 7 }, 'by content');
  assert.equal(store.get({ tenant: 7 }), 'by content');

  assert.deepEqual(store.keys(), ['user:123', 'session:abc', 'session:def', '{"tenant":7}']);
  assert.deepEqual(store.getKeys().at(-1), { tenant: 7 });
  assert.equal(store.all()[0], alice);
  for (const [key, value] of store) console.log(key, '→', value);

  if (store.has('user:123')) store.delete('user:123');
  assert.equal(store.delete('user:123'), false);
  assert.equal(store.size(), 3);
  store.clear();
  assert.equal(store.size(), 0);

  // Not needed for the process to end: a running sweep does not keep it alive.
  assert.equal(store.stopCleanupTask(), true);
}

main();
