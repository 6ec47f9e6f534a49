/**
 * What watchers and subscribers of a fleet are told: changes, messages, lost connections.
 *
 * Must not know how a server says it. Invariant tested: who began is told of every change that
 * comes later, or that some may be missing.
 */
const assert = require('node:assert/strict');
const { setImmediate: turn } = require('node:timers/promises');
const { createClientPool } = require('redis');
const { sharedMemoryBus } = require('shared-memory-store/bentocache');
const driver = require('shared-memory-store/unstorage');
const { fleetTest, withClient } = require('../helpers/fleet.js');
const { sharedServer } = require('../helpers/servers.js');
const { waitUntil } = require('../helpers/wait-until.js');

const HOUR_MS = 3_600_000;
const LONG = 'x'.repeat(2 ** 20);

/** Watches, and gives what was told as a list that grows. */
async function watched(store, what, options) {
  const told = [];
  const stop = await store.watch(what, (change) => told.push(change), options);
  return { told, stop };
}

/** Cuts the connections that listen for changes or messages of anybody. */
async function cutListeners() {
  await withClient(async (client) => {
    const list = String(await client.sendCommand(['CLIENT', 'LIST']));
    for (const line of list.split('\n')) {
      if (!/ flags=\S*[BP]/.test(line)) continue;
      const [, id] = /^id=(\d+)/.exec(line);
      await client.sendCommand(['CLIENT', 'KILL', 'ID', id]);
    }
  });
}

fleetTest('who watches a key is told of all that becomes of it', async (open) => {
  const [store, other] = [open(), open()];
  const { told, stop } = await watched(store, 'ä}%');
  const change = { type: 'change', key: 'ä}%' };
  const steps = [
    () => other.set('ä}%', 1),
    () => store.increment('ä}%'),
    () => other.touch('ä}%', HOUR_MS),
    () => withClient((client) => client.del(`${store.name}{ä%7D%25}`)),
    () => other.set('ä}%', 1, 1),
  ];
  for (const [at, step] of steps.entries()) {
    await step();
    await waitUntil(() => told.length >= at + 1);
    assert.deepEqual(told.at(-1), change);
  }
  // The deadline passes, and whoever looks finds that out.
  await waitUntil(async () => {
    await other.get('ä}%');
    return told.length >= steps.length + 1;
  });
  await other.set('b', 1);
  stop();
  const { length } = told;
  const last = await watched(store, 'end');
  await other.set('ä}%', 1);
  await other.set('end', 1);
  await waitUntil(() => last.told.length > 0);
  assert.equal(told.length, length);
  assert.ok(told.every(({ key }) => key === 'ä}%'));
});

fleetTest('prefixes and namespaces', async (open) => {
  const [store, other] = [open(), open()];
  const all = await watched(store, { prefix: '' });
  const some = await watched(store, { prefix: 'user:' });
  const view = await watched(store, { namespace: 'n' });
  await other.set('user:1', 1);
  await other.set('page:1', 1);
  await other.namespace('n').set('user:2', 1);
  await other.namespace('n').namespace('m').set('user:3', 1);
  await other.namespace('n').clear();
  await other.set('user:4', 1);
  await waitUntil(() => some.told.length === 2 && view.told.length === 2);
  assert.deepEqual(
    some.told.map(({ key }) => key),
    ['user:1', 'user:4'],
  );
  assert.deepEqual(view.told, [
    { type: 'change', key: 'user:2' },
    { type: 'clear', key: undefined },
  ]);
  assert.deepEqual(
    all.told.map(({ key }) => key),
    ['user:1', 'page:1', 'user:4'],
  );
});

