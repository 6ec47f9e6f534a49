/**
 * Verbs that read, change and write in one step, called by many participants at once.
 *
 * Must not know how a store keeps others off. Invariant tested: what happened is what some order
 * of the calls, one after another, would have done.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { PARTICIPANTS, races } = require('../helpers/races.js');
const { SLOW } = require('../helpers/test-timeout.js');

const HOUR_MS = 3_600_000;
const TIMES = 300;
const ALL = PARTICIPANTS * TIMES;
const ascending = (one, other) => one - other;
const upTo = (count) => Array.from({ length: count }, (_, index) => index + 1);
const with_ = (input) => () => ({ times: TIMES, ...input });

for (const [who, race] of Object.entries(races)) {
  test(`each update of ${who} is on top of another`, SLOW, () =>
    race('update.count', with_(), (made, store) => {
      assert.deepEqual(made.flat().sort(ascending), upTo(ALL));
      const by = Object.fromEntries(made.map((_, index) => [index, TIMES]));
      assert.deepEqual(store.get('count'), { n: ALL, by });
    }),
  );

  test(`each compareAndSet of ${who} that succeeds is on top of another`, SLOW, () =>
    race('update.compare', with_(), (made, store) => {
      assert.deepEqual(made.flat().sort(ascending), upTo(ALL));
      assert.deepEqual(store.get('count'), { n: ALL });
    }),
  );

  test(`updates of ${who} that change nothing, or throw, hold up no other`, SLOW, () =>
    race('update.seldom', with_(), (changed, store) => {
      assert.deepEqual(
        changed,
        changed.map(() => TIMES / 5),
      );
      assert.equal(store.get('count'), ALL / 5);
    }),
  );

  test(`slow updates of one of ${who} undo no increment of the others`, SLOW, () =>
    race('update.beside', with_({ times: 100_000, spinMs: 0.05 }), (made, store) => {
      assert.equal(
        store.get('count'),
        made.reduce((one, other) => one + other),
      );
    }),
  );

  test(`steps of ${who} count up to a bound and never past it`, SLOW, () =>
    race('update.bounded', with_({ by: 1, bounds: { max: 700 } }), (sums, store) => {
      const below = sums.flat().filter((sum) => sum < 700);
      assert.deepEqual(below.sort(ascending), upTo(699));
      assert.ok(sums.flat().every((sum) => sum <= 700));
      assert.equal(store.get('count'), 700);
    }),
  );

  test(
    `hits of ${who} in one window agree on its end, and each has a number of its own`,
    SLOW,
    () =>
      race('update.hit', with_({ ttl: HOUR_MS }), (hits) => {
        const all = hits.flat();
        assert.deepEqual(all.map(({ value }) => value).sort(ascending), upTo(ALL));
        const latest = Math.max(...all.map(({ endsAfter }) => endsAfter));
        const earliest = Math.min(...all.map(({ endsBefore }) => endsBefore));
        assert.ok(latest <= earliest + 1, `it ends after ${latest} and before ${earliest}`);
      }),
  );

  test(`hits of ${who} begin a new window together when one has ended`, SLOW, () =>
    race('update.hit', with_({ ttl: 5 }), (hits) => {
      const counts = new Map();
      for (const { value, left } of hits.flat()) {
        assert.ok(left >= 0 && left <= 6, `${left} ms are left of 5`);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      // Each window has numbers from 1 on, so none is rarer than the one after it.
      for (const [value, count] of counts) assert.ok(value === 1 || counts.get(value - 1) >= count);
    }),
  );
}
