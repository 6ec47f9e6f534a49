/**
 * A store that answers for itself what is not there, and adds and removes ahead of the native core.
 *
 * Must not know when the core is told. Invariant tested: whoever asks in whichever way finds what a
 * `Map` would hold, in its order, and an engine that is out of memory loses nothing.
 */
const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
// Before the facade, which keeps some of the functions.
const native = require('../../lib/native/loader.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { effort } = require('../helpers/effort.js');
const { waitUntil } = require('../helpers/wait-until.js');

const { catchUp, find, remove, place } = native;
let asked = 0;
let hasMemory = true;
const counting =
  (call) =>
  (...given) => {
    asked += 1;
    return call(...given);
  };
Object.assign(native, { find: counting(find), remove: counting(remove), place: counting(place) });
native.catchUp = (...given) => (hasMemory ? catchUp(...given) : 0);
after(() => Object.assign(native, { catchUp, find, remove, place }));

const MemoryStore = require('../../index.js');

const seed = printedSeed('local-ahead');
const keysOf = (count, prefix = 'key') => Array.from({ length: count }, (_, at) => prefix + at);
const LONG = 'long'.repeat(100);

function fill(store, keys) {
  for (const key of keys) store.set(key, key);
  return store;
}

test('a small store needs no native call to know what is not there', () => {
  const store = fill(new MemoryStore(), keysOf(1000));
  store.set('timed', 1, HOUR_MS);
  store.delete('key7');
  const before = asked;
  for (const key of keysOf(1000, 'other')) {
    assert.equal(store.get(key), undefined);
    assert.equal(store.has(key), false);
    assert.equal(store.delete(key), false);
    assert.equal(store.touch(key, 5), false);
    assert.equal(store.take(key), undefined);
  }
  assert.deepEqual(store.getMany(['key7', 'key8', 'timed']), [undefined, 'key8', 1]);
  assert.equal(asked, before);
  assert.equal(store.stats().misses, 2001);
});

test('what is not taken near is found all the same', () => {
  const store = fill(new MemoryStore(), [LONG, '\0', '', 'a']);
  store.namespace('n').set('a', 5);
  const key = store.createKey('from');
  store.set(key, 1);
  key.value = 'to';
  for (const [at, value] of [
    [LONG, LONG],
    ['\0', '\0'],
    ['', ''],
    ['to', 1],
    ['from', undefined],
  ]) {
    assert.equal(store.get(at), value);
    assert.equal(store.has(at), value !== undefined);
  }
  assert.equal(store.namespace('n').get('a'), 5);
  assert.equal(store.deleteWhere({ prefix: 'a' }), 1);
  assert.equal(store.get('a'), undefined);
  assert.equal(store.namespace('n').get('a'), 5);
  assert.equal(store.delete(LONG), true);
  assert.equal(store.has(LONG), false);
});

test('what has expired and was met by no call makes room for what is added', () => {
  const store = new MemoryStore({ autoStartCleanup: false });
  store.set('key', 1, 1);
  passDeadline(1);
  assert.equal(store.deleteWhere({ prefix: 'key' }), 0);
  store.set('key', 2);
  assert.deepEqual([...store], [['key', 2]]);
  assert.equal(store.size(), 1);
  assert.equal(store.delete('key'), true);
  assert.equal(store.size(), 0);
  assert.equal(store.get('key'), undefined);
  assert.equal(store.stats().expired, 1);
});

test('slots of what was removed are used again', () => {
  const store = fill(new MemoryStore(), keysOf(2000));
  store.clear();
  fill(store, keysOf(2000));
  const { indexBytes } = store.stats();
  for (let round = 0; round < 30; round += 1) {
    for (const key of keysOf(2000)) assert.equal(store.delete(key), true);
    assert.equal(store.size(), 0);
    fill(store, keysOf(2000));
  }
  assert.ok(store.stats().indexBytes <= indexBytes * 1.3);
  assert.deepEqual(store.keys(), keysOf(2000));
});

test('without memory for the core, nothing is lost, and what needs the core is refused', () => {
  const store = fill(new MemoryStore(), keysOf(100));
  store.size();
  hasMemory = false;
  let added = 100;
  try {
    assert.throws(
      () => {
        for (; added < 1000; added += 1) store.set(`key${added}`, `key${added}`);
      },
      { code: 'ERR_STORE_FULL' },
    );
    assert.throws(() => store.size(), { code: 'ERR_STORE_FULL' });
    for (const key of keysOf(added)) assert.equal(store.get(key), key);
    assert.equal(store.get(`key${added}`), undefined);
  } finally {
    hasMemory = true;
  }
  assert.deepEqual(store.keys(), keysOf(added));
  assert.equal(store.set(`key${added}`, 1), true);
  assert.equal(store.size(), added + 1);
});

test('without memory for the core, a store can be emptied and closed', () => {
  for (const keepsOpen of [true, false]) {
    const store = fill(new MemoryStore(), keysOf(100));
    store.size();
    hasMemory = false;
    try {
      assert.throws(() => fill(store, keysOf(1000, 'more')), { code: 'ERR_STORE_FULL' });
      if (keepsOpen) store.clear();
      else store.close();
    } finally {
      hasMemory = true;
    }
    if (!keepsOpen) continue;
    assert.deepEqual(store.keys(), []);
    fill(store, keysOf(500));
    assert.deepEqual(store.keys(), keysOf(500));
  }
});

test('a timer that finds no memory for the core throws nothing, and comes again', async () => {
  const store = fill(new MemoryStore({ cleanupInterval: 1 }), keysOf(20));
  store.set('timed', 1, 1);
  store.set('plain', 1);
  hasMemory = false;
  const thrown = [];
  const note = (error) => thrown.push(error);
  process.on('uncaughtException', note);
  try {
    await pause(300);
  } finally {
    hasMemory = true;
    process.off('uncaughtException', note);
  }
  assert.deepEqual(thrown, []);
  await waitUntil(() => store.stats().expired === 1, 'it is swept');
  assert.equal(store.get('plain'), 1);
});

/** What is done to a store and to a `Map` of `[value, is it about to expire]`. */
const DEEDS = {
  set: (store, map, key, value) => {
    store.set(key, value);
    map.set(key, [value, false]);
  },
  setShort: (store, map, key, value) => {
    store.set(key, value, 1);
    map.set(key, [value, true]);
  },
  setLong: (store, map, key, value) => {
    store.set(key, value, HOUR_MS);
    map.set(key, [value, false]);
  },
  setTagged: (store, map, key, value) => {
    store.set(key, value, { tags: ['tag'] });
    map.set(key, [value, false, true]);
  },
  delete: (store, map, key) => assert.equal(store.delete(key), map.delete(key)),
  take: (store, map, key) => {
    assert.equal(store.take(key), map.get(key)?.[0]);
    map.delete(key);
  },
  touch: (store, map, key) => assert.equal(store.touch(key, HOUR_MS), map.has(key)),
  rename: (store, map, key, _value, other) => {
    const isMoved = map.has(key) && !map.has(other);
    store.createKey(key).value = other;
    if (!isMoved) return;
    // It keeps its place in the order.
    const entries = [...map].map(([at, held]) => [at === key ? other : at, held]);
    map.clear();
    for (const [at, held] of entries) map.set(at, held);
  },
  invalidate: (store, map) => {
    store.invalidateTag('tag');
    for (const [key, [, , isTagged]] of [...map]) if (isTagged) map.delete(key);
  },
  deleteWhere: (store, map, key) => {
    const gone = [...map.keys()].filter((at) => at.startsWith(key));
    assert.equal(store.deleteWhere({ prefix: key }), gone.length);
    for (const at of gone) map.delete(at);
  },
  look: (store, map, key) => {
    assert.equal(store.get(key), map.get(key)?.[0]);
    assert.equal(store.has(key), map.has(key));
  },
  list: (store, map) => {
    assert.deepEqual(
      [...store],
      [...map].map(([key, [value]]) => [key, value]),
    );
    assert.equal(store.size(), map.size);
  },
  clear: (store, map) => {
    store.clear();
    map.clear();
  },
};
const OFTEN = ['set', 'set', 'set', 'delete', 'delete', 'look', 'look', 'setLong', 'take', 'touch'];

test('random calls leave what a Map would hold, in its order', () => {
  const random = randomFrom(seed);
  const some = (list) => list[random(list.length)];
  for (let round = 0; round < effort(12, 60); round += 1) {
    const store = new MemoryStore({ autoStartCleanup: false });
    const map = new Map();
    const keys = keysOf(some([5, 40, 700]));
    const deeds = random(2) === 0 ? OFTEN : [...OFTEN, ...Object.keys(DEEDS)];
    for (let step = 0; step < 3000; step += 1) {
      const deed = some(deeds);
      if (deed === 'clear' && random(20) > 0) continue;
      DEEDS[deed](store, map, some(keys), step, some(keys));
      if (deed === 'setShort') {
        passDeadline(1);
        for (const [key, [, isShort]] of [...map]) if (isShort) map.delete(key);
      }
    }
    DEEDS.list(store, map);
    store.close();
  }
});

test('a store that outgrows what is kept near answers right, and empty or closed, too', () => {
  const keys = keysOf(6000);
  const store = fill(new MemoryStore(), keys);
  for (const key of keys) assert.equal(store.get(key), key);
  assert.equal(store.get('other'), undefined);
  for (const key of keys) assert.equal(store.delete(key), true);
  assert.deepEqual(store.keys(), []);
  store.clear();
  fill(store, keys.slice(0, 10));
  assert.deepEqual(store.keys(), keys.slice(0, 10));
  store.close();
  for (const verb of ['get', 'has', 'delete']) {
    assert.throws(() => store[verb]('key1'), { code: 'ERR_STORE_CLOSED' });
  }
});
