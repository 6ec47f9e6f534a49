/**
 * What stands on `Object.prototype` is no option of the stores with other packages' interfaces.
 *
 * Must not know how options are read. Invariant tested: a store is what its own options say.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { NodeShareCache, ShmCache, createStore } = require('../../index.js');
const { polluted } = require('../helpers/polluted.js');
const { freshName } = require('../helpers/shared-names.js');

/** Each of them would be refused, or make another store. */
const AMBIENT = {
  ...{ ttl: 0.001, minBufferSize: -1, immutable: 'no', skipLock: 'no', path: '/nowhere', name: '' },
  ...{ size: -1, maxAge: 1, maxSize: 1, maxBytes: 1, maxEntries: 1, whenFull: 'evict' },
  ...{ firstBytes: 1, reserveBytes: 1, file: '/nowhere/file', waitMs: -1, renew: true },
};

for (const ambient of Object.keys(AMBIENT)) {
  const properties = { [ambient]: AMBIENT[ambient] };

  test(`createStore() takes no ${ambient} from Object.prototype`, () => {
    const store = polluted(properties, () => createStore(freshName('ambient')));
    try {
      polluted(properties, () => store.set('a', 'x'.repeat(100_000), {}));
      polluted(properties, () => store.set('b', 2));
      assert.equal(store.get('a').length, 100_000);
      assert.equal(store.get('b'), 2);
    } finally {
      store.close();
    }
  });

  test(`the caches of processes take no ${ambient} from Object.prototype`, () => {
    for (const open of [
      () => new NodeShareCache(freshName('ambient')),
      () => new NodeShareCache(freshName('ambient'), undefined, false, {}),
      () => new ShmCache({ name: freshName('ambient') }),
    ]) {
      const cache = polluted(properties, open);
      try {
        cache.set('a', 'x'.repeat(100_000), Infinity);
        polluted(properties, () => cache.set('b', 2, Infinity));
        assert.equal(cache.get('a').length, 100_000);
        assert.equal(cache.get('b'), 2);
        assert.equal(cache.stats().maxBytes, 800 * 1024 ** 2);
      } finally {
        cache.destroy();
      }
    }
  });
}
