/**
 * Random calls of all verbs to every scope, beside one model; `SEED=…` repeats a run.
 *
 * Must not know how a store works. Invariant tested: each call answers as the model does, and
 * leaves the same entries, with the same deadlines.
 */
const assert = require('node:assert/strict');
const fc = require('fast-check');
const { effort } = require('../helpers/effort.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { HOUR_MS, listOf, outcomeOf, passDeadline, property, warm } = require('./contract.js');
const { Model } = require('./model.js');

const RUNS = effort(25, 50);
const STEPS = 120;
/** Entries of a store that evicts: fewer than there are keys. */
const BOUND = 4;
const seed = printedSeed('contract-random-calls');
/** No run takes so long that a deadline looks like another. */
const DAY_MS = 24 * HOUR_MS;

const KEYS = ['a', 'b', 'c', 'd', 'e', '1', 'null', '\ud800', 'x'.repeat(300)];
const key = fc.constantFrom(...KEYS, 1, null);
const number = fc.constantFrom(0, 1, 2, -1, 0.5, 10, -7);
/** A step of 0 has no sign, against which a bound might move a number. */
const amount = number.filter((it) => it !== 0);
const value = fc.oneof(
  { weight: 3, arbitrary: number },
  fc.constantFrom('text', '', null, true, undefined, 5n, '\u4e2d\ud800'),
  fc.record(
    { n: number, list: fc.array(number, { maxLength: 3 }) },
    // A copy of an object without a prototype has one.
    { noNullPrototype: true },
  ),
);
const ttl = fc.constantFrom(undefined, DAY_MS, 2 * DAY_MS, 3 * DAY_MS + 0.5, Infinity);
const keeping = fc.oneof({ weight: 4, arbitrary: ttl }, fc.constant('keep'));
const times = (arbitrary) =>
  fc.oneof(
    fc.constant(undefined),
    ttl,
    fc.record({ ttl: arbitrary }, { noNullPrototype: true }),
    fc.constantFrom(9, -9).map((days) => ({ expiresAt: Date.now() + days * DAY_MS })),
  );
const options = times(keeping);
const counting = fc.oneof(
  times(ttl),
  fc.record(
    { ttl, ifPresent: fc.boolean(), min: fc.constantFrom(-5, 0), max: fc.constantFrom(0, 3) },
    { requiredKeys: [] },
  ),
);
const keys = fc.array(key, { maxLength: 4 });

/** Changes for `update`, by what they do. */
const CHANGES = {
  nothing: () => undefined,
  wrap: (it) => ({ was: String(it) }),
  count: (it) => (typeof it === 'number' ? it + 1 : 0),
  same: (it) => it,
};
const change = fc.constantFrom(...Object.values(CHANGES));

/** Arguments of each verb; how often it is called, where that is not 2. */
const VERBS = {
  get: [[key], 4],
  has: [[key]],
  peek: [[key]],
  getEntry: [[key], 3],
  ttl: [[key]],
  getMany: [[keys]],
  set: [[key, value, options], 8],
  add: [[key, value, options], 3],
  replace: [[key, value, options], 3],
  compareAndSet: [[key, fc.option(value, { nil: undefined }), value, options], 4],
  update: [[key, change, options], 5],
  increment: [[key, amount, counting], 4],
  decrement: [[key, amount, counting], 3],
  hit: [[key, amount, counting], 4],
  touch: [
    [
      key,
      fc.oneof(
        ttl.filter((it) => it !== undefined),
        times(ttl).filter(isTime),
      ),
    ],
    3,
  ],
  take: [[key]],
  delete: [[key], 3],
  deleteMany: [[keys]],
  setMany: [
    [
      fc.array(fc.oneof(fc.tuple(key, value), fc.tuple(key, value, options)), { maxLength: 4 }),
      options,
    ],
    3,
  ],
  getOrSet: [[key, value.filter((it) => it !== undefined).map((it) => () => it), times(ttl)], 3],
  size: [[], 1],
  clear: [[], 1],
};

function isTime(time) {
  const { ttl: life, expiresAt } = typeof time === 'object' ? time : { ttl: time };
  return life !== undefined || expiresAt !== undefined;
}

const call = fc.oneof(
  ...Object.entries(VERBS).map(([verb, [given, weight = 2]]) => ({
    weight,
    arbitrary: fc.record({ verb: fc.constant(verb), given: fc.tuple(...given) }),
  })),
  // What a value was is often what is expected.
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('swap'), given: fc.tuple(key, value) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('warm'), given: fc.tuple(key) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('expire'), given: fc.tuple(key) }) },
);

