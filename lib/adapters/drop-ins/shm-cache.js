/**
 * `ShmCache`: a cache that begins empty with a program, and that its other processes join.
 *
 * Knows who starts a program. Invariant: a process that another one started, or that is not alone
 * with the cache, never empties it; nor does a thread.
 */
'use strict';

const { ageOf } = require('../../arguments/expiry.js');
const options = require('../../arguments/options.js');
const { later } = require('../../native/later.js');
const { nameInstances } = require('../../store/constructible.js');
const { Cache, RESERVE_BYTES } = require('./process-cache.js');

const wanted = later(() => require('../../shared/opening/shared-options.js'));

const CACHE_OPTIONS = Object.freeze(['name', 'size', 'maxAge', 'maxSize', 'path']);

class ShmCache extends Cache {
  /** @param {unknown} [given] */
  constructor(given) {
    const { MAX_BYTES, MIN_BYTES, folderPath, storeName } = wanted();
    const { name, size, maxAge, maxSize, path } = options.record(given, CACHE_OPTIONS);
    if (size !== undefined) options.whole(size, 'option size', 1, MAX_BYTES, ' of bytes');
    if (maxAge !== undefined) ageOf(maxAge, 'option maxAge');
    if (maxSize !== undefined) {
      options.whole(maxSize, 'option maxSize', MIN_BYTES, RESERVE_BYTES, ' of bytes');
    }
    super(storeName(name), folderPath(path), (cache) => {
      if (maxAge !== undefined) Cache.setAge(cache, 'ShmCache', maxAge);
      if (maxSize !== undefined) Cache.setLimit(cache, 'ShmCache', maxSize);
      if (isFirst()) Cache.emptyIfAlone(cache);
    });
  }
}

/** Whether this thread is one that nobody of its program has started. */
function isFirst() {
  // Only here: to load them takes as long as to open a store.
  const { isMainThread } = require('node:worker_threads');
  const cluster = /** @type {import('node:cluster').Cluster} */ (
    /** @type {unknown} */ (require('node:cluster'))
  );
  // `fork` gives its children a channel, whether the parent is a cluster's primary or not.
  return isMainThread && cluster.isPrimary && process.send === undefined;
}

nameInstances(ShmCache.prototype, 'ShmCache');

module.exports = { ShmCache };
