/**
 * Many entries: growth, deletion, refill, and more hot keys than any layer remembers.
 *
 * Must not know how entries are laid out. Invariant tested: with hundreds of thousands of entries
 * each key still gives its own value, exactly as a `Map` would.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { WARM_READS } = require('../helpers/hot-path.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { SLOW } = require('../helpers/test-timeout.js');

const COUNT = 200_000;
const keyOf = (index) => `user:${index}:session`;

/** Compares by loops of its own: `assert.equal` a million times would be the slow part. */
function assertSame(store, map) {
  assert.equal(store.size(), map.size);
  for (const [key, value] of map) {
    if (store.get(key) !== value) assert.equal(store.get(key), value, key);
  }
  const keys = store.keys();
  const all = store.all();
  let index = 0;
  for (const [key, value] of map) {
    if (keys[index] !== key) assert.equal(keys[index], key);
    if (all[index] !== value) assert.equal(all[index], value);
    index += 1;
  }
  assert.equal(keys.length, map.size);
}

function filled() {
  const store = new MemoryStore({ autoStartCleanup: false });
  const map = new Map();
  for (let index = 0; index < COUNT; index += 1) {
    store.set(keyOf(index), index);
    map.set(keyOf(index), index);
  }
  return { store, map };
}

test('200,000 keys give each its own value', SLOW, () => {
  const { store, map } = filled();
  assertSame(store, map);
  assert.equal(store.has(keyOf(COUNT)), false);
});

test('200,000 keys without a deadline take no memory for one', SLOW, () => {
  const { store } = filled();
  const calls = {
    update: () => store.update(keyOf(1), (value) => value),
    keep: () => store.set(keyOf(2), 2, { ttl: 'keep' }),
    touch: () => store.touch(keyOf(COUNT - 1), Infinity),
  };
  for (const [name, call] of Object.entries(calls)) {
    const { indexBytes } = store.stats();
    const { arrayBuffers } = process.memoryUsage();
    call();
    assert.equal(store.stats().indexBytes, indexBytes, name);
    // An array of deadlines has 8 bytes for each.
    assert.ok(process.memoryUsage().arrayBuffers - arrayBuffers < COUNT, name);
  }
  store.touch(keyOf(3), HOUR_MS);
  store.update(keyOf(3), (value) => value);
  assert.ok(store.ttl(keyOf(3)) > 0);
  store.touch(keyOf(3), Infinity);
  assert.equal(store.ttl(keyOf(3)), Infinity);
  store.close();
});

test('200,000 keys, a third deleted and new ones set, are right', SLOW, () => {
  const { store, map } = filled();
  for (let index = 0; index < COUNT; index += 3) {
    assert.equal(store.delete(keyOf(index)), map.delete(keyOf(index)));
  }
  assertSame(store, map);
  for (let index = COUNT; index < COUNT + COUNT / 2; index += 1) {
    store.set(keyOf(index), index);
    map.set(keyOf(index), index);
  }
  assertSame(store, map);
  for (let index = 0; index < COUNT; index += 3) assert.equal(store.has(keyOf(index)), false);
});

test('200,000 keys, emptied and filled again with others, are right', SLOW, () => {
  const { store } = filled();
  for (const empty of ['clear', 'delete each']) {
    if (empty === 'clear') store.clear();
    else for (const key of store.keys()) store.delete(key);
    assert.equal(store.size(), 0);
    assert.equal(store.get(keyOf(0)), undefined);
    const map = new Map();
    for (let index = COUNT; index > 0; index -= 1) {
      store.set(`${empty}:${index}`, index);
      map.set(`${empty}:${index}`, index);
    }
    assertSame(store, map);
  }
});

test('200,000 keys, half of them expired, leave the other half', SLOW, () => {
  const store = new MemoryStore({ autoStartCleanup: false });
  const map = new Map();
  for (let index = 0; index < COUNT; index += 1) {
    const lasting = index % 2 === 0;
    store.set(keyOf(index), index, lasting ? HOUR_MS : 1);
    if (lasting) map.set(keyOf(index), index);
  }
  passDeadline(1);
  for (let index = 1; index < COUNT; index += 2) {
    if (store.get(keyOf(index)) !== undefined) assert.fail(`${keyOf(index)} has expired`);
  }
  assertSame(store, map);
});

test('100,000 hot keys are right through writes, deletes and expiry', SLOW, () => {
  const hot = 100_000;
  const store = new MemoryStore({ autoStartCleanup: false });
  const map = new Map();
  const readAll = (rounds) => {
    for (let round = 0; round < rounds; round += 1) {
      for (let index = 0; index < hot; index += 1) {
        const key = keyOf(index);
        if (store.get(key) !== map.get(key)) assert.equal(store.get(key), map.get(key), key);
      }
    }
  };
  for (let index = 0; index < hot; index += 1) {
    store.set(keyOf(index), index);
    map.set(keyOf(index), index);
  }
  readAll(WARM_READS / 2);
  for (let index = 0; index < hot; index += 1) {
    const key = keyOf(index);
    if (index % 5 === 0) {
      store.delete(key);
      map.delete(key);
    } else if (index % 5 === 1) {
      store.set(key, 'expired', 1);
      map.delete(key);
    } else if (index % 5 === 2) {
      store.set(key, -index);
      map.set(key, -index);
    }
  }
  for (let index = 0; index < hot / 2; index += 1) {
    store.set(`new:${index}`, index);
    map.set(`new:${index}`, index);
  }
  passDeadline(1);
  readAll(4);
  assert.equal(store.size(), map.size);
});

test('a million random operations answer as a Map does', SLOW, () => {
  const seed = printedSeed('many entries');
  const draw = randomFrom(seed);
  const store = new MemoryStore();
  const map = new Map();
  for (let step = 0; step < 1_000_000; step += 1) {
    // Half of the keys come from a small set, so that they become hot.
    const key = draw(2) === 0 ? `hot:${draw(500)}` : `cold:${draw(50_000)}`;
    const action = draw(8);
    if (action < 2) {
      store.set(key, step, action === 0 ? undefined : HOUR_MS);
      map.set(key, step);
    } else if (action === 2) {
      const [ours, theirs] = [store.delete(key), map.delete(key)];
      if (ours !== theirs) assert.fail(`delete of ${key} at step ${step}, SEED=${seed}`);
    } else if (store.get(key) !== map.get(key) || store.has(key) !== map.has(key)) {
      assert.fail(`read of ${key} at step ${step}, SEED=${seed}`);
    }
  }
  assertSame(store, map);
});
