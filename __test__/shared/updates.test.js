/**
 * An update of a key that another thread never stops to write to.
 *
 * Must not know how often an update is tried. Invariant tested: what others wrote in the meantime
 * is never overwritten, however often they did.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { withStore, freshName } = require('../helpers/shared-names.js');
const { startThread } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** More than any store would call a rare case. */
const WRITES = 3000;

test('writes_of_another_thread_within_each_try_of_an_update_are_all_kept', SLOW, () => {
  const name = freshName('update');
  return withStore({ name }, async (store) => {
    store.set('count', 0);
    const asked = new SharedArrayBuffer(4);
    const word = new Int32Array(asked);
    const other = startThread('update.countWhenAsked', { name, times: WRITES, asked });
    await other.said('ready');
    let writes = 0;
    const letOtherWrite = () => {
      const asking = 2 * writes + 1;
      Atomics.store(word, 0, asking);
      Atomics.notify(word, 0);
      // The other's word that it had written before may come only now, and wake this one.
      while (Atomics.load(word, 0) === asking) Atomics.wait(word, 0, asking);
      writes += 1;
    };
    const made = store.update('count', (count) => {
      if (writes < WRITES) letOtherWrite();
      return count + 1;
    });
    while (writes < WRITES) letOtherWrite();
    await other.result;
    assert.equal(store.get('count'), WRITES + 1);
    assert.ok(made <= WRITES + 1);
  });
});
