/**
 * `lock`, `release` and `withLock`, in scopes that have them.
 *
 * Must not know how a lock is kept. Invariant tested: a lock belongs to its thread, which may take
 * it again; tasks under one lock never run at the same time.
 */
const assert = require('node:assert/strict');
const { deferred } = require('../helpers/deferred.js');
const { assertRefused, outcomeOf, property } = require('./contract.js');

const needs = ['locks'];
const turn = () => new Promise((resolve) => setImmediate(resolve));

property('a lock is taken as often as it is released', { needs }, (store) => {
  assert.equal(store.release('a'), false);
  assert.equal(store.lock('a'), true);
  assert.equal(store.lock('a', 0), true);
  assert.equal(store.release('a'), true);
  assert.equal(store.release('a'), true);
  assert.equal(store.release('a'), false);
});

property('a lock makes no entry, and keeps no reader or writer off', { needs }, (store) => {
  store.lock('a');
  assert.equal(store.has('a'), false);
  assert.equal(store.set('a', 1), true);
  assert.equal(store.get('a'), 1);
  assert.equal(
    store.update('a', (n) => n + 1),
    2,
  );
  assert.equal(store.delete('a'), true);
  assert.equal(store.release('a'), true);
});

property('a key and its string form have one lock', { needs }, (store) => {
  store.lock({ id: 1 });
  assert.equal(store.release('{"id":1}'), true);
  store.lock('7');
  assert.equal(store.release(7), true);
});

property('a task under a lock gives what it gives', { needs }, async (store) => {
  assert.equal(await store.withLock('a', () => 'now'), 'now');
  assert.equal(await store.withLock('a', async () => 'later'), 'later');
  assert.equal(store.release('a'), false);
});

property('what a task throws is told, and its lock is free', { needs }, async (store) => {
  const broken = new Error('from the task');
  for (const task of [
    () => {
      throw broken;
    },
    async () => {
      throw broken;
    },
  ]) {
    await assert.rejects(store.withLock('a', task), (error) => error === broken);
  }
  assert.equal(await store.withLock('a', () => 'next'), 'next');
});

property('tasks under one lock run one after another, in order', { needs }, async (store) => {
  const ran = [];
  let running = 0;
  const tasks = Array.from({ length: 20 }, (_, index) =>
    store.withLock('a', async () => {
      running += 1;
      assert.equal(running, 1);
      await turn();
      ran.push(index);
      running -= 1;
    }),
  );
  await Promise.all(tasks);
  assert.deepEqual(
    ran,
    tasks.map((_, index) => index),
  );
});

property('locks of other keys do not wait', { needs }, async (store) => {
  const gate = deferred();
  const held = store.withLock('a', () => gate.promise);
  assert.equal(await store.withLock('b', () => 'ran'), 'ran');
  gate.resolve('ended');
  assert.equal(await held, 'ended');
});

property('an update that runs under a lock of its key ends', { needs }, async (store) => {
  const made = await store.withLock('a', () => store.update('a', () => 'made'));
  assert.equal(made, 'made');
  assert.equal(store.lock('a'), true);
  assert.equal(
    store.update('a', () => 'again'),
    'again',
  );
  assert.equal(store.release('a'), true);
  assert.equal(store.release('a'), false, 'an update keeps no lock');
});

property('bad arguments to a lock are refused', { needs }, async (store, scope) => {
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
  const refused = (verb, given, expected) =>
    assertRefused(store, scope, verb, () => store[verb](...given), expected);
  for (const verb of ['lock', 'release', 'withLock']) {
    await refused(verb, [], { name: 'TypeError', code: 'ERR_MISSING_ARGS' });
    const rest = verb === 'withLock' ? [() => {}] : [];
    await refused(verb, [Symbol('a'), ...rest], { name: 'TypeError', code: 'ERR_INVALID_KEY' });
  }
  for (const task of [undefined, null, 5, 'task', {}]) await refused('withLock', ['a', task], type);
  for (const [timeout, expected] of [
    ...['5', null, true, 5n, {}].map((it) => [it, type]),
    ...[-1, 0.5, Number.NaN, Infinity, 2 ** 31].map((it) => [it, range]),
  ]) {
    await refused('lock', ['a', timeout], expected);
    await refused('withLock', ['a', () => {}, timeout], expected);
  }
  assert.deepEqual(await outcomeOf(scope, 'release', () => store.release('a')), { gives: false });
});
