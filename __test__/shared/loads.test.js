/**
 * `getOrSet` of a shared store: one flight a key, whoever asks, from whatever object.
 *
 * Must not know how flights are claimed. Invariant tested: a factory runs once for all who wait,
 * and nothing newer is overwritten.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { passDeadline } = require('../helpers/expiry.js');
const { heldFactory, turn } = require('../helpers/flight.js');
const { freshName, withStore } = require('../helpers/shared-names.js');
const { runThreads, startThread, terminate } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { REMOVALS, WRITES } = require('../programs/shared-load-tasks.js');

/** A factory that is ended from outside, and counts its runs. */
function controlled() {
  const made = { runs: 0 };
  made.ended = new Promise((resolve) => (made.end = resolve));
  made.factory = () => {
    made.runs += 1;
    return made.ended;
  };
  return made;
}

test('it_gives_what_is_there', () =>
  withStore({}, async (store) => {
    store.set('key', { a: 1 });
    assert.deepEqual(await store.getOrSet('key', () => assert.fail('not needed')), { a: 1 });
  }));

test('undefined_that_is_stored_is_there', () =>
  withStore({}, async (store) => {
    store.set('key', undefined);
    assert.equal(await store.getOrSet('key', () => 'made'), undefined);
  }));

test('it_stores_what_is_made', () =>
  withStore({}, async (store) => {
    assert.deepEqual(await store.getOrSet('key', (key) => ({ key })), { key: 'key' });
    assert.deepEqual(store.get('key'), { key: 'key' });
    assert.equal(store.ttl('key'), Infinity);
  }));

test('a_factory_runs_once_for_all_who_wait', () =>
  withStore({}, async (store) => {
    const made = controlled();
    const all = Array.from({ length: 20 }, () => store.getOrSet('key', made.factory));
    await turn();
    made.end('value');
    assert.deepEqual(new Set(await Promise.all(all)), new Set(['value']));
    assert.equal(made.runs, 1);
  }));

test('a_factory_runs_once_for_two_objects_of_one_thread', () =>
  withStore({}, async (store) => {
    store.set('unused', 1);
    const name = freshName('two');
    const [one, other] = [new SharedStore({ name }), new SharedStore({ name })];
    const made = controlled();
    const both = [one.getOrSet('key', made.factory), other.getOrSet('key', made.factory)];
    await turn();
    made.end('value');
    assert.deepEqual(await Promise.all(both), ['value', 'value']);
    one.close();
    other.close();
    assert.equal(made.runs, 1);
  }));

test('a_rejection_is_not_stored', () =>
  withStore({}, async (store) => {
    await assert.rejects(
      store.getOrSet('key', async () => {
        throw new Error('on purpose');
      }),
      /on purpose/,
    );
    assert.equal(store.has('key'), false);
    assert.equal(await store.getOrSet('key', () => 'again'), 'again');
  }));

for (const [what, write, left] of [
  ['set', (store) => store.set('key', 'newer'), 'newer'],
  ['add', (store) => store.add('key', 'newer'), 'newer'],
  ['increment', (store) => store.increment('key'), 1],
  ['compareAndSet', (store) => store.compareAndSet('key', undefined, 'newer'), 'newer'],
  ['delete', (store) => store.delete('key'), undefined],
  ['clear', (store) => store.clear(), undefined],
]) {
  test(`a_newer_${what}_of_this_object_stays`, () =>
    withStore({}, async (store) => {
      const made = controlled();
      const loading = store.getOrSet('key', made.factory);
      await turn();
      write(store);
      made.end('older');
      assert.equal(await loading, 'older');
      assert.equal(store.get('key'), left);
    }));
}

test('a_newer_write_of_another_object_stays', () =>
  withStore({}, async (store) => {
    store.set('unused', 1);
    const name = freshName('two');
    const [one, other] = [new SharedStore({ name }), new SharedStore({ name })];
    const made = controlled();
    const loading = one.getOrSet('key', made.factory);
    await turn();
    other.set('key', 'newer');
    made.end('older');
    await loading;
    assert.equal(one.get('key'), 'newer');
    one.close();
    other.close();
  }));

test('a_result_lives_for_the_ttl_of_the_call', () =>
  withStore({}, async (store) => {
    await store.getOrSet('key', () => 1, 1);
    await store.getOrSet('other', () => 1, { ttl: (value) => value * 60_000 });
    passDeadline(1);
    assert.equal(store.get('key'), undefined);
    assert.ok(store.ttl('other') <= 60_000);
  }));

test('a_result_lives_for_the_ttl_of_the_store', () =>
  withStore({ ttl: 60_000 }, async (store) => {
    await store.getOrSet('key', () => 1);
    assert.ok(store.ttl('key') <= 60_000);
  }));

