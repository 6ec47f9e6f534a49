/**
 * `dispose`: each value that leaves a store is told once, with what made it leave.
 *
 * Must not know how a value is kept. Invariant tested: whatever calls come, the values that were
 * stored are those that are there and those that were told, each once.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { passDeadline } = require('../helpers/expiry.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { waitUntil } = require('../helpers/wait-until.js');

const ROUNDS = 3000;
const SEED = printedSeed('dispose events');

function observed(options) {
  const store = new MemoryStore({ autoStartCleanup: false, ...options });
  const told = [];
  store.on('dispose', (...given) => told.push(given));
  return { store, told };
}

describe('a value leaves by', () => {
  const causes = {
    set: (store) => store.set('a', 2),
    'set, by replace': (store) => store.replace('a', 2),
    'set, by compareAndSet': (store) => store.compareAndSet('a', 1, 2),
    'set, by update': (store) => store.update('a', () => 2),
    'set, by increment': (store) => store.increment('a'),
    'set, by hit': (store) => store.hit('a'),
    'set, by setMany': (store) => store.setMany([['a', 2]]),
    delete: (store) => store.delete('a'),
    'delete, by deleteMany': (store) => store.deleteMany(['a']),
    'delete, by a set in the past': (store) => store.set('a', 2, { expiresAt: 1 }),
    take: (store) => store.take('a'),
    evict: (store) => store.set('b', 2),
    clear: (store) => store.clear(),
    close: (store) => store.close(),
  };
  for (const [name, cause] of Object.entries(causes)) {
    test(name, () => {
      const { store, told } = observed({ maxEntries: 1 });
      store.set('a', 1);
      cause(store);
      assert.deepEqual(told, [['a', 1, name.split(',')[0]]]);
    });
  }

  test('clear, of a namespace and those within', () => {
    const { store, told } = observed();
    const heard = [];
    store
      .on('delete', (...given) => heard.push(given))
      .on('clear', (...given) => heard.push(given));
    const view = store.namespace('a');
    view.set('b', 1);
    view.namespace('c').set('d', 2);
    store.set('b', 3);
    view.clear();
    const wanted = [
      ['b', 1, 'clear', ['a']],
      ['d', 2, 'clear', ['a', 'c']],
    ];
    assert.deepEqual([told, heard], [wanted, []]);
    view.set('b', 4);
    view.deleteWhere({ prefix: '' });
    assert.deepEqual(told.at(-1), ['b', 4, 'delete', ['a']]);
  });

  test('set, past a key that the near cache has', () => {
    const { store, told } = observed();
    for (let value = 0; value < 100; value += 1) {
      store.set('a', value);
      store.get('a');
    }
    assert.deepEqual(
      told.map(([, value]) => value),
      [...Array(99).keys()],
    );
  });

  test('expire, when a call meets it', () => {
    const { store, told } = observed();
    store.set('a', 1, 1);
    passDeadline(1);
    store.get('a');
    assert.deepEqual(told, [['a', 1, 'expire']]);
  });

  test('expire, when its time has come', async () => {
    const { store, told } = observed();
    store.set('a', 1, 1);
    await waitUntil(() => told.length > 0, 'the expired value was told');
    assert.deepEqual(told, [['a', 1, 'expire']]);
  });

  test('expire, when the store is closed before anybody met it', () => {
    const { store, told } = observed();
    store.set('a', 1, 1);
    store.set('b', 2);
    passDeadline(1);
    store.close();
    assert.deepEqual(told, [
      ['a', 1, 'expire'],
      ['b', 2, 'close'],
    ]);
  });
});

test('the identical value leaves by nothing that stores it again', () => {
  const { store, told } = observed();
  const value = {};
  store.set('a', value);
  store.set('a', value);
  store.setMany([['a', value]]);
  store.set('n', NaN);
  store.set('n', NaN);
  store.touch('a', 60_000);
  const key = store.createKey('a');
  key.value = 'moved';
  assert.deepEqual(told, []);
  store.set('moved', { ...value });
  assert.deepEqual(told, [['moved', value, 'set']]);
});

test('once tells of one value', () => {
  const store = new MemoryStore();
  const told = [];
  store.once('dispose', (_key, value) => told.push(value));
  store.set('a', 1);
  store.set('a', 2);
  store.set('a', 3);
  assert.deepEqual(told, [1]);
});

for (const options of [{}, { maxEntries: 16 }, { maxSize: 16, sizeOf: () => 1 }]) {
  test(`each value is told once: ${Object.keys(options)}`, async () => {
    const draw = randomFrom(SEED);
    const random = () => draw(1000) / 1000;
    const { store, told } = observed({ ...options, autoStartCleanup: true, cleanupInterval: 1 });
    let stored = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `k${draw(40)}`;
      const act = random();
      if (act < 0.5)
        store.set(key, { id: stored++ }, random() < 0.3 ? 1 + random() * 3 : undefined);
      else if (act < 0.6) store.delete(key);
      else if (act < 0.7) store.take(key);
      else if (act < 0.98) store.get(key);
      else if (act < 0.985) store.clear();
      else await new Promise((resolve) => setImmediate(resolve));
    }
    store.close();
    const ids = told.map(([, value]) => value.id).sort((one, other) => one - other);
    assert.deepEqual(ids, [...Array(stored).keys()]);
  });
}
