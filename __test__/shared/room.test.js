/**
 * What a shared store says of itself, and how much room it gets whose opener does not say.
 */
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFolder } = require('../helpers/store-folders.js');

const GIB = 1024 ** 3;
const LIMIT = 300 * 1024 ** 2;

/** Runs `act` where a container has a limit. */
function limited(bytes, act) {
  const own = Object.getOwnPropertyDescriptor(process, 'constrainedMemory');
  Object.defineProperty(process, 'constrainedMemory', { ...own, value: () => bytes });
  try {
    act();
  } finally {
    if (own === undefined) delete process.constrainedMemory;
    else Object.defineProperty(process, 'constrainedMemory', own);
  }
}

test('a store of threads says what it is', () => {
  const name = freshName('properties');
  const store = new SharedStore({ name, maxBytes: 2 ** 20 });
  const { scope, file, maxBytes } = store;
  assert.deepEqual([store.name, scope, file, maxBytes], [name, 'threads', undefined, 2 ** 20]);
  store.close();
  assert.deepEqual([store.name, store.scope, store.maxBytes], [name, 'threads', 2 ** 20]);
});

test('a store of processes says where it lies', () =>
  withFolder((folder) => {
    const name = freshName('properties');
    const store = new SharedStore({ name, scope: 'processes', path: folder });
    assert.equal(store.scope, 'processes');
    assert.equal(path.dirname(store.file), fs.realpathSync(folder));
    assert.ok(fs.statSync(store.file).isFile());
    store.destroy();
    assert.equal(fs.existsSync(store.file), false);
  }));

test('a property of what is no store is refused', () => {
  for (const property of ['name', 'scope', 'file', 'maxBytes']) {
    const { get } = Object.getOwnPropertyDescriptor(SharedStore.prototype, property);
    assert.throws(() => get.call({}), { code: 'ERR_INVALID_THIS' });
  }
});

test('what stats says of the room opens the store again', () => {
  const draw = [1e6, 999_424, 262_145, 5e6, 2 ** 22 + 1, 70_000_001];
  for (const maxBytes of draw) {
    const name = freshName('rounding');
    const store = new SharedStore({ name, maxBytes });
    const said = store.stats().maxBytes;
    assert.ok(said <= maxBytes);
    assert.equal(store.maxBytes, said);
    for (const again of [said, maxBytes]) new SharedStore({ name, maxBytes: again }).close();
    assert.throws(() => new SharedStore({ name, maxBytes: said * 2 }), {
      code: 'ERR_STORE_MISMATCH',
    });
    store.close();
  }
});

test('the room by default is 1 GiB, or half the memory', () => {
  const store = new SharedStore({ name: freshName('room') });
  assert.ok(store.maxBytes <= GIB, `${store.maxBytes}`);
  assert.ok(store.maxBytes >= 2 ** 18);
  store.close();
});

test('the limit of a container counts', () => {
  limited(LIMIT, () => {
    const store = new SharedStore({ name: freshName('container'), whenFull: 'evict' });
    assert.ok(store.maxBytes <= LIMIT / 2, `${store.maxBytes}`);
    assert.ok(store.maxBytes > LIMIT / 3, `${store.maxBytes}`);
    store.close();
  });
  // So large a number stands for none.
  limited(2 ** 64, () => {
    const store = new SharedStore({ name: freshName('container') });
    assert.ok(store.maxBytes > LIMIT);
    store.close();
  });
});

test('the free space of the folder counts, and who comes later takes what is there', () =>
  withFolder((folder) => {
    const place = { name: freshName('folder'), scope: 'processes', path: folder };
    const { bavail, bsize } = fs.statfsSync(folder);
    const store = new SharedStore(place);
    // Others may have filled it, or emptied it, in between.
    assert.ok(store.maxBytes <= Math.max(bavail * bsize, 2 ** 18));
    limited(LIMIT, () => {
      const other = new SharedStore(place);
      assert.equal(other.maxBytes, store.maxBytes);
      other.close();
    });
    store.destroy();
  }));
