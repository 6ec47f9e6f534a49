/**
 * Loads of `getOrSet` whose maker is another process, and hangs, is stopped, or lets go.
 *
 * Must not know how a process learns of that. Invariant tested: nobody waits for another longer
 * than he said, and then his own factory runs.
 */
const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { passDeadline } = require('../helpers/expiry.js');
const { turn } = require('../helpers/flight.js');
const { runProcesses, withProcesses } = require('../helpers/processes.js');
const { startThread } = require('../helpers/shared-threads.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { freshName, withStore } = require('../helpers/shared-names.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HOUR_MS = 3_600_000;
const COUNT = 3000;

/** Runs `body(store, other)` with a process that makes a value under a key, and hangs. */
function withOther(input, body) {
  return withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const other = start('load.hang', { place, key: 'key', ...input });
      return body(store, other);
    }),
  );
}

test('nobody_waits_for_a_process_that_hangs_longer_than_he_said', SLOW, () =>
  withOther({}, async (store, other) => {
    await other.said('running');
    const all = [1, 2].map(() => store.getOrSet('key', () => 'mine', { factoryTimeoutMs: 30 }));
    assert.deepEqual(await Promise.all(all), ['mine', 'mine']);
    assert.equal(store.get('key'), 'mine');
    // What the other makes comes too late to be stored, and is given to who waits there.
    other.tell('give');
    assert.equal(await other.said('given'), 'late');
    assert.equal(store.get('key'), 'mine');
  }),
);

test('the_least_patient_leads', SLOW, () =>
  withOther({}, async (store, other) => {
    await other.said('running');
    const patient = store.getOrSet('key', () => 'patient', { factoryTimeoutMs: HOUR_MS });
    const hasty = store.getOrSet('key', () => 'hasty', { factoryTimeoutMs: 30 });
    assert.deepEqual(await Promise.all([patient, hasty]), ['hasty', 'hasty']);
  }),
);

test('the_functions_of_who_leads_run_in_the_context_of_his_call', SLOW, () =>
  withOther({}, async (store, other) => {
    await other.said('running');
    const als = new AsyncLocalStorage();
    const seen = [];
    const see = (value) => {
      seen.push(als.getStore());
      return value;
    };
    const load = (caller, factoryTimeoutMs) =>
      als.run(caller, () =>
        store.getOrSet('key', () => see(caller), {
          factoryTimeoutMs,
          ttl: () => see(HOUR_MS),
          tags: () => see([]),
        }),
      );
    const all = [load('patient', HOUR_MS), load('hasty', 30)];
    assert.deepEqual(await Promise.all(all), ['hasty', 'hasty']);
    assert.deepEqual(seen, ['hasty', 'hasty', 'hasty']);
  }),
);

for (const [what, options, end] of [
  ['is_given_up', {}, (other) => other.tell('abort')],
  ['takes_too_long', { factoryTimeoutMs: 30 }, () => {}],
]) {
  test(`a_factory_runs_as_soon_as_the_load_of_another_process_${what}`, SLOW, () =>
    withOther({ options }, async (store, other) => {
      await other.said('running');
      const loading = store.getOrSet('key', () => 'mine', { factoryTimeoutMs: Infinity });
      await turn();
      end(other);
      assert.equal(await loading, 'mine');
      assert.equal(
        await other.said('failed'),
        what === 'is_given_up' ? 'AbortError' : 'ERR_FACTORY_TIMEOUT',
      );
    }),
  );
}

test('a_value_that_another_process_makes_in_time_is_given', SLOW, () =>
  withOther({}, async (store, other) => {
    await other.said('running');
    const loading = store.getOrSet('key', () => assert.fail('it is made'), {
      factoryTimeoutMs: Infinity,
    });
    await turn();
    other.tell('give');
    assert.equal(await loading, 'late');
  }),
);

test('a_process_that_was_stopped_keeps_nobody_waiting_twice', SLOW, () =>
  withOther({}, async (store, other) => {
    await other.said('running');
    other.child.kill('SIGSTOP');
    assert.equal(await store.getOrSet('key', () => 'first', { factoryTimeoutMs: 30 }), 'first');
    store.delete('key');
    // It has the claim still, and was waited for once.
    assert.equal(await store.getOrSet('key', () => 'second'), 'second');
    other.child.kill('SIGCONT');
    other.tell('give');
    assert.equal(await other.said('given'), 'late');
    assert.equal(store.get('key'), 'second');
    // Its claim has ended: the next load has it again.
    store.delete('key');
    assert.equal(await store.getOrSet('key', () => 'third'), 'third');
  }),
);

test('who_was_waited_for_in_vain_is_waited_for_again_once_his_claim_has_ended', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const input = { place, key: 'key' };
      const first = start('load.hang', input);
      await first.said('running');
      assert.equal(await store.getOrSet('key', () => 'mine', { factoryTimeoutMs: 30 }), 'mine');
      store.delete('key');
      // Told of the end of the claim after the object that has waited in vain.
      const witness = new SharedStore(place);
      const told = witness.getOrSet('key', () => 'mine', { factoryTimeoutMs: Infinity });
      await turn();
      first.tell('give');
      await told;
      witness.close();
      store.delete('key');
      const second = start('load.hang', input);
      await second.said('running');
      const loading = store.getOrSet('key', () => 'beside', { factoryTimeoutMs: Infinity });
      await turn();
      second.tell('give');
      assert.equal(await loading, 'late');
    }),
  ),
);

test('a_stale_entry_is_renewed_though_the_process_that_renews_it_was_stopped', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      const stale = { ttl: 1, staleMs: HOUR_MS };
      await store.getOrSet('key', () => 'old', stale);
      passDeadline(1);
      const other = start('load.hang', { place, key: 'key', options: stale });
      await other.said('running');
      other.child.kill('SIGSTOP');
      const renewing = { ttl: HOUR_MS, staleMs: HOUR_MS, factoryTimeoutMs: 20 };
      await waitUntil(async () => {
        const value = await store.getOrSet('key', () => 'new', renewing);
        assert.ok(value === 'old' || value === 'new');
        return value === 'new';
      }, 'it is renewed here');
    }),
  ),
);

test('three_thousand_keys_at_once_are_each_made_once_in_each_process', SLOW, () =>
  withProcessStore({}, async (store, place) => {
    store.set('unused', 1);
    const all = await Promise.all([
      runProcesses(2, 'load.many', { place, prefix: 'same', size: COUNT }),
      runProcesses(1, 'load.many', { place, prefix: 'own', size: COUNT }),
    ]);
    for (const { right, stored } of all.flat()) assert.deepEqual([right, stored], [COUNT, COUNT]);
    assert.equal(all[1][0].once, COUNT);
  }),
);

test('three_thousand_keys_at_once_are_each_made_once_in_each_thread', SLOW, () => {
  const name = freshName('many');
  return withStore({ name }, async () => {
    const threads = ['one', 'other'].map((prefix) =>
      startThread('load.many', { place: { name }, prefix, size: COUNT }),
    );
    for (const { result } of threads) {
      assert.deepEqual(await result, { right: COUNT, once: COUNT, stored: COUNT });
    }
  });
});
