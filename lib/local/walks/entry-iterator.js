/**
 * Iteration over the live entries of a store, oldest first, live as that of a `Map`.
 *
 * A cursor of the native core stands at the next entry; the core moves it on when that entry
 * goes. An iterator that is dropped half-way closes its cursor when it is collected.
 */
'use strict';

const { EVERY } = require('../../arguments/filter.js');
const { storeClosed } = require('../../errors/errors.js');
const { Register } = require('../../native/contract.js');
const native = require('../../native/loader.js');

/** @typedef {InstanceType<typeof import('../table/value-table.js').ValueTable>} ValueTable */

/** What iterators inherit: `Symbol.iterator` and, where the engine has them, `map` and others. */
const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([].values()));

/**
 * Closes the cursors of iterators that were left half-way. It knows the stores weakly: an
 * iterator may be among the values of its own.
 *
 * @type {FinalizationRegistry<{ weak: WeakRef<ValueTable>, cursor: number }>}
 */
const dropped = new FinalizationRegistry(({ weak, cursor }) => closeCursor(weak.deref(), cursor));

/** Where an iterator without a cursor stands. */
const BEFORE = -1;
const AT_OLDEST = -2;
const AFTER = -3;
/** What the native core answers that has looked at many keys, none of which was meant. */
const PAUSE = -1;

/** @template T */
class EntryIterator {
  /** Keeps the store from being closed as one that nobody has. @type {ValueTable} */
  #table;
  /** The native core's cursor, between the second step and the last. */
  #cursor = BEFORE;
  /** How the core knows the oldest entry again, after the first step. */
  #departures = 0;
  /** Gets each key from the native core; `undefined` when keys are not wanted. */
  #entry;
  /** Which keys are shown. */
  #filter;
  /** @type {(key: string, value: unknown) => T} */
  #show;

  /**
   * @param {ValueTable} table
   * @param {boolean} withKeys
   * @param {(key: string, value: unknown) => T} show
   * @param {InstanceType<typeof import('../../arguments/filter.js').Filter>} [filter]
   */
  constructor(table, withKeys, show, filter = EVERY) {
    this.#table = table;
    this.#filter = filter.written;
    this.#entry = withKeys ? /** @type {[string]} */ (['']) : undefined;
    this.#show = show;
  }

  /** @returns {IteratorResult<T, undefined>} */
  next() {
    if (this.#cursor === AFTER) return { done: true, value: undefined };
    for (;;) {
      const slot = this.#step();
      if (slot === 0) return this.return();
      if (slot !== PAUSE) return { done: false, value: this.#shown(slot) };
    }
  }

  /** The same in small steps, some of which show nothing. */
  *steps() {
    try {
      for (let slot = this.#step(); slot !== 0; slot = this.#step()) {
        yield slot === PAUSE ? undefined : this.#shown(slot);
      }
    } finally {
      this.return();
    }
  }

  /**
   * Ends the iteration, as `break` does.
   *
   * @returns {{ done: true, value: undefined }}
   */
  return() {
    if (this.#cursor >= 0) {
      dropped.unregister(this);
      closeCursor(this.#table, this.#cursor);
    }
    this.#cursor = AFTER;
    return { done: true, value: undefined };
  }

  [Symbol.iterator]() {
    return this;
  }

  /** The slot of the next entry, 0 for none, or `PAUSE`. */
  #step() {
    const slot = this.#advance();
    return slot > 0 && this.#table.tags.isGone(slot) ? PAUSE : slot;
  }

  /**
   * The same, of what was invalidated, too. The first step takes no cursor: programs
   * look at the oldest entry, `store.entries().next()`, and drop the iterator.
   */
  #advance() {
    const { id } = this.#table;
    if (id === 0) throw storeClosed('next');
    if (this.#cursor === BEFORE) {
      const mayBeOldest = this.#filter === '' && !this.#table.hasNamespaces;
      const slot = mayBeOldest ? native.oldest(id, this.#entry) : 0;
      if (slot === 0) {
        this.#start(native.openCursor(id));
      } else {
        this.#departures = /** @type {number} */ (native.registers[Register.DEPARTURES]);
        this.#cursor = AT_OLDEST;
        return slot;
      }
    } else if (this.#cursor === AT_OLDEST) {
      this.#start(native.openCursor(id, this.#departures));
    }
    return native.advance(id, this.#cursor, this.#filter, this.#entry);
  }

  /** @param {number} slot */
  #shown(slot) {
    const key = this.#entry === undefined ? '' : this.#entry[0];
    return this.#show(key, this.#table.values[slot]);
  }

  /** @param {number} cursor */
  #start(cursor) {
    this.#cursor = cursor;
    dropped.register(this, { weak: this.#table.weak, cursor }, this);
  }
}
Object.setPrototypeOf(EntryIterator.prototype, IteratorPrototype);

/**
 * @param {ValueTable | undefined} table
 * @param {number} cursor
 */
function closeCursor(table, cursor) {
  if (table?.isOpen) native.closeCursor(table.laggingId, cursor);
}

module.exports = { EntryIterator };
