/**
 * Writes one snapshot after the other to a file, each of one value in all entries, until it dies.
 *
 *     snapshot-forever.js <file>
 */
const MemoryStore = require('../../index.js');

const ENTRIES = 5000;
const [, , file] = process.argv;

async function run() {
  const store = new MemoryStore();
  for (let round = 0; ; round += 1) {
    for (let number = 0; number < ENTRIES; number += 1) store.set(`key-${number}`, { round });
    await store.snapshot(file);
    if (round === 0) console.log('written');
  }
}

run();
