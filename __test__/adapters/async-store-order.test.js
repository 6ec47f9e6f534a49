/**
 * The order of calls on the async `MemoryStore`, and its atomic `update`.
 *
 * Must not know how calls wait. Invariant tested: the calls on one key take effect in call order,
 * and no key waits for another.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { setImmediate: turn } = require('node:timers/promises');
const { Script } = require('node:vm');
const { MemoryStore } = require('shared-memory-store/memory-store');
const { KeyQueue } = require('../../lib/loads/key-queue.js');
const { deferred } = require('../helpers/deferred.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { withFile } = require('../helpers/snapshot-files.js');
const { untilCollected, weakly } = require('../helpers/weak-references.js');

const UPDATES = 200;

async function opened(options) {
  const store = new MemoryStore(options);
  await store.set('a', 1);
  return store;
}

/** A store whose key `a` (1) has an update under way, which gives 2 after `finish()`. */
async function updating() {
  const store = await opened();
  const gate = deferred();
  const updated = store.update('a', async (value) => {
    await gate.promise;
    return value + 1;
  });
  return { store, updated, finish: gate.resolve };
}

/** What nobody handles of what rejects while something is done. */
async function unhandledIn(act) {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  await act();
  await turn();
  await turn();
  process.off('unhandledRejection', note);
  return unhandled;
}

describe('update:', () => {
  test('it stores what change gives', async () => {
    const store = await opened();
    assert.equal(await store.update('a', (value) => value + 1), 2);
    assert.equal(await store.get('a'), 2);
  });

  test('change may be async', async () => {
    const store = await opened();
    assert.equal(await store.update('a', async (value) => value + 1), 2);
    assert.equal(await store.get('a'), 2);
  });

  test('undefined leaves the value as it is', async () => {
    const store = await opened();
    assert.equal(await store.update('a', () => undefined), 1);
    assert.equal(await store.get('a'), 1);
  });

  test('null is a value', async () => {
    const store = await opened();
    assert.equal(await store.update('a', () => null), null);
    assert.equal(await store.get('a'), null);
  });

  test('without an entry change gets undefined, and makes one', async () => {
    const store = new MemoryStore();
    const given = [];
    const change = (value) => {
      given.push(value);
      return 1;
    };
    assert.equal(await store.update('a', change), 1);
    assert.deepEqual([given, await store.get('a')], [[undefined], 1]);
  });

  test('undefined makes no entry', async () => {
    const store = new MemoryStore();
    assert.equal(await store.update('a', () => undefined), undefined);
    assert.equal(await store.has('a'), false);
  });

  test('what change throws rejects, and nothing has changed', async () => {
    const store = await opened();
    const thrown = new Error('thrown');
    const change = () => {
      throw thrown;
    };
    await assert.rejects(store.update('a', change), thrown);
    assert.equal(await store.get('a'), 1);
  });

  test('what change rejects with rejects, and nothing has changed', async () => {
    const store = await opened();
    const thrown = new Error('thrown');
    await assert.rejects(
      store.update('a', () => Promise.reject(thrown)),
      thrown,
    );
    assert.equal(await store.get('a'), 1);
  });

  test('a failed update does not stop the next', async () => {
    const store = await opened();
    const failed = store.update('a', () => Promise.reject(new Error('thrown')));
    const updated = store.update('a', (value) => value + 1);
    await assert.rejects(failed);
    assert.deepEqual([await updated, await store.get('a')], [2, 2]);
  });

  test('concurrent updates are all applied', async () => {
    const store = await opened();
    const add = async (value) => {
      await null;
      return value + 1;
    };
    await Promise.all(Array.from({ length: UPDATES }, () => store.update('a', add)));
    assert.equal(await store.get('a'), UPDATES + 1);
  });

  test('it keeps a deadline', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, 20);
    // On a machine that stood still it has gone, and nothing is made.
    await store.update('a', (value) => (value === undefined ? undefined : value + 1));
    passDeadline(20);
    assert.equal(await store.has('a'), false);
  });

  test('many updates keep a deadline', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, 20);
    const until = performance.now() + 25;
    // Once it has gone, the function is given nothing, and makes nothing.
    const change = (value) => (value === undefined ? undefined : value + 1);
    while (performance.now() < until) await store.update('a', change);
    assert.equal(await store.has('a'), false);
  });

  test('no global clock is looked at, so fake timers end nothing', async () => {
    const store = new MemoryStore();
    const own = Object.getOwnPropertyDescriptor(performance, 'now');
    const fake = { value: () => 2 ** 50, configurable: true, writable: true };
    Object.defineProperty(performance, 'now', fake);
    try {
      await store.set('a', 1, HOUR_MS);
      await store.update('a', (value) => value + 1);
    } finally {
      if (own) Object.defineProperty(performance, 'now', own);
      else delete performance.now;
    }
    assert.equal(await store.get('a'), 2);
  });

  test('it keeps the deadline of a touch', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, HOUR_MS);
    await store.touch('a', 20);
    // On a machine that stood still it has gone, and nothing is made.
    await store.update('a', (value) => (value === undefined ? undefined : value + 1));
    passDeadline(20);
    assert.equal(await store.has('a'), false);
  });

  test('it keeps the ttl of a set where the store has another', async () => {
    const store = new MemoryStore({ ttl: 1 });
    await store.set('a', 1, HOUR_MS);
    await store.update('a', (value) => value + 1);
    passDeadline(1);
    assert.equal(await store.get('a'), 2);
  });

  test('an entry that expires while change runs stays away', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, 20);
    const given = [];
    const updated = await store.update('a', (value) => {
      given.push(value);
      passDeadline(20);
      return value === undefined ? undefined : 2;
    });
    assert.deepEqual([given, updated], [[1, undefined], undefined]);
    assert.equal(await store.has('a'), false);
  });

  test('an entry that is evicted while change runs stays away', async () => {
    const store = await opened({ maxEntries: 1 });
    const given = [];
    const updated = await store.update('a', async (value) => {
      given.push(value);
      await store.set('b', 1);
      return value === undefined ? undefined : 2;
    });
    assert.deepEqual([given, updated], [[1, undefined], undefined]);
    assert.equal(await store.has('a'), false);
  });
});

