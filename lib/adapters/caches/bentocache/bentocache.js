/**
 * `memoryDriver` for the first level of bentocache, `sharedMemoryDriver` for its second, and
 * `sharedMemoryBus`, by which the first levels of all processes hear what is no longer so.
 *
 * Invariant: a driver or bus opens its store when bentocache makes it, and not before.
 */
'use strict';

const { invalidType } = require('../../../errors/errors.js');
const { MemoryStore } = require('../../../local/memory-store.js');
const { record } = require('../../../arguments/options.js');
const { adapt, optionsOf, prefixOf } = require('../../core/adapted.js');
const { Bus } = require('./bus.js');
const { remember } = require('./first-levels.js');
const { FirstLevel, SecondLevel } = require('./levels.js');

/** As in the first level of bentocache. */
const DEFAULT_ENTRIES = 1000;
const BUS_PREFIX = 'bentocache:';

const LEVEL_OPTIONS = Object.freeze(['store', 'maxEntries', 'prefix', 'ttl']);

/** @typedef {{ prefix?: string }} Config what bentocache adds */

/** @param {unknown} [given] */
function memoryDriver(given) {
  const options = optionsOf(given);
  const { prefix = '', store, maxEntries, ttl } = record(options, LEVEL_OPTIONS);
  const below = prefixOf(prefix);
  const known = store === undefined ? undefined : adapt({ store, maxEntries, ttl });
  if (known !== undefined && Symbol.asyncIterator in known.store) {
    throw invalidType('a store that answers at once', 'option store', store);
  }
  const own = () => new MemoryStore({ maxEntries: maxEntries ?? DEFAULT_ENTRIES });
  return {
    options,
    /** @param {Config} [config] */
    factory: (config = {}) => {
      const kept = known ?? adapt({ store: own(), ttl });
      const level = new FirstLevel(kept, config.prefix ?? below);
      remember(level);
      return level;
    },
  };
}

/** @param {unknown} [given] */
function sharedMemoryDriver(given) {
  const options = optionsOf(given);
  const { prefix = '', ...opening } = options;
  const below = prefixOf(prefix);
  return {
    options,
    /** @param {Config} [config] */
    factory: (config = {}) => new SecondLevel('l2', adapt(opening), config.prefix ?? below),
  };
}

/** @param {unknown} [given] */
function sharedMemoryBus(given) {
  const options = optionsOf(given);
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
