/**
 * A value table that looks at the clock once a millisecond, however often it is asked.
 *
 * Knows no thread: a count goes up behind its back, and a time that was read under another count is
 * old. Only looks of the near cache take such a time; what answers with a time, and the core, are
 * exact. Invariant: a time that is used was the clock's at the count that is still there.
 */
'use strict';

const native = require('../../native/loader.js');
const { ValueTable } = require('./value-table.js');

/** Words of the count: itself, 0 while nobody raises it, and whether somebody looks at it. */
const [COUNT, LOOKED] = [0, 1];
const NOT_COUNTED = 0;
/** An engine that allows no memory but its own has no count: there each look reads the clock. */
const ticks = native.ticks ?? new Int32Array(2);
/**
 * Looks that one reading is good for. An engine may take the count out of a loop in which nothing
 * seems to change it: then so many go by before time does.
 */
const LOOKS = 1024;

class CoarseTable extends ValueTable {
  #count = NOT_COUNTED;
  #readMs = 0;
  #looksLeft = 0;

  /** @param {ConstructorParameters<typeof ValueTable>} given */
  constructor(...given) {
    super(...given);
    native.forgetTicksWhenWoken();
  }

  /** @override */
  moment() {
    const count = /** @type {number} */ (ticks[COUNT]);
    if (count !== this.#count || this.#looksLeft === 0) return this.#read(count);
    this.#looksLeft -= 1;
    return this.#readMs;
  }

  /** @param {number} count that was there before the clock is read */
  #read(count) {
    this.#count = count;
    this.#readMs = this.time();
    this.#looksLeft = count === NOT_COUNTED ? 0 : LOOKS;
    ticks[LOOKED] = 1;
    if (count === NOT_COUNTED && native.ticks !== undefined) native.startTicks();
    return this.#readMs;
  }
}

module.exports = { CoarseTable };
