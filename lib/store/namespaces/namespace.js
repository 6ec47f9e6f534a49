/**
 * `Namespace`: the verbs of a store on keys of their own, made by `namespace` of a store.
 *
 * Names no scope. It ends with its store, whose time to live and bounds count for its entries.
 */
'use strict';

const { invalidThis, missingArguments } = require('../../errors/errors.js');
const { nameInstances } = require('../constructible.js');
const { Store } = require('../store.js');

/** @typedef {import('../store.js').Parts} Parts */
/** @typedef {import('../backend.js').Near} Near */
/** @typedef {InstanceType<typeof Store>} AnyStore */

class Namespace extends Store {
  /** Values that need no look at the store. @type {Near | undefined} */
  #near;

  /**
   * @param {Parts} of
   * @param {(of: Parts) => AnyStore} [makeView]
   */
  constructor({ backend, rules }, makeView = (of) => new Namespace(of)) {
    super(backend, rules, makeView);
    this.#near = backend.near;
  }

  /** @override @param {unknown} key */
  get(key) {
    const value = Namespace.#nearOf(this)?.find(key);
    if (value !== undefined) return value;
    if (arguments.length === 0) throw missingArguments('get', 'a key');
    return super.get(key);
  }

  /**
   * To fail is what costs here, not to look first.
   *
   * @param {Namespace} receiver
   */
  static #nearOf(receiver) {
    try {
      return receiver.#near;
    } catch {
      throw invalidThis('get', receiver);
    }
  }
}
Object.defineProperty(Namespace.prototype, Symbol.iterator, {
  value: Namespace.prototype.entries,
  writable: true,
  configurable: true,
});
nameInstances(Namespace.prototype, 'Namespace');

module.exports = { Namespace };
