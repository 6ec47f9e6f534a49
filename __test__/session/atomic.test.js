/**
 * Changes to one session at the same time, over stores that keep nothing apart themselves.
 *
 * Must not know how a session waits. Invariant tested: every update is applied, and what was
 * deleted stays so.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { MemoryStore } = require('shared-memory-store/memory-store');
const { Session } = require('shared-memory-store/session');
const { deferred } = require('../helpers/deferred.js');
const { ForeignStore, TouchableStore } = require('../helpers/foreign-store.js');

const UPDATES = 50;
const HOUR_MS = 3_600_000;

const keysOf = (count) => Array.from({ length: count }, (_, index) => `key ${index}`);

const stores = {
  'the memory store': () => new MemoryStore(),
  'a store of somebody else': () => new ForeignStore(),
  'a store with a touch': () => new TouchableStore(),
};

for (const [name, open] of Object.entries(stores)) {
  for (const options of [{}, { ttl: HOUR_MS }, { ttl: HOUR_MS, rolling: true }]) {
    describe(`over ${name}, with ${JSON.stringify(options)}:`, () => {
      test('concurrent updates are all applied', async () => {
        const session = new Session({ store: open(), ...options });
        const id = await session.create({});
        const updates = keysOf(UPDATES).map((key) => session.update(id, { [key]: true }));
        assert.deepEqual(new Set(await Promise.all(updates)), new Set([true]));
        assert.deepEqual(Object.keys(await session.get(id)), keysOf(UPDATES));
      });

      test('so are those of several session objects over one store', async () => {
        const store = open();
        const sessions = [new Session({ store, ...options }), new Session({ store })];
        const id = await sessions[0].create({});
        const updates = keysOf(UPDATES).map((key, index) =>
          sessions[index % 2].update(id, { [key]: true }),
        );
        await Promise.all(updates);
        assert.deepEqual(Object.keys(await sessions[0].get(id)), keysOf(UPDATES));
      });

      test('an update before a delete does not bring the session back', async () => {
        const session = new Session({ store: open(), ...options });
        const id = await session.create({ a: 1 });
        const [updated] = await Promise.all([session.update(id, { b: 2 }), session.delete(id)]);
        assert.deepEqual([updated, await session.get(id)], [true, undefined]);
      });

      test('an update after a delete does not bring the session back', async () => {
        const session = new Session({ store: open(), ...options });
        const id = await session.create({ a: 1 });
        const [, updated] = await Promise.all([session.delete(id), session.update(id, { b: 2 })]);
        assert.deepEqual([updated, await session.get(id)], [false, undefined]);
      });

      test('a get beside a delete does not bring the session back', async () => {
        const session = new Session({ store: open(), ...options });
        const id = await session.create({ a: 1 });
        await Promise.all([session.get(id), session.delete(id), session.get(id)]);
        assert.equal(await session.get(id), undefined);
      });

      test('a get beside updates loses none of them', async () => {
        const session = new Session({ store: open(), ...options });
        const id = await session.create({});
        const calls = keysOf(UPDATES).flatMap((key) => [
          session.get(id),
          session.update(id, { [key]: true }),
        ]);
        await Promise.all(calls);
        assert.deepEqual(Object.keys(await session.get(id)), keysOf(UPDATES));
      });
    });
  }
}

describe('waiting:', () => {
  test('a slow store does not make other sessions wait', async () => {
    const gate = deferred();
    const store = new ForeignStore();
    const { get } = ForeignStore.prototype;
    const session = new Session({ store });
    const [slow, other] = [await session.create({}), await session.create({})];
    store.get = async (id) => {
      if (id === slow) await gate.promise;
      return get.call(store, id);
    };
    const updated = session.update(slow, { a: 1 });
    assert.equal(await session.update(other, { a: 1 }), true);
    gate.resolve();
    assert.equal(await updated, true);
  });

  test('an update that failed does not stop the next', async () => {
    const store = new ForeignStore();
    const session = new Session({ store });
    const id = await session.create({});
    const down = new Error('down');
    const failures = [() => Promise.reject(down)];
    const { get } = ForeignStore.prototype;
    store.get = (given) => (failures.pop() ?? get.bind(store))(given);
    const [failed, updated] = [session.update(id, { a: 1 }), session.update(id, { b: 2 })];
    await assert.rejects(failed, down);
    assert.equal(await updated, true);
    assert.deepEqual(await session.get(id), { b: 2 });
  });

  test('gets do not wait for each other', async () => {
    const store = new ForeignStore();
    const session = new Session({ store });
    const id = await session.create({});
    store.calls.length = 0;
    const gets = [session.get(id), session.get(id), session.get(id)];
    assert.equal(store.calls.length, 3);
    await Promise.all(gets);
  });
});

describe('a store with an update of its own:', () => {
  /** Notes who asks, and answers as told. */
  function updatable(data, answer) {
    const changes = [];
    const store = new ForeignStore();
    store.update = async (_id, change) => {
      changes.push(change(data));
      return answer;
    };
    return { store, changes };
  }

  test('it is used, instead of get and set', async () => {
    const { store, changes } = updatable({ a: 1 }, true);
    assert.equal(await new Session({ store }).update('id', { b: 2 }), true);
    assert.deepEqual([changes, store.calls], [[{ a: 1, b: 2 }], []]);
  });

  test('an absent session, which it shows as undefined, is left alone', async () => {
    const { store, changes } = updatable(undefined, true);
    assert.equal(await new Session({ store }).update('id', { b: 2 }), false);
    assert.deepEqual(changes, [undefined]);
  });

  test('its false counts', async () => {
    const { store } = updatable({ a: 1 }, false);
    assert.equal(await new Session({ store }).update('id', { b: 2 }), false);
  });
});
