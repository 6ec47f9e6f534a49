/**
 * What processes read while others invalidate it.
 *
 * Must not know what a test expects.
 */
const { SharedStore } = require('../../index.js');

/** Reads of one value until it is surely near: then the others are told. */
const HOT_READS = 100;

/**
 * Reads a value of rounds again and again, until the last round is over: how often it was there
 * though its round was over before the read.
 */
function reads({ place, space, rounds }, say) {
  const whole = new SharedStore(place);
  const store = space === undefined ? whole : whole.namespace(space);
  say('open');
  let [stale, last, times] = [0, 0, 0];
  for (let over = 0; over < rounds; over = whole.get('over')) {
    const seen = store.get('value');
    if (seen === undefined) continue;
    if (seen <= over) stale += 1;
    times = seen === last ? times + 1 : 0;
    last = seen;
    if (times === HOT_READS) whole.set('hot', seen);
  }
  const { nearHits } = whole.stats();
  whole.close();
  return { stale, nearHits };
}

module.exports = { reads };
