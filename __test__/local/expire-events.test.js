/**
 * The event `expire`: when a deadline passes, by itself, once.
 *
 * Must not know timers. Invariant tested: each entry whose deadline passed is told of exactly once,
 * swept or not, and nobody who lives longer is.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { runScript } = require('../helpers/child-script.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { recordEvents } = require('../helpers/recorded-events.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const NEVER_SWEPT = 2 ** 31 - 1;

const stores = {
  'without a sweeper': () => new MemoryStore({ autoStartCleanup: false }),
  'with a sweeper that sleeps': () => new MemoryStore({ cleanupInterval: NEVER_SWEPT }),
  'with a busy sweeper': () => {
    const store = new MemoryStore({ cleanupInterval: 1 });
    store.startCleanupTask();
    return store;
  },
  'whose sweeper was stopped': () => {
    const store = new MemoryStore({ cleanupInterval: 1 });
    store.startCleanupTask();
    store.stopCleanupTask();
    return store;
  },
  'that is bounded': () => new MemoryStore({ maxEntries: 100_000, cleanupInterval: NEVER_SWEPT }),
};

/** Waits, without a call to the store, until a last entry was told of. */
async function untilSentinel(store, record) {
  store.set('sentinel', 0, 5);
  await waitUntil(() => record.some(([, key]) => key === 'sentinel'), 'the sentinel expired');
  return record.filter(([, key]) => key !== 'sentinel');
}

for (const [what, open] of Object.entries(stores)) {
  describe(`a store ${what}`, () => {
    test('tells while the program is idle', SLOW, async () => {
      const store = open();
      const record = recordEvents(store);
      const value = { a: 1 };
      store.set('key', value, 5);
      await waitUntil(() => record.length === 2, 'the entry expired');
      assert.deepEqual(record[1], ['expire', 'key', value, 'ttl']);
      assert.equal(record[1][2], value);
    });

    test('tells of entries that were set before somebody listened', SLOW, async () => {
      const store = open();
      store.set('key', 1, HOUR_MS);
      const record = recordEvents(store, ['expire']);
      store.touch('key', 5);
      await waitUntil(() => record.length === 1, 'the entry expired');
      assert.deepEqual(record, [['expire', 'key', 1, 'ttl']]);
    });

    test('tells each of ten thousand once, with its own value', SLOW, async () => {
      const store = open();
      const record = recordEvents(store, ['expire']);
      for (let index = 0; index < 10_000; index += 1) {
        const key = `key ${index}`;
        store.set(key, index, HOUR_MS);
        if (index % 100 === 0) warm(store, key);
        store.touch(key, 1 + (index % 30));
      }
      await waitUntil(() => record.length >= 10_000, 'all have expired');
      const all = await untilSentinel(store, record);
      assert.equal(all.length, 10_000);
      assert.deepEqual(
        all.map(([, , value]) => value).sort((one, other) => one - other),
        [...Array(10_000).keys()],
      );
      assert.ok(all.every(([, key, value]) => key === `key ${value}`));
      assert.equal(store.size(), 0);
    });

    test('tells nothing of entries that live on', SLOW, async () => {
      const store = open();
      const record = recordEvents(store, ['expire']);
      const prolong = {
        permanent: (key) => store.set(key, 1),
        longer: (key) => store.set(key, 1, 2 * HOUR_MS),
        touched: (key) => store.touch(key, 2 * HOUR_MS),
        replaced: (key) => store.replace(key, 1),
        deleted: (key) => store.delete(key),
        taken: (key) => store.take(key),
        'set and touched': (key) => {
          store.set(key, 1, HOUR_MS);
          store.touch(key, 2 * HOUR_MS);
        },
      };
      for (const [key, act] of Object.entries(prolong)) {
        store.set(key, 0, HOUR_MS);
        act(key);
      }
      store.set('far', 0, 2 ** 53);
      store.set('past the longest timer', 0, 2 ** 31 + 5);
      assert.deepEqual(await untilSentinel(store, record), []);
    });

    test('tells of an entry whose life was shortened', SLOW, async () => {
      const store = open();
      const record = recordEvents(store, ['expire']);
      store.set('touched', 1, HOUR_MS);
      store.touch('touched', 5);
      store.set('set', 2, HOUR_MS);
      store.set('set', 3, 5);
      await waitUntil(() => record.length === 2, 'both have expired');
      assert.deepEqual(
        new Map(record.map(([, key, value]) => [key, value])),
        new Map([
          ['touched', 1],
          ['set', 3],
        ]),
      );
    });

    test('tells under the name that the entry has', SLOW, async () => {
      const store = open();
      const record = recordEvents(store, ['expire']);
      const key = store.createKey('before');
      store.set(key, 1, HOUR_MS);
      key.value = 'after';
      store.touch('after', 5);
      await waitUntil(() => record.length > 0, 'the entry expired');
      assert.deepEqual(record, [['expire', 'after', 1, 'ttl']]);
    });

    test('tells once of what a call met', SLOW, async () => {
      const store = open();
      const record = recordEvents(store, ['expire']);
      for (const act of ['get', 'has', 'ttl', 'delete', 'take']) {
        store.set(act, act, 1);
        passDeadline(1);
        store[act](act);
        assert.equal(record.filter(([, key]) => key === act).length, 1);
      }
      const all = await untilSentinel(store, record);
      assert.equal(all.length, 5);
    });

    test('tells nothing after the listener was removed', SLOW, async () => {
      const store = open();
      const record = [];
      const listener = (key) => record.push(key);
      store.on('expire', listener);
      store.set('key', 1, HOUR_MS);
      store.off('expire', listener);
      const later = recordEvents(store, ['set']);
      store.touch('key', 1);
      passDeadline(1);
      store.size();
      assert.deepEqual([record, later], [[], []]);
    });

    test('lets a listener set what expired again, without end', SLOW, async () => {
      const store = open();
      const seen = [];
      store.on('expire', (key, value) => {
        seen.push(value);
        store.set(key, value + 1, 1);
      });
      store.set('key', 0, 1);
      await waitUntil(() => seen.length >= 20, 'it expired twenty times');
      assert.deepEqual(seen.slice(0, 20), [...Array(20).keys()]);
    });
  });
}

