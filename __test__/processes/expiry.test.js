/**
 * Times to live across processes: one clock, and one deadline for everybody.
 *
 * Must not know how time is kept. Invariant tested: an entry is there for everybody until its
 * deadline and not after it, whoever set it, and whether who set it lives.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { time } = require('../../lib/native/clock.js');
const { HOUR_MS, ROUNDING_MS, passDeadline } = require('../helpers/expiry.js');
const { runUnrelated, withProcesses } = require('../helpers/processes.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

for (const ttlMs of [40, 333]) {
  test(`an_entry_ends_for_another_process_when_it_is_due, ${ttlMs} ms`, SLOW, () =>
    withProcessStore({}, (store, place) =>
      withProcesses(async (start) => {
        const watchers = [0, 1].map(() => start('process.watchEnd', { place, key: 'key' }));
        for (const watcher of watchers) await watcher.said('open');
        // So long that both have seen it before its end is near.
        store.set('key', 'value', HOUR_MS);
        for (const watcher of watchers) {
          const left = await watcher.said('seen');
          assert.ok(left > HOUR_MS - 60_000 && left <= HOUR_MS, `${left} ms left`);
        }
        const before = time();
        store.touch('key', ttlMs);
        const after = time();
        for (const { result } of watchers) {
          const { last, missed } = await result;
          assert.ok(last <= after + ttlMs + ROUNDING_MS, `seen ${last - after} ms later`);
          assert.ok(missed >= before + ttlMs, `missed ${missed - before} ms later`);
        }
      }),
    ),
  );
}

test('an_entry_of_a_process_that_has_ended_ends_when_it_is_due', SLOW, () =>
  withProcessStore({ ttl: 50 }, async (store, place) => {
    await runUnrelated('process.look', { place: { ...place, ttl: 50 }, value: 'short' });
    await runUnrelated('process.look', { place, key: 'other', value: 'for ever' });
    passDeadline(50);
    assert.equal(store.get('key'), undefined);
    assert.deepEqual(store.keys(), ['other']);
    assert.equal(store.ttl('other'), Infinity);
  }),
);

test('time_goes_on_while_nobody_has_the_store_open', SLOW, () =>
  withProcessStore({}, (store, place) => {
    store.set('short', 1, 30);
    store.set('long', 1, HOUR_MS);
    store.close();
    passDeadline(30);
    const again = new SharedStore(place);
    assert.deepEqual(again.keys(), ['long']);
    assert.ok(again.ttl('long') <= HOUR_MS - 30);
    again.close();
  }),
);