test('a_computed_ttl_of_0_stores_nothing', () =>
  withStore({}, async (store) => {
    assert.equal(await store.getOrSet('key', () => 1, { ttl: () => 0 }), 1);
    assert.equal(store.has('key'), false);
  }));

test('a_signal_gives_up_and_stops_the_factory', () =>
  withStore({}, async (store) => {
    const abort = new AbortController();
    let signal;
    const factory = (_key, context) => {
      signal = context.signal;
      return new Promise(() => {});
    };
    const loading = store.getOrSet('key', factory, { signal: abort.signal });
    await turn();
    abort.abort(new Error('given up'));
    await assert.rejects(loading, /given up/);
    assert.equal(signal.aborted, true);
  }));

test('a_flight_that_was_given_up_is_in_nobodys_way', () =>
  withStore({}, async (store) => {
    const abort = new AbortController();
    const loading = store.getOrSet('key', () => new Promise(() => {}), { signal: abort.signal });
    await turn();
    abort.abort(new Error('given up'));
    await assert.rejects(loading, /given up/);
    assert.equal(await store.getOrSet('key', () => 'made'), 'made');
  }));

test('a_stale_value_is_given_and_renewed', () =>
  withStore({}, async (store) => {
    const options = { ttl: 1, staleMs: 60_000 };
    assert.equal(await store.getOrSet('key', () => 'first', options), 'first');
    passDeadline(1);
    assert.equal(await store.getOrSet('key', () => 'second', options), 'first');
    await turn();
    assert.equal(store.get('key'), 'second');
  }));

test('a_renewal_does_not_overwrite_what_was_set_since', () =>
  withStore({}, async (store) => {
    store.set('unused', 1);
    const name = freshName('two');
    const [one, other] = [new SharedStore({ name }), new SharedStore({ name })];
    const options = { ttl: 1, staleMs: 60_000 };
    await one.getOrSet('key', () => 'first', options);
    passDeadline(1);
    const made = controlled();
    await one.getOrSet('key', made.factory, options);
    await turn();
    assert.equal(made.runs, 1);
    // Newer, though it lives for a shorter time than what is stale.
    other.set('key', 'newer', 30_000);
    made.end('renewed');
    await turn();
    await turn();
    assert.equal(one.get('key'), 'newer');
    one.close();
    other.close();
  }));

for (const how of Object.keys(WRITES)) {
  for (const [what, made] of [
    ['overwrite', { by: 'the renewal' }],
    ['remove', undefined],
  ]) {
    test(`a_renewal_does_not_${what}_a_newer_${how}_of_another_thread`, SLOW, () => {
      const name = freshName('kept');
      return withStore({ name }, async (store) => {
        const options = { ttl: 1, staleMs: 3_600_000 };
        await store.getOrSet('key', () => ({ by: 'the first' }), options);
        passDeadline(1);
        const { factory, runs } = heldFactory();
        await store.getOrSet('key', factory, options);
        await turn();
        const [newer] = await runThreads(1, 'load.write', { place: { name }, key: 'key', how });
        runs[0].resolve(made);
        await turn();
        await turn();
        assert.deepEqual(store.get('key'), newer);
      });
    });
  }
}

/**
 * A test of `body(store, load, act)`: `load` is one that runs, `{ given, end }`, and `act(task)`
 * has another thread do it.
 */
function removalTest(name, { how, space }, body) {
  const where = space === undefined ? '' : ' in a namespace';
  test(`${name}${where}`, SLOW, () => {
    const place = { name: freshName('removed') };
    return withStore(place, async (whole) => {
      const store = space === undefined ? whole : whole.namespace(space);
      const { factory, runs } = heldFactory();
      const given = store.getOrSet('key', factory);
      await turn();
      const load = { given, end: () => runs[0].resolve('older') };
      const act = async (task) => {
        const [result] = await runThreads(1, task, { place, space, key: 'key', how });
        return result;
      };
      await body(store, load, act);
      assert.equal(await given, 'older');
    });
  });
}

for (const how of Object.keys(REMOVALS)) {
  for (const space of [undefined, 'part']) {
    const test = (name, body) => removalTest(name, { how, space }, body);

    test(`what_is_made_before_a_${how}_elsewhere_is_not_stored`, async (store, load, act) => {
      // Another key of it, which is not removed.
      const { factory, runs } = heldFactory();
      const beside = store.getOrSet('other', factory);
      await turn();
      assert.equal(await act('load.remove'), false);
      load.end();
      runs[0].resolve('made');
      assert.deepEqual(await Promise.all([load.given, beside]), ['older', 'made']);
      assert.equal(store.has('key'), false);
      // Of which keys a removal is that knows none, nobody can say.
      const isKept = how !== 'clear' && how !== 'deleteWhere';
      if (isKept) assert.equal(store.get('other'), 'made');
    });

    test(`who_asks_after_a_${how}_of_another_thread_does_not_join`, async (store, load, act) => {
      await act('load.remove');
      assert.equal(await store.getOrSet('key', () => 'fresh'), 'fresh');
      load.end();
      await load.given;
      assert.equal(store.get('key'), 'fresh');
    });

    // Whose keys are in a namespace that is cleared, only those know who make them.
    if (how === 'clear' && space !== undefined) continue;

    test(`who_makes_anew_after_a_${how}_waits_for_no_load_before_it`, async (store, load, act) => {
      assert.equal(await act('load.remake'), 'newer');
      load.end();
      await load.given;
      assert.equal(store.get('key'), 'newer');
    });
  }
}