test('entries told by the timer are released', SLOW, async () => {
  const store = new MemoryStore({ autoStartCleanup: false });
  const record = recordEvents(store, ['expire']);
  for (let index = 0; index < 1000; index += 1) store.set(`key ${index}`, index, 5);
  await waitUntil(() => record.length === 1000, 'all have expired');
  assert.equal(store.stats().expired, 1000);
  assert.deepEqual(store.keys(), []);
});

test('a fake clock of timers that others replaced does not stop the event', SLOW, async () => {
  const { setTimeout: real } = globalThis;
  const store = new MemoryStore();
  let isTold = false;
  try {
    globalThis.setTimeout = () => {
      throw new Error('replaced');
    };
    store.on('expire', () => {
      isTold = true;
    });
    store.set('key', 1, 5);
  } finally {
    globalThis.setTimeout = real;
  }
  await waitUntil(() => isTold, 'the entry expired');
});

describe('a listener keeps no process alive:', () => {
  const scripts = {
    'a pending deadline': `store.set('key', 1, 3_600_000);`,
    'a deadline far away': `store.set('key', 1, 2 ** 53);`,
    'a deadline past the longest timer': `store.set('key', 1, 2 ** 31 + 5);`,
    'a permanent entry': `store.set('key', 1);`,
    'no entry': '',
    'a store that was closed': `store.set('key', 1, 60_000); store.close();`,
    'a touched entry': `store.set('key', 1, 60_000); store.touch('key', 3_600_000);`,
  };
  for (const [what, script] of Object.entries(scripts)) {
    test(what, SLOW, async () => {
      const { code, signal, stdout, stderr } = await runScript(`
        process.on('warning', (warning) => console.log(warning.name));
        const store = new MemoryStore({ cleanupInterval: 1 });
        for (const event of ['expire', 'evict', 'set', 'delete', 'clear']) {
          store.on(event, () => event === 'expire' && console.log('expired'));
        }
        ${script}
      `);
      assert.deepEqual(
        { code, signal, stdout, stderr },
        {
          code: 0,
          signal: null,
          stdout: '',
          stderr: '',
        },
      );
    });
  }
});
