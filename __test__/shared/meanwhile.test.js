/**
 * What happens to a shared store between two steps of one call, by others or by the caller's code.
 *
 * Must not know how the facade is built, but for the native functions that hold a call up.
 * Invariant tested: what a call gives and leaves could have come of calls one after another.
 */
const assert = require('node:assert/strict');
const { setImmediate: turn } = require('node:timers/promises');
const { describe, test } = require('node:test');
const v8 = require('node:v8');
const { NodeShareCache, SharedStore, createStore } = require('../../index.js');
const { Register } = require('../../lib/native/contract.js');
const native = require('../../lib/native/loader.js');
const { heldFactory } = require('../helpers/flight.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { freshName, withStore } = require('../helpers/shared-names.js');
const { startThread } = require('../helpers/shared-threads.js');
const { withCache } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** If the machine stops for so long, what a test shows is not met. */
const SHORT_MS = 50;
const closed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' };

/** A place that two objects of this thread know, and what another thread answers there. */
const inThread = (task, input) => startThread(`meanwhile.${task}`, input).result;

describe('an entry that expires', () => {
  test('while it is compared is not set again', () =>
    withStore({}, (store) => {
      store.set('key', { a: 1 }, SHORT_MS);
      const slow = {
        get a() {
          passDeadline(SHORT_MS);
          assert.equal(store.get('key'), undefined);
          return 1;
        },
      };
      // Somebody has seen that it is gone, so it cannot have been replaced before.
      assert.equal(store.compareAndSet('key', slow, 'new'), false);
      assert.equal(store.get('key'), undefined);
    }));
});

describe('a replacement of nothing', () => {
  test('needs no room', () =>
    withStore({ maxEntries: 1 }, (store) => {
      store.set('key', 1);
      assert.equal(store.replace('other', 2), false);
    }));

  test('drops nothing', () =>
    withStore({ maxEntries: 1, whenFull: 'evict' }, (store) => {
      store.set('key', 1);
      assert.equal(store.replace('other', 2), false);
      assert.equal(store.get('key'), 1);
    }));
});

describe('closed', () => {
  test('by its factory, a store still gives what was made, of whatever shape', async () => {
    const store = new SharedStore({ name: freshName() });
    const made = { never: 1, seen: 2, before: 3 };
    const given = store.getOrSet('key', async () => {
      store.close();
      return made;
    });
    assert.equal(await given, made);
  });

  test('by a value, a store refuses, whatever shape that has', () => {
    const store = new SharedStore({ name: freshName() });
    const value = {
      get shape() {
        store.close();
        return 1;
      },
    };
    assert.throws(() => store.set('key', value), { ...closed, message: /^set\(\) / });
  });

  test('a store writes nothing into one that was opened since', async () => {
    const [one, name] = [new SharedStore({ name: freshName() }), freshName()];
    one.set('key', { a: 1 });
    let next;
    await one.getOrSet('made', async () => {
      one.close();
      next = new SharedStore({ name });
      next.set('key', { x: 1, y: 2 });
      return { p: 1, q: 2 };
    });
    assert.deepEqual(await inThread('read', { name, key: 'key' }), { x: 1, y: 2 });
    const values = {
      get r() {
        next.close();
        next = new SharedStore({ name });
        next.set('key', { s: 1, t: 2 });
        return 1;
      },
    };
    assert.throws(() => next.set('other', values), closed);
    assert.deepEqual(await inThread('read', { name, key: 'key' }), { s: 1, t: 2 });
    next.close();
  });

  test('in the midst of a walk, a store refuses to go on, wherever it is', () => {
    for (const count of [1, 256, 300, 512]) {
      const store = new SharedStore({ name: freshName() });
      for (let key = 0; key < 4000; key += 1) store.set(key, key);
      const { sharedScan } = native;
      let listed = 0;
      native.sharedScan = (...given) => {
        const step = sharedScan(...given);
        listed += step.length - 1;
        return step;
      };
      let seen = 0;
      const walk = () => {
        for (const _ of store) {
          seen += 1;
          // At the end of the first step, too: the next look is for keys.
          if (seen === Math.min(count, listed)) store.close();
        }
      };
      try {
        assert.throws(walk, closed);
      } finally {
        native.sharedScan = sharedScan;
      }
    }
  });

  test('by a pattern, a store of createStore refuses', () => {
    const store = createStore(freshName());
    const pattern = /a/;
    Object.defineProperty(pattern, 'source', {
      get() {
        store.close();
        return 'a';
      },
    });
    assert.throws(() => store.listKeys(pattern), closed);
  });
});

describe('while a value is made,', () => {
  for (const remove of ['delete', 'clear']) {
    test(`a ${remove} by createStore of the same thread is seen`, async () => {
      const name = freshName();
      const [store, named] = [new SharedStore({ name }), createStore(name)];
      const value = await store.getOrSet('key', () => {
        named[remove]('key');
        return 'old';
      });
      assert.deepEqual([value, store.get('key')], ['old', undefined]);
      named.close();
      store.close();
    });
  }

  test('what another thread adds to a number is not overwritten', SLOW, async () => {
    const name = freshName();
    const store = new SharedStore({ name });
    const { factory, runs } = heldFactory();
    const options = { ttl: 1, staleMs: 2 * HOUR_MS };
    await store.getOrSet('key', () => 5, options);
    passDeadline(1);
    assert.equal(await store.getOrSet('key', factory, options), 5);
    assert.equal(await inThread('increment', { name, key: 'key' }), 6);
    runs[0].resolve(0);
    await turn();
    await turn();
    assert.equal(store.get('key'), 6);
    store.close();
  });

  test('what was renewed before the claim was had is not made again', async () => {
    const name = freshName();
    const store = new SharedStore({ name });
    await store.getOrSet('key', () => 'stale', { ttl: 1, staleMs: HOUR_MS });
    passDeadline(1);
    const { claimLoad } = native;
    const id = native.openShared(name, -1, -1, -1);
    native.claimLoad = (...given) => {
      // As by another thread, which held the claim until now.
      native.registers[Register.TTL_MS] = 2 * HOUR_MS;
      native.sharedTouch(id, 'key');
      return claimLoad(...given);
    };
    let runs = 0;
    try {
      const factory = () => {
        runs += 1;
      };
      const options = { ttl: HOUR_MS, staleMs: HOUR_MS };
      assert.equal(await store.getOrSet('key', factory, options), 'stale');
      await turn();
    } finally {
      native.claimLoad = claimLoad;
      native.closeShared(id);
    }
    assert.equal(runs, 0);
    store.close();
  });
});

describe('taken', () => {
  test('an entry that cannot be read stays', () =>
    withStore({}, (store) => {
      const { deserialize } = v8;
      store.set('key', new Map([[1, 2]]));
      v8.deserialize = () => {
        throw new Error('of another engine');
      };
      try {
        assert.throws(() => store.take('key'), { code: /^ERR_(CORRUPTED|UNSUPPORTED_PLATFORM)$/ });
      } finally {
        v8.deserialize = deserialize;
      }
      assert.deepEqual(store.take('key'), new Map([[1, 2]]));
      assert.equal(store.has('key'), false);
    }));

  test('an entry that is replaced while it is read is taken as it is then', () =>
    withStore({}, (store) => {
      store.set('key', new Map([[1, 2]]));
      const { deserialize } = v8;
      v8.deserialize = (bytes) => {
        v8.deserialize = deserialize;
        store.set('key', { a: 1 });
        return deserialize(bytes);
      };
      assert.deepEqual(store.take('key'), { a: 1 });
      assert.equal(store.take('key'), undefined);
    }));
});

test('nobody sets what is locked, however shortly before it was free', SLOW, async () => {
  const name = freshName();
  const store = createStore(name);
  store.set('key', 0);
  const thread = startThread('meanwhile.setUntilStopped', { name, key: 'key' });
  while (store.get('key', true) === 0);
  let changes = 0;
  for (let time = 0; time < 100_000; time += 1) {
    assert.ok(store.lock('key', 60_000));
    const before = store.get('key', true);
    let work = 0;
    for (let step = 0; step < 300; step += 1) work += step;
    if (store.get('key', true) !== before || work === 0) changes += 1;
    store.release('key');
  }
  store.set('stop', true);
  await thread.result;
  store.close();
  assert.equal(changes, 0);
});

test('a cache has the limit that is there, or the one of a new cache', () =>
  withCache((cache, path) => {
    cache.setMaxSize(64 * 1024 ** 2);
    const limit = cache.stats().maxBytes;
    // Opened by its path anew, not by what this thread has open.
    const { isNamed, openFile } = native;
    const usual = 800 * 1024 ** 2;
    let calls = 0;
    native.isNamed = () => 0;
    native.openFile = (...given) => {
      calls += 1;
      const id = openFile(...given);
      if (calls === 1 && id < 0) cache.destroy();
      return id;
    };
    let next;
    try {
      next = new NodeShareCache('cache', undefined, false, { path });
    } finally {
      Object.assign(native, { isNamed, openFile });
    }
    assert.ok([limit, usual].includes(next.stats().maxBytes), `${next.stats().maxBytes}`);
    next.close();
  }));
