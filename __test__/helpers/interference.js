/**
 * Runs something between two native calls of a verb of a shared store, as another thread would.
 *
 * Must be required before the package: some native functions are looked up once. Invariant: what is
 * run leaves the registers and the scratch as they were, since a thread has its own.
 */
const native = require('../../lib/native/loader.js');

/** What is to be run, and before which native call, or after the one before it. */
let act = () => {};
let left = Number.POSITIVE_INFINITY;

for (const [name, call] of Object.entries(native)) {
  // The clock is no look at a store.
  if (typeof call !== 'function' || name === 'now') continue;
  native[name] = (...given) => {
    pass();
    const result = call(...given);
    pass();
    return result;
  };
}

/** Comes by a gap. */
function pass() {
  left -= 1;
  if (left !== -1) return;
  const { registers, scratch } = native;
  const [numbers, bytes] = [registers.slice(), scratch.slice()];
  try {
    act();
  } finally {
    registers.set(numbers);
    scratch.set(bytes);
  }
}

/**
 * Runs `verb` as often as it has gaps, `work` in another of them each time.
 *
 * @param {() => unknown} begin before each time
 * @param {() => unknown} verb
 * @param {() => void} work
 * @param {(result: any, gap: number) => void} check
 */
async function inEachGap(begin, verb, work, check) {
  act = work;
  for (let gap = 0, isRun = true; isRun; gap += 1) {
    begin();
    left = gap;
    const result = await outcomeOf(verb);
    isRun = left < 0;
    left = Number.POSITIVE_INFINITY;
    if (isRun) check(result, gap);
  }
}

/** What a verb gives, or the code of what it throws. */
async function outcomeOf(verb) {
  try {
    return { gives: await verb() };
  } catch (error) {
    if (error.code === undefined) throw error;
    return { throws: error.code };
  }
}

module.exports = { inEachGap, outcomeOf };