describe('order:', () => {
  test('calls on one key take effect in call order', async () => {
    const { store, updated, finish } = await updating();
    const answers = [
      updated,
      store.get('a'),
      store.set('a', 10),
      store.get('a'),
      store.delete('a'),
      store.has('a'),
      store.touch('a', HOUR_MS),
      store.update('a', () => 7),
      store.set('a', 11),
      store.get('a'),
    ];
    finish();
    const expected = [2, 2, true, 10, true, false, false, 7, true, 11];
    assert.deepEqual(await Promise.all(answers), expected);
  });

  test('those that change makes before it gives anything wait for its update, too', async () => {
    const calls = {
      get: [(store) => store.get('a'), 2, 2],
      has: [(store) => store.has('a'), true, 2],
      set: [(store) => store.set('a', 10), true, 10],
      delete: [(store) => store.delete('a'), true, undefined],
      touch: [(store) => store.touch('a', HOUR_MS), true, 2],
      update: [(store) => store.update('a', (value) => value * 10), 20, 20],
      clear: [(store) => store.clear(), true, undefined],
    };
    for (const [name, [call, answer, value]] of Object.entries(calls)) {
      const store = await opened();
      let called;
      const updated = store.update('a', (before) => {
        called = call(store);
        return before + 1;
      });
      assert.deepEqual(await Promise.all([updated, called]), [2, answer], name);
      assert.equal(await store.get('a'), value, name);
    }
  });

  test('an update that is cut off keeps no other waiting', async () => {
    const store = await opened();
    const script = new Script('store.update("a", () => { for (;;); })');
    const cutOff = { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' };
    assert.throws(() => script.runInNewContext({ store }, { timeout: 20 }), cutOff);
    assert.equal(await store.update('a', (value) => value + 1), 2);
    assert.equal(await store.get('a'), 2);
  });

  test('a delete during an update is the last word', async () => {
    const { store, updated, finish } = await updating();
    const deleted = store.delete('a');
    finish();
    await Promise.all([updated, deleted]);
    assert.equal(await store.has('a'), false);
  });

  test('a slow update does not block another key', async () => {
    const { store, updated, finish } = await updating();
    await store.set('b', 1);
    await store.update('b', (value) => value + 1);
    assert.equal(await store.get('b'), 2);
    finish();
    await updated;
  });

  test('a change may call other keys', async () => {
    const store = await opened();
    await store.set('b', 5);
    await store.update('a', async (value) => value + (await store.get('b')));
    assert.equal(await store.get('a'), 6);
  });

  test('a call on an idle key takes effect at once', async () => {
    const store = new MemoryStore();
    const set = store.set('a', 1);
    const got = store.get('a');
    await set;
    assert.equal(await got, 1);
  });
});

describe('namespaces:', () => {
  /** A namespace whose absent key `b` has an update under way, which `finish()` ends. */
  async function updatingView() {
    const store = await opened();
    const view = store.namespace('n');
    const gate = deferred();
    const updated = view.update('b', () => gate.promise);
    return { store, view, updated, finish: gate.resolve };
  }

  test('a read that finds nothing is a miss, though the key is set right after it', async () => {
    const { view, updated, finish } = await updatingView();
    const calls = [updated, view.get('b'), view.set('b', 1)];
    finish();
    assert.deepEqual(await Promise.all(calls), [undefined, undefined, true]);
    const { hits, misses } = await view.stats();
    assert.deepEqual([hits, misses], [0, 2]);
  });

  test('a read that found nothing leaves no rejection behind when the store closes', async () => {
    const unhandled = await unhandledIn(async () => {
      const { store, view, updated, finish } = await updatingView();
      const read = view.get('b');
      const late = view.update('b', () => 1);
      finish();
      await updated;
      assert.equal(await read, undefined);
      await store.close();
      await late.catch(() => {});
    });
    assert.deepEqual(unhandled, []);
  });
});

describe('clear:', () => {
  test('it waits its turn for a key that is being updated', async () => {
    const { store, updated, finish } = await updating();
    const set = store.set('a', 10);
    const cleared = store.clear();
    finish();
    assert.deepEqual(await Promise.all([updated, set, cleared]), [2, true, true]);
    assert.equal(await store.has('a'), false);
  });

  test('what is set after it stays', async () => {
    const { store, updated, finish } = await updating();
    const cleared = store.clear();
    const set = store.set('a', 10);
    finish();
    await Promise.all([updated, cleared, set]);
    assert.equal(await store.get('a'), 10);
  });

  test('other keys are cleared while an update is under way', async () => {
    const { store, updated, finish } = await updating();
    await store.set('b', 1);
    const cleared = store.clear();
    assert.equal(await store.has('b'), false);
    finish();
    await Promise.all([updated, cleared]);
  });
});

const REMOVALS = {
  clear: (store) => store.clear(),
  'clear of a namespace': (store) => store.clear(),
  deleteWhere: (store) => store.deleteWhere({ prefix: '' }),
};
describe('removals of many:', () => {
  for (const [name, remove] of Object.entries(REMOVALS)) {
    for (const isBusy of [false, true]) {
      test(`${name} overtakes loads ${isBusy ? 'beside an update' : 'when idle'}`, async () => {
        const root = new MemoryStore();
        const store = name.includes('namespace') ? root.namespace('n') : root;
        const [made, changed] = [deferred(), deferred()];
        const load = store.getOrSet('a', () => made.promise);
        const update = isBusy ? store.update('b', () => changed.promise) : undefined;
        const removed = remove(store);
        made.resolve('made from before');
        changed.resolve(1);
        await Promise.all([load, update, removed]);
        assert.equal(await store.get('a'), undefined);
      });
    }
  }

  for (const isBusy of [false, true]) {
    for (const filter of [{ prefix: 'key' }, { match: 'key*' }]) {
      const how = `${JSON.stringify(filter)}${isBusy ? ', beside an update' : ''}`;
      test(`deleteWhere comes before what is asked later: ${how}`, async () => {
        // As many as take several turns.
        const count = 100_000;
        const store = new MemoryStore();
        const keys = Array.from({ length: count }, (_, index) => `key${index}`);
        await store.setMany(keys.map((key) => [key, 1]));
        const gate = deferred();
        const update = isBusy ? store.update('key0', () => gate.promise) : undefined;
        const removed = store.deleteWhere(filter);
        const [last, third, second] = keys.slice(-3);
        const got = store.get(last);
        const set = store.set(third, 'set');
        const updated = store.update(second, (value) => [value]);
        const made = store.getOrSet(keys[count - 4], () => 'made');
        gate.resolve(2);
        assert.equal(await removed, count);
        assert.equal(await got, undefined);
        await Promise.all([set, update]);
        assert.deepEqual(await updated, [undefined]);
        assert.equal(await made, 'made');
        assert.deepEqual((await store.keys()).sort(), [third, second, keys[count - 4]].sort());
      });
    }
  }
});

describe('getOrSet behind an update:', () => {
  test('it waits no longer than its signal, and makes nothing then', async () => {
    const { store, updated, finish } = await updating();
    const controller = new AbortController();
    let isMade = false;
    const made = () => {
      isMade = true;
    };
    const load = store.getOrSet('a', made, { signal: controller.signal });
    controller.abort();
    await assert.rejects(load, { name: 'AbortError' });
    finish();
    await updated;
    assert.equal(await store.get('a'), 2);
    assert.equal(isMade, false);
  });

  for (const isInFactory of [true, false]) {
    const when = isInFactory ? 'in its factory' : 'just when its turn has come';
    test(`who gives up ${when} is told once`, async () => {
      const store = new MemoryStore();
      const gate = deferred();
      const updated = store.update('a', () => gate.promise);
      const controller = new AbortController();
      const abort = () => controller.abort(new Error('given up'));
      const unhandled = await unhandledIn(async () => {
        const factory = isInFactory ? abort : turn;
        const load = store.getOrSet('a', factory, { signal: controller.signal });
        if (!isInFactory) updated.then(abort);
        gate.resolve(undefined);
        await assert.rejects(load, /given up/);
      });
      assert.deepEqual(unhandled, []);
    });
  }

  test('it gives what the update has left', async () => {
    const { store, updated, finish } = await updating();
    const load = store.getOrSet('a', () => 5, { signal: new AbortController().signal });
    finish();
    assert.deepEqual(await Promise.all([updated, load]), [2, 2]);
  });
});

test('a snapshot waits for no key that has its name', async () => {
  const store = await opened();
  const gate = deferred();
  const updates = ['snapshot', 'restore'].map((key) => store.update(key, () => gate.promise));
  await withFile(async (file) => {
    assert.equal((await store.snapshot(file)).entries, 1);
    assert.equal((await store.restore(file)).entries, 1);
  });
  gate.resolve(1);
  await Promise.all(updates);
});

describe('memory:', () => {
  test('a queue knows a key only while a task of its is under way', async () => {
    const queue = new KeyQueue();
    const gate = deferred();
    const tasks = [queue.run('a', () => gate.promise), queue.run('a', () => Promise.reject(0))];
    assert.deepEqual(queue.busyKeys(), ['a']);
    gate.resolve();
    await Promise.allSettled(tasks);
    await null;
    assert.deepEqual(queue.busyKeys(), []);
  });

  test('an update leaves neither its change nor the old value behind', async () => {
    const store = new MemoryStore();
    const references = weakly((index) => {
      const old = { index };
      store.set(`key ${index}`, old);
      store.update(`key ${index}`, () => index);
      return old;
    });
    await untilCollected(references);
    assert.equal(await store.get('key 0'), 0);
  });
});
