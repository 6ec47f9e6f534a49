/**
 * What a watcher in another process knows from changes alone is what the store holds.
 *
 * Must not know how changes travel. Two processes make random calls at the same time, of all verbs,
 * in the store and in namespaces of it, with tags; a third one is told. Invariant tested: it knows
 * the keys of each of them and of each tag, or was told to look.
 */
const assert = require('node:assert/strict');
const { isDeepStrictEqual } = require('node:util');
const { test } = require('node:test');
const fc = require('fast-check');
const { withProcesses } = require('../helpers/processes.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { LARGE, TAGS, lookAt, perform } = require('../programs/shared-mirror-tasks.js');

const RUNS = 40;
const key = fc.integer({ min: 0, max: 6 }).map((n) => `key ${n}`);
const tags = fc.subarray([...TAGS]);
const ttl = fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1, 15);
const options = fc.record({ tags, ttl });
const value = fc.oneof(fc.integer(), fc.string(), fc.constant(LARGE));
const given = (...rest) => fc.tuple(...rest);
const rests = {
  set: given(key, value, options),
  add: given(key, value, options),
  replace: given(key, value, options),
  delete: given(key),
  take: given(key),
  touch: given(key, ttl),
  increment: given(key, fc.integer({ min: -9, max: 9 })),
  hit: given(key, fc.constant(1), fc.record({ ttl })),
  compareAndSet: given(key, fc.constant('x'), value),
  setMany: given(fc.array(fc.tuple(key, fc.integer()), { maxLength: 3 })),
  deleteMany: given(fc.array(key, { maxLength: 3 })),
  deleteWhere: given(fc.record({ prefix: key })),
  invalidateTag: given(fc.constantFrom(...TAGS)),
  clear: given(),
};
const call = fc.oneof(
  ...Object.entries(rests).map(([verb, rest]) => ({
    weight: verb === 'set' ? 8 : verb === 'clear' ? 1 : 2,
    arbitrary: fc.record({ verb: fc.constant(verb), space: fc.nat({ max: 2 }), rest }),
  })),
);
const calls = fc.array(call, { maxLength: 40 });

/** Sends a message, and gives the first one that comes back and is meant. */
async function asked(store, channel, message, answers, isIt) {
  const heard = store.subscribe(answers, { keepAlive: true });
  store.publish(channel, message);
  for await (const { value: answer, type } of heard) {
    if (type === 'overflow' || isIt(answer)) return type === 'overflow' ? undefined : answer;
  }
}

for (const whenFull of ['error', 'evict']) {
  test(`a_watcher_knows_what_random_calls_leave, ${whenFull}`, SLOW, () =>
    withProcessStore({ maxBytes: 4 << 20, whenFull }, (store, place) =>
      withProcesses(async (start) => {
        const others = [start('mirror.mirror', { place }), start('mirror.performer', { place })];
        for (const other of others) await other.said('ready');
        let number = 0;
        await fc.assert(
          fc.asyncProperty(calls, calls, async (mine, theirs) => {
            number += 1;
            const round = number;
            const sent = { number: round, calls: theirs };
            const done = asked(store, 'calls', sent, 'done', (of) => of === round);
            for (const one of mine) perform(store, one);
            assert.equal(await done, round);
            // What was invalidated is gone, as for those who look.
            store.size();
            await waitUntil(async () => {
              number += 1;
              const at = number;
              const isAnswer = (answer) => answer.number === at;
              const { known } = (await asked(store, 'ask', at, 'answer', isAnswer)) ?? {};
              return isDeepStrictEqual(known, lookAt(store));
            }, 'the watcher knows what is there');
          }),
          { numRuns: RUNS },
        );
        for (const other of others) other.tell('finish');
        for (const { result } of others) await result;
      }),
    ),
  );
}
