/**
 * What a store says of itself in logs: `toJSON`, and what `util.inspect` shows.
 *
 * Must not know what a scope is made of. Invariant tested: it can be told of every store at any
 * time, at once, and tells no key and no value.
 */
const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const MemoryStore = require('../../index.js');
const { property } = require('./contract.js');

property('a store says at once what it is and what it holds', async (store, scope) => {
  await store.set('secret key', 'secret value');
  await store.get('secret key');
  const told = store.toJSON();
  assert.equal(told.store, Object.prototype.toString.call(store).slice(8, -1));
  assert.deepEqual(JSON.parse(JSON.stringify(store)), JSON.parse(JSON.stringify(told)));
  const shown = inspect(store);
  assert.ok(shown.startsWith(`${told.store} {`), shown);
  for (const text of [shown, JSON.stringify(store)]) assert.doesNotMatch(text, /secret/);
  if (scope.can('counts all') && scope.can('at once')) {
    assert.deepEqual([told.entries, told.hitRatio], [1, 1]);
    assert.match(shown, /entries: 1,/);
    assert.match(shown, /hitRatio: 1/);
  }
});

property('a closed store says that it is closed', { needs: ['whole'] }, async (store) => {
  const { store: name } = store.toJSON();
  await store.close();
  assert.deepEqual([store.toJSON().store, store.toJSON().isOpen], [name, false]);
  assert.match(inspect(store), /\(closed\)$/);
});

property('a store in a larger thing is shown as the depth and the colours say', async (store) => {
  const deep = inspect({ of: { a: store } }, { depth: 0 });
  assert.equal(deep, '{ of: [Object] }');
  assert.ok(inspect({ store }).includes(`${store.toJSON().store} {`));
});

property('bounds are shown, and names of what is shared', { needs: ['at once'] }, (store) => {
  const { name, scope } = store;
  const { name: told, scope: toldScope } = store.toJSON();
  assert.deepEqual([told, toldScope], [name, scope]);
  const bounded = new MemoryStore({ maxEntries: 10, maxSize: 100, sizeOf: () => 1 });
  bounded.set('a', 1);
  const { maxEntries, maxSize, size } = bounded.toJSON();
  assert.deepEqual([maxEntries, maxSize, size], [10, 100, 1]);
  bounded.close();
});
