/**
 * Changes and messages that a `SharedStore` tells: what, to whom, in which order, until when.
 *
 * Must not know how they travel. Invariant tested: whoever watches is told of every change that
 * concerns him, in order, and of nothing once he has stopped.
 */
const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { describe, test } = require('node:test');
const fc = require('fast-check');
const { SharedStore } = require('../../index.js');
const { runToExit } = require('../helpers/run-program.js');
const { freshName, withStore } = require('../helpers/shared-names.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { said, settled } = require('../helpers/watching.js');

describe('a watcher is told', () => {
  test('of each change of a key by its type', SLOW, () =>
    withStore({}, async (store) => {
      const told = [];
      store.set('a', 0);
      const stop = store.watch('a', (change) => told.push(said(change)));
      store.set('a', 1);
      store.set('aa', 1);
      store.increment('a');
      store.update('a', (n) => n + 1);
      store.touch('a', 1e6);
      store.delete('a');
      store.delete('a');
      store.add('a', 1);
      store.take('a');
      store.clear();
      await settled(store);
      const expected = 'set,set,set,delete,set,delete'.split(',').map((type) => `${type} a own`);
      assert.deepEqual(told, [...expected, 'clear own']);
      stop();
      store.set('a', 2);
      await settled(store);
      assert.equal(told.length, expected.length + 1);
    }),
  );

  test('of all keys that begin so', SLOW, () =>
    withStore({}, async (store) => {
      const told = [];
      store.watch({ prefix: 'é' }, ({ key }) => told.push(key));
      store.watch({ prefix: '' }, ({ key }) => told.push(key));
      for (const key of ['é', 'éa', 'é😀', 'e', '']) store.set(key, 1);
      await settled(store);
      assert.deepEqual(told.sort(), ['', 'e', 'é', 'é', 'éa', 'éa', 'é😀', 'é😀'].sort());
    }),
  );

  test('of an expiry that nobody asks for', SLOW, () =>
    withStore({}, async (store) => {
      const told = [];
      store.watch('a', (change) => told.push(said(change)));
      store.set('a', 1, { ttl: 20 });
      store.set('other', 1, { ttl: 1e6 });
      await waitUntil(() => told.length > 1, 'it has expired');
      assert.deepEqual(told, ['set a own', 'expire a other']);
      store.set('a', 1);
      store.touch('a', 15);
      await waitUntil(() => told.length > 3, 'it has expired again');
      assert.deepEqual(told.slice(2), ['set a own', 'expire a other']);
    }),
  );

  test('of entries that go for want of room', SLOW, () =>
    withStore({ maxBytes: 1 << 18, whenFull: 'evict' }, async (store) => {
      const keys = new Set();
      let overflows = 0;
      store.watch({ prefix: '' }, ({ type, key }) => {
        if (type === 'set') keys.add(key);
        else if (type === 'evict') keys.delete(key);
        else overflows += 1;
      });
      for (let n = 0; n < 2000; n += 1) {
        store.set(`key ${n}`, 'x'.repeat(500));
        if (n % 100 === 0) await settled(store);
      }
      await settled(store);
      assert.equal(overflows, 0);
      assert.deepEqual([...keys].sort(), store.keys().sort());
      assert.ok(keys.size < 1000);
    }),
  );

  test('of tags that are invalidated, whatever it watches', SLOW, () =>
    withStore({}, async (store) => {
      const told = [];
      const tell = (by) => (change) => told.push([by, said(change), change.tag]);
      store.watch({ tag: 'é' }, tell('é'));
      store.watch({ tag: 'other' }, tell('other'));
      store.set('a', 1, { tags: ['é'] });
      store.watch('a', tell('a'));
      store.invalidateTag('é');
      assert.equal(store.get('a'), undefined);
      await settled(store);
      const ofTag = told.filter(([by]) => by === 'é');
      assert.deepEqual(ofTag, [
        ['é', 'set a own', undefined],
        ['é', 'invalidate own', 'é'],
      ]);
      const ofKey = [['a', 'invalidate own', 'é']];
      assert.deepEqual(
        told.filter(([by]) => by !== 'é'),
        ofKey,
      );
      store.set('a', 2);
      await settled(store);
      assert.deepEqual(
        told.filter(([by]) => by !== 'é'),
        [...ofKey, ['a', 'set a own', undefined]],
      );
    }),
  );

  test('in the async context in which it began', SLOW, () =>
    withStore({}, async (store) => {
      const context = new AsyncLocalStorage();
      const told = [];
      context.run('mine', () => store.watch('a', () => told.push(context.getStore())));
      context.run('another', () => store.set('a', 1));
      await settled(store);
      assert.deepEqual(told, ['mine']);
    }),
  );

  test('of what its own listener changes, later', SLOW, () =>
    withStore({}, async (store) => {
      const told = [];
      const stop = store.watch('a', () => {
        told.push(store.get('a'));
        if (store.get('a') < 5) store.increment('a');
        else stop();
      });
      store.set('a', 1);
      await waitUntil(() => told.at(-1) === 5, 'it has counted');
      assert.deepEqual(told, [1, 2, 3, 4, 5]);
    }),
  );
});

describe('messages', () => {
  test('of any kind come as their clones, in order, own ones too', SLOW, () =>
    withStore({}, async (store) => {
      const values = [
        1,
        -0,
        Number.NaN,
        'text',
        '',
        '😀',
        'x'.repeat(20_000),
        true,
        false,
        null,
        undefined,
        { a: 1, b: [1, 2] },
        [],
        new Map([[1, { a: 1 }]]),
        new Uint8Array([1, 2]),
        Buffer.from('b'),
        10n,
        new Date(5),
        { a: { b: { c: 'd' } } },
        { a: 2, b: [3] },
      ];
      const told = [];
      store.subscribe('values', (value, about) => told.push([value, about]));
      store.subscribe('other', () => told.push('another'));
      for (const value of values) store.publish('values', value);
      await settled(store);
      const about = { type: 'message', origin: 'own' };
      assert.deepEqual(
        told,
        values
          .map((value) => [structuredClone(value), about])
          .map(([value, it], n) => [Buffer.isBuffer(values[n]) ? Buffer.from('b') : value, it]),
      );
      assert.deepEqual(store.keys(), []);
    }),
  );

  test('that are too long or no values are refused, whoever listens', SLOW, () =>
    withStore({ maxBytes: 1 << 20 }, (store) => {
      for (const isHeard of [false, true]) {
        if (isHeard) store.subscribe('a', () => {});
        const long = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: /"a" is too long/ };
        assert.throws(() => store.publish('a', 'x'.repeat(1 << 19)), long);
        assert.throws(() => store.publish('a', () => {}), { code: 'ERR_NOT_CLONEABLE' });
        assert.equal(store.publish('a', 'short'), undefined);
      }
    }),
  );
});

