/**
 * `Namespace`: the verbs of a store on keys of their own, made by `namespace` of a store.
 *
 * Names no scope. It ends with its store, whose time to live and bounds count for its entries.
 */
'use strict';

const { nameInstances } = require('../constructible.js');
const { Store } = require('../store.js');

/** @typedef {import('../store.js').Parts} Parts */
/** @typedef {InstanceType<typeof Store>} AnyStore */

class Namespace extends Store {
  /**
   * @param {Parts} of
   * @param {(of: Parts) => AnyStore} [makeView]
   */
  constructor({ backend, rules }, makeView = (of) => new Namespace(of)) {
    super(backend, rules, makeView);
  }
}
Object.defineProperty(Namespace.prototype, Symbol.iterator, {
  value: Namespace.prototype.entries,
  writable: true,
  configurable: true,
});
nameInstances(Namespace.prototype, 'Namespace');

module.exports = { Namespace };
