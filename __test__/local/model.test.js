/**
 * Random operations on a store and on a model of it: both always answer alike.
 *
 * Must not know how a store works. Invariant tested: no sequence of calls makes a store differ from
 * a plain list of entries.
 */
const { test } = require('node:test');
const fc = require('fast-check');
const MemoryStore = require('../../index.js');
const { listenToAll } = require('../helpers/recorded-events.js');
const { StoreModel } = require('../helpers/store-model.js');
const { Pair, operation, runOperations } = require('../helpers/store-operations.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { SLOW } = require('../helpers/test-timeout.js');

const RUNS = 150;
const OPERATIONS = 80;

const stores = {
  'a store without a sweeper': () => new MemoryStore({ autoStartCleanup: false }),
  'a store with a busy sweeper': () => {
    const store = new MemoryStore({ cleanupInterval: 1 });
    store.startCleanupTask();
    return store;
  },
  'a store that is listened to': () => listenToAll(new MemoryStore({ autoStartCleanup: false })),
  'a store whose bound is not reached': () =>
    new MemoryStore({ maxEntries: 1000, maxSize: 1000, sizeOf: () => 1 }),
  'a store that was used and cleared': () => {
    const store = new MemoryStore({ autoStartCleanup: false });
    for (let index = 0; index < 100; index += 1) store.set(`before ${index}`, index);
    store.clear();
    return store;
  },
};

for (const [what, open] of Object.entries(stores)) {
  test(`${what} answers as its model does`, SLOW, () => {
    const seed = printedSeed(what);
    const operations = fc.array(operation, { maxLength: OPERATIONS, size: 'max' });
    fc.assert(
      fc.property(operations, (sequence) => {
        const store = open();
        runOperations(new Pair(store, new StoreModel()), sequence);
        store.close();
      }),
      { seed, numRuns: RUNS },
    );
  });
}

test('any string is a key of its own', SLOW, () => {
  const seed = printedSeed('strings');
  const strings = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 60 });
  fc.assert(
    fc.property(strings, (keys) => {
      const store = new MemoryStore();
      keys.forEach((key, index) => {
        store.set(key, index);
      });
      const right = keys.every((key, index) => store.get(key) === index);
      const said = store.keys().every((key, index) => key === keys[index]);
      return right && said && store.size() === keys.length;
    }),
    { seed, numRuns: 500 },
  );
});

test('any array of code units is a key of its own', SLOW, () => {
  const seed = printedSeed('code units');
  const units = fc.array(fc.nat(0xffff), { maxLength: 20 });
  const strings = fc.uniqueArray(
    units.map((codes) => String.fromCharCode(...codes)),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(strings, (keys) => {
      const store = new MemoryStore();
      keys.forEach((key, index) => {
        store.set(key, index);
      });
      return (
        keys.every((key, index) => store.get(key) === index) &&
        store.keys().every((key, index) => key === keys[index])
      );
    }),
    { seed, numRuns: 500 },
  );
});

test('any value that JSON can say is the key of its JSON', SLOW, () => {
  const seed = printedSeed('JSON keys');
  const objects = fc.oneof(fc.object({ withNullPrototype: true }), fc.array(fc.jsonValue()));
  fc.assert(
    fc.property(objects, (key) => {
      const store = new MemoryStore();
      store.set(key, 'value');
      return store.get(JSON.stringify(key)) === 'value' && store.getKeys()[0] === key;
    }),
    { seed, numRuns: 500 },
  );
});

test('any value comes back identical', SLOW, () => {
  const seed = printedSeed('values');
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
      const store = new MemoryStore();
      store.set('key', value);
      return Object.is(store.get('key'), value) && Object.is(store.all()[0], value);
    }),
    { seed, numRuns: 1000 },
  );
});
