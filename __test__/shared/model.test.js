/**
 * The verbs of `SharedStore` against a plain `Map`, in random order, through two objects.
 *
 * Must not know what the verbs share inside. Invariant tested: after any calls both objects answer
 * as the model does; `SEED=…` repeats a run.
 */
const assert = require('node:assert/strict');
const { isDeepStrictEqual } = require('node:util');
const { test } = require('node:test');
const { SharedStore, createStore } = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { freshName } = require('../helpers/shared-names.js');
const { SLOW } = require('../helpers/test-timeout.js');

const STEPS = 15_000;
/** Stores count microseconds. */
const CLOCK_STEP_NS = 1000;
const seed = printedSeed('shared-model');

const VALUES = [
  ...[0, -0, 1.5, 'text', '\u4e2d\u6587', true, null, undefined, 5n, [1, [2]], { a: { b: 1 } }],
  ...[new Map([[1, 2]]), new Date(5), Buffer.from('bytes'), { n: -0 }, 'x'.repeat(5000), NaN],
  ...[{ big: 'y'.repeat(20_000) }, new Uint8Array(300)],
];

/** What a call would do to a Map of `{ value, expires }`. */
function modelOf() {
  const map = new Map();
  const valueAt = (key) => map.get(key)?.value;
  const put = (key, value, ttl) => map.set(key, { value, expires: ttl !== undefined });
  const sum = (key, by, ttl) => {
    if (!map.has(key)) put(key, by, ttl);
    // A sum that is not finite is refused.
    else if (Number.isFinite(valueAt(key) + by)) map.get(key).value += by;
    else return 'ERR_OUT_OF_RANGE';
    return valueAt(key);
  };
  return { map, valueAt, put, sum };
}

/** What a call gives, or the code of the error that it throws. */
function orCode(call) {
  try {
    return call();
  } catch (error) {
    return error.code;
  }
}

/** One random call of both; `[what the store did, what the model says]`. */
function step(store, { map, valueAt, put, sum }, draw) {
  const key = `key-${draw(12)}`;
  const value = VALUES[draw(VALUES.length)];
  const ttl = draw(3) === 0 ? HOUR_MS : undefined;
  const keys = [key, `key-${draw(12)}`, 'absent'];
  const isNumber = typeof valueAt(key) === 'number';
  const calls = {
    set: () => [store.set(key, value, ttl), put(key, value, ttl) !== undefined],
    add: () => {
      const isAdded = !map.has(key);
      if (isAdded) put(key, value, ttl);
      return [store.add(key, value, ttl), isAdded];
    },
    replace: () => {
      const isThere = map.has(key);
      if (isThere) put(key, value, ttl);
      return [store.replace(key, value, ttl), isThere];
    },
    get: () => [store.get(key), valueAt(key)],
    has: () => [store.has(key), map.has(key)],
    delete: () => [store.delete(key), map.delete(key)],
    take: () => {
      const was = valueAt(key);
      map.delete(key);
      return [store.take(key), was];
    },
    touch: () => {
      if (map.has(key)) map.get(key).expires = true;
      return [store.touch(key, HOUR_MS), map.has(key)];
    },
    ttl: () => {
      const left = store.ttl(key);
      const kind = left === undefined || left === Infinity ? left : left <= HOUR_MS && left > 0;
      const expected = map.has(key) ? (map.get(key).expires ? true : Infinity) : undefined;
      return [kind, expected];
    },
    increment: () => {
      if (!map.has(key) || isNumber)
        return [orCode(() => store.increment(key, 2, ttl)), sum(key, 2, ttl)];
      assert.throws(() => store.increment(key), { code: 'ERR_NOT_A_NUMBER', name: 'TypeError' });
      return [store.get(key), valueAt(key)];
    },
    decrement: () => {
      if (map.has(key) && !isNumber) return [0, 0];
      return [orCode(() => store.decrement(key, 0.5, ttl)), sum(key, -0.5, ttl)];
    },
    compareAndSet: () => {
      const expected = draw(2) === 0 ? structuredClone(valueAt(key)) : VALUES[draw(VALUES.length)];
      const holds = isDeepStrictEqual(store.get(key), expected);
      if (holds) put(key, value, ttl);
      return [store.compareAndSet(key, expected, value, ttl), holds];
    },
    getMany: () => [store.getMany(keys), keys.map(valueAt)],
    setMany: () => {
      const own = draw(2) === 0 ? HOUR_MS : undefined;
      put(key, value, own ?? ttl);
      put('absent?', 1, ttl);
      const entries = [
        [key, value, own],
        ['absent?', 1],
      ];
      return [store.setMany(entries, ttl), true];
    },
    deleteMany: () => {
      const count = keys.filter((it) => map.delete(it)).length;
      return [store.deleteMany(keys), count];
    },
    size: () => [store.size(), map.size],
    keys: () => [store.keys().sort(), [...map.keys()].sort()],
    clear: () => {
      if (draw(20) > 0) return [0, 0];
      map.clear();
      return [store.clear(), true];
    },
    expire: () => {
      if (draw(40) > 0) return [0, 0];
      store.set(key, value, 1);
      passDeadline(1);
      map.delete(key);
      return [store.get(key), undefined];
    },
  };
  const names = Object.keys(calls);
  const name = names[draw(names.length)];
  return [name, ...calls[name]()];
}

