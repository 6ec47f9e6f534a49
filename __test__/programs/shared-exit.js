/**
 * Ends a process in one of many ways while shared stores are open and hold locks and flights.
 *
 *     shared-exit.js <way> [folder of a store of processes]
 *
 * Where the process ends by itself, the last line says which events it saw on the way.
 */
const assert = require('node:assert/strict');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { SharedStore, createStore } = require('shared-memory-store');
const { tellExit } = require('../helpers/tell-exit');

const WORKER = path.join(__dirname, 'shared-short-worker.js');
const NAME = 'exit';
const [, , chosen, folder] = process.argv;
const PLACE =
  folder === undefined ? { name: NAME } : { name: NAME, scope: 'processes', path: folder };

function open() {
  const store = new SharedStore(PLACE);
  store.set('greeting', { from: 'the first thread' }, 60_000);
  assert.deepEqual(store.get('greeting'), { from: 'the first thread' });
  return store;
}

function startBusy(count) {
  const workers = Array.from({ length: count }, (_, seed) => {
    return new Worker(WORKER, { workerData: { ...PLACE, way: 'terminate', seed } });
  });
  return Promise.all(workers.map((worker) => new Promise((go) => worker.once('message', go))));
}

const WAYS = {
  open() {
    open();
  },
  'open-named'() {
    const store = createStore(NAME);
    store.set('key', { list: [1] }, { ttl: 60 });
    assert.deepEqual(store.get('key'), { list: [1] });
  },
  closed() {
    open().close();
  },
  locked() {
    const store = open();
    assert.equal(store.lock('key'), true);
    assert.equal(createStore(NAME).lock('other'), true);
  },
  loading() {
    open().getOrSet('loading', () => new Promise(() => {}));
  },
  'under-lock'() {
    open().withLock('key', () => new Promise(() => {}));
  },
  'many-stores'() {
    for (let number = 0; number < 200; number += 1) {
      new SharedStore({ ...PLACE, name: `many-${number}`, maxBytes: 2 ** 18 }).set('a', 1);
    }
  },
  'used-in-exit'() {
    const store = open();
    process.on('exit', () => {
      store.set('last', { value: 1 });
      assert.deepEqual(store.get('last'), { value: 1 });
    });
  },
  'process-exit'() {
    open();
    process.exit(7);
  },
  'process-exit-locked'() {
    open().lock('key');
    process.exit(7);
  },
  'process-exit-with-threads'() {
    open();
    startBusy(3).then(() => process.exit(7));
  },
  'process-exit-while-threads-start'() {
    open();
    startBusy(3);
    setTimeout(() => process.exit(7), 30);
  },
};

tellExit();
WAYS[chosen]();
