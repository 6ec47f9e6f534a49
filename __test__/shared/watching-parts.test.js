/**
 * Changes of a part of a `SharedStore`: of a namespace, by itself or by its view, and of a tag.
 *
 * Must not know how they travel. Invariant tested: a watcher is told of what is in his part, was in
 * it until then, or concerns all of it, and of nothing else.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { settled, said } = require('../helpers/watching.js');
const { withStore } = require('../helpers/shared-names.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

describe('a watcher of a namespace is told', () => {
  test('of its keys, not of those within nor of the store', SLOW, () =>
    withStore({}, async (store) => {
      const users = store.namespace('users');
      const told = { own: [], view: [], prefix: [], key: [], nested: [], plain: [] };
      const tellTo = (list) => (change) => list.push(said(change));
      store.watch({ namespace: 'users' }, tellTo(told.own));
      users.watch({ prefix: '' }, tellTo(told.view));
      users.watch({ prefix: 'a' }, tellTo(told.prefix));
      users.watch('a', tellTo(told.key));
      users.watch({ namespace: 'eu' }, tellTo(told.nested));
      store.watch({ prefix: '' }, tellTo(told.plain));
      for (const one of [store, users, users.namespace('eu'), store.namespace('user')]) {
        for (const key of ['a', 'ab', 'b']) one.set(key, 1);
      }
      users.delete('b');
      await settled(store);
      const three = ['set a own', 'set ab own', 'set b own'];
      assert.deepEqual(told, {
        own: [...three, 'delete b own'],
        view: [...three, 'delete b own'],
        prefix: three.slice(0, 2),
        key: three.slice(0, 1),
        nested: three,
        plain: three,
      });
    }),
  );

  test('that the store was cleared', SLOW, () =>
    withStore({}, async (store) => {
      const told = [];
      const view = store.namespace('a');
      for (const what of ['key', { prefix: 'x' }, { tag: 'tag' }, { namespace: 'b' }]) {
        view.watch(what, (change) => told.push(said(change)));
      }
      store.clear();
      await settled(store);
      assert.deepEqual(told, Array(4).fill('clear own'));
    }),
  );

  test('what becomes of its keys when it is cleared', SLOW, () =>
    withStore({}, async (store) => {
      const [view, other] = [store.namespace('a'), store.namespace('b')];
      const [keys, others] = [new Set(), []];
      for (const one of [store, view, other]) one.set('key', 1);
      keys.add('key');
      view.watch({ prefix: '' }, ({ type, key }) => {
        if (type === 'delete') keys.delete(key);
        else if (type === 'clear') keys.clear();
      });
      for (const one of [store, other]) one.watch({ prefix: '' }, (it) => others.push(said(it)));
      view.clear();
      await settled(store);
      assert.deepEqual([...keys], []);
      assert.deepEqual(others, []);
    }),
  );

  test('of its tags, not of those of others', SLOW, () =>
    withStore({}, async (store) => {
      const view = store.namespace('a');
      const told = [];
      view.watch('key', ({ type, tag }) => told.push(`key ${type} ${tag}`));
      view.watch({ tag: 't' }, ({ type, tag }) => told.push(`tag ${type} ${tag}`));
      store.watch('key', ({ type, tag }) => told.push(`store ${type} ${tag}`));
      view.invalidateTag('t');
      await settled(store);
      assert.deepEqual(told.splice(0).sort(), ['key invalidate t', 'tag invalidate t']);
      store.invalidateTag('t');
      store.namespace('b').invalidateTag('t');
      await settled(store);
      assert.deepEqual(told, ['store invalidate t']);
    }),
  );

  test('of an expiry that nobody asks for', SLOW, () =>
    withStore({}, async (store) => {
      const told = [];
      store.watch({ namespace: 'a' }, (change) => told.push(said(change)));
      store.namespace('a').set('key', 1, { ttl: 20 });
      await waitUntil(() => told.length > 1, 'it has expired');
      assert.deepEqual(told, ['set key own', 'expire key other']);
    }),
  );

  test('as an iterable', SLOW, () =>
    withStore({}, async (store) => {
      const view = store.namespace('a');
      const changes = view.watch({ prefix: '' }, { keepAlive: true });
      store.set('key', 1);
      view.set('key', 1);
      const { value } = await changes.next();
      assert.deepEqual(value, { type: 'set', key: 'key', origin: 'own' });
      await changes.return();
    }),
  );
});

test('channels_of_a_namespace_are_its_own', SLOW, () =>
  withStore({ maxBytes: 1 << 20 }, async (store) => {
    const channels = ['', 'a', '\0', '\0a\0\0a', '\0a\0\0'];
    const all = [store, store.namespace('a'), store.namespace('a').namespace('a')];
    const heard = [];
    for (const [number, one] of all.entries()) {
      for (const channel of channels) {
        one.subscribe(channel, (value) => heard.push([number, channel, value]));
      }
    }
    const sent = all.flatMap((one, number) =>
      channels.map((channel) => {
        one.publish(channel, `${number} ${channel}`);
        return [number, channel, `${number} ${channel}`];
      }),
    );
    await settled(store);
    assert.deepEqual(heard, sent);
    const long = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: /"news" is too long/ };
    assert.throws(() => all[1].publish('news', 'x'.repeat(1 << 19)), long);
  }),
);

describe('a watcher of a tag is told', () => {
  test('of each change of an entry that carries it, or did until then', SLOW, () =>
    withStore({}, async (store) => {
      const told = { t: [], other: [] };
      for (const tag of ['t', 'other']) {
        store.watch({ tag }, (change) => told[tag].push(said(change)));
      }
      store.set('none', 1);
      store.set('none', 2, { tags: ['another'] });
      store.set('a', 1, { tags: ['t'] });
      store.update('a', (n) => n + 1);
      store.increment('a');
      store.set('a', 1, { tags: ['t', 'other'] });
      store.set('a', 1, { tags: ['other'] });
      store.set('a', 1);
      store.set('a', 2);
      store.add('b', 'x'.repeat(200_000), { tags: ['t'] });
      store.take('b');
      store.compareAndSet('a', 2, 3, { tags: ['t'] });
      store.delete('a');
      await store.getOrSet('c', () => 1, { tags: ['t'] });
      store.deleteWhere({ prefix: 'c' });
      store.clear();
      await settled(store);
      const of = (...them) => them.map((it) => `${it} own`);
      const a = 'set a';
      assert.deepEqual(told, {
        t: of(a, a, a, a, a, 'set b', 'delete b', a, 'delete a', 'set c', 'delete c', 'clear'),
        other: of(a, a, a, 'clear'),
      });
    }),
  );

  test('of one that expires, and of one that goes for want of room', SLOW, () =>
    withStore({ maxBytes: 1 << 18, whenFull: 'evict' }, async (store) => {
      const told = [];
      store.watch({ tag: 't' }, (change) => told.push(said(change)));
      store.set('a', 1, { ttl: 20, tags: ['t'] });
      await waitUntil(() => told.length > 1, 'it has expired');
      store.set('b', 1, { tags: ['t'] });
      for (let n = 0; store.has('b'); n += 1) {
        store.set(`key ${n}`, 'x'.repeat(500));
        if (n % 100 === 0) await settled(store);
      }
      await settled(store);
      assert.deepEqual(told, ['set a own', 'expire a other', 'set b own', 'evict b own']);
    }),
  );

  test('of an entry that goes because another of its tags was invalidated', SLOW, () =>
    withStore({}, async (store) => {
      const told = { one: [], two: [] };
      for (const tag of ['one', 'two']) {
        store.watch({ tag }, (change) => told[tag].push(said(change)));
      }
      store.set('a', 1, { tags: ['one', 'two'] });
      store.set('b', 1, { tags: ['one'] });
      store.invalidateTag('one');
      // The sweep would do the same in a while.
      assert.equal(store.size(), 0);
      await settled(store);
      assert.deepEqual(told.one, ['set a own', 'set b own', 'invalidate own']);
      assert.deepEqual(told.two, ['set a own', 'delete a other']);
    }),
  );
});

test('what_names_no_part_is_refused', () =>
  withStore({}, (store) => {
    for (const one of [store, store.namespace('a')]) {
      const refused = (call, code) => assert.throws(call, { code });
      refused(() => one.watch({ namespace: '' }, () => {}), 'ERR_INVALID_ARG_VALUE');
      refused(() => one.watch({ namespace: 1 }, () => {}), 'ERR_INVALID_ARG_TYPE');
      refused(() => one.watch({ namespace: 'a', tag: 'b' }, () => {}), 'ERR_INVALID_ARG_VALUE');
      refused(() => one.watch({ tag: 1 }, () => {}), 'ERR_INVALID_ARG_TYPE');
      refused(() => one.watch(), 'ERR_MISSING_ARGS');
      refused(() => one.publish('a'), 'ERR_MISSING_ARGS');
      refused(() => one.watch.call({}, 'a', () => {}), 'ERR_INVALID_THIS');
    }
    const view = store.namespace('a');
    store.close();
    for (const verb of ['watch', 'subscribe', 'publish']) {
      assert.throws(() => view[verb]('a', () => {}), { code: 'ERR_STORE_CLOSED' });
    }
  }));
