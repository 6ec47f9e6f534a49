/**
 * Drivers of bentocache: `memoryDriver` for its first level, `sharedMemoryDriver` for its second.
 *
 * Keys of namespaces are joined by colons. Invariant: `clear` removes what is below the prefix of a
 * driver and nothing else.
 */
'use strict';

const { invalidType } = require('../../errors/errors.js');
const { MemoryStore } = require('../../local/memory-store.js');
const { adapt, after } = require('../core/adapted.js');

/** As in the first level of bentocache. */
const DEFAULT_ENTRIES = 1000;

/** @typedef {InstanceType<typeof import('../core/adapted.js').Adapted>} Adapted */
/** @typedef {Record<string, unknown> & { prefix?: string }} Config */

/** What both levels do, at once or by promises, as the store does. */
class Driver {
  type;
  adapted;
  prefix;

  /**
   * @param {'l1' | 'l2'} type
   * @param {Adapted} adapted
   * @param {string} [prefix]
   */
  constructor(type, adapted, prefix = '') {
    this.type = type;
    this.adapted = adapted;
    this.prefix = prefix.replace(/:+$/, '');
  }

  /** @param {string} key */
  get(key) {
    return this.adapted.store.get(this.#keyOf(key));
  }

  /** @param {string} key */
  pull(key) {
    return this.adapted.store.take(this.#keyOf(key));
  }

  /** @param {string} key @param {unknown} value @param {number} [ttl] */
  set(key, value, ttl) {
    return this.adapted.store.set(this.#keyOf(key), value, this.adapted.expiry(ttl));
  }

  /** @param {string} key */
  delete(key) {
    return this.adapted.store.delete(this.#keyOf(key));
  }

  /** @param {string[]} keys */
  deleteMany(keys) {
    const whole = keys.map((key) => this.#keyOf(key));
    return after(this.adapted.store.deleteMany(whole), () => true);
  }

  clear() {
    return this.adapted.clear(this.#keyOf(''));
  }

  async disconnect() {
    await this.adapted.close();
  }

  /** @param {string} namespace */
  below(namespace) {
    return this.prefix === '' ? namespace : `${this.prefix}:${namespace}`;
  }

  /** @param {string} key */
  #keyOf(key) {
    return this.prefix === '' ? key : `${this.prefix}:${key}`;
  }
}

class FirstLevel extends Driver {
  /** @param {string} namespace */
  namespace(namespace) {
    return new FirstLevel('l1', this.adapted, this.below(namespace));
  }

  /** @param {string} key */
  getRemainingTtl(key) {
    const { store } = this.adapted;
    return store.ttl(this.prefix === '' ? key : `${this.prefix}:${key}`);
  }
}

class SecondLevel extends Driver {
  /** @param {string} namespace */
  namespace(namespace) {
    return new SecondLevel('l2', this.adapted, this.below(namespace));
  }
}
for (const name of /** @type {const} */ (['get', 'pull', 'set', 'delete', 'deleteMany', 'clear'])) {
  const verb = /** @type {(...given: any[]) => unknown} */ (Driver.prototype[name]);
  Object.defineProperty(SecondLevel.prototype, name, {
    /** @this {SecondLevel} @param {unknown[]} given */
    async value(...given) {
      return Reflect.apply(verb, this, given);
    },
    writable: true,
    configurable: true,
  });
}

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

// The first line tells an `import` the names; the second is what there is.
module.exports = { memoryDriver, sharedMemoryDriver, default: sharedMemoryDriver };
module.exports = Object.assign(sharedMemoryDriver, {
  memoryDriver,
  sharedMemoryDriver,
  default: sharedMemoryDriver,
});
