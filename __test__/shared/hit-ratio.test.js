/**
 * Counters of reads of a shared store: exact, whoever answers them.
 *
 * Must not know which reads a copy answers. Invariant tested: `hits` and `misses` are the reads
 * that were made, and lists are none.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFile } = require('../helpers/snapshot-files.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HITS = 64_000;
const MISSES = 1000;
const HOUR_MS = 3_600_000;

for (const reads of ['copy', 'frozen']) {
  describe(`reads: ${reads}`, () => {
    for (const [what, value, ttl] of [
      ['a text', 'text', undefined],
      ['a text with a deadline', 'text', HOUR_MS],
      ['an object', { a: 1 }, undefined],
    ]) {
      test(`64,000 hits of ${what} and 1,000 misses are a ratio of 0.985`, () => {
        const store = new SharedStore({ name: freshName(), reads });
        store.set('key', value, ttl);
        for (let read = 0; read < HITS; read += 1) store.get('key');
        for (let read = 0; read < MISSES; read += 1) store.get('missing');
        const { hits, misses, hitRatio } = store.stats();
        assert.deepEqual([hits, misses], [HITS, MISSES]);
        assert.equal(hitRatio, HITS / (HITS + MISSES));
        store.close();
      });
    }

    test('each read counts once, whatever becomes of its copy', () => {
      const name = freshName();
      const [store, other] = [0, 1].map(() => new SharedStore({ name, reads }));
      let made = 0;
      for (let round = 0; round < 40; round += 1) {
        store.set('key', `text ${round}`, round % 3 === 0 ? HOUR_MS : undefined);
        for (let read = 0; read < round * 7; read += 1) {
          store.get('key');
          made += 1;
        }
        assert.equal(store.stats().hits, made);
        if (round % 5 === 0) store.delete('key');
      }
      for (const each of [store, other]) each.destroy();
    });
  });
}

test('lists and snapshots are no reads', () =>
  withFile(async (file) => {
    const store = new SharedStore({ name: freshName() });
    store.setMany(Array.from({ length: 100 }, (_, index) => [`k${index}`, { index }]));
    assert.equal([...store, ...store.entries(), ...store.values()].length, 300);
    store.forEach(() => {});
    store.keys();
    await store.snapshot(file);
    const { hits, misses, hitRatio } = store.stats();
    assert.deepEqual([hits, misses, hitRatio], [0, 0, 0]);
    store.close();
  }));

test('others learn of reads that copies answered, soon and when the store is closed', async () => {
  const name = freshName();
  const { Worker } = require('node:worker_threads');
  const store = new SharedStore({ name });
  store.set('key', 'text');
  const code = `
    const { parentPort } = require('node:worker_threads');
    const { SharedStore } = require(${JSON.stringify(require.resolve('../../index.js'))});
    const store = new SharedStore({ name: ${JSON.stringify(name)} });
    const read = () => { for (let i = 0; i < 1000; i += 1) store.get('key'); };
    read();
    parentPort.on('message', () => { read(); store.close(); parentPort.close(); });`;
  const worker = new Worker(code, { eval: true });
  await waitUntil(() => store.stats().hits === 1000, 'the timer has told them');
  worker.postMessage('go on');
  await waitUntil(() => store.stats().hits === 2000, 'the end has told them');
  await worker.terminate();
  store.close();
});
