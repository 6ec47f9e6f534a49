/**
 * `NodeShareCache`: the cache of node-share-memory-cache, over the same stores as `SharedStore`.
 *
 * Checks what the caller gives, with that package's shapes. Invariant: a cache is emptied for
 * everybody only by an object that was made to renew it.
 */
'use strict';

const errors = require('../../errors/errors.js');
const options = require('../../arguments/options.js');
const { later } = require('../../native/later.js');
const { nameInstances } = require('../../store/constructible.js');
const { Cache } = require('./process-cache.js');

const wanted = later(() => require('../../shared/opening/shared-options.js'));

const CACHE_OPTIONS = Object.freeze(['path']);
/** What people log by; nothing is ever logged here. */
const LOG_LEVELS = Object.freeze([1, 2, 3]);

class NodeShareCache extends Cache {
  /**
   * @param {unknown} [name]
   * @param {unknown} [sizeBytes]
   * @param {unknown} [renew]
   * @param {unknown} [given]
   */
  constructor(name, sizeBytes, renew, given) {
    const { MAX_BYTES, folderPath, storeName } = wanted();
    const { path } = options.record(given, CACHE_OPTIONS);
    // A hint: what is needed is taken, and no more.
    if (sizeBytes !== undefined) options.whole(sizeBytes, 'sizeBytes', 1, MAX_BYTES, ' of bytes');
    const isRenewed = renew !== undefined && options.flag(renew, 'renew');
    super(storeName(name), folderPath(path), (cache) => {
      if (isRenewed) Cache.empty(cache);
    });
  }

  /** @param {unknown} isOn */
  setLock(isOn) {
    Cache.checkOpen(this, 'setLock');
    options.flag(isOn, 'lock');
  }

  /** @param {unknown} level */
  setLogLevel(level) {
    Cache.checkOpen(this, 'setLogLevel');
    if (typeof level !== 'number') throw errors.invalidType('a number', 'level', level);
    if (!LOG_LEVELS.includes(level)) throw errors.outOfRange('1, 2 or 3', 'level', level);
  }
}

nameInstances(NodeShareCache.prototype, 'NodeShareCache');

module.exports = { NodeShareCache };
