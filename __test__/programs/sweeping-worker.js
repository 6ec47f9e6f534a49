/**
 * A worker thread with several stores whose entries keep expiring under a sweep of 1 ms.
 *
 * `workerData.ending` says how it goes on: `return` (ends by itself, stores open), `close`,
 * `throw`, `exit`, or `forever` (until somebody terminates it).
 */

const { parentPort, workerData } = require('node:worker_threads');
const MemoryStore = require('shared-memory-store');

const STORES = 4;
const ENTRIES = 500;

const stores = [];
for (let number = 0; number < STORES; number += 1) {
  const store = new MemoryStore({ cleanupInterval: 1 });
  store.startCleanupTask(1);
  stores.push(store);
}
fill();
parentPort.postMessage('sweeping');

switch (workerData.ending) {
  case 'close':
    for (const store of stores) store.close();
    break;
  case 'throw':
    throw new Error('on purpose');
  case 'exit':
    process.exit(3);
    break;
  case 'forever':
    setInterval(fill, 1);
    break;
  default:
}

function fill() {
  for (const store of stores) {
    const key = store.createKey('renamed');
    store.set(key, { store });
    key.value = 'permanent';
    for (let entry = 0; entry < ENTRIES; entry += 1) {
      store.set(`entry-${entry}`, { entry }, { ttl: 1 + (entry % 4) });
    }
    store.get('entry-0');
  }
}