/** Calls that are more than one verb. */
const COMPOSED = {
  swap: async (store, model, [at, next]) => {
    const expected = model.get(at);
    assert.equal(model.compareAndSet(at, expected, next), true);
    return { throws: undefined, gives: await store.compareAndSet(at, expected, next), model: true };
  },
  warm: async (store, model, [at]) => {
    await warm(store, at);
    return { gives: await store.get(at), model: model.get(at) };
  },
  expire: async (store, model, [at]) => {
    const isThere = await store.touch(at, 1);
    passDeadline(1);
    return { gives: isThere, model: model.delete(at) };
  },
};

/** Times in days, so that what passed meanwhile counts for nothing. */
const days = (life) => (typeof life === 'number' ? Math.round(life / DAY_MS) : life);
function comparable(verb, answer) {
  if (verb === 'ttl') return days(answer);
  const isTimed = verb === 'hit' || verb === 'getEntry';
  return isTimed && answer !== undefined ? { ...answer, ttl: days(answer.ttl) } : answer;
}

/** A counter of what is no number is refused, by the model as by the store. */
const isRefused = (model, { verb, given: [at] }) =>
  ['increment', 'decrement', 'hit'].includes(verb) &&
  model.has(at) &&
  typeof model.get(at) !== 'number';

async function step(store, scope, model, { verb, given }) {
  if (verb in COMPOSED) return COMPOSED[verb](store, model, given);
  if (isRefused(model, { verb, given })) {
    const { throws } = await outcomeOf(scope, verb, () => store[verb](...given));
    return { gives: throws?.code, model: 'ERR_NOT_A_NUMBER' };
  }
  const { gives, throws } = await outcomeOf(scope, verb, () => store[verb](...given));
  if (throws !== undefined) throw throws;
  return {
    gives: comparable(verb, gives),
    model: comparable(verb, await model[verb](...given)),
  };
}

/** Everything that a store says of its entries. */
async function contentsOf(store) {
  const entries = [];
  for (const [at, held] of await listOf(store.entries())) {
    entries.push([at, held, days(await store.ttl(at))]);
  }
  return entries;
}

const byKey = (entries) => entries.sort(([one], [other]) => (one < other ? -1 : 1));

/** Runs calls on a store, some of them by another object over the same entries. */
async function assertLikeModel(scope, options, calls, isShared) {
  await scope.with(options, async (store) => {
    const other = isShared ? scope.again(store, options) : store;
    const model = new Model(options);
    for (const { isByOther, ...one } of calls) {
      const by = isByOther ? other : store;
      const { gives, model: expected } = await step(by, scope, model, one);
      assert.deepStrictEqual(gives, expected, `${one.verb} answers`);
      assert.equal(await store.size(), model.size());
    }
    const expected = await contentsOf(model);
    for (const by of [store, other]) {
      const got = await contentsOf(by);
      if (scope.can('insertion order')) assert.deepStrictEqual(got, expected);
      else assert.deepStrictEqual(byKey(got), byKey(expected));
    }
    if (isShared) await other.close();
  });
}

const byOne = fc.array(call, { minLength: 1, maxLength: STEPS });
const byTwo = fc.array(
  fc.tuple(call, fc.boolean()).map(([one, isByOther]) => ({ ...one, isByOther })),
  { minLength: 1, maxLength: STEPS },
);

for (const ttl of [undefined, 5 * DAY_MS]) {
  const what = ttl === undefined ? 'without a ttl' : 'with a ttl';
  property(`random calls to a store ${what} do what they do to the model`, (_store, scope) =>
    fc.assert(
      fc.asyncProperty(byOne, (calls) => assertLikeModel(scope, { ttl }, calls, false)),
      { seed, numRuns: RUNS },
    ),
  );

  const needs = ['shared'];
  property(`random calls by two objects ${what} do so, too`, { needs }, (_store, scope) =>
    fc.assert(
      fc.asyncProperty(byTwo, (calls) => assertLikeModel(scope, { ttl }, calls, true)),
      { seed, numRuns: RUNS },
    ),
  );
}

/** A bounded store has lost some of what the model holds, and holds nothing else. */
property(
  'random calls to a store that evicts find what was set last, or nothing',
  { needs: ['evicts'] },
  (_store, scope) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.constantFrom('get', 'set', 'set', 'delete', 'add', 'take'), key, number),
          {
            maxLength: STEPS,
          },
        ),
        (calls) =>
          scope.with({ maxEntries: BOUND, whenFull: 'evict' }, async (store) => {
            const last = new Map();
            for (const [verb, at, given] of calls) {
              const string = String(at);
              const gives = await store[verb](at, given);
              if (verb === 'get' || verb === 'take') {
                assert.ok(
                  gives === undefined || gives === last.get(string),
                  `${verb} of ${string}`,
                );
              }
              if (verb === 'add' && !gives) assert.ok(last.has(string));
              if (verb === 'set' || (verb === 'add' && gives)) last.set(string, given);
              if (verb === 'delete' || verb === 'take') last.delete(string);
              assert.ok((await store.size()) <= Math.min(BOUND, last.size));
            }
          }),
      ),
      { seed, numRuns: RUNS },
    ),
);