fleetTest('a tag is told of when it is invalidated, not when it is used', async (open) => {
  const place = { url: `${sharedServer().url}/3` };
  const [store, other] = [open(place), open(place)];
  await other.set('a', 1, { tags: ['x'] });
  const { told } = await watched(store, { tag: 'x' });
  const invalidate = { type: 'invalidate', key: undefined, tag: 'x' };
  for (let round = 1; round <= 3; round += 1) {
    await other.set('a', 1, { tags: ['x', 'y'], ttl: HOUR_MS * round });
    await other.touch('a', HOUR_MS * 1000 * round);
    await other.invalidateTag('y');
    await other.invalidateTag('x');
    await waitUntil(() => told.length === round);
    assert.deepEqual(told.at(-1), invalidate);
  }
  await store.invalidateTag(['x', 'y']);
  await waitUntil(() => told.length === 4);
});

fleetTest('a flush, and a connection that was lost, are an overflow', async (open) => {
  const [store, other] = [open(), open()];
  const { told } = await watched(store, 'a');
  const messages = [];
  await store.subscribe('news', (_value, { type }) => messages.push(type));
  await withClient((client) => client.flushAll());
  await waitUntil(() => told.length === 1);
  assert.equal(told[0].type, 'overflow');
  told.splice(0);
  messages.splice(0);
  await cutListeners();
  await waitUntil(() => told.length === 1 && messages.length === 1);
  assert.deepEqual([told[0].type, messages[0]], ['overflow', 'overflow']);
  await other.set('a', 1);
  await other.publish('news', 1);
  await waitUntil(() => told.length === 2 && messages.length === 2);
  assert.deepEqual([told[1].type, messages[1]], ['change', 'message']);
});

fleetTest('beside a client of one server, too', async (open) => {
  await withClient(async (client) => {
    const store = open({ client });
    const { told } = await watched(store, { prefix: '' });
    const messages = [];
    await store.subscribe('news', (value) => messages.push(value));
    await store.set('a', 1);
    await store.publish('news', 2);
    await waitUntil(() => told.length === 1 && messages.length === 1);
    await store.close();
  });
});

const VALUES = [
  'text',
  '\ud800 ☺',
  5,
  -0,
  null,
  true,
  { list: [1, new Date(0)] },
  new Map([[1, 2]]),
];

fleetTest('messages are clones, in order, to all who subscribe', async (open) => {
  const [store, other] = [open(), open()];
  const heard = [];
  const stop = await store.subscribe('ch}an', (value, about) => heard.push([value, about]));
  const others = [];
  await other.subscribe('ch}an', (_value, { origin }) => others.push(origin));
  await other.subscribe('another', () => assert.fail('of another channel'));
  for (const value of VALUES) await other.publish('ch}an', value);
  await waitUntil(() => heard.length === VALUES.length && others.length === VALUES.length);
  assert.deepEqual(
    heard.map(([value]) => value),
    VALUES,
  );
  assert.ok(heard.every(([, { type, origin }]) => type === 'message' && origin === 'other'));
  assert.ok(others.every((origin) => origin === 'own'));
  stop();
  await other.publish('ch}an', 1);
  await waitUntil(() => others.length === VALUES.length + 1);
  assert.equal(heard.length, VALUES.length);
  await assert.rejects(
    other.publish('ch}an', () => {}),
    { code: 'ERR_NOT_CLONEABLE' },
  );
});

fleetTest('iterables give one change after another, and end', async (open) => {
  const [store, other] = [open(), open()];
  const controller = new AbortController();
  const changes = store.watch({ prefix: 'a' }, { signal: controller.signal });
  const first = changes.next();
  const isDone = { is: false };
  first.then(() => {
    isDone.is = true;
  });
  await waitUntil(async () => {
    await other.set('a1', 1);
    return isDone.is;
  });
  assert.deepEqual((await first).value, { type: 'change', key: 'a1' });
  await other.set('a2', 1);
  for await (const { key } of changes) if (key === 'a2') break;
  assert.deepEqual(await changes.next(), { done: true, value: undefined });

  const messages = store.subscribe('news', { signal: controller.signal });
  const next = messages.next();
  const published = next.then(({ value }) => value);
  let isThere = false;
  published.then(() => {
    isThere = true;
  });
  await waitUntil(async () => {
    await other.publish('news', { n: 1 });
    return isThere;
  });
  assert.deepEqual(await published, { value: { n: 1 }, type: 'message', origin: 'other' });
  controller.abort(new Error('enough'));
  await assert.rejects(async () => {
    for await (const _message of messages) await turn();
  }, /enough/);
});

