/**
 * Iteration over the live entries of a store, oldest first, live as that of a `Map`.
 *
 * A cursor of the native core stands at the next entry; the core moves it on when that entry
 * goes. An iterator that is dropped half-way closes its cursor when it is collected.
 */
'use strict';

const { storeClosed } = require('./errors.js');
const native = require('./native.js');

/** @typedef {import('./slab.js').Slab} Slab */

/** What iterators inherit: `Symbol.iterator` and, where the engine has them, `map` and others. */
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([].values()));

/** @type {FinalizationRegistry<{ slab: Slab, cursor: number }>} */
const dropped = new FinalizationRegistry(({ slab, cursor }) => closeCursor(slab, cursor));

/** @template T */
class EntryIterator {
  /** Keeps the store, which else might be collected, and closed, during the iteration. */
  #store;
  /** @type {Slab} */
  #slab;
  /** Made at the first step; −1 before, −2 after the last. */
  #cursor = BEFORE;
  /** Gets each key from the native core; `undefined` when keys are not wanted. */
  #entry;
  /** @type {(key: string, value: unknown) => T} */
  #show;

  /**
   * @param {object} store
   * @param {Slab} slab the store's
   * @param {boolean} withKeys
   * @param {(key: string, value: unknown) => T} show
   */
  constructor(store, slab, withKeys, show) {
    this.#store = store;
    this.#slab = slab;
    this.#entry = withKeys ? /** @type {[string]} */ (['']) : undefined;
    this.#show = show;
  }

  /** @returns {IteratorResult<T, undefined>} */
  next() {
    if (this.#cursor === AFTER) return { done: true, value: undefined };
    const slab = this.#slab;
    if (slab.id === 0) throw storeClosed('next');
    if (this.#cursor === BEFORE) this.#open();
    const slot = native.advance(slab.id, this.#cursor, this.#entry);
    if (slot === 0) return this.return();
    const key = this.#entry === undefined ? '' : this.#entry[0];
    return { done: false, value: this.#show(key, slab.values[slot]) };
  }

  /** @returns {{ done: true, value: undefined }} */
  return() {
    if (this.#cursor >= 0) {
      dropped.unregister(this);
      closeCursor(this.#slab, this.#cursor);
    }
    this.#cursor = AFTER;
    return { done: true, value: undefined };
  }

  #open() {
    this.#cursor = native.openCursor(this.#slab.id);
    dropped.register(this, { slab: this.#slab, cursor: this.#cursor }, this);
  }
}
Object.setPrototypeOf(EntryIterator.prototype, IteratorPrototype);

const BEFORE = -1;
const AFTER = -2;

/**
 * @param {Slab} slab
 * @param {number} cursor
 */
function closeCursor(slab, cursor) {
  if (slab.id !== 0) native.closeCursor(slab.id, cursor);
}

module.exports = { EntryIterator };
