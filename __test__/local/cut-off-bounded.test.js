/**
 * Calls of bounded and of observed stores that end half-way, for want of stack.
 *
 * Each store gets one call, which is cut off somewhere else each time. What is tested is what the
 * store answers after that: no key gives the value of another, no bound is exceeded, no count lies.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { frames, onTheLastOfTheStack } = require('../helpers/end-of-stack.js');
const { passDeadline } = require('../helpers/expiry.js');
const { listenToAll } = require('../helpers/recorded-events.js');

/** More than there are places where a call can be cut off. */
const STORES = 60;
const READS_TO_BE_NEAR = 16;
/**
 * Longer than any test looks at a store, and not longer than one likes to wait for the process: a
 * timer whose making was cut off keeps it alive.
 */
const LIFE_MS = 10_000;
const KEYS = ['alice', 'bob', 'carol', 'dave'];

/** Values that say whose they are; numbers, for `increment`, by their last digit. */
const ownerOf = (value) => (typeof value === 'number' ? KEYS[value % 10] : value.slice(3));

const options = { autoStartCleanup: false };
const kinds = {
  'of two entries': () => new MemoryStore({ maxEntries: 2, ...options }),
  'of size 20': () => new MemoryStore({ maxSize: 20, sizeOf: () => 10, ...options }),
  'of two entries, with listeners': () =>
    listenToAll(new MemoryStore({ maxEntries: 2, ...options })),
  'of size 20, with listeners': () =>
    listenToAll(new MemoryStore({ maxSize: 20, sizeOf: () => 10, ...options })),
};

/** A full store of two hot keys. */
function full(open, ttl) {
  const store = open();
  for (const key of ['alice', 'bob']) {
    store.set(key, `of ${key}`, { ttl: LIFE_MS });
    for (let read = 0; read < READS_TO_BE_NEAR; read += 1) store.get(key);
  }
  if (ttl !== undefined) store.set('alice', 'of alice', { ttl });
  return store;
}

const calls = {
  'set of a new key': (store) => store.set('carol', 'of carol'),
  'set of a new key with a deadline': (store) => store.set('carol', 'of carol', LIFE_MS),
  'set of a hot key': (store) => store.set('alice', 'of alice'),
  'set of a hot key with a deadline': (store) => store.set('alice', 'of alice', LIFE_MS),
  add: (store) => store.add('carol', 'of carol', LIFE_MS),
  replace: (store) => store.replace('bob', 'of bob'),
  'increment of a new key': (store) => store.increment('carol', 2),
  setMany: (store) =>
    store.setMany([
      ['carol', 'of carol', LIFE_MS],
      ['alice', 'of alice'],
      ['dave', 'of dave'],
    ]),
  get: (store) => store.get('alice'),
  getMany: (store) => store.getMany(['alice', 'carol', 'bob']),
  take: (store) => store.take('alice'),
  delete: (store) => store.delete('bob'),
  deleteMany: (store) => store.deleteMany(['alice', 'bob']),
  touch: (store) => store.touch('alice', LIFE_MS),
  size: (store) => store.size(),
  rename: (store) => {
    store.createKey('alice').value = 'carol';
  },
  clear: (store) => store.clear(),
  stats: (store) => store.stats(),
};
/** After these an entry of `alice` may be at `carol`. */
const MOVES = ['rename'];

/** Every answer of a store fits every other. */
function assertSound(store, mayMove) {
  const keys = store.keys();
  assert.ok(keys.length <= 2, `${keys} are too many`);
  assert.equal(store.size(), keys.length);
  assert.equal(new Set(keys).size, keys.length);
  const { entries, size } = store.stats();
  assert.equal(entries, keys.length);
  assert.ok(size <= 20);
  for (const [key, value] of store) {
    const owner = ownerOf(value);
    assert.ok(owner === key || (mayMove && owner === 'alice'), `${key} has ${value}`);
    assert.equal(store.get(key), value);
  }
  for (const key of KEYS) {
    assert.equal(store.has(key), keys.includes(key), key);
    assert.equal(store.get(key) !== undefined, keys.includes(key), key);
  }
}

