/**
 * A random generator with a printed seed: `SEED=… npm run test:node` repeats a run.
 *
 * Must not know what is drawn. Invariant: the same seed gives the same numbers.
 */

/** The seed of this run; printed, so that a failure can be repeated. */
function printedSeed(name) {
  const seed = process.env.SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.SEED);
  console.log(`${name}: SEED=${seed}`);
  return seed;
}

/** `draw(n)` gives a whole number from 0 to n - 1 (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

module.exports = { printedSeed, randomFrom };
