/**
 * The async `MemoryStore`: what each method gives, and when entries end.
 *
 * Must not know how calls are ordered. Invariant tested: every answer is that of the in-process
 * store, in a promise.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { inspect } = require('node:util');
const LocalStore = require('../../index.js');
const { MemoryStore } = require('shared-memory-store/memory-store');
const { deferred } = require('../helpers/deferred.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { waitUntil } = require('../helpers/wait-until.js');

describe('values:', () => {
  test('get gives the very object that was set', async () => {
    const store = new MemoryStore();
    const value = { userId: 1 };
    await store.set('a', value);
    assert.equal(await store.get('a'), value);
  });

  test('a promise is waited for by get and values', async () => {
    const store = new MemoryStore();
    await store.set('a', Promise.resolve(1));
    assert.equal(await store.get('a'), 1);
    const seen = [];
    for await (const value of store.values()) seen.push(value);
    assert.deepEqual(seen, [1]);
  });

  test('walks begin within the call', async () => {
    for (const walk of ['entries', 'values']) {
      const store = new MemoryStore();
      const begun = store[walk]();
      await store.close();
      await assert.rejects(begun.next(), { code: 'ERR_STORE_CLOSED', message: /^next\(\)/ });
      await assert.rejects(store[walk]().next(), { message: new RegExp(`^${walk}\\(\\)`) });
    }
  });

  test('get of an absent key gives undefined', async () => {
    assert.equal(await new MemoryStore().get('a'), undefined);
  });

  test('set gives true', async () => {
    assert.equal(await new MemoryStore().set('a', 1), true);
  });

  test('set replaces what is there', async () => {
    const store = new MemoryStore();
    await store.set('a', 1);
    await store.set('a', 2);
    assert.equal(await store.get('a'), 2);
  });

  test('a stored undefined is there', async () => {
    const store = new MemoryStore();
    await store.set('a', undefined);
    assert.equal(await store.has('a'), true);
  });

  test('delete removes, and says whether there was something', async () => {
    const store = new MemoryStore();
    await store.set('a', 1);
    assert.deepEqual([await store.delete('a'), await store.delete('a')], [true, false]);
    assert.equal(await store.has('a'), false);
  });

  test('has says whether a key is there', async () => {
    const store = new MemoryStore();
    await store.set('a', 1);
    assert.deepEqual([await store.has('a'), await store.has('b')], [true, false]);
  });

  test('clear removes every entry and gives true', async () => {
    const store = new MemoryStore();
    await store.set('a', 1);
    await store.set('b', 2);
    assert.equal(await store.clear(), true);
    assert.deepEqual([await store.has('a'), await store.has('b')], [false, false]);
  });

  test('the empty string, names of Object.prototype and lone surrogates are keys', async () => {
    const store = new MemoryStore();
    const keys = ['', '__proto__', 'constructor', '\ud800', '\ud801', '\0'];
    for (const [index, key] of keys.entries()) await store.set(key, index);
    const values = await Promise.all(keys.map((key) => store.get(key)));
    assert.deepEqual(values, [...keys.keys()]);
  });

  test('two stores do not share entries', async () => {
    const [one, other] = [new MemoryStore(), new MemoryStore()];
    await one.set('a', 1);
    assert.equal(await other.has('a'), false);
  });
});

describe('times to live:', () => {
  test('an entry ends with the ttl of its set', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, { ttl: 1 });
    passDeadline(1);
    assert.equal(await store.get('a'), undefined);
  });

  test('a number is a ttl', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, 1);
    passDeadline(1);
    assert.equal(await store.has('a'), false);
  });

  test('an entry without a ttl ends with that of the store', async () => {
    const store = new MemoryStore({ ttl: 1 });
    await store.set('a', 1);
    await store.set('b', 1, {});
    await store.set('c', 1, { ttl: undefined });
    passDeadline(1);
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((key) => store.has(key))), [
      false,
      false,
      false,
    ]);
  });

  test('the ttl of a set goes before that of the store', async () => {
    const store = new MemoryStore({ ttl: 1 });
    await store.set('a', 1, { ttl: HOUR_MS });
    passDeadline(1);
    assert.equal(await store.has('a'), true);
  });

  test('touch moves a deadline', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, HOUR_MS);
    assert.equal(await store.touch('a', 1), true);
    passDeadline(1);
    assert.equal(await store.has('a'), false);
  });

  test('touch of an absent key gives false and makes none', async () => {
    const store = new MemoryStore();
    assert.equal(await store.touch('a', HOUR_MS), false);
    assert.equal(await store.has('a'), false);
  });

  test('set without a ttl makes a timed entry permanent', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, 1);
    await store.set('a', 2);
    passDeadline(1);
    assert.equal(await store.get('a'), 2);
  });

  test('the longest ttl lasts', async () => {
    const store = new MemoryStore();
    await store.set('a', 1, 2 ** 53);
    assert.equal(await store.update('a', (value) => value + 1), 2);
    assert.equal(await store.get('a'), 2);
  });
});

describe('options of the in-process store:', () => {
  test('maxEntries bounds the store', async () => {
    const store = new MemoryStore({ maxEntries: 10 });
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    for (const key of keys) await store.set(key, key);
    const found = await Promise.all(keys.map((key) => store.has(key)));
    assert.equal(found.filter(Boolean).length, 10);
  });

  test('sizeOf gets the value and the key', async () => {
    const seen = [];
    const sizeOf = (value, key) => {
      seen.push([value, key]);
      return 1;
    };
    const store = new MemoryStore({ maxSize: 10, sizeOf });
    await store.set('a', 'value');
    assert.deepEqual(seen, [['value', 'a']]);
  });

  test('an update counts the size of the new value', async () => {
    const seen = [];
    const store = new MemoryStore({ maxSize: 10, sizeOf: (value) => seen.push(value) });
    await store.set('a', 'old');
    await store.update('a', () => 'new');
    assert.deepEqual(seen, ['old', 'new']);
  });

  test('a value that is larger than the store refuses an update', async () => {
    const store = new MemoryStore({ maxSize: 10, sizeOf: (value) => value.length });
    await store.set('a', 'old');
    const updated = store.update('a', () => 'longer than ten');
    await assert.rejects(updated, { code: 'ERR_OUT_OF_RANGE' });
    assert.equal(await store.get('a'), 'old');
  });

  test('cleanupInterval and autoStartCleanup are taken', async () => {
    const store = new MemoryStore({ cleanupInterval: 1000, autoStartCleanup: false });
    await store.set('a', 1);
    assert.equal(await store.get('a'), 1);
  });
});

describe('end of a store:', () => {
  const closers = {
    close: (store) => store.close(),
    'Symbol.dispose': (store) => store[Symbol.dispose](),
    'Symbol.asyncDispose': (store) => store[Symbol.asyncDispose](),
  };
  const calls = {
    get: (store) => store.get('a'),
    has: (store) => store.has('a'),
    set: (store) => store.set('a', 1),
    delete: (store) => store.delete('a'),
    touch: (store) => store.touch('a', 1),
    update: (store) => store.update('a', () => 1),
    clear: (store) => store.clear(),
  };
  for (const [closer, close] of Object.entries(closers)) {
    for (const [name, call] of Object.entries(calls)) {
      test(`${name} rejects after ${closer}`, async () => {
        const store = new MemoryStore();
        await close(store);
        await assert.rejects(call(store), (error) => {
          assert.ok(error instanceof LocalStore.StoreError);
          assert.equal(error.code, 'ERR_STORE_CLOSED');
          return true;
        });
      });
    }
  }

  test('a closed store can be closed again', async () => {
    const store = new MemoryStore();
    await store.close();
    assert.equal(await store.close(), undefined);
  });

  test('an update that is under way rejects', async () => {
    const store = new MemoryStore();
    await store.set('a', 1);
    const updated = store.update('a', async () => {
      await store.close();
      return 2;
    });
    await assert.rejects(updated, { code: 'ERR_STORE_CLOSED' });
  });
});

describe('the class:', () => {
  test('it is one class by require and import', async () => {
    const imported = await import('shared-memory-store/memory-store');
    assert.equal(imported.MemoryStore, MemoryStore);
  });

  test('its name and tag are MemoryStore', () => {
    assert.equal(MemoryStore.name, 'MemoryStore');
    assert.equal(Object.prototype.toString.call(new MemoryStore()), '[object MemoryStore]');
  });

  test('it can be subclassed', async () => {
    class Prefixed extends MemoryStore {
      async get(key) {
        return `got ${await super.get(key)}`;
      }
    }
    const store = new Prefixed();
    await store.set('a', 1);
    assert.equal(await store.get('a'), 'got 1');
    assert.ok(store instanceof MemoryStore);
  });

  test('it is not the in-process class', () => {
    assert.equal(new MemoryStore() instanceof LocalStore, false);
    assert.equal(new LocalStore().constructor, LocalStore);
  });
});

test('listeners come and go, and are told what a load could not store', async () => {
  const store = new MemoryStore();
  const told = [];
  const listener = ({ code }, key) => told.push(code, key);
  for (const method of ['on', 'addListener', 'once']) {
    assert.equal(store[method]('error', listener), store);
  }
  store.off('error', listener).removeListener('error', listener);
  assert.equal(store.listenerCount('error'), 1);
  assert.equal(await store.getOrSet('key', () => 'made', { ttl: () => Number.NaN }), 'made');
  assert.deepEqual(told, ['ERR_OUT_OF_RANGE', 'key']);
  assert.throws(() => store.on('unknown', listener), { code: 'ERR_UNKNOWN_EVENT' });
  await store.close();
  assert.throws(() => store.on('error', listener), { code: 'ERR_STORE_CLOSED' });
  store.off('error', listener);
});

describe('what is told', () => {
  for (const isBusy of [false, true]) {
    const when = isBusy ? 'beside an update' : 'when idle';

    test(`clear says that all was cleared ${when}`, async () => {
      const store = new MemoryStore();
      const told = [];
      for (const event of ['delete', 'clear', 'dispose']) {
        store.on(event, (key, value, reason) => told.push([event, key, value, reason]));
      }
      await store.setMany([
        ['a', 1],
        ['b', 2],
      ]);
      const changed = deferred();
      const update = isBusy ? store.update('a', () => changed.promise) : undefined;
      const cleared = store.clear();
      changed.resolve(3);
      await Promise.all([update, cleared]);
      // What is busy is removed in its turn.
      const ends = isBusy
        ? [
            ['dispose', 'b', 2, 'clear'],
            ['dispose', 'a', 1, 'set'],
            ['delete', 'a', 3, 'delete'],
            ['dispose', 'a', 3, 'delete'],
          ]
        : [
            ['dispose', 'a', 1, 'clear'],
            ['dispose', 'b', 2, 'clear'],
          ];
      assert.deepEqual(told, [['clear', undefined, undefined, 'clear'], ...ends]);
    });

    test(`all is cleared though a listener throws ${when}`, async () => {
      const store = new MemoryStore();
      store.once('dispose', () => {
        throw new Error('on purpose');
      });
      const keys = ['a', 'b', 'c', 'd'];
      await store.setMany(keys.map((key) => [key, 1]));
      const changed = deferred();
      const update = isBusy ? store.update('d', () => changed.promise) : undefined;
      const cleared = store.clear();
      changed.resolve(2);
      await assert.rejects(cleared, /on purpose/);
      await update;
      assert.deepEqual(await store.getMany(keys), keys.fill(undefined));
    });

    test(`setMany and deleteMany go to the end though a listener throws ${when}`, async () => {
      const store = new MemoryStore();
      const throwing = () => {
        throw new Error('on purpose');
      };
      store.once('set', throwing).once('delete', throwing);
      const changed = deferred();
      const update = isBusy ? store.update('b', () => changed.promise) : undefined;
      const pairs = ['a', 'b', 'c'].map((key) => [key, 1]);
      const stored = store.setMany(pairs);
      const read = store.getMany(['c', 'b', 'a', 'c', 'b']);
      changed.resolve(undefined);
      await assert.rejects(stored, /on purpose/);
      await update;
      assert.deepEqual(await read, [1, 1, 1, 1, 1]);
      assert.deepEqual((await store.keys()).sort(), ['a', 'b', 'c']);
      await assert.rejects(store.deleteMany(['a', 'b', 'c']), /on purpose/);
      assert.equal(await store.size(), 0);
    });
  }

  test('a namespace that is cleared beside an update disposes of what is cleared', async () => {
    const store = new MemoryStore();
    const told = [];
    store.on('dispose', (key, _value, reason) => told.push([key, reason]));
    const view = store.namespace('n');
    await view.set('a', 1);
    const changed = deferred();
    const update = view.update('b', () => changed.promise);
    const cleared = view.clear();
    changed.resolve(2);
    await Promise.all([update, cleared]);
    const wanted = [
      ['a', 'clear'],
      ['b', 'delete'],
    ];
    assert.deepEqual(told, wanted);
  });

  test('a copy that is kept by events is right after clear beside an update', async () => {
    const store = new MemoryStore();
    const copy = new Map();
    store.on('set', (key, value) => copy.set(key, value));
    store.on('delete', (key) => copy.delete(key));
    store.on('clear', () => copy.clear());
    await store.set('x', 1);
    const changed = deferred();
    const update = store.update('a', () => changed.promise);
    const cleared = store.clear();
    await store.set('b', 1);
    changed.resolve(1);
    await Promise.all([update, cleared]);
    assert.deepEqual(await store.keys(), ['b']);
    assert.deepEqual([...copy.keys()], ['b']);
  });

  /** Enough keys for several steps. */
  const manyKeys = Array.from({ length: 100_000 }, (_, index) => `key${index}`);

  for (const [what, thrower] of [
    ['the first', manyKeys[0]],
    ['one that something is asked of meanwhile', manyKeys.at(-1)],
  ]) {
    test(`deleteWhere goes to the end though a listener throws for ${what}`, async () => {
      const store = new MemoryStore();
      await store.setMany(manyKeys.map((key) => [key, 1]));
      store.on('delete', (key) => {
        if (key === thrower) throw new Error('on purpose');
      });
      const removed = store.deleteWhere({ prefix: 'key' });
      const got = store.get(manyKeys.at(-1));
      await assert.rejects(removed, /on purpose/);
      assert.equal(await got, undefined);
      assert.equal(await store.size(), 0);
    });
  }

  test('nobody hears of what expired while the store is shown, until it is', async () => {
    let nowMs = 1;
    const store = new MemoryStore({ now: () => nowMs, autoStartCleanup: false });
    const told = [];
    store.on('expire', (key) => told.push(key));
    await store.set('a', 1, { ttl: 5 });
    nowMs += 5;
    assert.match(inspect(store), /entries: 0/);
    assert.deepEqual(told, []);
    await waitUntil(() => told.length > 0, 'the listener is told');
    assert.deepEqual(told, ['a']);
  });
});