test('a_renewal_of_what_another_thread_removes_stores_nothing', SLOW, () => {
  const name = freshName('removed');
  return withStore({ name }, async (store) => {
    const options = { ttl: 1, staleMs: 3_600_000 };
    await store.getOrSet('key', () => 'first', options);
    passDeadline(1);
    const { factory, runs } = heldFactory();
    assert.equal(await store.getOrSet('key', factory, options), 'first');
    await turn();
    const given = { place: { name }, key: 'key', how: 'delete' };
    assert.deepEqual(await runThreads(1, 'load.remove', given), [false]);
    runs[0].resolve('renewed');
    await turn();
    await turn();
    assert.equal(store.has('key'), false);
    assert.equal(await store.getOrSet('key', () => 'again', options), 'again');
    assert.equal(store.get('key'), 'again');
  });
});

test('what_is_made_before_a_write_elsewhere_is_not_stored_though_that_is_gone', SLOW, () => {
  const place = { name: freshName('written') };
  return withStore(place, async (store) => {
    const { factory, runs } = heldFactory();
    const older = store.getOrSet('key', factory);
    await turn();
    assert.deepEqual(await runThreads(1, 'load.writeInVain', { place, key: 'key' }), [false]);
    runs[0].resolve('older');
    assert.equal(await older, 'older');
    assert.equal(store.has('key'), false);
  });
});

test('a_load_that_makes_nothing_keeps_nobody_waiting_for_one_before_it', SLOW, () => {
  const place = { name: freshName('removed') };
  return withStore(place, async (store) => {
    const { factory, runs } = heldFactory();
    const older = store.getOrSet('key', factory);
    await turn();
    await runThreads(1, 'load.remove', { place, key: 'key', how: 'delete' });
    assert.equal(await store.getOrSet('key', () => undefined), undefined);
    assert.deepEqual(await runThreads(1, 'load.make', { place, key: 'key' }), ['newer']);
    runs[0].resolve('older');
    assert.equal(await older, 'older');
    assert.equal(store.get('key'), 'newer');
  });
});

test('a_load_that_waited_does_not_undo_that_another_is_overtaken', SLOW, () => {
  const place = { name: freshName('removed') };
  return withStore(place, async (store) => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const leader = startThread('load.lead', { place, key: 'key' });
    const remover = startThread('load.removeInTurn', { place, key: 'key', words });
    await Promise.all([leader.said('running'), remover.said('ready')]);
    const [waiting, leading] = [heldFactory(), heldFactory()];
    const first = store.getOrSet('key', waiting.factory);
    await turn();
    store.delete('key');
    const second = store.getOrSet('key', leading.factory);
    assert.deepEqual([waiting.runs.length, leading.runs.length], [0, 1]);
    // Before the first has its turn.
    Atomics.store(words, 0, 1);
    Atomics.notify(words, 0);
    assert.notEqual(Atomics.wait(words, 1, 0, 10_000), 'timed-out');
    await waitUntil(() => waiting.runs.length === 1);
    leading.runs[0].resolve('older');
    assert.equal(await second, 'older');
    assert.equal(store.has('key'), false);
    waiting.runs[0].resolve('made');
    assert.equal(await first, 'made');
    await terminate(leader);
  });
});

test('a_factory_may_close_the_store', () =>
  withStore({}, async (store) => {
    const loading = store.getOrSet('key', () => {
      store.close();
      return 'made';
    });
    assert.equal(await loading, 'made');
  }));

test('what_cannot_be_copied_is_given_to_all_as_it_is', () =>
  withStore({}, async (store) => {
    const made = { act: () => 1 };
    const all = [1, 2].map(() => store.getOrSet('key', async () => made));
    assert.deepEqual(await Promise.all(all), [made, made]);
  }));

test('a_frozen_store_gives_what_is_frozen', () =>
  withStore({ reads: 'frozen' }, async (store) => {
    const made = { a: [1] };
    assert.ok(Object.isFrozen((await store.getOrSet('key', () => made)).a));
    assert.equal(Object.isFrozen(made), false);
    assert.ok(Object.isFrozen((await store.getOrSet('key', () => 1)).a));
  }));
