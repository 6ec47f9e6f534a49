/**
 * Listeners that throw.
 *
 * Must not know how events are delivered beyond that it is at the end of the call. Invariant
 * tested: the call throws what the listener threw, what it did stays done, and no event is lost.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { inspect } = require('node:util');
const MemoryStore = require('../../index.js');
const { runScript } = require('../helpers/child-script.js');
const { passDeadline } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const open = (options) => new MemoryStore({ autoStartCleanup: false, ...options });

describe('when a listener throws,', () => {
  const broken = new Error('from the listener');

  /** A record of `events` whose first event throws. */
  function recordThrowing(store, event) {
    const record = [];
    store.on(event, (key, value, reason) => {
      record.push([key, value, reason]);
      if (record.length === 1) throw broken;
    });
    return record;
  }

  test('a setMany has stored all, and the other events are delivered', async () => {
    const store = open();
    const record = recordThrowing(store, 'set');
    const entries = [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ];
    assert.throws(() => store.setMany(entries), { message: broken.message });
    assert.deepEqual([...store], entries);
    await waitUntil(() => record.length >= 3, 'the others are delivered');
    store.set('d', 4);
    assert.deepEqual(
      record,
      [...entries, ['d', 4]].map((entry) => [...entry, 'add']),
    );
  });

  test('the events that are left come before those of the next call', () => {
    const store = open();
    const record = recordThrowing(store, 'set');
    assert.throws(
      () =>
        store.setMany([
          ['a', 1],
          ['b', 2],
        ]),
      { message: broken.message },
    );
    store.set('c', 3);
    assert.deepEqual(
      record.map(([key]) => key),
      ['a', 'b', 'c'],
    );
  });

  test('all entries that expired are delivered once', async () => {
    const store = open();
    const record = recordThrowing(store, 'expire');
    for (let index = 0; index < 50; index += 1) store.set(`key ${index}`, index, 1);
    passDeadline(1);
    assert.throws(() => store.size(), { message: broken.message });
    await waitUntil(() => record.length >= 50, 'the others are delivered');
    store.size();
    assert.equal(new Set(record.map(([key]) => key)).size, 50);
    assert.equal(record.length, 50);
  });

  test('the new entry of an eviction is there, and the old one is not', () => {
    const store = open({ maxEntries: 1 });
    store.set('old', 1);
    recordThrowing(store, 'evict');
    assert.throws(() => store.set('new', 2), { message: broken.message });
    assert.deepEqual(Object.fromEntries(store), { new: 2 });
  });

  test('a hot key has the new value', () => {
    const store = open();
    store.set('a', 1);
    warm(store, 'a');
    recordThrowing(store, 'set');
    assert.throws(() => store.set('a', 2), { message: broken.message });
    assert.equal(store.get('a'), 2);
  });

  test('a value that was taken is gone', () => {
    const store = open();
    store.set('a', 1);
    recordThrowing(store, 'delete');
    assert.throws(() => store.take('a'), { message: broken.message });
    assert.equal(store.has('a'), false);
  });

  test('a renamed entry is where it went', () => {
    const store = open();
    const key = store.createKey('a');
    store.set(key, 1);
    recordThrowing(store, 'delete');
    assert.throws(
      () => {
        key.value = 'b';
      },
      { message: broken.message },
    );
    assert.deepEqual(Object.fromEntries(store), { b: 1 });
  });

  test('a store that was closed is closed', () => {
    const store = open();
    store.set('a', 1);
    recordThrowing(store, 'clear');
    assert.throws(() => store.close(), { message: broken.message });
    assert.throws(() => store.get('a'), { code: 'ERR_STORE_CLOSED' });
    assert.equal(store.close(), undefined);
  });

  test('those who wait for getOrSet get the value, and the program hears of it', SLOW, async () => {
    const { code, stdout, stderr } = await runScript(`
      const store = new MemoryStore();
      process.on('uncaughtException', (error) => console.log('uncaught ' + error.message));
      store.on('set', () => {
        throw new Error('from the listener');
      });
      const asked = [1, 2].map(() => store.getOrSet('key', async () => 'made'));
      Promise.all(asked).then((values) => console.log(...values));
      setTimeout(() => console.log(store.get('key')), 20);
    `);
    assert.equal(code, 0, stderr);
    const lines = ['made', 'made made', 'uncaught from the listener'];
    assert.deepEqual(stdout.trim().split('\n').sort(), lines);
  });

  test('a log line gets on, and the program hears of it', SLOW, async () => {
    const { code, stdout, stderr } = await runScript(`
      process.on('uncaughtException', (error) => console.log('uncaught ' + error.message));
      let nowMs = 1000;
      const store = new MemoryStore({ now: () => nowMs, autoStartCleanup: false });
      const view = store.namespace('view');
      store.on('expire', (key) => {
        throw new Error(key);
      });
      store.set('a', 1, 5);
      view.set('b', 1, 5);
      nowMs += 5;
      console.log(view);
      console.log(store);
      console.log(JSON.stringify(store));
    `);
    assert.equal(code, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.match(lines[0], /^Namespace \{ .*entries: 0,/);
    assert.match(lines[1], /^MemoryStore \{ .*entries: 0,/);
    assert.equal(JSON.parse(lines[2]).entries, 0);
    assert.deepEqual(lines.slice(3), ['uncaught a']);
  });

  test('a log line says what its clock throws', () => {
    let isBroken = false;
    const now = () => {
      if (isBroken) throw broken;
      return 1;
    };
    const store = open({ now });
    isBroken = true;
    assert.match(inspect(store), /error: 'Error: from the listener'/);
    isBroken = false;
  });

  test('and it was the timer that called it, the program hears of it', SLOW, async () => {
    const { code, stdout, stderr } = await runScript(`
      const store = new MemoryStore();
      const seen = [];
      process.on('uncaughtException', (error) => console.log('uncaught ' + error.message));
      store.on('expire', (key) => {
        seen.push(key);
        if (seen.length === 1) throw new Error('from the listener');
      });
      for (let index = 0; index < 10; index += 1) store.set('key ' + index, index, 5);
      const poll = setInterval(() => {
        if (seen.length < 10) return;
        clearInterval(poll);
        console.log(seen.length, new Set(seen).size);
      }, 2);
    `);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'uncaught from the listener\n10 10\n');
  });
});