describe('an iterable', () => {
  test('gives change after change, and ends with return, with the store, with a signal', SLOW, () =>
    withStore({}, async (store) => {
      const seen = [];
      store.watch('keep', () => {}, { keepAlive: true });
      const changes = store.watch({ prefix: 'a' });
      for (const key of ['a', 'b', 'aa', 'aaa']) store.set(key, 1);
      for await (const change of changes) {
        seen.push(said(change));
        if (seen.length === 3) break;
      }
      assert.deepEqual(seen, ['set a own', 'set aa own', 'set aaa own']);
      assert.deepEqual(await changes.next(), { done: true, value: undefined });
      const controller = new AbortController();
      const messages = store.subscribe('c', { signal: controller.signal });
      const asked = [messages.next(), messages.next()];
      store.publish('c', 5);
      const about = { type: 'message', origin: 'own' };
      assert.deepEqual(await asked[0], { done: false, value: { ...about, value: 5 } });
      controller.abort(new Error('enough'));
      await assert.rejects(asked[1], /enough/);
      assert.deepEqual(await messages.next(), { done: true, value: undefined });
      const last = store.watch('a').next();
      store.close();
      assert.deepEqual(await last, { done: true, value: undefined });
    }),
  );

  test('that is not asked is told of an overflow, and goes on', SLOW, () =>
    withStore({}, async (store) => {
      store.watch('keep', () => {}, { keepAlive: true });
      const changes = store.watch({ prefix: 'key' });
      for (let n = 0; n < 200_000; n += 1) {
        store.set(`key ${n % 100}`, n);
        if (n % 5000 === 0) await settled(store);
      }
      let [count, overflows, last] = [0, 0, undefined];
      store.set('key last', 1);
      while (last !== 'key last') {
        const { value } = await changes.next();
        if (value.type === 'overflow') overflows += 1;
        else [count, last] = [count + 1, value.key];
        // What was noted once there was room again.
        if (overflows > 0 && last !== 'key last') store.set('key last', 1);
      }
      assert.ok(overflows > 0 && count < 200_000, `${overflows} overflows, ${count} changes`);
    }),
  );
});

