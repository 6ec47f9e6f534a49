/**
 * Calls that are made without waiting for the answers of those before.
 *
 * Must not know what makes a call wait. Invariant tested: calls on one key take effect in the
 * order in which they were made, though an update among them takes its time.
 */
const assert = require('node:assert/strict');
const { setImmediate: turn } = require('node:timers/promises');
const fc = require('fast-check');
const { deferred } = require('../helpers/deferred.js');
const { heldFactory } = require('../helpers/flight.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { entriesOf, property } = require('./contract.js');
const { Model } = require('./model.js');

const needs = ['by promise', 'in turn'];
const seed = printedSeed('contract-order');
const RUNS = 100;

/** An update that goes on when it is told to, and then appends to a list. */
function heldUpdate(store, key, what) {
  const gate = deferred();
  const done = store.update(key, async (list = []) => {
    await gate.promise;
    return [...list, what];
  });
  return { done, go: gate.resolve };
}

property(
  'an update that waits holds up the calls on its key, and no others',
  { needs },
  async (store) => {
    await store.set('a', ['first']);
    const held = heldUpdate(store, 'a', 'held');
    const behind = [];
    const note = (name) => (answer) => behind.push([name, answer]);
    const calls = [
      store.get('a').then(note('get')),
      store.update('a', (list) => [...list, 'later']).then(note('update')),
      store.take('a').then(note('take')),
      store.add('a', 'added').then(note('add')),
    ];
    assert.equal(await store.set('b', 1), true);
    assert.equal(await store.get('b'), 1);
    await turn();
    assert.deepEqual(behind, []);
    held.go();
    assert.deepEqual(await held.done, ['first', 'held']);
    await Promise.all(calls);
    assert.deepEqual(behind, [
      ['get', ['first', 'held']],
      ['update', ['first', 'held', 'later']],
      ['take', ['first', 'held', 'later']],
      ['add', true],
    ]);
  },
);

property('calls for many keys wait for the one that is busy', { needs }, async (store) => {
  await store.setMany([
    ['a', ['a']],
    ['b', ['b']],
  ]);
  const held = heldUpdate(store, 'a', 'held');
  const found = store.getMany(['b', 'a']);
  const removed = store.deleteMany(['a', 'b', 'x']);
  const set = store.setMany([
    ['a', 'again'],
    ['c', 1],
  ]);
  const cleared = store.clear();
  const last = store.get('a');
  held.go();
  assert.deepEqual(await found, [['b'], ['a', 'held']]);
  assert.equal(await removed, 2);
  assert.deepEqual([await set, await cleared, await last], [true, true, undefined]);
  assert.equal(await store.size(), 0);
});

property(
  'a load waits for the updates before it, and finds what they made',
  { needs },
  async (store) => {
    const held = heldUpdate(store, 'a', 'held');
    const load = store.getOrSet('a', () => assert.fail('the factory is not needed'));
    held.go();
    assert.deepEqual(await load, ['held']);
  },
);

/** What a promise gives; one that never settles is a failure, and keeps no other test waiting. */
async function ended(promise) {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await waitUntil(() => isSettled, 'a call has ended');
  return promise;
}

/** A load of a key whose update has begun before it, and makes nothing. */
function loadBehindUpdate(store, factory) {
  const gate = deferred();
  const update = store.update('a', () => gate.promise);
  const load = store.getOrSet('a', factory);
  gate.resolve(undefined);
  return { load, update };
}

property('a factory may use its own key, though its load had to wait', { needs }, async (store) => {
  const { load } = loadBehindUpdate(store, async () => {
    assert.equal(await store.get('a'), undefined);
    return 'made';
  });
  assert.equal(await ended(load), 'made');
  assert.equal(await store.get('a'), 'made');
});

property(
  'a factory holds up no call on its key, though its load had to wait',
  { needs },
  async (store) => {
    const { factory, runs } = heldFactory();
    const { load, update } = loadBehindUpdate(store, factory);
    await update;
    while (runs.length === 0) await turn();
    assert.equal(await ended(store.get('a')), undefined);
    assert.equal(await ended(store.set('a', 'newer')), true);
    runs[0].resolve('older');
    assert.equal(await load, 'older');
    assert.equal(await store.get('a'), 'newer');
  },
);

property('an update that fails holds up nothing', { needs }, async (store) => {
  await store.set('a', 1);
  const failed = store.update('a', async () => {
    await turn();
    throw new Error('on purpose');
  });
  const next = store.update('a', (n) => n + 1);
  await assert.rejects(failed, /on purpose/);
  assert.equal(await next, 2);
});

property('a store that is closed refuses the updates that wait', { needs }, async (store) => {
  const held = heldUpdate(store, 'a', 'held');
  const behind = [store.get('a'), store.update('a', () => 1), store.increment('a')];
  await store.close();
  held.go();
  for (const { reason } of await Promise.allSettled([held.done, ...behind])) {
    assert.equal(reason?.code, 'ERR_STORE_CLOSED');
  }
});

const key = fc.constantFrom('a', 'b', 'c');
const number = fc.integer({ min: -5, max: 5 });
/** Calls on one key, and an update that takes some turns of the event loop. */
const call = fc.oneof(
  ...[
    ['get', key],
    ['has', key],
    ['peek', key],
    ['take', key],
    ['delete', key],
    ['set', key, number],
    ['add', key, number],
    ['replace', key, number],
    ['increment', key, number],
    ['hit', key, number],
    ['compareAndSet', key, fc.option(number, { nil: undefined }), number],
    ['getEntry', key],
  ].map(([verb, ...given]) => fc.record({ verb: fc.constant(verb), given: fc.tuple(...given) })),
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constant('update'),
      given: fc.tuple(key, number),
      turns: fc.nat(3),
    }),
  },
);

/** Makes a call; an update adds its number, after some turns. */
function make(store, { verb, given, turns }, isModel) {
  if (verb !== 'update') return store[verb](...given);
  const [at, by] = given;
  if (isModel) return store.update(at, (n = 0) => n + by);
  return store.update(at, async (n = 0) => {
    for (let count = 0; count < turns; count += 1) await turn();
    return n + by;
  });
}

property(
  'random calls that wait for none before them do what the model does in turn',
  { needs },
  (_store, scope) =>
    fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), (calls) =>
        scope.with({}, async (store) => {
          const model = new Model();
          const expected = calls.map((one) => make(model, one, true));
          const answers = await Promise.all(calls.map((one) => make(store, one, false)));
          assert.deepStrictEqual(answers, expected);
          assert.deepStrictEqual(await entriesOf(store), await entriesOf(model));
        }),
      ),
      { seed, numRuns: RUNS },
    ),
);
