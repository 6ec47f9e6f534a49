/**
 * Full garbage collections on Node (`--expose-gc`) and Bun, with the turns of the event loop that
 * finalizers and weak references need.
 *
 * Must not know of stores. Invariant: every pass is a collection and then a turn.
 */
const { setImmediate: turn } = require('node:timers/promises');

const PASSES = 4;

async function collectGarbage() {
  for (let pass = 0; pass < PASSES; pass += 1) {
    if (typeof Bun !== 'undefined') Bun.gc(true);
    else globalThis.gc();
    await turn();
  }
}

module.exports = { collectGarbage };
