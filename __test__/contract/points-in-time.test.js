/**
 * `expiresAt`: a deadline that is a point in time stays that, however long a call takes.
 *
 * Must not know when options are read. Invariant tested: what is left right after a call is what
 * is left until the point in time, not what was left when the call began.
 */
const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { HOUR_MS, passDeadline, property } = require('./contract.js');

/** What the caller's code takes, and half of it: what cannot be told from a rounding. */
const SLOW_MS = 60;
const HALF_MS = SLOW_MS / 2;
/** Calls until one is on time: a busy machine may stop any between two looks at a clock. */
const TRIES = 20;

/** A key that takes its time to say what it is: `'"key"'`. */
const slowKey = {
  toJSON() {
    passDeadline(SLOW_MS);
    return 'key';
  },
};
const KEY = '"key"';

/** Calls that take their time after their options were given. */
const CALLS = {
  'set with a slow key': (store, options) => store.set(slowKey, 1, options),
  'increment with a slow key': (store, options) => store.increment(slowKey, 1, options),
  'setMany of a slow iterable': (store, options) =>
    store.setMany(
      (function* slow() {
        yield [KEY, 1, options];
        passDeadline(SLOW_MS);
      })(),
    ),
  'update with a slow change': (store, options) =>
    store.update(
      KEY,
      () => {
        passDeadline(SLOW_MS);
        return 1;
      },
      options,
    ),
  'getOrSet with a slow factory': (store, options) =>
    store.getOrSet(
      KEY,
      async () => {
        await pause(SLOW_MS);
        return 1;
      },
      options,
    ),
};

/** Only in scopes that read a value to copy it, or wait for what a change gives. */
const MORE = [
  [
    'set with a slow value',
    'copies',
    (store, options) =>
      store.set(
        KEY,
        {
          get n() {
            passDeadline(SLOW_MS);
            return 1;
          },
        },
        options,
      ),
  ],
  [
    'update with a change that waits',
    'by promise',
    (store, options) =>
      store.update(
        KEY,
        async () => {
          await pause(SLOW_MS);
          return 1;
        },
        options,
      ),
  ],
  [
    'set that waits for an update',
    'in turn',
    async (store, options) => {
      const update = store.update(KEY, () => pause(SLOW_MS, 0));
      await store.set(KEY, 1, options);
      await update;
    },
  ],
];

const all = [...Object.entries(CALLS).map(([what, call]) => [what, undefined, call]), ...MORE];
for (const [what, need, call] of all) {
  const needs = need === undefined ? [] : [need];

  // Where the way to the data takes time, the point comes later by it.
  const near = { needs: [...needs, 'at hand'] };
  property(`${what} keeps to the point in time`, near, async (store) => {
    let lateMs = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < TRIES && lateMs > HALF_MS; tries += 1) {
      await store.delete(KEY);
      const expiresAt = Date.now() + HOUR_MS;
      await call(store, { expiresAt });
      const [least, left] = [Date.now(), await store.ttl(KEY)];
      lateMs = Math.min(lateMs, left - (expiresAt - least));
    }
    assert.ok(lateMs <= HALF_MS, `${lateMs} ms late`);
  });

  property(`${what} stores nothing when the time has come`, { needs }, async (store) => {
    await call(store, { expiresAt: Date.now() + HALF_MS });
    assert.equal(await store.get(KEY), undefined);
    assert.equal(await store.has(KEY), false);
    assert.equal(await store.size(), 0);
  });
}
