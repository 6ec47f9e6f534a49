/**
 * When sessions end, and what a store is told about it.
 *
 * Must not know how a store keeps time. Invariant tested: deadlines that move are moved down, so
 * that a slow machine cannot make a test fail.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { MemoryStore } = require('shared-memory-store/memory-store');
const { Session } = require('shared-memory-store/session');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { ForeignStore, TouchableStore } = require('../helpers/foreign-store.js');

/** Whether a session that a first `Session` made is there after `use` by a second, and 1 ms. */
async function isThereAfter(store, first, second, use) {
  const id = await new Session({ store, ...first }).create({ a: 1 });
  await use(new Session({ store, ...second }), id);
  passDeadline(1);
  return (await store.get(id)) !== undefined;
}

const long = { ttl: HOUR_MS };
const short = { ttl: 1 };
const shortRolling = { ttl: 1, rolling: true };
const uses = {
  get: (session, id) => session.get(id),
  fromRequest: (session, id) => session.fromRequest({ cookies: { session_id: id } }),
  fromWebSocket: (session, id) => session.fromWebSocket({ data: { cookies: { session_id: id } } }),
  update: (session, id) => session.update(id, { b: 2 }),
};

describe('over the memory store:', () => {
  test('a session ends after its ttl', async () => {
    const session = new Session(short);
    const id = await session.create({ a: 1 });
    passDeadline(1);
    assert.equal(await session.get(id), undefined);
    assert.equal(await session.update(id, { b: 2 }), false);
  });

  test('without a ttl, that of the store counts', async () => {
    const session = new Session({ store: new MemoryStore(short) });
    const id = await session.create({ a: 1 });
    passDeadline(1);
    assert.equal(await session.get(id), undefined);
  });

  for (const [name, use] of Object.entries(uses)) {
    test(`${name} moves the deadline of a rolling session`, async () => {
      assert.equal(await isThereAfter(new MemoryStore(), long, shortRolling, use), false);
    });

    test(`${name} leaves the deadline of another alone`, async () => {
      assert.equal(await isThereAfter(new MemoryStore(), long, short, use), true);
    });
  }

  test('a rolling session that has ended stays so', async () => {
    const session = new Session(shortRolling);
    const id = await session.create({ a: 1 });
    passDeadline(1);
    assert.equal(await session.get(id), undefined);
    assert.equal(await session.get(id), undefined);
  });
});

describe('what a store is told:', () => {
  const methodsOf = (store) => store.calls.map(([method]) => method);

  test('without a ttl, set gets two arguments', async () => {
    const store = new ForeignStore();
    const session = new Session({ store });
    const id = await session.create({ a: 1 });
    await session.update(id, { b: 2 });
    assert.deepEqual(store.calls, [
      ['set', id, { a: 1 }],
      ['get', id],
      ['set', id, { a: 1, b: 2 }],
    ]);
  });

  test('with a ttl, set gets it', async () => {
    const store = new ForeignStore();
    const session = new Session({ store, ttl: 5000 });
    const id = await session.create({ a: 1 });
    assert.deepEqual(store.calls, [['set', id, { a: 1 }, { ttl: 5000 }]]);
  });

  test('a rolling get is a get and a touch', async () => {
    const store = new TouchableStore();
    const session = new Session({ store, ttl: 5000, rolling: true });
    const id = await session.create({ a: 1 });
    await session.get(id);
    assert.deepEqual(store.calls.slice(1), [
      ['get', id],
      ['touch', id, 5000],
    ]);
  });

  test('a rolling get is a get and a set where there is no touch', async () => {
    const store = new ForeignStore();
    const session = new Session({ store, ttl: 5000, rolling: true });
    const id = await session.create({ a: 1 });
    await session.get(id);
    assert.deepEqual(store.calls.slice(1), [
      ['get', id],
      ['set', id, { a: 1 }, { ttl: 5000 }],
    ]);
  });

  test('a get of a session that is not there writes nothing', async () => {
    for (const store of [new ForeignStore(), new TouchableStore()]) {
      await new Session({ store, ttl: 5000, rolling: true }).get('id');
      assert.deepEqual(methodsOf(store), ['get']);
    }
  });

  test('a session that ends between get and touch has ended', async () => {
    const store = new TouchableStore();
    const session = new Session({ store, ttl: 5000, rolling: true });
    const id = await session.create({ a: 1 });
    store.touch = async () => false;
    assert.equal(await session.get(id), undefined);
  });
});
