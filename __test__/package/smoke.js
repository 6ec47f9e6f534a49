/**
 * A few calls of every scope, without a test runner: ends with 0 if all were right.
 *
 *     bun smoke.js [refused]
 *
 * With `refused`, the engine is too old, and the package has to say so.
 */
const assert = require('node:assert/strict');
const { rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

async function smoke() {
  const { MemoryStore, SharedStore } = require('../../index.js');
  const value = { of: new Map([[1, 'one']]), when: new Date(0) };
  const local = new MemoryStore({ maxEntries: 100 });
  const shared = new SharedStore({ name: 'smoke', maxBytes: 1024 ** 2 });
  const name = `smoke-${process.pid}`;
  const ofProcesses = new SharedStore({ name, scope: 'processes', maxBytes: 1024 ** 2 });
  for (const store of [local, shared, ofProcesses]) {
    assert.equal(store.set('key', value, { ttl: 60_000 }), true);
    assert.deepEqual(store.get('key'), value);
    assert.ok(store.ttl('key') > 0);
    assert.equal(store.increment('count', 2), 2);
    assert.equal(await store.getOrSet('loaded', async () => 'by a factory'), 'by a factory');
    store.set('tagged', 1, { tags: ['a'] });
    store.invalidateTag('a');
    assert.equal(store.has('tagged'), false);
    store.namespace('of').set('key', 1);
    assert.equal(store.namespace('of').get('key'), 1);
    assert.equal(store.limit('visitor', { rate: 1, per: 60_000 }).allowed, true);
    assert.deepEqual(store.keys({ prefix: 'k' }), ['key']);
  }
  const file = path.join(tmpdir(), `${name}.snapshot`);
  await shared.snapshot(file);
  local.clear();
  await local.restore(file);
  rmSync(file);
  assert.deepEqual(local.get('key'), value);
  await shared.withLock('key', () => shared.set('key', 'locked'));
  assert.equal(shared.get('key'), 'locked');
  ofProcesses.destroy();
  shared.close();
}

function refused() {
  assert.throws(() => require('../../index.js'), {
    code: 'ERR_UNSUPPORTED_PLATFORM',
    message: /Expected Bun 1\.2\.6 or later .* got \d+\.\d+\.\d+/,
  });
}

const run = process.argv[2] === 'refused' ? refused : smoke;
Promise.resolve(run()).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
