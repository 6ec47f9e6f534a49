/**
 * Calls that end half-way, for want of stack: no key ever gives the value of another.
 *
 * Each store gets one call, which is cut off somewhere else each time. What is tested is what the
 * store answers after that, whatever the call has done.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { frames, onTheLastOfTheStack } = require('../helpers/end-of-stack.js');
const { passDeadline } = require('../helpers/expiry.js');
const { SLOW } = require('../helpers/test-timeout.js');

const STORES = 200;
const READS_TO_BE_NEAR = 16;

function openWithExpiredHotKey() {
  const store = new MemoryStore({ autoStartCleanup: false });
  store.set('alice', 'of alice', { ttl: 60_000 });
  for (let read = 0; read < READS_TO_BE_NEAR; read += 1) store.get('alice');
  store.set('alice', 'of alice', { ttl: 1 });
  return store;
}

const calls = {
  size: (store) => store.size(),
  get: (store) => store.get('alice'),
  ttl: (store) => store.ttl('alice'),
  touch: (store) => store.touch('alice', 1000),
  delete: (store) => store.delete('alice'),
  deleteMany: (store) => store.deleteMany(['carol', 'alice']),
  take: (store) => store.take('alice'),
  peek: (store) => store.peek('alice'),
  replace: (store) => store.replace('alice', 'of alice'),
  'add of another key': (store) => store.add('carol', 'of carol', { ttl: 1000 }),
  'increment of another key': (store) => store.increment('carol', 1, { ttl: 1000 }),
  getMany: (store) => store.getMany(['carol', 'alice', 'dave']),
  'setMany of other keys': (store) =>
    store.setMany([
      ['carol', 'of carol'],
      ['dave', 'of dave'],
    ]),
  'set of another key': (store) => store.set('carol', 'of carol', { ttl: 1000 }),
};

for (const [name, call] of Object.entries(calls)) {
  test(`after ${name} was cut off no slot is mistaken for another`, SLOW, () => {
    for (const frame of frames) {
      const stores = Array.from({ length: STORES }, openWithExpiredHotKey);
      passDeadline(1);
      let next = 0;
      onTheLastOfTheStack(frame, () => {
        if (next < STORES) call(stores[next++]);
        return true;
      });
      for (const store of stores.slice(0, next)) {
        store.set('bob', 'of bob', { ttl: 60_000 });
        assert.notEqual(store.get('alice'), 'of bob');
        assert.notEqual(store.get('carol'), 'of bob');
        assert.equal(store.get('bob'), 'of bob');
      }
    }
  });
}

const CHANGES = {
  touch: (store) => store.touch('alice', 90_000),
  'set with a ttl': (store) => store.set('alice', 'of alice', { ttl: 90_000 }),
  setMany: (store) => store.setMany([['alice', 'of alice']], { ttl: 90_000 }),
};
for (const [name, change] of Object.entries(CHANGES)) {
  test(`after ${name} was cut off a hot key has a deadline, as before`, SLOW, () => {
    for (const frame of frames) {
      const stores = Array.from({ length: STORES }, () => {
        const store = new MemoryStore({ autoStartCleanup: false });
        store.set('alice', 'of alice', { ttl: 60_000 });
        for (let read = 0; read < READS_TO_BE_NEAR; read += 1) store.get('alice');
        return store;
      });
      let next = 0;
      onTheLastOfTheStack(frame, () => {
        if (next < STORES) change(stores[next++]);
        return true;
      });
      for (const store of stores.slice(0, next)) {
        assert.equal(store.has('alice'), true);
        assert.ok(store.ttl('alice') > 30_000);
        assert.ok(store.getEntry('alice').ttl > 30_000);
        assert.equal(
          store.update('alice', () => 'anew'),
          'anew',
        );
      }
    }
  });
}

test('a store whose first entries were cut off takes more, and can be emptied', SLOW, () => {
  for (const frame of frames) {
    for (const begun of [0, 16]) {
      const stores = Array.from({ length: STORES }, () => {
        const store = new MemoryStore({ autoStartCleanup: false });
        for (let index = 0; index < begun; index += 1) store.set(`begun${index}`, index);
        return store;
      });
      let next = 0;
      onTheLastOfTheStack(frame, () => {
        if (next < STORES) stores[next++].set('alice', 'of alice');
        return true;
      });
      for (const store of stores.slice(0, next)) {
        for (let index = 0; index < 40; index += 1) store.set(`key${index}`, index);
        const isThere = store.has('alice');
        assert.equal(store.size(), begun + 40 + (isThere ? 1 : 0));
        store.clear();
        assert.deepEqual(store.keys(), []);
        store.close();
      }
    }
  }
});

test('after set with a ttl was cut off a hot key does not outlive it', SLOW, () => {
  for (const frame of frames) {
    const stores = Array.from({ length: STORES }, () => {
      const store = new MemoryStore({ autoStartCleanup: false });
      for (let read = 0; read <= READS_TO_BE_NEAR; read += 1) store.set('alice', 'of alice');
      return store;
    });
    let next = 0;
    onTheLastOfTheStack(frame, () => {
      if (next < STORES) stores[next++].set('alice', 'anew', { ttl: 1 });
      return true;
    });
    passDeadline(1);
    for (const store of stores.slice(0, next)) {
      const isThere = store.get('alice') !== undefined;
      assert.equal(store.has('alice'), isThere);
      assert.equal(store.size(), isThere ? 1 : 0);
      store.set('bob', 'of bob');
      store.set('alice', 'again');
      assert.equal(store.get('bob'), 'of bob');
    }
  }
});
