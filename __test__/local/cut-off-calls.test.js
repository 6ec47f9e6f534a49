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
