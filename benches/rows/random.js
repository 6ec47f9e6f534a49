/**
 * Seeded randomness: numbers, permutations, and ranks that follow Zipf's law.
 *
 * It must not know what is drawn for what. Invariant: the same seed gives the same draws, on every
 * machine.
 */
'use strict';

/** Mulberry32: numbers in [0, 1), the same for the same seed. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The numbers from 0 to `count` - 1 in random order. */
function permutation(count, random) {
  const order = new Uint32Array(count).map((_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** A function that draws ranks from 0 to `count` - 1, rank r as often as 1 ÷ (r + 1)^exponent. */
function zipfRanks(count, exponent, random) {
  const cumulated = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) {
    total += (rank + 1) ** -exponent;
    cumulated[rank] = total;
  }
  return () => firstAbove(cumulated, random() * total);
}

/** The first index whose number is greater than `limit`, which the last one's is. */
function firstAbove(ascending, limit) {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

module.exports = { permutation, randomNumbers, zipfRanks };
