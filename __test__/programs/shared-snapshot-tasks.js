/**
 * What threads do to a store while another writes it to a file.
 *
 * Run by `shared-thread.js`. Invariant: each value names its key.
 */
const { SharedStore } = require('../../index.js');
const { randomFrom } = require('../helpers/seeded-random.js');

/** Overwrites what is to stay, and lets other entries come and go, until it is told to stop. */
function write({ name, keys, stop, seed }, say) {
  const store = new SharedStore({ name });
  const draw = randomFrom(seed);
  let count = 0;
  while (Atomics.load(stop, 0) === 0) {
    count += 1;
    const kept = `kept-${draw(keys)}`;
    store.set(kept, { of: kept, count, text: 'x'.repeat(draw(300)) });
    const passing = `passing-${draw(keys)}`;
    if (draw(2) === 0) store.delete(passing);
    else store.set(passing, { of: passing, count });
    if (count === 1) say('writing');
  }
  store.close();
  return count;
}

module.exports = { write };
