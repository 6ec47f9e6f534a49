/**
 * Life of a store: each verb while it is open, after it is closed, and closing itself.
 *
 * Must not know what a verb does. Invariant tested: a closed store refuses every verb but those
 * that close it, for whatever arguments are good, and never comes back.
 */
const assert = require('node:assert/strict');
const { ALWAYS_BY_PROMISE, entriesOf, listOf, outcomeOf, property, propertyColdAndWarm } =
  require('./contract.js');
const { WALKS, fill, verbs } = require('./verbs.js');

const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');
const closed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };

for (const { name, given, answer, after } of verbs) {
  propertyColdAndWarm(`an open store answers ${name}()`, async (store, scope, heat) => {
    await fill(store);
    await heat(store, 'a', 'b', 'c');
    const { gives, throws } = await outcomeOf(scope, name, () => store[name](...given));
    assert.equal(throws, undefined);
    if (typeof answer === 'function') assert.ok(answer(gives));
    else assert.deepEqual(gives, answer);
    const left = (await entriesOf(store)).map(([key, value]) => `${key}=${value}`);
    assert.deepEqual(left, after);
  });

  propertyColdAndWarm(`a closed store refuses ${name}()`, async (store, scope, heat) => {
    await fill(store);
    await heat(store, 'a', 'b', 'c');
    await store.close();
    const { throws } = await outcomeOf(scope, name, () => store[name](...given));
    assert.deepEqual([throws?.name, throws?.code], [closed.name, closed.code]);
    assert.match(throws.message, new RegExp(name), 'it says which call was refused');
  });
}

for (const name of ['getMany', 'deleteMany', 'setMany']) {
  property(`a closed store refuses ${name}() of nothing`, async (store, scope) => {
    await store.close();
    const { throws } = await outcomeOf(scope, name, () => store[name]([]));
    assert.deepEqual([throws?.name, throws?.code], [closed.name, closed.code]);
  });
}

for (const name of WALKS) {
  property(`a closed store refuses ${name}()`, async (store) => {
    await fill(store);
    await store.close();
    await assert.rejects(async () => listOf(store[name]()), closed);
  });
}

property('a closed store refuses to be iterated', async (store) => {
  await fill(store);
  await store.close();
  await assert.rejects(async () => listOf(store), closed);
});

for (const name of ['lock', 'release', 'withLock']) {
  property(`a closed store refuses ${name}()`, { needs: ['locks'] }, async (store) => {
    await store.close();
    await assert.rejects(
      async () => store[name]('a', () => {}),
      (error) => ['ERR_STORE_CLOSED', 'ERR_INVALID_ARG_TYPE'].includes(error.code),
    );
    await assert.rejects(
      async () => (name === 'withLock' ? store.withLock('a', () => {}) : store[name]('a')),
      closed,
    );
  });
}

property('bad arguments to a closed store are refused, too', async (store, scope) => {
  await store.close();
  for (const { name, takes } of verbs) {
    if (takes[0] !== 'key') continue;
    const { throws } = await outcomeOf(scope, name, () => store[name](Symbol('key')));
    assert.ok(/^ERR_/.test(throws?.code), name);
  }
});

property('closing gives nothing, again and again', async (store) => {
  await fill(store);
  for (let time = 0; time < 3; time += 1) {
    assert.equal(await store.close(), undefined);
    assert.equal(await store[DISPOSE](), undefined);
  }
  await assert.rejects(async () => store.get('a'), closed);
});

property('disposing closes', async (store) => {
  await fill(store);
  assert.equal(store[DISPOSE](), undefined);
  await assert.rejects(async () => store.get('a'), closed);
  assert.equal(await store.close(), undefined);
});

property('disposing by promise closes, too', { needs: ['by promise'] }, async (store) => {
  await fill(store);
  await store[ASYNC_DISPOSE]();
  await assert.rejects(store.get('a'), closed);
});

property('an empty store can be closed, and one that was cleared', async (store) => {
  await store.clear();
  assert.equal(await store.close(), undefined);
});

property(
  'closing one object leaves the others their data',
  { needs: ['destroys', 'shared'] },
  async (store, scope) => {
    await fill(store);
    const other = scope.again(store);
    await other.close();
    await assert.rejects(async () => other.get('a'), closed);
    assert.deepEqual(await entriesOf(store), [
      ['a', 1, false],
      ['b', 2, true],
    ]);
    const third = scope.again(store);
    await store.close();
    assert.equal(await third.get('a'), 1);
    await third.destroy();
    await assert.rejects(async () => third.get('a'), closed);
  },
);

property(
  'a destroyed store is closed, and its name begins anew',
  { needs: ['destroys', 'shared'] },
  async (store, scope) => {
    await fill(store);
    await store.destroy();
    await assert.rejects(async () => store.get('a'), closed);
    assert.equal(await store.destroy(), undefined);
    const next = scope.again(store);
    assert.equal(await next.size(), 0);
    await next.destroy();
  },
);

property('no verb but the known ones gives a promise', { needs: ['at once'] }, async (store) => {
  await fill(store);
  for (const { name, given } of verbs) {
    const answer = store[name](...given);
    assert.equal(typeof answer?.then === 'function', ALWAYS_BY_PROMISE.has(name), name);
    await answer;
  }
});

property('every verb gives a promise', { needs: ['by promise'] }, async (store) => {
  await fill(store);
  for (const { name, given } of verbs) {
    const answer = store[name](...given);
    assert.ok(answer instanceof Promise, name);
    await answer;
  }
});

property('every verb is a method of the class, not enumerable', (store) => {
  for (const { name } of verbs) {
    let { prototype } = store.constructor;
    while (!Object.hasOwn(prototype, name)) prototype = Object.getPrototypeOf(prototype);
    const described = Object.getOwnPropertyDescriptor(prototype, name);
    assert.equal(typeof described.value, 'function', name);
    assert.equal(described.enumerable, false, name);
    assert.equal(store[name].name, name);
  }
  assert.deepEqual(Object.keys(store), []);
});
