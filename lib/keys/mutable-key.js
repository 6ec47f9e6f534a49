/**
 * A key whose value can be changed, as people hold it: a Proxy. Knows no store.
 *
 * The store that made the key is told of a change before the key shows it. Invariant: the proxy
 * has one property, `value`, and no way to get another.
 */
'use strict';

const { invalidProperty } = require('../errors/errors.js');

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What stands behind each proxy. @type {WeakMap<object, MutableKey>} */
const mutableKeys = new WeakMap();

/** The state behind a proxy. */
/**
 * Moves an entry; what it gives tells those who listen, once the key has changed, too.
 *
 * @typedef {(from: string, to: string) => (() => void) | undefined} Rename
 */

class MutableKey {
  /** The current value, as it was assigned. @type {unknown} */
  value;
  /** The current value's string form. @type {string} */
  string;
  /** @type {(value: unknown) => string} */
  #stringOf;
  /** @type {(from: string, to: string) => (() => void) | undefined} */
  #rename;
  /** @type {WeakRef<object> | undefined} */
  #proxy;

  /**
   * @param {unknown} initial
   * @param {(value: unknown) => string} stringOf
   * @param {Rename} rename tells the store that made the key
   */
  constructor(initial, stringOf, rename) {
    this.string = stringOf(initial);
    this.value = plain(initial);
    this.#stringOf = stringOf;
    this.#rename = rename;
  }

  /**
   * The state behind `key`, if it is a mutable key.
   *
   * @param {object} key
   */
  static of(key) {
    return mutableKeys.get(key);
  }

  /**
   * Whether something is the state behind a key. Runs no code of a proxy's, as `instanceof` does.
   *
   * @param {object | undefined} value
   * @returns {value is MutableKey}
   */
  static is(value) {
    return value !== undefined && #rename in value;
  }

  /** @param {unknown} value */
  assign(value) {
    // First what may run the caller's code or throw, then the store, then the key.
    const string = this.#stringOf(value);
    const next = plain(value);
    const tell = string === this.string ? undefined : this.#rename(this.string, string);
    this.string = string;
    this.value = next;
    tell?.();
  }

  /** The proxy that people hold. */
  proxy() {
    const proxy = new Proxy(new Surface(this), TRAPS);
    mutableKeys.set(proxy, this);
    this.#proxy = new WeakRef(proxy);
    return proxy;
  }

  /**
   * The proxy, while somebody has it and it says `string`; else that string.
   *
   * @param {string} string
   */
  heldAs(string) {
    return string === this.string ? (this.#proxy?.deref() ?? string) : string;
  }
}

/** What a proxy shows: `value`, and the methods that say it. */
class Surface {
  /** @param {MutableKey} key */
  constructor(key) {
    const string = () => key.string;
    Object.defineProperty(this, 'value', {
      get: () => key.value,
      set: (value) => key.assign(value),
      enumerable: true,
    });
    for (const name of ['toString', 'valueOf', 'toJSON', Symbol.toPrimitive, INSPECT]) {
      Object.defineProperty(this, name, { value: string });
    }
    Object.freeze(this);
  }
}

/** @type {ProxyHandler<Surface>} */
const TRAPS = {
  set(surface, property, value) {
    if (property !== 'value') throw invalidProperty(property);
    return Reflect.set(surface, 'value', value);
  },
  defineProperty(_surface, property) {
    throw invalidProperty(property);
  },
  deleteProperty(_surface, property) {
    throw invalidProperty(property);
  },
  setPrototypeOf() {
    throw invalidProperty('__proto__');
  },
};

/**
 * A mutable key stands for its current value.
 *
 * @param {unknown} value
 */
function plain(value) {
  const key = typeof value === 'object' && value !== null ? mutableKeys.get(value) : undefined;
  return key === undefined ? value : key.value;
}

module.exports = { MutableKey };
