/**
 * Listeners that use the store whose event they are told of.
 *
 * Must not know how events are delivered beyond that it is at the end of the call. Invariant
 * tested: a listener finds the store in step, and what it does is told as well, once.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const native = require('../../lib/native/loader.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { heldFactory } = require('../helpers/flight.js');
const { EVENTS, causes, recordEvents } = require('../helpers/recorded-events.js');
const { sweepNow } = require('../helpers/swept.js');

const open = (options) => new MemoryStore({ autoStartCleanup: false, ...options });

/** Has the entry of a key swept, of which the store's next call tells. */
function sweptUntold(store, key) {
  const { drainDeparted } = native;
  store.set(key, 0, HOUR_MS);
  native.drainDeparted = (id, limit) => {
    native.drainDeparted = drainDeparted;
    assert.ok(sweepNow(id, key));
    return drainDeparted(id, limit);
  };
}

const neverCalled = () => assert.fail('the factory was called');

describe('a listener that uses the store:', () => {
  test('one of set that sets another key', () => {
    const store = open();
    const record = recordEvents(store, ['set']);
    store.on('set', (key, value) => {
      if (value < 100) store.set(`after ${key.length}`, value + 1);
    });
    store.set('first', 0);
    assert.equal(record.length, 101);
    assert.deepEqual(
      record.map(([, , value]) => value).sort((one, other) => one - other),
      [...Array(101).keys()],
    );
  });

  test('one of evict that sets another key', () => {
    const store = open({ maxEntries: 3 });
    const record = recordEvents(store, ['evict']);
    let more = 50;
    store.on('evict', (key) => {
      more -= 1;
      if (more > 0) store.set(`${key}'`, more);
      assert.ok(store.size() <= 3);
    });
    for (let index = 0; index < 10; index += 1) store.set(`key ${index}`, index);
    assert.equal(record.length, 10 + 49 - 3, 'each set but three evicted one');
    assert.equal(store.size(), 3);
  });

  test('one of evict that sets what was evicted again', () => {
    const store = open({ maxEntries: 2 });
    let left = 20;
    store.on('evict', (key, value) => {
      left -= 1;
      if (left > 0) store.set(key, value);
    });
    store.setMany([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]);
    assert.equal(store.size(), 2);
    for (const [key, value] of store) assert.equal(value, key);
  });

  test('one of expire that sets what expired again', () => {
    const store = open();
    const record = recordEvents(store, ['expire']);
    store.on('expire', (key, value) => {
      if (value > 0) store.set(key, value - 1, 1);
      passDeadline(1);
    });
    for (const key of ['a', 'b', 'c']) store.set(key, 3, 1);
    passDeadline(1);
    for (let round = 0; round < 5; round += 1) store.size();
    assert.equal(record.length, 12);
    assert.equal(store.size(), 0);
  });

  test('one of expire that sets what getOrSet asks for', async () => {
    const store = open();
    setExpired(store, 'a');
    store.on('expire', (key) => store.set(key, 'of the listener'));
    assert.equal(await store.getOrSet('a', neverCalled), 'of the listener');
    assert.equal(store.get('a'), 'of the listener');
  });

  // Of what the factory of a renewal throws nobody hears: its runs are counted.
  const renewals = {
    'sets what getOrSet would renew': (store) => store.set('a', 'of the listener'),
    'closes before getOrSet renews': (store) => store.close(),
  };
  for (const [what, act] of Object.entries(renewals)) {
    test(`one of expire that ${what}`, async () => {
      const store = open();
      const { factory, runs } = heldFactory();
      store.set('a', 'stale', HOUR_MS);
      store.on('expire', () => act(store));
      sweptUntold(store, 'b');
      assert.equal(await store.getOrSet('a', factory, { staleMs: HOUR_MS }), 'stale');
      assert.equal(runs.length, 0);
    });
  }

  test('one of delete that deletes the next', () => {
    const store = open();
    const record = recordEvents(store, ['delete']);
    for (let index = 0; index < 100; index += 1) store.set(`${index}`, index);
    store.on('delete', (key) => store.delete(`${Number(key) + 1}`));
    store.delete('0');
    assert.equal(record.length, 100);
    assert.equal(store.size(), 0);
  });

  test('one of clear that sets', () => {
    const store = open();
    store.on('clear', () => store.set('after', 1));
    store.set('before', 1);
    store.clear();
    assert.deepEqual(store.keys(), ['after']);
  });

  for (const event of EVENTS) {
    test(`one of ${event} that closes it`, () => {
      const store = open({ maxEntries: 1 });
      store.on(event, () => store.close());
      try {
        causes[event](store);
      } catch (error) {
        assert.equal(error.code, 'ERR_STORE_CLOSED');
      }
      assert.throws(() => store.size(), { code: 'ERR_STORE_CLOSED' });
    });

    test(`one of ${event} finds the store in step`, () => {
      const store = open({ maxEntries: 1 });
      let calls = 0;
      store.on(event, (key, value) => {
        calls += 1;
        assert.equal(store.size(), store.keys().length);
        assert.equal(store.size(), [...store].length);
        assert.equal(store.stats().entries, store.size());
        if (key !== undefined) assert.equal(store.get(key), event === 'set' ? value : undefined);
      });
      for (let round = 0; round < 3; round += 1) causes[event](store);
      assert.equal(calls, 3);
    });
  }

  test('one that is removed by another of the same event', () => {
    const store = open();
    const calls = [];
    const removed = () => calls.push('removed');
    store.on('set', () => store.off('set', removed));
    store.on('set', removed);
    store.set('a', 1);
    store.set('b', 2);
    assert.ok(calls.length <= 1, 'at the most for the event that was under way');
  });

  test('one that is added by another is called from the next event on', () => {
    const store = open();
    const calls = [];
    store.once('set', () => store.on('set', (key) => calls.push(key)));
    store.set('a', 1);
    store.set('b', 2);
    assert.deepEqual(calls, ['b']);
  });
});

test('a timed entry that a listener of set makes permanent stays', () => {
  const store = open();
  store.once('set', (key, value) => store.set(key, value));
  store.set('a', 1, 1);
  passDeadline(1);
  assert.equal(store.get('a'), 1);
});
