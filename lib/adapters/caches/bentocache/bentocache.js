/**
 * `memoryDriver` for the first level of bentocache, `sharedMemoryDriver` for its second, and
 * `sharedMemoryBus`, by which the first levels of all processes hear what is no longer so.
 *
 * Invariant: a driver or bus opens its store when bentocache makes it, and not before.
 */
'use strict';

const { invalidType } = require('../../../errors/errors.js');
const { MemoryStore } = require('../../../local/memory-store.js');
const { adapt } = require('../../core/adapted.js');
const { Bus } = require('./bus.js');
const { FirstLevel, SecondLevel } = require('./levels.js');

/** As in the first level of bentocache. */
const DEFAULT_ENTRIES = 1000;
const BUS_PREFIX = 'bentocache:';

/** @typedef {Record<string, unknown> & { prefix?: string }} Config */

/** @param {Config & { maxEntries?: number }} [options] */
function memoryDriver(options = {}) {
  const { prefix, store, maxEntries = DEFAULT_ENTRIES, ttl } = options;
  if (store !== undefined && Symbol.asyncIterator in /** @type {object} */ (store)) {
    throw invalidType('a store that answers at once', 'option store', store);
  }
  return {
    options,
    /** @param {Config} [config] */
    factory: (config = {}) => {
      const kept = adapt({ store: store ?? new MemoryStore({ maxEntries }), ttl });
      return new FirstLevel('l1', kept, config.prefix ?? prefix);
    },
  };
}

/** @param {Config} [options] */
function sharedMemoryDriver(options = {}) {
  const { prefix, ...opening } = options;
  return {
    options,
    /** @param {Config} [config] */
    factory: (config = {}) => new SecondLevel('l2', adapt(opening), config.prefix ?? prefix),
  };
}

/** @param {Config & { retryQueue?: object }} [options] */
function sharedMemoryBus(options = {}) {
  // That is bentocache's own, which looks for it in `options`.
  const { retryQueue: _retryQueue, ...opening } = options;
  return { options, factory: () => new Bus(adapt(opening, BUS_PREFIX)) };
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { memoryDriver, sharedMemoryBus, sharedMemoryDriver, default: sharedMemoryDriver };
module.exports = Object.assign(sharedMemoryDriver, {
  memoryDriver,
  sharedMemoryBus,
  sharedMemoryDriver,
  default: sharedMemoryDriver,
});
