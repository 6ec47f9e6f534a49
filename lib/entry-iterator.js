/**
 * Iteration over the live entries of a store, oldest first, live as that of a `Map`.
 *
 * A cursor of the native core stands at the next entry; the core moves it on when that entry
 * goes. An iterator that is dropped half-way closes its cursor when it is collected.
 */
'use strict';

const native = require('./native.js');

/** @typedef {InstanceType<typeof import('./slab.js').Slab>} Slab */

/** What iterators inherit: `Symbol.iterator` and, where the engine has them, `map` and others. */
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([].values()));

/** @type {FinalizationRegistry<{ slab: Slab, cursor: number }>} */
const dropped = new FinalizationRegistry(({ slab, cursor }) => closeCursor(slab, cursor));

const BEFORE = -1;
const AFTER = -2;

/** @template T */
class EntryIterator {
  /** Gives the slab of the open store, and keeps the store from being collected. */
  #open;
  /** The native core's cursor, between the first step and the last. */
  #cursor = BEFORE;
  /** @type {Slab | undefined} */
  #slab;
  /** Gets each key from the native core; `undefined` when keys are not wanted. */
  #entry;
  /** @type {(key: string, value: unknown) => T} */
  #show;

  /**
   * @param {() => Slab} open
   * @param {boolean} withKeys
   * @param {(key: string, value: unknown) => T} show
   */
  constructor(open, withKeys, show) {
    this.#open = open;
    this.#entry = withKeys ? /** @type {[string]} */ (['']) : undefined;
    this.#show = show;
  }

  /** @returns {IteratorResult<T, undefined>} */
  next() {
    if (this.#cursor === AFTER) return { done: true, value: undefined };
    const slab = this.#open();
    if (this.#cursor === BEFORE) this.#start(slab);
    const slot = native.advance(slab.id, this.#cursor, this.#entry);
    if (slot === 0) return this.#end(slab);
    const key = this.#entry === undefined ? '' : this.#entry[0];
    return { done: false, value: this.#show(key, slab.values[slot]) };
  }

  /**
   * Ends the iteration, as `break` does.
   *
   * @param {T} [value]
   * @returns {IteratorResult<T, T | undefined>}
   */
  return(value) {
    if (this.#slab !== undefined) this.#end(this.#slab);
    this.#cursor = AFTER;
    return { done: true, value };
  }

  [Symbol.iterator]() {
    return this;
  }

  /**
   * @param {Slab} slab
   * @returns {{ done: true, value: undefined }}
   */
  #end(slab) {
    dropped.unregister(this);
    closeCursor(slab, this.#cursor);
    this.#slab = undefined;
    this.#cursor = AFTER;
    return { done: true, value: undefined };
  }

  /** @param {Slab} slab */
  #start(slab) {
    this.#slab = slab;
    this.#cursor = native.openCursor(slab.id);
    dropped.register(this, { slab, cursor: this.#cursor }, this);
  }
}
Object.setPrototypeOf(EntryIterator.prototype, IteratorPrototype);

/**
 * @param {Slab} slab
 * @param {number} cursor
 */
function closeCursor(slab, cursor) {
  if (slab.id !== 0) native.closeCursor(slab.id, cursor);
}

module.exports = { EntryIterator };
