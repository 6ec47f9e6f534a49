/**
 * `Session`: what each method gives, over its own store and over those that people write.
 *
 * Must not know of cookies. Invariant tested: what Harpia documents of its `Session` holds.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { MemoryStore } = require('shared-memory-store/memory-store');
const { Session } = require('shared-memory-store/session');
const { ForeignStore } = require('../helpers/foreign-store.js');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };

const stores = {
  'its own store': () => undefined,
  'a memory store': () => new MemoryStore(),
  'a store of somebody else': () => new ForeignStore(),
  'a Map': () => new Map(),
};

for (const [name, open] of Object.entries(stores)) {
  describe(`over ${name}:`, () => {
    const opened = () => new Session({ store: open() });

    test('create gives a random UUID', async () => {
      const session = opened();
      const ids = [await session.create({ a: 1 }), await session.create({ a: 1 })];
      for (const id of ids) assert.match(id, UUID);
      assert.notEqual(ids[0], ids[1]);
    });

    test('get gives the data', async () => {
      const session = opened();
      const id = await session.create({ userId: 1, role: 'user' });
      assert.deepEqual(await session.get(id), { userId: 1, role: 'user' });
    });

    test('get of an unknown id gives undefined', async () => {
      assert.equal(await opened().get('nonexistent-session-id'), undefined);
    });

    test('update merges into the data and gives true', async () => {
      const session = opened();
      const id = await session.create({ userId: 1, role: 'user', deep: { a: 1 } });
      assert.equal(await session.update(id, { role: 'admin', deep: { b: 2 } }), true);
      assert.deepEqual(await session.get(id), { userId: 1, role: 'admin', deep: { b: 2 } });
    });

    test('update of an unknown id gives false and makes no session', async () => {
      const session = opened();
      assert.equal(await session.update('nonexistent-session-id', { a: 1 }), false);
      assert.equal(await session.get('nonexistent-session-id'), undefined);
    });

    test('delete ends a session, without a response', async () => {
      const session = opened();
      const id = await session.create({ a: 1 });
      assert.equal(await session.delete(id), undefined);
      assert.equal(await session.get(id), undefined);
    });

    test('delete of an unknown id does nothing', async () => {
      const session = opened();
      const id = await session.create({ a: 1 });
      await session.delete('nonexistent-session-id');
      assert.deepEqual(await session.get(id), { a: 1 });
    });
  });
}

describe('data:', () => {
  test('the memory store keeps them by reference', async () => {
    const session = new Session();
    const data = { visits: 1 };
    const id = await session.create(data);
    (await session.get(id)).visits += 1;
    assert.equal(await session.get(id), data);
    assert.equal(data.visits, 2);
  });

  test('update makes a new object and leaves the old one alone', async () => {
    const session = new Session();
    const data = { visits: 1 };
    const id = await session.create(data);
    await session.update(id, { visits: 2 });
    assert.deepEqual([data.visits, (await session.get(id)).visits], [1, 2]);
  });

  test('update takes its data as they are when it is called', async () => {
    const session = new Session({ store: new ForeignStore() });
    const id = await session.create({ visits: 1 });
    const changes = { visits: 2 };
    const updated = session.update(id, changes);
    changes.visits = 3;
    await updated;
    assert.deepEqual(await session.get(id), { visits: 2 });
  });

  test('two session objects without a store share nothing', async () => {
    const id = await new Session().create({ a: 1 });
    assert.equal(await new Session().get(id), undefined);
  });

  test('two session objects over one store share sessions', async () => {
    const store = new MemoryStore();
    const id = await new Session({ store }).create({ a: 1 });
    assert.deepEqual(await new Session({ store }).get(id), { a: 1 });
  });

  test('what a store has that is no object is no session', async () => {
    for (const found of [null, 'text', 5, true, () => {}]) {
      const store = { get: async () => found, set: async () => {}, delete: async () => {} };
      const session = new Session({ store });
      assert.equal(await session.get('id'), undefined);
      assert.equal(await session.update('id', { a: 1 }), false);
    }
  });

  test('what a store rejects with rejects', async () => {
    const down = new Error('down');
    const fail = () => Promise.reject(down);
    const session = new Session({ store: { get: fail, set: fail, delete: fail } });
    const calls = [session.create({}), session.get('id'), session.update('id', {})];
    for (const call of [...calls, session.delete('id')]) await assert.rejects(call, down);
  });

  for (const data of [undefined, null, 'text', 5, true, Symbol('data'), [], () => {}]) {
    test(`create and update refuse ${String(data)} as data`, async () => {
      const session = new Session();
      const id = await session.create({ a: 1 });
      await assert.rejects(session.create(data), type);
      await assert.rejects(session.update(id, data), type);
      assert.deepEqual(await session.get(id), { a: 1 });
    });
  }
});

describe('ids:', () => {
  test('undefined and null, for a cookie that is not there, are no session', async () => {
    const session = new Session();
    for (const id of [undefined, null]) {
      assert.equal(await session.get(id), undefined);
      assert.equal(await session.update(id, { a: 1 }), false);
      assert.equal(await session.delete(id), undefined);
    }
  });

  for (const id of [5, 5n, true, {}, ['id'], () => {}, Symbol('id'), Object('id')]) {
    test(`an id of type ${typeof id} is refused: ${String(id)}`, async () => {
      const session = new Session();
      await assert.rejects(session.get(id), type);
      await assert.rejects(session.update(id, { a: 1 }), type);
      await assert.rejects(session.delete(id), type);
    });
  }

  test('the empty string and long strings do not get as far as the store', async () => {
    const store = new ForeignStore();
    const session = new Session({ store });
    for (const id of ['', 'x'.repeat(257), 'x'.repeat(1e6)]) {
      assert.equal(await session.get(id), undefined);
      assert.equal(await session.update(id, { a: 1 }), false);
      await session.delete(id);
    }
    assert.deepEqual(store.calls, []);
  });

  test('ids that were not made here are looked up as they are', async () => {
    const store = new MemoryStore();
    await store.set('a=b; C', { a: 1 });
    const session = new Session({ store });
    assert.deepEqual(await session.get('a=b; C'), { a: 1 });
    assert.equal(await session.get('a=b; c'), undefined);
  });
});

describe('options:', () => {
  for (const [name, options, expected] of [
    ['null', null, type],
    ['a number', 5, type],
    ['an unknown name', { cookiename: 'sid' }, unknown],
    ['a store that is null', { store: null }, type],
    ['a store without delete', { store: { get() {}, set() {} } }, type],
    ['a cookieName that is no string', { cookieName: 5 }, type],
    ['an empty cookieName', { cookieName: '' }, value],
    ['a ttl of 0', { ttl: 0 }, range],
    ['a ttl that is no number', { ttl: '5' }, type],
    ['rolling that is no boolean', { ttl: 5, rolling: 1 }, type],
    ['rolling without a ttl', { rolling: true }, value],
    ['a cookie that is no object', { cookie: 'secure' }, type],
    ['an unknown name in cookie', { cookie: { samesite: 'Lax' } }, unknown],
    ['a wrong value in cookie', { cookie: { sameSite: 'Loose' } }, value],
  ]) {
    test(`${name} is refused`, () => assert.throws(() => new Session(options), expected));
  }

  test('undefined is as good as nothing', async () => {
    const nothing = { store: undefined, cookieName: undefined, ttl: undefined };
    const session = new Session({ ...nothing, rolling: undefined, cookie: undefined });
    const id = await session.create({ a: 1 });
    assert.deepEqual(await session.get(id), { a: 1 });
  });
});

describe('the class:', () => {
  test('it is one class by require and import', async () => {
    assert.equal((await import('shared-memory-store/session')).Session, Session);
  });

  test('its name is Session', () => assert.equal(Session.name, 'Session'));

  test('without new it says so', () => {
    assert.throws(() => Session(), { code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
  });

  test('fromRequest asks the get of a subclass', async () => {
    class Logged extends Session {
      ids = [];
      get(id) {
        this.ids.push(id);
        return super.get(id);
      }
    }
    const session = new Logged();
    await session.fromRequest({ headers: { cookie: 'session_id=abc' } });
    assert.deepEqual(session.ids, ['abc']);
  });
});