for (const modes of [
  ['copy', 'copy'],
  ['frozen', 'copy'],
  ['frozen', 'frozen'],
]) {
  test(`random_calls_do_what_they_do_to_a_map, ${modes}`, SLOW, () => {
    const draw = randomFrom(seed);
    const name = freshName('model');
    const stores = modes.map((reads) => new SharedStore({ name, reads }));
    const model = modelOf();
    for (let count = 0; count < STEPS; count += 1) {
      const [call, done, expected] = step(stores[draw(2)], model, draw);
      assert.deepStrictEqual(done, expected, `${call} in step ${count}`);
    }
    for (const store of stores) {
      const left = new Map([...model.map].map(([key, { value }]) => [key, value]));
      assert.deepStrictEqual(new Map(store), left);
      store.close();
    }
  });
}

test('ttl_is_exact_to_the_millisecond', () => {
  const store = new SharedStore({ name: freshName('ttl') });
  for (let time = 0; time < 50; time += 1) {
    const before = process.hrtime.bigint();
    store.set('key', time, 2);
    const after = process.hrtime.bigint();
    for (;;) {
      const asked = process.hrtime.bigint();
      const value = store.get('key');
      const answered = process.hrtime.bigint();
      if (value === undefined) {
        // Not before its time.
        assert.ok(Number(answered - before) >= 2e6 - CLOCK_STEP_NS, `${answered - before} ns`);
        break;
      }
      // Not after it, but for the rounding.
      assert.ok(Number(asked - after) <= 3e6, `${asked - after} ns`);
    }
    assert.equal(store.has('key'), false);
    assert.equal(store.ttl('key'), undefined);
    assert.equal(store.size(), 0);
  }
  store.close();
});

test('a_copy_that_is_read_again_and_again_expires_in_time', () => {
  for (const reads of ['copy', 'frozen']) {
    const store = new SharedStore({ name: freshName('ttl'), reads });
    store.set('key', { a: 1 }, 30);
    store.set('number', 1, 30);
    for (let read = 0; read < 100; read += 1) store.getMany(['key', 'number']);
    passDeadline(30);
    assert.deepEqual(store.getMany(['key', 'number']), [undefined, undefined]);
    store.close();
  }
});

test('touch_prolongs_and_shortens_what_was_read', () => {
  const store = new SharedStore({ name: freshName('ttl') });
  while (!store.touch('long', HOUR_MS)) store.set('long', 1, 200);
  store.set('short', 1);
  for (let read = 0; read < 100; read += 1) store.get('short');
  store.touch('short', 1);
  passDeadline(200);
  assert.equal(store.get('long'), 1);
  assert.equal(store.get('short'), undefined);
  store.close();
});

test('the_ttl_of_a_store_is_for_what_says_nothing_of_time', () => {
  const store = new SharedStore({ name: freshName('ttl'), ttl: HOUR_MS });
  const other = new SharedStore({ name: freshName('other') });
  const isLimited = (key) => store.ttl(key) <= HOUR_MS;
  store.set('said', 1, 2 * HOUR_MS);
  store.set('permanent', 1, { isPermanent: true });
  store.set('age', 1, { isPermanent: false, maxAgeMs: HOUR_MS / 2 });
  store.set('nothing', 1);
  store.set('empty', 1, {});
  store.add('added', 1);
  store.increment('counted');
  store.setMany([['many', 1]]);
  store.compareAndSet('compared', undefined, 1);
  assert.equal(store.ttl('permanent'), Infinity);
  assert.ok(store.ttl('said') > HOUR_MS);
  assert.ok(store.ttl('age') <= HOUR_MS / 2);
  for (const key of ['nothing', 'empty', 'added', 'counted', 'many', 'compared']) {
    assert.ok(isLimited(key), key);
  }
  other.set('key', 1);
  assert.equal(other.ttl('key'), Infinity);
  store.close();
  other.close();
});

test('increment_keeps_the_deadline_of_what_is_there', () => {
  const store = new SharedStore({ name: freshName('ttl') });
  store.set('key', 1, HOUR_MS);
  store.increment('key', 1, 2 * HOUR_MS);
  assert.ok(store.ttl('key') <= HOUR_MS);
  store.close();
});

test('createStore_and_SharedStore_see_each_other_at_once', () => {
  const name = freshName('both');
  const [named, shared] = [createStore(name), new SharedStore({ name })];
  for (let round = 0; round < 200; round += 1) {
    named.set('key', round);
    for (let read = 0; read < 8; read += 1) assert.equal(shared.get('key'), round);
    shared.delete('key');
    assert.equal(named.get('key'), undefined);
  }
  named.close();
  shared.close();
});