test('a_signal_ends_a_watch_and_one_that_was_aborted_never_begins', SLOW, () =>
  withStore({}, async (store) => {
    const told = [];
    const controller = new AbortController();
    store.watch('a', (change) => told.push(change), { signal: controller.signal });
    controller.abort();
    store.watch('a', (change) => told.push(change), { signal: controller.signal });
    store.set('a', 1);
    await settled(store);
    assert.deepEqual(told, []);
  }),
);

test('objects_of_one_thread_watch_each_for_itself', SLOW, async () => {
  const name = freshName();
  const [one, other] = [new SharedStore({ name }), new SharedStore({ name })];
  const told = [];
  one.watch('a', () => told.push('one'));
  other.watch('a', ({ origin }) => told.push(`other ${origin}`));
  one.close();
  other.set('a', 1);
  await settled(other);
  assert.deepEqual(told, ['other own']);
  other.close();
});

test('what_cannot_be_watched_is_refused', () =>
  withStore({}, (store) => {
    const refused = (call, code) => assert.throws(call, { code });
    refused(() => store.watch(), 'ERR_MISSING_ARGS');
    refused(() => store.watch({}, () => {}), 'ERR_INVALID_ARG_VALUE');
    refused(() => store.watch({ prefix: 'a', tag: 'b' }, () => {}), 'ERR_INVALID_ARG_VALUE');
    refused(() => store.watch({ prefix: 1 }, () => {}), 'ERR_INVALID_ARG_TYPE');
    refused(() => store.watch({ prefx: 'a' }, () => {}), 'ERR_UNKNOWN_OPTION');
    refused(() => store.watch(Symbol('a'), () => {}), 'ERR_INVALID_KEY');
    refused(() => store.watch('a', 'listener', {}), 'ERR_INVALID_ARG_TYPE');
    refused(() => store.watch('a', () => {}, { keepAlive: 1 }), 'ERR_INVALID_ARG_TYPE');
    refused(() => store.watch('a', () => {}, { signal: {} }), 'ERR_INVALID_ARG_TYPE');
    refused(() => store.subscribe(1, () => {}), 'ERR_INVALID_ARG_TYPE');
    refused(() => store.publish('a'), 'ERR_MISSING_ARGS');
  }));

test('a_watcher_keeps_no_process_alive_unless_asked', SLOW, async () => {
  const { stdout } = await runToExit(0, 'shared-watching.js', ['unasked']);
  assert.equal(stdout, 'ended\n');
  assert.equal((await runToExit(0, 'shared-watching.js', ['asked'])).stdout, 'told\nended\n');
});

test('what_a_listener_throws_the_process_hears_of_and_others_are_told', SLOW, async () => {
  const { stdout } = await runToExit(0, 'shared-watching.js', ['throwing']);
  assert.deepEqual(stdout.split('\n').sort(), ['', 'ended', 'thrown on purpose', 'told']);
});

test('replay_of_random_calls_is_the_store', SLOW, async () => {
  const key = fc.integer({ min: 0, max: 9 }).map((n) => `key ${n}`);
  const call = fc.oneof(
    fc.record({ verb: fc.constant('set'), key, rest: fc.tuple(fc.string(), fc.constant({})) }),
    fc.record({ verb: fc.constantFrom('delete', 'take', 'increment'), key, rest: fc.constant([]) }),
    fc.record({ verb: fc.constantFrom('add', 'replace'), key, rest: fc.tuple(fc.integer()) }),
    fc.record({ verb: fc.constant('clear'), rest: fc.constant([]) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 60 }), (calls) =>
      withStore({}, async (store) => {
        const keys = new Set();
        store.watch({ prefix: '' }, ({ type, key: changed }) => {
          if (type === 'set') keys.add(changed);
          else if (type === 'delete') keys.delete(changed);
          else if (type === 'clear') keys.clear();
          else assert.fail(type);
        });
        for (const { verb, key: it, rest } of calls) {
          try {
            store[verb](...(it === undefined ? [] : [it]), ...rest);
          } catch (error) {
            assert.equal(error.code, 'ERR_NOT_A_NUMBER');
          }
        }
        await settled(store);
        assert.deepEqual([...keys].sort(), store.keys().sort());
      }),
    ),
    { numRuns: 60 },
  );
});
