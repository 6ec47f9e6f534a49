/**
 * Entries that the sweeper ends before the call that made them has told of them.
 *
 * Must not know how the facade is built, but for the two native functions that hold the call up.
 * Invariant tested: an entry's end is told after its beginning, once, and after all that the call
 * had to tell before.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const native = require('../../lib/native/loader.js');
const { HOUR_MS } = require('../helpers/expiry.js');
const { recordEvents } = require('../helpers/recorded-events.js');
const { sweepNow } = require('../helpers/swept.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const stores = {
  'an unbounded store': {},
  'a bounded store': { maxEntries: 2 },
  'a store with sizes': { maxSize: 2, sizeOf: () => 1 },
};

/**
 * Runs a call that is held up, once the native core has done its part, until `key` is swept, and
 * then each of `others`.
 */
function holdUpUntilSwept(key, call, others = []) {
  const { drainDeparted } = native;
  let isSwept = false;
  native.drainDeparted = (id, limit) => {
    // Until the call has made the entry, there is none whose life could be shortened.
    if (!isSwept && sweepNow(id, key)) {
      isSwept = true;
      for (const other of others) assert.ok(sweepNow(id, other), other);
    }
    return drainDeparted(id, limit);
  };
  try {
    call();
  } finally {
    native.drainDeparted = drainDeparted;
  }
  assert.ok(isSwept, 'the entry was swept within the call');
}

function open(options) {
  const store = new MemoryStore({ cleanupInterval: 1, ...options });
  store.startCleanupTask();
  store.set('first', 0, HOUR_MS);
  store.set('old', 1, HOUR_MS);
  return store;
}

for (const [what, options] of Object.entries(stores)) {
  describe(`in ${what}, what is swept within the call is told after it:`, () => {
    const gone = 'maxEntries' in options ? 'entries' : 'size';
    const evicted = what === 'an unbounded store' ? [] : [['evict', 'first', 0, gone]];

    test('an entry that is added', SLOW, () => {
      const store = open(options);
      const record = recordEvents(store);
      holdUpUntilSwept('new', () => store.set('new', 2, HOUR_MS));
      assert.deepEqual(record, [...evicted, ['set', 'new', 2, 'add'], ['expire', 'new', 2, 'ttl']]);
      assert.equal(store.get('new'), undefined);
    });

    test('an entry that is added, and one that is swept after it', SLOW, () => {
      const store = open(options);
      const record = recordEvents(store);
      holdUpUntilSwept('new', () => store.set('new', 2, HOUR_MS), ['old']);
      assert.deepEqual(record, [
        ...evicted,
        ['expire', 'old', 1, 'ttl'],
        ['set', 'new', 2, 'add'],
        ['expire', 'new', 2, 'ttl'],
      ]);
    });

    test('an entry that is overwritten', SLOW, () => {
      const store = open(options);
      const record = recordEvents(store);
      holdUpUntilSwept('old', () => store.set('old', 2, HOUR_MS));
      assert.deepEqual(record, [
        ['set', 'old', 2, 'update'],
        ['expire', 'old', 2, 'ttl'],
      ]);
    });

    test('an entry that is renamed', SLOW, () => {
      const store = open(options);
      const key = store.createKey('old');
      const record = recordEvents(store);
      holdUpUntilSwept('new', () => {
        key.value = 'new';
      });
      assert.deepEqual(record, [
        ['delete', 'old', 1, 'rename'],
        ['set', 'new', 1, 'rename'],
        ['expire', 'new', 1, 'ttl'],
      ]);
    });

    test('each of many that are set', SLOW, () => {
      const store = open(options);
      const record = recordEvents(store);
      const entries = [
        ['new', 2],
        ['new', 3],
        ['next', 4],
      ];
      holdUpUntilSwept('new', () => store.setMany(entries, HOUR_MS));
      const held = new Map([
        ['first', 0],
        ['old', 1],
      ]);
      for (const [event, key, value] of record) {
        if (event === 'set') held.set(key, value);
        else assert.ok(held.get(key) === value && held.delete(key), `${event} of ${key}`);
      }
      assert.deepEqual(held, new Map(store));
    });
  });
}

test('what a call that was cut off has placed is told of when it ends, by itself', async () => {
  const store = new MemoryStore({ autoStartCleanup: false });
  const record = recordEvents(store, ['expire']);
  const { drainDeparted } = native;
  native.drainDeparted = () => {
    native.drainDeparted = drainDeparted;
    throw new RangeError('the end of the stack');
  };
  assert.throws(() => store.set('new', 2, HOUR_MS), RangeError);
  store.touch('new', 1);
  await waitUntil(() => record.length > 0, 'the end was told');
  assert.deepEqual(record, [['expire', 'new', 2, 'ttl']]);
});
