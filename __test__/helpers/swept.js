/**
 * Ends an entry now, as the sweeper would between any two steps of a call.
 *
 * Must not know the facade: it asks the native core. Invariant: when a call returns `true`, the
 * entry has ended, its slot waits to be drained, and nobody was told.
 */
const { Register } = require('../../lib/native/contract.js');
const native = require('../../lib/native/loader.js');

/** Has the entry of `key` end in the store that the native core knows as `id`; whether it lived. */
function sweepNow(id, key) {
  native.registers[Register.TTL_MS] = 1;
  if (native.touch(id, key) <= 0) return false;
  const [before] = native.counters(id);
  while (native.counters(id)[0] === before) native.releaseDue(id);
  return true;
}

module.exports = { sweepNow };
