/**
 * The removal of many entries of a store of one thread, some at a time.
 *
 * Knows entries, loads and a filter. Invariant: what makes the near cache doubt a key comes before
 * the native call, and between the core's answer and the values' end there is no call, for a call
 * is where a stack can end.
 */
'use strict';

const native = require('../../native/loader.js');
const { listSteps } = require('./listing.js');

/** The most entries of a step: as many as the native core lists at once. */
const MOST = 256;

/** @typedef {InstanceType<typeof import('../entries.js').Entries>} Entries */
/** @typedef {InstanceType<typeof import('../../loads/loads.js').Loads>} Loads */
/** @typedef {InstanceType<typeof import('../../arguments/filter.js').Filter>} Filter */
/** @typedef {'delete' | 'clear'} Reason why they are removed: those of a namespace, all at once */

/**
 * Removes the entries whose keys are meant; how many, after each step.
 *
 * @param {Entries} entries
 * @param {Loads} loads
 * @param {Filter} filter
 * @param {Reason} reason
 * @returns {Generator<number, void>}
 */
function* removalSteps(entries, loads, filter, reason) {
  const slots = new Uint32Array(MOST);
  for (const some of listSteps(entries.table, filter, 'deleteWhere')) {
    yield some.count === 0 ? 0 : remove(entries, loads, some, { slots, reason });
  }
}

/**
 * The same at once, while nobody wants to know of it; how many.
 *
 * @param {Entries} entries
 * @param {Filter} filter
 */
function removeUnobserved({ table, near, values }, filter) {
  table.purge.finish();
  const slots = new Uint32Array(MOST);
  const cursor = native.openCursor(table.id);
  // Nothing comes to it before this is done.
  const wasWhole = near.distrust();
  near.forgetWhere(filter);
  let total = 0;
  try {
    for (let answer = 0; answer >= 0; ) {
      answer = native.removeSome(table.laggingId, cursor, filter.written, slots);
      const removed = answer >= 0 ? answer : -1 - answer;
      // No call from here until the values are gone.
      for (let index = 0; index < removed; index += 1) {
        values[/** @type {number} */ (slots[index])] = undefined;
      }
      total += removed;
      for (const slot of slots.subarray(0, removed)) table.forgetParts(slot);
    }
  } finally {
    native.closeCursor(table.laggingId, cursor);
  }
  near.trust(wasWhole);
  return total;
}

/**
 * @param {Entries} entries
 * @param {Loads} loads
 * @param {{ count: number, slot: (index: number) => number, key: (index: number) => string }} some
 * @param {{ slots: Uint32Array, reason: Reason }} how
 */
function remove(entries, loads, some, { slots, reason }) {
  const { table, near, values, events } = entries;
  const { count } = some;
  /** @type {unknown[]} */
  const gone = new Array(count).fill(undefined);
  const { id } = table;
  const wasWhole = near.distrust();
  for (let index = 0; index < count; index += 1) {
    const key = some.key(index);
    loads.invalidate(key);
    near.forget(key);
    slots[index] = some.slot(index);
  }
  native.removeSlots(id, slots, count);
  // No call from here until the values are gone.
  for (let index = 0; index < count; index += 1) {
    const slot = /** @type {number} */ (slots[index]);
    // It may have expired since it was listed: then it is not ours.
    if (slot !== 0) {
      gone[index] = values[slot];
      values[slot] = undefined;
    }
  }
  for (const slot of slots.subarray(0, count)) if (slot !== 0) table.forgetParts(slot);
  near.trust(wasWhole);
  let removed = 0;
  for (let index = 0; index < count; index += 1) {
    if (slots[index] === 0) continue;
    removed += 1;
    const key = some.key(index);
    if (reason === 'delete') events.note(reason, key, gone[index], reason);
    if (events.isDisposing) events.note('dispose', key, gone[index], reason);
  }
  return removed;
}

module.exports = { removalSteps, removeUnobserved };
