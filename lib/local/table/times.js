/**
 * Times by slot, in arrays that grow with the slots of a store.
 *
 * Knows no clock. Invariant: what had a place keeps it, and the rest is at rest.
 */
'use strict';

/** Slots that the first time makes room for. */
const FIRST_SLOTS = 64;

/** Of a store that has none. */
const NO_TIMES = new Float64Array(0);

/**
 * How many slots an array is to have that must have room for some.
 *
 * @param {number} needed
 */
function roomFor(needed) {
  return Math.max(FIRST_SLOTS, needed * 2);
}

/**
 * The same times, with room for more.
 *
 * @param {Float64Array} times
 * @param {number} needed how many slots it must have
 * @param {number} [rest] what a slot has that was not written
 */
function withRoom(times, needed, rest = 0) {
  const grown = new Float64Array(roomFor(needed));
  // What is not written is 0, and takes no memory.
  if (rest !== 0) grown.fill(rest, times.length);
  grown.set(times);
  return grown;
}

module.exports = { NO_TIMES, roomFor, withRoom };
