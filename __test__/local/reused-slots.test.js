/**
 * The place of an entry that is gone is taken by another: no reader mixes the two up.
 *
 * Must not know slots; it makes their reuse likely. Invariant tested: what is remembered of an old
 * entry never shows the value of a new one.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm, warm } = require('../helpers/hot-path.js');
const { SLOW } = require('../helpers/test-timeout.js');

const open = () => new MemoryStore({ autoStartCleanup: false });

/** Ways for the entry under `old` to go. */
const leave = {
  delete: (store) => store.delete('old'),
  clear: (store) => store.clear(),
  'a deadline that passed': (store) => {
    store.touch('old', 1);
    passDeadline(1);
  },
  'a set with a deadline that passed': (store) => setExpired(store, 'old', 'shortened'),
  rename: (store) => {
    store.createKey('old').value = 'moved';
    store.delete('moved');
  },
};

/** Ways to notice that it went; each frees its place in a way of its own. */
const notice = {
  nothing: () => {},
  get: (store) => store.get('old'),
  delete: (store) => store.delete('old'),
  size: (store) => store.size(),
};

const lives = { 'permanent entries': undefined, 'entries with a deadline': { ttl: HOUR_MS } };

for (const [what, go] of Object.entries(leave)) {
  for (const [noticed, look] of Object.entries(notice)) {
    for (const [newcomers, options] of Object.entries(lives)) {
      const before = { ttl: HOUR_MS };
      testColdAndWarm(
        `after ${what} and ${noticed}, the old key does not show ${newcomers}`,
        (heat) => {
          const store = open();
          store.set('old', 'old value', before);
          heat(store, 'old');
          go(store);
          look(store);
          for (let index = 0; index < 10; index += 1) store.set(`${index}`, index, options);
          assert.equal(store.get('old'), undefined);
          assert.equal(store.has('old'), false);
          assert.equal(store.ttl('old'), undefined);
          assert.equal(store.delete('old'), false);
          assert.equal(store.size(), 10);
        },
      );
    }
  }

  describe(`after ${what}`, () => {
    testColdAndWarm('the new key does not show the old value', (heat) => {
      const store = open();
      store.set('old', 'old value');
      heat(store, 'old');
      go(store);
      store.set('new', undefined);
      heat(store, 'new');
      assert.equal(store.get('new'), undefined);
      assert.equal(store.has('new'), true);
    });

    testColdAndWarm('writing under the old key leaves the new entry alone', (heat) => {
      const store = open();
      store.set('old', 'old value');
      heat(store, 'old');
      go(store);
      store.set('new', 'new value');
      heat(store, 'new');
      store.set('old', 'again');
      assert.deepEqual(Object.fromEntries(store), { new: 'new value', old: 'again' });
    });

    testColdAndWarm('a permanent entry in the old place does not expire', (heat) => {
      const store = open();
      store.set('old', 'old value', HOUR_MS);
      heat(store, 'old');
      store.touch('old', 20);
      go(store);
      store.set('new', 'new value');
      heat(store, 'new');
      passDeadline(20);
      assert.equal(store.get('new'), 'new value');
      assert.equal(store.ttl('new'), Infinity);
    });

    testColdAndWarm('an expiring entry in the old place expires', (heat) => {
      const store = open();
      store.set('old', 'old value');
      heat(store, 'old');
      go(store);
      store.set('new', 'new value', HOUR_MS);
      heat(store, 'new');
      store.touch('new', 1);
      passDeadline(1);
      assert.equal(store.get('new'), undefined);
    });
  });
}

test('hot keys that come and go in turns never show each other’s value', () => {
  const store = open();
  for (let round = 0; round < 200; round += 1) {
    const [here, gone] = round % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    store.set(here, round);
    warm(store, here);
    warm(store, gone);
    assert.equal(store.get(here), round);
    assert.equal(store.get(gone), undefined);
    if (round % 4 < 2) {
      store.delete(here);
    } else {
      setExpired(store, here);
    }
  }
});

test('hot keys whose places a sweeper frees never show each other’s value', SLOW, async () => {
  const store = new MemoryStore({ cleanupInterval: 1 });
  store.startCleanupTask();
  for (let round = 0; round < 60; round += 1) {
    for (let index = 0; index < 50; index += 1) {
      store.set(`${round}:${index}`, `value of ${round}:${index}`, HOUR_MS);
      warm(store, `${round}:${index}`);
      store.touch(`${round}:${index}`, 1);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
    passDeadline(1);
    for (let index = 0; index < 50; index += 1) store.set(`taker ${index}`, round);
    for (let index = 0; index < 50; index += 1) {
      assert.equal(store.get(`${round}:${index}`), undefined);
      assert.equal(store.get(`taker ${index}`), round);
    }
    assert.equal(store.size(), 50);
    if (round % 3 === 0) store.clear();
  }
});

testColdAndWarm(
  'overwriting with and without a deadline in turns keeps each entry right',
  (heat) => {
    const store = open();
    for (let round = 0; round < 300; round += 1) {
      const key = `key ${round % 7}`;
      const lives = [undefined, HOUR_MS, { ttl: HOUR_MS }, {}];
      store.set(key, round, lives[round % 4]);
      heat(store, key);
      assert.equal(store.get(key), round);
      assert.equal(store.ttl(key) === Infinity, round % 4 === 0 || round % 4 === 3);
      if (round % 11 === 0) store.delete(`key ${(round + 3) % 7}`);
    }
  },
);