/** Shows to `look` each of many stores whose `call` was cut off, and the last, whose was not. */
function forEachCutOff(open, call, look) {
  const looked = (store) => {
    look(store);
    store.close();
  };
  // Once whole: what was never called is compiled first, which takes stack of its own.
  const whole = open();
  passDeadline(1);
  call(whole);
  looked(whole);
  let cutOff = 0;
  for (const frame of frames) {
    const stores = Array.from({ length: STORES }, open);
    passDeadline(1);
    let next = 0;
    onTheLastOfTheStack(frame, () => {
      if (next < STORES) call(stores[next++]);
      return true;
    });
    cutOff += next - 1;
    for (const store of stores.slice(0, next)) looked(store);
    for (const store of stores.slice(next)) store.close();
  }
  assert.ok(cutOff > frames.length, `${cutOff} calls were cut off`);
}

for (const [kind, open] of Object.entries(kinds)) {
  for (const [life, ttl] of Object.entries({ live: undefined, expired: 1 })) {
    describe(`a store ${kind}, with a hot key that is ${life}, is sound after a cut-off`, () => {
      for (const [name, call] of Object.entries(calls)) {
        test(name, () => {
          const mayMove = MOVES.includes(name);
          forEachCutOff(
            () => full(open, ttl),
            call,
            (store) => {
              assertSound(store, mayMove);
              store.set('dave', 'of dave', LIFE_MS);
              assert.equal(store.get('dave'), 'of dave');
              assertSound(store, mayMove);
              store.set('bob', 'of bob');
              assert.equal(store.get('bob'), 'of bob');
              assertSound(store, mayMove);
            },
          );
        });
      }
    });
  }
}

test('what is told after a cut-off is told of its own key', () => {
  const records = new WeakMap();
  const openTelling = () => {
    const told = [];
    const store = new MemoryStore({ maxEntries: 2, ...options });
    for (const event of ['expire', 'evict']) {
      store.on(event, (key, value) => told.push({ event, key, value }));
    }
    for (const key of ['alice', 'bob']) store.set(key, `of ${key}`, { ttl: 1 });
    records.set(store, told);
    return store;
  };
  forEachCutOff(
    openTelling,
    (store) => store.set('carol', 'of carol'),
    (store) => {
      store.set('dave', 'of dave');
      store.set('erin', 'of erin');
      store.size();
      const told = records.get(store);
      for (const { key, value } of told) assert.equal(value, `of ${key}`);
      const expired = told.filter(({ event }) => event === 'expire').map(({ key }) => key);
      assert.equal(new Set(expired).size, expired.length, 'nobody expired twice');
    },
  );
});

/** A store of one hot entry. */
function openHot(key, value) {
  const store = new MemoryStore({ maxEntries: 2, ...options });
  store.set(key, value);
  for (let read = 0; read < READS_TO_BE_NEAR; read += 1) store.get(key);
  return store;
}

test('after increment was cut off a counter has counted once or not at all', () => {
  forEachCutOff(
    () => openHot('count', 10),
    (store) => store.increment('count', 5),
    (store) => {
      assert.ok([10, 15].includes(store.get('count')), `${store.get('count')}`);
      assert.equal(store.size(), 1);
    },
  );
});

test('after take was cut off the value is there or gone', () => {
  forEachCutOff(
    () => openHot('token', 'of token'),
    (store) => store.take('token'),
    (store) => {
      const isThere = store.has('token');
      assert.equal(store.size(), isThere ? 1 : 0);
      assert.equal(store.get('token'), isThere ? 'of token' : undefined);
      store.set('other', 'of other');
      assert.equal(store.get('token'), isThere ? 'of token' : undefined);
      assert.equal(store.take('token'), isThere ? 'of token' : undefined);
    },
  );
});
