/**
 * The end of a store's name, and caches that are emptied, while others have them open.
 *
 * Must not know how a name is kept. Invariant tested: who has a store open goes on with it until it
 * closes it, and whoever opens the name after `destroy` gets a new, empty one.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { NodeShareCache, SharedStore, createStore } = require('../../index.js');
const { withProcesses } = require('../helpers/processes.js');
const { freshName } = require('../helpers/shared-names.js');
const { startThread } = require('../helpers/shared-threads.js');
const { filesIn, withCache, withFolder, withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const closed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };

/** Runs `body(place)` with a place of each scope. */
const inBothScopes = (body) => {
  test('threads', SLOW, () => body({ name: freshName('destroy'), scope: 'threads' }));
  test('processes', SLOW, () =>
    withFolder((path) => body({ name: 'destroy', scope: 'processes', path })),
  );
};

describe('a store that was destroyed is closed, again and again', () => {
  inBothScopes((place) => {
    const store = new SharedStore(place);
    store.set('key', 1);
    for (let time = 0; time < 3; time += 1) assert.equal(store.destroy(), undefined);
    assert.throws(() => store.get('key'), closed);
    store.close();
  });
});

describe('whoever opens the name then gets a new store', () => {
  inBothScopes((place) => {
    for (let time = 0; time < 20; time += 1) {
      const store = new SharedStore({ ...place, maxEntries: time + 1 });
      assert.equal(store.size(), 0);
      store.set('key', time);
      store.destroy();
    }
  });
});

describe('another object of the thread goes on', () => {
  inBothScopes((place) => {
    const [one, other] = [new SharedStore(place), new SharedStore(place)];
    one.set('key', 'old');
    one.destroy();
    assert.equal(other.get('key'), 'old');
    const next = new SharedStore(place);
    assert.equal(next.get('key'), undefined);
    next.set('key', 'new');
    other.set('more', 'old');
    assert.deepEqual([other.get('key'), next.get('more')], ['old', undefined]);
    // It has no name any more that it could take from the next one.
    other.destroy();
    const again = new SharedStore(place);
    assert.equal(again.get('key'), 'new');
    for (const store of [next, again]) store.close();
  });
});

describe('a store that was closed destroys nothing', () => {
  inBothScopes((place) => {
    const [store, other] = [new SharedStore(place), new SharedStore(place)];
    other.set('key', 1);
    store.close();
    store.destroy();
    const again = new SharedStore(place);
    assert.equal(again.get('key'), 1);
    for (const one of [other, again]) one.close();
  });
});

test('the_object_of_createStore_is_that_of_the_store_that_is_there', () => {
  const name = freshName('destroy');
  const named = createStore(name);
  named.set('key', 'old');
  new SharedStore({ name }).destroy();
  assert.equal(named.get('key'), 'old');
  const next = createStore(name);
  assert.notEqual(next, named);
  assert.equal(next.get('key'), undefined);
  assert.equal(createStore(name), next);
  named.close();
  assert.equal(createStore(name), next);
  next.close();
});

test('another_thread_gets_the_new_store_too', SLOW, async () => {
  const name = freshName('destroy');
  const [store, other] = [new SharedStore({ name }), new SharedStore({ name })];
  store.set('key', 'old');
  store.destroy();
  const next = new SharedStore({ name });
  next.set('key', 'new');
  assert.deepEqual(await startThread('hot.look', { name, keys: ['key'] }).result, ['new']);
  other.close();
  next.close();
});

test('a_file_is_gone_with_its_name', () =>
  withProcessStore({}, (store, place) => {
    assert.equal(filesIn(place.path).length, 1);
    store.destroy();
    assert.deepEqual(filesIn(place.path), []);
  }));

test('another_process_goes_on_with_a_store_that_was_destroyed', SLOW, () =>
  withProcessStore({}, (store, place) =>
    withProcesses(async (start) => {
      store.set('key', 'old');
      const other = start('process.keep', { place });
      assert.equal(await other.said('open'), 'old');
      store.destroy();
      const next = new SharedStore(place);
      assert.equal(next.get('key'), undefined);
      other.tell('set');
      await other.said('set');
      assert.equal(next.get('key'), undefined);
      const third = start('process.keep', { place });
      assert.equal(await third.said('open'), undefined);
      next.set('key', 'new');
      for (const [process, value] of [
        [other, 'of the other'],
        [third, 'of the other'],
      ]) {
        process.tell('set');
        await process.said('set');
        process.tell('look');
        assert.equal(await process.result, value);
      }
      assert.equal(next.get('key'), 'of the other');
      next.close();
    }),
  ),
);

test('a_cache_that_is_renewed_is_empty_for_a_process_that_goes_on', SLOW, () =>
  withCache((cache, folder) =>
    withProcesses(async (start) => {
      const other = start('process.cache', { folder, sets: 'old' });
      assert.equal(await other.said('open'), 'old');
      assert.equal(cache.get('key'), 'old');
      const renewed = new NodeShareCache('cache', undefined, true, { path: folder });
      assert.equal(cache.get('key'), undefined);
      renewed.set('key', 'new', 3_600_000);
      assert.equal(cache.get('key'), 'new');
      other.tell('look');
      // One and the same cache as before.
      assert.equal(await other.result, 'new');
      renewed.close();
    }),
  ),
);

test('processes_renew_and_destroy_what_others_use_all_the_time', { timeout: 600_000 }, () =>
  withCache((cache, folder) =>
    withProcesses(async (start) => {
      const place = { name: 'cache', scope: 'processes', path: folder, whenFull: 'evict' };
      const users = [1, 2].map((seed) => start('hot.forEver', { ...place, seed }));
      await Promise.all(users.map((user) => user.said('busy')));
      for (let round = 0; round < 100; round += 1) {
        const one = new NodeShareCache('cache', 1, true, { path: folder });
        one.set('mine', { round }, 3_600_000);
        const found = one.get('mine');
        // The users empty it, too.
        if (found !== undefined) assert.deepEqual(found, { round });
        if (round % 2 === 0) one.destroy();
        else one.close();
      }
      for (const user of users) {
        assert.equal(user.child.exitCode, null);
        assert.deepEqual(await user.end('SIGKILL'), { code: null, signal: 'SIGKILL' });
      }
      cache.destroy();
    }),
  ),
);
