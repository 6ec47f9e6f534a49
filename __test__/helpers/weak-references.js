/**
 * Shows that the collector takes what nobody holds any more.
 *
 * Must not know of stores. Invariant: a wait ends by the collection itself or by its deadline,
 * never by a count of collections.
 */
const { collectGarbage } = require('./collect-garbage');
const { waitUntil } = require('./wait-until');

/**
 * Bun scans the machine stack conservatively: a few objects may be held by stale words there, so
 * tests make many objects and ask for most of them.
 */
const COUNT = 50;
const SHARE = 0.8;

/** Weak references to what `make(index)` returns, made in a frame of its own. */
function weakly(make, count = COUNT) {
  return Array.from({ length: count }, (_, index) => new WeakRef(make(index)));
}

/** Waits until the collector has taken nearly all of `references`. */
async function untilCollected(references) {
  const enough = Math.ceil(references.length * SHARE);
  const countTaken = () => references.filter((it) => it.deref() === undefined).length;
  await waitUntil(async () => {
    await collectGarbage();
    return countTaken() >= enough;
  }, `${enough} of ${references.length} objects are collected`);
}

module.exports = { untilCollected, weakly };
