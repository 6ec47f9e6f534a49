/**
 * Diagnostics channels: what happens in any store of the program, for those who watch them all.
 *
 * Must not know listeners. Invariant tested: a channel publishes what a listener of each store
 * would have been told, with the store, whether somebody listens or not.
 */
const assert = require('node:assert/strict');
const channels = require('node:diagnostics_channel');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { EVENTS, listenToAll } = require('../helpers/recorded-events.js');

/** Gives what `act` publishes on all channels: `[event, message]` each. */
function published(act) {
  const messages = [];
  const subscribers = EVENTS.map((event) => {
    const subscriber = (message) => messages.push([event, message]);
    channels.subscribe(`shared-memory-store:${event}`, subscriber);
    return [event, subscriber];
  });
  try {
    act();
  } finally {
    for (const [event, subscriber] of subscribers) {
      channels.unsubscribe(`shared-memory-store:${event}`, subscriber);
    }
  }
  return messages;
}

const acts = {
  'set of a new key': [(s) => s.set('c', 3), [['set', 'c', 3, 'add']]],
  'set of a key that is there': [(s) => s.set('a', 3), [['set', 'a', 3, 'update']]],
  'set of a timed key': [(s) => s.set('b', 3, HOUR_MS), [['set', 'b', 3, 'update']]],
  increment: [(s) => s.increment('a'), [['set', 'a', 2, 'update']]],
  delete: [(s) => s.delete('a'), [['delete', 'a', 1, 'delete']]],
  take: [(s) => s.take('b'), [['delete', 'b', 2, 'take']]],
  clear: [(s) => s.clear(), [['clear', undefined, undefined, 'clear']]],
  close: [(s) => s.close(), [['clear', undefined, undefined, 'close']]],
  expire: [
    (s) => {
      s.touch('a', 1);
      passDeadline(1);
      s.get('a');
    },
    [['expire', 'a', 1, 'ttl']],
  ],
  get: [(s) => s.get('a'), []],
};

const stores = { 'with listeners': listenToAll, 'without listeners': (store) => store };

for (const [what, prepare] of Object.entries(stores)) {
  describe(`a store ${what} publishes`, () => {
    for (const [name, [act, expected]] of Object.entries(acts)) {
      testColdAndWarm(name, (heat) => {
        const store = prepare(new MemoryStore({ autoStartCleanup: false }));
        store.set('a', 1);
        store.set('b', 2, HOUR_MS);
        for (const key of ['a', 'b']) heat(store, key);
        const messages = published(() => act(store));
        assert.deepEqual(
          messages.map(([event, { key, value, reason }]) => [event, key, value, reason]),
          expected,
        );
        for (const [, message] of messages) {
          assert.equal(message.store, store);
          assert.deepEqual(Object.keys(message).sort(), ['key', 'reason', 'store', 'value']);
        }
      });
    }

    testColdAndWarm('evict', (heat) => {
      const store = prepare(new MemoryStore({ maxEntries: 1 }));
      store.set('old', 1);
      heat(store, 'old');
      const messages = published(() => store.set('new', 2));
      const evictions = messages.filter(([event]) => event === 'evict');
      assert.deepEqual(evictions, [['evict', { store, key: 'old', value: 1, reason: 'entries' }]]);
    });

    testColdAndWarm('nothing any more when nobody subscribes', (heat) => {
      const store = prepare(new MemoryStore());
      store.set('a', 1);
      heat(store, 'a');
      let count = 0;
      const subscriber = () => {
        count += 1;
      };
      channels.subscribe('shared-memory-store:set', subscriber);
      store.set('a', 2);
      channels.unsubscribe('shared-memory-store:set', subscriber);
      store.set('a', 3);
      assert.equal(count, 1);
      assert.equal(store.get('a'), 3);
    });
  });
}

test('every store publishes on the same channels', () => {
  const open = Array.from({ length: 3 }, () => new MemoryStore());
  const messages = published(() => {
    for (const store of open) store.set('key', 1);
  });
  assert.deepEqual(
    messages.map(([, { store }]) => open.indexOf(store)),
    [0, 1, 2],
  );
});

test('a store that is made while somebody subscribes publishes', () => {
  const messages = published(() => new MemoryStore().set('key', 1));
  assert.equal(messages.length, 1);
});

test('what expired before somebody subscribed is met without harm', () => {
  const store = new MemoryStore({ autoStartCleanup: false });
  for (let index = 0; index < 5000; index += 1) store.set(`key ${index}`, index, 1);
  passDeadline(1);
  const messages = published(() => {
    assert.equal(store.size(), 0);
    store.set('after', 1);
  });
  const keys = messages.filter(([event]) => event === 'expire').map(([, { key }]) => key);
  assert.equal(new Set(keys).size, keys.length, 'no entry is published twice');
  assert.deepEqual(store.keys(), ['after']);
});
