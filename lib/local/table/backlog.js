/**
 * What this thread has done ahead of the native core: entries that it added and removed by itself.
 *
 * Knows slots and keys, of entries that have neither deadline nor tags: nobody but this thread ends
 * them. A call for each of many keys costs more than one for all. Invariant: whoever asks the core
 * gets the store's number from here, and by then the core has caught up.
 */
'use strict';

const { BacklogStep } = require('../../native/contract.js');
const native = require('../../native/loader.js');

// A property of the native module is looked up anew in each call; a constant is not.
const { catchUp, clear } = native;
const { ADD, REMOVE } = BacklogStep;
/** Steps after which the core catches up: some 20 µs, which no request notices. */
const MOST = 256;
/** What a store begins with. */
const FEW = 16;
/** Words before the steps: how many there are, and how many of them the core has done. */
const [COUNT, DONE, FIRST] = [0, 1, 2];
/** Of a step: its slot above its kind, and the units of its key. */
const STEP_WORDS = 2;
const SLOT_SHIFT = 1;

class Backlog {
  /** Steps that the core has not caught up with. */
  count = 0;
  /** Steps for which there is room. */
  room = 0;
  #steps = new Uint32Array(0);
  /** Of the steps that add, one behind the other. */
  #keys = '';
  /** How many free slots the core gave to this thread, and those. */
  #slots = new Uint32Array(1);
  #values;

  /** @param {unknown[]} values by slot */
  constructor(values) {
    this.#values = values;
  }

  /** Makes room where there is none, and nothing that the core has not caught up with. */
  grow() {
    if (this.room === MOST) return;
    const room = this.room === 0 ? FEW : MOST;
    const steps = new Uint32Array(FIRST + room * STEP_WORDS);
    const slots = new Uint32Array(1 + room);
    slots.set(this.#slots);
    // No call from here, and so no room that is not there.
    this.#steps = steps;
    this.#slots = slots;
    this.room = room;
  }

  /**
   * Adds an entry under a key that nothing has; its slot. There is room for a step.
   *
   * @param {string} key
   * @param {unknown} value
   */
  add(key, value) {
    const { count } = this;
    const steps = this.#steps;
    const keys = this.#keys + key;
    const slots = this.#slots;
    const values = this.#values;
    const given = /** @type {number} */ (slots[0]);
    const slot = given > 0 ? /** @type {number} */ (slots[given]) : values.length;
    const at = FIRST + count * STEP_WORDS;
    // No call from here: it is done as a whole.
    steps[at] = (slot << SLOT_SHIFT) | ADD;
    steps[at + 1] = key.length;
    this.#keys = keys;
    if (given > 0) slots[0] = given - 1;
    values[slot] = value;
    this.count = count + 1;
    return slot;
  }

  /**
   * Removes the entry at a slot. There is room for a step.
   *
   * @param {number} slot
   */
  remove(slot) {
    const { count } = this;
    const steps = this.#steps;
    const at = FIRST + count * STEP_WORDS;
    // As above.
    steps[at] = (slot << SLOT_SHIFT) | REMOVE;
    steps[at + 1] = 0;
    this.#values[slot] = undefined;
    this.count = count + 1;
  }

  /**
   * Has the core catch up; whether it has. Where it has no memory for it, what is left waits for
   * the next time.
   *
   * @param {number} id of the store in the core
   */
  tell(id) {
    const steps = this.#steps;
    steps[COUNT] = this.count;
    const done = /** @type {number} */ (steps[DONE]) + catchUp(id, steps, this.#keys, this.#slots);
    // No call from here.
    const isAll = done === this.count;
    steps[DONE] = isAll ? 0 : done;
    if (isAll) this.count = 0;
    if (isAll) this.#keys = '';
    return isAll;
  }

  /**
   * Has the core drop all, of what it has not caught up with, too: that takes no memory.
   *
   * @param {number} id of the store in the core
   */
  clear(id) {
    clear(id);
    // No call from here. The core has no slots for this thread any more, either.
    this.#steps[DONE] = 0;
    this.count = 0;
    this.#keys = '';
    this.#slots[0] = 0;
  }
}

module.exports = { Backlog };