fleetTest('who asks for what another is being refused is refused, too', (open) => {
  return withClient(async (client) => {
    const user = `untold-${process.pid}`;
    const rules = ['on', '>secret', '~*', '&*', '+@all', '-client|tracking'];
    await client.sendCommand(['ACL', 'SETUSER', user, ...rules]);
    try {
      const url = sharedServer().url.replace('//', `//${user}:secret@`);
      const store = open({ url });
      const listener = () => {};
      await store.subscribe('news', listener);
      const both = [store.watch('a', listener), store.watch('b', listener)];
      for (const watching of both) await assert.rejects(watching, { code: 'ERR_STORE_FORBIDDEN' });
    } finally {
      await client.sendCommand(['ACL', 'DELUSER', user]);
    }
  });
});

fleetTest('what cannot be watched is refused', async (open) => {
  const store = open();
  const listener = () => {};
  for (const [what, code] of [
    [{ prefix: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ prefix: 'a', tag: 'b' }, 'ERR_INVALID_ARG_VALUE'],
    [{ keys: 'a' }, 'ERR_UNKNOWN_OPTION'],
  ]) {
    await assert.rejects(store.watch(what, listener), { code });
    assert.throws(() => store.watch(what), { code });
  }
  await assert.rejects(store.subscribe(5, listener), { code: 'ERR_INVALID_ARG_TYPE' });
  await assert.rejects(store.publish('a'), { code: 'ERR_MISSING_ARGS' });
  const nobody = createClientPool({ url: sharedServer().url });
  const code = 'ERR_INVALID_ARG_VALUE';
  await assert.rejects(open({ client: nobody }).watch('a', listener), { code });
  assert.throws(() => open({ client: nobody }).subscribe('a'), { code });
  const away = open({ url: 'redis://127.0.0.1:1' });
  await assert.rejects(away.watch('a', listener), { code: 'ERR_STORE_UNAVAILABLE' });
  await assert.rejects(away.subscribe('a').next(), { code: 'ERR_STORE_UNAVAILABLE' });
  const stop = await store.watch('a', listener);
  const changes = store.watch('a');
  const begun = await store.watch('a', listener);
  const asked = changes.next();
  await store.close();
  stop();
  begun();
  await assert.rejects(asked, { code: 'ERR_STORE_CLOSED' });
  await assert.rejects(store.watch('a', listener), { code: 'ERR_STORE_CLOSED' });
});

fleetTest('adapters hear by it as by a shared store, until they stop', async (open) => {
  const store = open();
  const [one, two] = ['one', 'two'].map((id) => sharedMemoryBus({ store }).factory().setId(id));
  const heard = [];
  await two.subscribe('c', ({ keys }) => heard.push(...keys));
  const storage = driver({ store, base: 'app' });
  const unwatch = await storage.watch((event, key) => heard.push(`${event} ${key}`));
  await one.publish('c', { type: 'set', keys: ['short'] });
  await one.publish('c', { type: 'set', keys: [LONG] });
  await storage.setItem('key', 'text');
  await waitUntil(() => heard.length === 3);
  assert.deepEqual(new Set(heard), new Set(['short', LONG, 'update key']));
  await unwatch();
  await two.disconnect();
  await one.publish('c', { type: 'set', keys: ['unheard'] });
  await storage.setItem('unheard', 'text');
  // Those who began later are told later.
  const last = await watched(store, { prefix: 'app:' });
  await storage.setItem('last', 'text');
  await waitUntil(() => last.told.length === 1);
  last.stop();
  assert.equal(heard.length, 3);
  await one.disconnect();
});
