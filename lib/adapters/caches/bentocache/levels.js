/**
 * What the two levels of bentocache ask of a driver.
 *
 * Keys of namespaces are joined by colons. Invariant: `clear` removes what is below the prefix of a
 * driver and nothing else.
 */
'use strict';

const { after } = require('../../core/adapted.js');

/** @typedef {InstanceType<typeof import('../../core/adapted.js').Adapted>} Adapted */

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
  /** What it is a namespace of, which has to be there as long: the bus empties that. */
  within;

  /**
   * @param {Adapted} adapted
   * @param {string} [prefix]
   * @param {FirstLevel} [within]
   */
  constructor(adapted, prefix, within) {
    super('l1', adapted, prefix);
    this.within = within;
  }

  /** @param {string} namespace */
  namespace(namespace) {
    return new FirstLevel(this.adapted, this.below(namespace), this);
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

module.exports = { FirstLevel, SecondLevel };
