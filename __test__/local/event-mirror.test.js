/**
 * A mirror of a store that knows nothing but its events.
 *
 * Must not know what happened beyond what it was told. Invariant tested: after each call a `Map`
 * that follows the events holds what the store holds.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { SLOW } = require('../helpers/test-timeout.js');

const STEPS = 20_000;
const KEYS = 24;

/** What each event does to a mirror; it asserts that the event is possible. */
function mirrorOf(store) {
  const mirror = new Map();
  const leave = (key, value) => {
    assert.ok(mirror.has(key), `${key} was there`);
    assert.equal(mirror.get(key), value, `the value of ${key}`);
    mirror.delete(key);
  };
  store.on('set', (key, value, reason) => {
    assert.equal(mirror.has(key), reason === 'update', `${key} by ${reason}`);
    mirror.set(key, value);
  });
  for (const event of ['delete', 'expire', 'evict']) store.on(event, leave);
  store.on('clear', () => mirror.clear());
  return mirror;
}

const operations = {
  set: ({ store, key, step }) => store.set(key, step),
  'set with a deadline': ({ store, key, step }) => store.set(key, step, HOUR_MS),
  'set with a short life': ({ store, key, step }) => store.set(key, step, 1),
  get: ({ store, key }) => store.get(key),
  has: ({ store, key }) => store.has(key),
  size: ({ store }) => store.size(),
  touch: ({ store, key, draw }) => store.touch(key, draw(4) === 0 ? 1 : HOUR_MS),
  delete: ({ store, key }) => store.delete(key),
  take: ({ store, key }) => store.take(key),
  add: ({ store, key, step }) => store.add(key, step),
  replace: ({ store, key, step }) => store.replace(key, step),
  increment: ({ store, key, step }) => store.increment(key, step),
  setMany: ({ store, keys, step }) => store.setMany(keys.map((key, index) => [key, step + index])),
  deleteMany: ({ store, keys }) => store.deleteMany(keys),
  rename({ store, key, keys }) {
    store.createKey(key).value = keys[0];
  },
  clear: ({ store, draw }) => draw(10) === 0 && store.clear(),
  wait: ({ draw }) => draw(20) === 0 && passDeadline(1),
};
const names = Object.keys(operations);

const stores = {
  'an unbounded store': {},
  'a store of 1': { maxEntries: 1 },
  'a store of 5': { maxEntries: 5 },
  'a store of size 20': { maxSize: 20, sizeOf: (value) => value % 7 },
  'a store with a busy sweeper': { maxEntries: 10, cleanupInterval: 1, autoStartCleanup: true },
};

describe('after each call a mirror holds what the store holds:', () => {
  for (const [what, options] of Object.entries(stores)) {
    test(what, SLOW, () => {
      const draw = randomFrom(printedSeed(what));
      const store = new MemoryStore({ autoStartCleanup: false, ...options });
      const mirror = mirrorOf(store);
      const drawKey = () => `key ${draw(KEYS)}`;
      for (let step = 0; step < STEPS; step += 1) {
        const keys = Array.from({ length: 1 + draw(4) }, drawKey);
        operations[names[draw(names.length)]]({ store, step, key: drawKey(), keys, draw });
        const held = new Map(store);
        // What has expired by now is told by this call at the latest.
        store.size();
        for (const [key, value] of mirror) assert.equal(held.get(key), value, key);
        for (const key of held.keys()) {
          if (!mirror.has(key)) assert.equal(store.has(key), false, `${key} has expired`);
        }
      }
    });
  }
});
