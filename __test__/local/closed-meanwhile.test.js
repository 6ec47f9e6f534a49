/**
 * A store that is closed while one of its methods runs code of the caller's.
 *
 * Must not know in which order arguments are read. Invariant tested: the call that was under way
 * refuses, and writes nothing, whoever listens.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { EVENTS } = require('../helpers/recorded-events.js');

function filled() {
  const store = new MemoryStore({ autoStartCleanup: false });
  store.set('a', 1);
  return store;
}

/** A key whose string form is `form` and that runs `action` while it is read. */
const keyThatRuns = (form, action) => ({
  toJSON() {
    action();
    return form;
  },
});

describe('closed while an argument is read:', () => {
  const closed = { code: 'ERR_STORE_CLOSED' };
  const calls = {
    get: (store, key) => store.get(key),
    has: (store, key) => store.has(key),
    set: (store, key) => store.set(key, 1),
    delete: (store, key) => store.delete(key),
    ttl: (store, key) => store.ttl(key),
    touch: (store, key) => store.touch(key, 5),
    peek: (store, key) => store.peek(key),
    take: (store, key) => store.take(key),
    add: (store, key) => store.add(key, 1),
    replace: (store, key) => store.replace(key, 1),
    increment: (store, key) => store.increment(key),
    decrement: (store, key) => store.decrement(key),
    getMany: (store, key) => store.getMany(['b', key]),
    setMany: (store, key) =>
      store.setMany([
        ['b', 1],
        [key, 1],
      ]),
    deleteMany: (store, key) => store.deleteMany(['b', key]),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(`${name} refuses`, () => {
      const store = filled();
      assert.throws(
        () =>
          call(
            store,
            keyThatRuns('a', () => store.close()),
          ),
        closed,
      );
      assert.throws(() => store.size(), closed);
    });
  }

  test('set refuses when an option getter closes', () => {
    const store = filled();
    const options = {
      get ttl() {
        store.close();
        return 5;
      },
    };
    assert.throws(() => store.set('a', 1, options), closed);
  });

  test('getOrSet rejects', async () => {
    const store = filled();
    const key = keyThatRuns('a', () => store.close());
    const asked = store.getOrSet(key, () => assert.fail('the factory was called'));
    await assert.rejects(asked, closed);
  });

  test('renaming refuses nothing and changes the key', () => {
    const store = filled();
    const key = store.createKey('a');
    key.value = keyThatRuns('new', () => store.close());
    assert.equal(String(key), '"new"');
  });
});

describe('closed by what a call runs:', () => {
  const closing = (store, value) => () => {
    store().close();
    return value;
  };
  const calls = {
    update: (store) =>
      store.update(
        'a',
        closing(() => store, 2),
      ),
    compareAndSet: (store) => {
      const value = {
        get part() {
          store.close();
          return 1;
        },
      };
      store.set('b', value);
      return store.compareAndSet('b', { part: 1 }, 2);
    },
    increment: (store) => store.increment('new'),
    hit: (store) => store.hit('new'),
    limit: (store) => store.limit('new', { rate: 1, per: 1 }),
  };
  for (const event of [undefined, ...EVENTS]) {
    for (const [name, call] of Object.entries(calls)) {
      test(`${name} refuses while ${event ?? 'nobody'} is listened to`, () => {
        let store;
        const isUpdate = name === 'update' || name === 'compareAndSet';
        store = new MemoryStore(
          isUpdate ? undefined : { maxSize: 10, sizeOf: closing(() => store, 1) },
        );
        const told = [];
        if (isUpdate) store.set('a', 1, HOUR_MS);
        if (event !== undefined) store.on(event, (...given) => told.push(given));
        assert.throws(() => call(store), { name: 'StoreError', code: 'ERR_STORE_CLOSED' });
        assert.deepEqual(
          told.filter(([, value]) => value === 2),
          [],
        );
      });
    }

    test(`update gives what its function throws while ${event ?? 'nobody'} is listened to`, () => {
      const store = filled();
      if (event !== undefined) store.on(event, () => {});
      const failing = () => {
        store.close();
        throw new Error('on purpose');
      };
      assert.throws(() => store.update('a', failing), /on purpose/);
    });
  }
});
