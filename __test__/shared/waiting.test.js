/**
 * Waits for claims of others within a process: threads that end, stores that close, full tables.
 *
 * Must not know how a wait is woken. Invariant tested: a wait ends with what it waits for, with its
 * time, or with its store; and a table without a place refuses nobody.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { freshName, withStore } = require('../helpers/shared-names.js');
const { startThread, terminate } = require('../helpers/shared-threads.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** More than there are places for, in either table. */
const MANY = 12_000;
const keys = Array.from({ length: MANY }, (_, index) => `key-${index}`);

describe('a thread that waits may be terminated', () => {
  for (const round of [1, 2, 3]) {
    test(`round ${round}`, SLOW, async () => {
      const place = { name: freshName('waiting') };
      await withStore(place, async (store) => {
        store.lock('a');
        const waiting = [1, 2, 3].map(() =>
          startThread('waiting.waitForBoth', { place, key: 'a' }),
        );
        await Promise.all(waiting.map((thread) => thread.said('waiting')));
        // Told while it ends.
        const ended = waiting.map((thread) => terminate(thread));
        store.release('a');
        await Promise.all(ended);
        assert.equal(await store.withLock('a', () => 'had it', 60_000), 'had it');
      });
    });
  }
});

test('a store that closes ends the waits of its objects', SLOW, async () => {
  const name = freshName('waiting');
  const holder = startThread('waiting.holdBoth', { place: { name }, key: 'a' });
  await holder.said('held');
  const store = new SharedStore({ name });
  const lock = store.withLock('a', () => 'had it', 60_000);
  const load = store.getOrSet('a-load', () => 'made here');
  store.close();
  await assert.rejects(lock, { code: 'ERR_STORE_CLOSED' });
  await assert.rejects(load, { code: 'ERR_STORE_CLOSED' });
  await terminate(holder);
});

test('many waits that time out leave nothing behind', SLOW, async () => {
  const name = freshName('waiting');
  const holder = startThread('waiting.holdBoth', { place: { name }, key: 'a' });
  await holder.said('held');
  const store = new SharedStore({ name });
  for (let round = 0; round < 20; round += 1) {
    const waits = [0, 1, 2].map((ms) => store.withLock('a', () => 'had it', ms));
    const late = { code: 'ERR_LOCK_TIMEOUT' };
    await Promise.all(waits.map((wait) => assert.rejects(wait, late)));
  }
  const lock = store.withLock('a', () => 'had it', 60_000);
  await terminate(holder);
  assert.equal(await lock, 'had it');
  store.close();
});

test('more loads at once than there are places for claims all run', SLOW, () =>
  withStore({}, async (store) => {
    let runs = 0;
    let go;
    const gate = new Promise((resolve) => {
      go = resolve;
    });
    const loads = keys.map((key) =>
      store.getOrSet(key, async () => {
        runs += 1;
        await gate;
        return key;
      }),
    );
    go();
    assert.deepEqual(await Promise.all(loads), keys);
    assert.equal(runs, MANY);
    assert.equal(store.size(), MANY);
    assert.equal(await store.getOrSet(keys[0], () => 'again'), keys[0]);
  }),
);

test('a lock without a place is waited for, and says so when it is too late', SLOW, () =>
  withStore({}, async (store) => {
    const locked = keys.filter((key) => store.lock(key, 0));
    assert.ok(locked.length > 4000 && locked.length < MANY, `${locked.length} locks`);
    const had = new Set(locked);
    const key = keys.find((one) => !had.has(one));
    await assert.rejects(
      store.withLock(key, () => 'had it', 20),
      { code: 'ERR_LOCK_TIMEOUT', message: /all places of the store for locks are taken/ },
    );
    assert.equal(
      store.update(key, () => 'updated'),
      'updated',
    );
    const late = store.withLock(key, () => 'had it', 60_000);
    for (const one of locked) store.release(one);
    assert.equal(await late, 'had it');
  }),
);
