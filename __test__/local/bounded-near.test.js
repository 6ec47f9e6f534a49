/**
 * Hot keys of a bounded store: what is remembered of them ends when their entry is evicted.
 *
 * Must not know slots; it makes their reuse certain, by bounds of few entries. Invariant tested:
 * an evicted key is absent at once and never shows, or writes to, the entry that has its place.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { listenToAll } = require('../helpers/recorded-events.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { SLOW } = require('../helpers/test-timeout.js');

const open = (maxEntries) => new MemoryStore({ maxEntries, autoStartCleanup: false });

/** What may be done to a key that was evicted, and whether it is there then. */
const acts = {
  'is read': [(store) => assert.equal(store.get('old'), undefined), false],
  'is looked for': [(store) => assert.equal(store.has('old'), false), false],
  'is asked for its life': [(store) => assert.equal(store.ttl('old'), undefined), false],
  'is peeked at': [(store) => assert.equal(store.peek('old'), undefined), false],
  'is taken': [(store) => assert.equal(store.take('old'), undefined), false],
  'is deleted': [(store) => assert.equal(store.delete('old'), false), false],
  'is touched': [(store) => assert.equal(store.touch('old', HOUR_MS), false), false],
  'is replaced': [(store) => assert.equal(store.replace('old', 'again'), false), false],
  'is set': [(store) => store.set('old', 'again'), true],
  'is set with a deadline': [(store) => store.set('old', 'again', HOUR_MS), true],
  'is added': [(store) => assert.equal(store.add('old', 'again'), true), true],
  'is incremented': [(store) => assert.equal(store.increment('old', 5), 5), true],
};

/** Sets ever new keys until `old` was evicted; the entries of most of them stay. */
function evictOld(store, options) {
  for (let index = 0; store.keys().includes('old'); index += 1) {
    assert.ok(index < 10_000, 'old is evicted at last');
    store.set(`new ${index}`, `value of new ${index}`, options);
    // What is read twice outlives what is read once.
    store.get(`new ${index}`);
    store.get(`new ${index}`);
  }
}

const lives = { permanent: undefined, timed: HOUR_MS };

for (const bound of [1, 2, 10, 100]) {
  for (const [life, options] of Object.entries(lives)) {
    describe(`in a store of ${bound} an evicted ${life} key leaves others alone when it`, () => {
      for (const [name, [act, isThere]] of Object.entries(acts)) {
        test(name, () => {
          const store = open(bound);
          store.set('old', 'old value', options);
          warm(store, 'old');
          evictOld(store, options);
          act(store);
          assert.equal(store.has('old'), isThere);
          for (const [key, value] of store) {
            if (key !== 'old') assert.equal(value, `value of ${key}`);
            assert.equal(store.get(key), value);
          }
        });
      }
    });
  }
}

test('hot keys that evict each other in turns never show each other’s value', () => {
  const store = open(1);
  for (let round = 0; round < 400; round += 1) {
    const [here, gone] = round % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    store.set(here, round, round % 3 === 0 ? HOUR_MS : undefined);
    warm(store, here);
    warm(store, gone);
    assert.equal(store.get(here), round);
    assert.equal(store.get(gone), undefined);
  }
});

test('a hot key that expired and whose place was taken is absent', () => {
  const store = open(3);
  for (let round = 0; round < 100; round += 1) {
    store.set('hot', round, HOUR_MS);
    warm(store, 'hot');
    store.touch('hot', 1);
    passDeadline(1);
    for (const key of ['x', 'y', 'z']) store.set(`${key} ${round}`, key);
    assert.equal(store.get('hot'), undefined);
    assert.equal(store.has('hot'), false);
    assert.equal(store.size(), 3);
  }
});

test('a hot key that was renamed and evicted is absent under both names', () => {
  const store = open(2);
  for (let round = 0; round < 100; round += 1) {
    const key = store.createKey('before');
    store.set(key, round);
    warm(store, 'before');
    key.value = 'after';
    warm(store, 'after');
    for (let index = 0; store.keys().includes('after'); index += 1) {
      store.set(`${round} ${index}`, 'other');
      store.get(`${round} ${index}`);
      store.get(`${round} ${index}`);
    }
    assert.equal(store.get('before'), undefined);
    assert.equal(store.get('after'), undefined);
    assert.equal(store.get(key), undefined);
  }
});

/** Reads as most caches are read: the lower the number, the more often. */
const drawKey = (draw, keys) => `key ${Math.floor((draw(1000) * draw(1000) * keys) / 1_000_000)}`;

const READS = 300_000;
const stores = { 'a store': (it) => it, 'a store with listeners': listenToAll };

for (const [what, prepare] of Object.entries(stores)) {
  for (const bound of [1, 2, 3, 10, 100, 1000]) {
    test(`${what} of ${bound} that is read through gives only what was set last`, SLOW, () => {
      const draw = randomFrom(printedSeed(`${what} of ${bound}`));
      const store = prepare(open(bound));
      const latest = new Map();
      for (let step = 0; step < READS; step += 1) {
        const key = drawKey(draw, bound * 3);
        const value = store.get(key);
        if (value === undefined || draw(50) === 0) {
          latest.set(key, step);
          store.set(key, step, draw(4) === 0 ? HOUR_MS : undefined);
        } else {
          assert.equal(value, latest.get(key));
        }
      }
      assert.equal(store.size(), bound);
    });
  }
}
