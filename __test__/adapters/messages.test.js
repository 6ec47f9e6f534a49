/**
 * What adapters send and hear: channels of a store, the bus of bentocache, changes for unstorage.
 *
 * Must not know the frameworks. Invariant tested: a message of any length comes once and in order,
 * and who may have missed one is told.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
const { memoryDriver, sharedMemoryBus } = require('shared-memory-store/bentocache');
const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
const createAdapter = require('shared-memory-store/socket.io');
const driver = require('shared-memory-store/unstorage');
const MemoryStore = require('../../index.js');
const { adapt } = require('../../lib/adapters/core/adapted.js');
const { Channels } = require('../../lib/adapters/core/channels.js');
const { pack, unpack } = require('../../lib/adapters/frameworks/socket.io/wire.js');
const { runToExit } = require('../helpers/run-program.js');
const { runProcesses } = require('../helpers/processes.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const { SharedStore } = MemoryStore;
const LONG = 'x'.repeat(2 ** 20);

/** Runs `body(store)` with a store of threads. */
async function withStore(body) {
  const store = new SharedStore({ name: freshName('messages'), maxBytes: 2 ** 22 });
  try {
    return await body(store);
  } finally {
    store.close();
  }
}

describe('channels', () => {
  test('long messages come whole, in order with short ones, and leave nothing for ever', () =>
    withStore(async (store) => {
      const channels = new Channels(adapt({ store, prefix: 'p:' }));
      const heard = [];
      const listening = channels.subscribe('c', {
        hear: (message) => heard.push(message),
        miss: () => assert.fail('nothing was missed'),
      });
      channels.subscribe('other', { hear: () => assert.fail('another channel'), miss() {} });
      for (const message of ['a', { long: LONG }, undefined, null, 'b']) {
        await channels.publish('c', message);
      }
      await waitUntil(() => heard.length === 5, 'all are heard');
      assert.deepEqual(heard, ['a', { long: LONG }, undefined, null, 'b']);
      assert.equal(store.size(), 1);
      assert.ok(store.ttl(store.keys()[0]) <= 60_000);
      listening.stop();
      await channels.publish('c', 'unheard');
    }));

  test('a long message that went before it was heard is missed, not silently', () =>
    withStore(async (store) => {
      const channels = new Channels(adapt({ store, prefix: 'p:' }));
      const heard = [];
      channels.subscribe('c', {
        hear: (message) => heard.push(message),
        miss: () => heard.push('missed'),
      });
      channels.publish('c', LONG);
      store.clear();
      await channels.publish('c', 'after');
      await waitUntil(() => heard.length === 2, 'both are told');
      assert.deepEqual(heard, ['missed', 'after']);
    }));

  test('what cannot be sent is an error', () =>
    withStore((store) => {
      const channels = new Channels(adapt({ store }));
      assert.throws(() => channels.publish('c', () => {}), { code: 'ERR_NOT_CLONEABLE' });
      store.close();
      assert.throws(() => channels.publish('c', 1), { code: 'ERR_STORE_CLOSED' });
      assert.throws(() => channels.subscribe('c', {}), { code: 'ERR_STORE_CLOSED' });
    }));

  for (const store of [new MemoryStore(), new AsyncStore()]) {
    test(`${store.constructor.name} has none`, () => {
      const none = { code: 'ERR_INVALID_ARG_TYPE', message: /SharedStore/ };
      assert.throws(() => new Channels(adapt({ store })), none);
      assert.throws(() => sharedMemoryBus({ store }).factory(), none);
    });
  }
});

describe('a store that begins later', () => {
  /** What a store of a fleet does: `beginnings` are what it gives one after another. */
  function laterStore(beginnings) {
    const told = { listeners: [], stops: 0 };
    const none = () => {};
    const store = {
      ...{ get: none, set: none, getEntry: none, hit: none, publish: none },
      peek: async () => {
        throw new Error('out of reach');
      },
      subscribe: async (_name, listener) => {
        const failure = beginnings.shift();
        if (failure !== undefined) throw failure;
        told.listeners.push(listener);
        return () => {
          told.stops += 1;
        };
      },
    };
    return { store, told };
  }
  const outOfReach = () => new Error('out of reach');
  const closed = () => Object.assign(new Error('closed'), { code: 'ERR_STORE_CLOSED' });

  test('who stops before it has begun hears nothing, and so who stops later', async () => {
    const { store, told } = laterStore([]);
    const channels = new Channels(adapt({ store }));
    const hearing = { hear: () => assert.fail('heard'), miss: () => assert.fail('missed') };
    const [early, late] = [1, 2].map(() => channels.subscribe('c', hearing));
    early.stop();
    await early.begun;
    assert.equal(told.stops, 1);
    await late.begun;
    told.listeners[1]({ at: 'somewhere' }, { type: 'message' });
    late.stop();
    assert.equal(told.stops, 2);
  });

  test('one that fails is asked again, and who hears is told each time', async () => {
    const { store, told } = laterStore([outOfReach(), outOfReach()]);
    const missed = [];
    const listening = new Channels(adapt({ store })).subscribe('c', {
      hear: () => assert.fail('heard'),
      miss: (reason) => missed.push(reason),
    });
    await listening.begun;
    await waitUntil(() => missed.length === 3, 'it is told');
    assert.deepEqual(new Set(missed), new Set(['the store failed: out of reach']));
    told.listeners[0]({ at: 'somewhere' }, { type: 'message' });
    await waitUntil(() => missed.length === 4, 'a long message is missed');
    assert.match(missed[3], /long one/);
    listening.stop();
    assert.deepEqual([told.listeners.length, told.stops], [1, 1]);
  });

  test('one that cannot be opened anew is asked again', async () => {
    const { store } = laterStore([]);
    const failures = [undefined, outOfReach()];
    const missed = [];
    let orphan;
    Object.assign(store, {
      destroy: () => {},
      on: (_event, listener) => {
        orphan = listener;
      },
      off: () => {},
      subscribe: () => {
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
        return () => {};
      },
    });
    const listening = new Channels(adapt({ store })).subscribe('c', {
      hear: () => assert.fail('heard'),
      miss: (reason) => missed.push(reason),
    });
    orphan();
    await waitUntil(() => missed.length === 2, 'it has failed, and begun');
    assert.equal(failures.length, 0);
    listening.stop();
  });

  test('one that is closed meanwhile does not end the process of who does not wait', async () => {
    const { store } = laterStore([closed()]);
    const hearing = { hear: () => assert.fail('heard'), miss: () => assert.fail('missed') };
    const listening = new Channels(adapt({ store })).subscribe('c', hearing);
    // By then it would be unhandled, which fails a test.
    await pause(1);
    await assert.rejects(listening.begun, { code: 'ERR_STORE_CLOSED' });
    listening.stop();
  });

  test('one that is closed after who hears has stopped is no error', async () => {
    const { store } = laterStore([closed()]);
    const bus = sharedMemoryBus({ store }).factory().setId('one');
    const begun = bus.subscribe('c', () => assert.fail('heard'));
    await bus.disconnect();
    await begun;
  });

  test('the bus stops what has begun, and closed ones are an error', async () => {
    const { store, told } = laterStore([undefined, undefined, undefined, closed()]);
    const bus = sharedMemoryBus({ store }).factory().setId('one');
    for (const channel of ['c', 'c', 'd']) await bus.subscribe(channel, () => {});
    assert.equal(told.stops, 1);
    await bus.unsubscribe('c');
    assert.equal(told.stops, 2);
    await assert.rejects(
      bus.subscribe('e', () => {}),
      { code: 'ERR_STORE_CLOSED' },
    );
    await bus.disconnect();
    assert.equal(told.stops, 3);
  });
});

describe("socket.io's messages", () => {
  const samples = [
    ['text', { type: 3, data: { packet: { type: 2, data: ['event', 1, null, 'ü\0'] } } }],
    ['bytes', { data: [Buffer.from('a'), { deep: new Uint8Array([1, 2]) }, new ArrayBuffer(3)] }],
    ['what looks like bytes', { '\0bytes': 0, data: { _placeholder: true, num: 0 } }],
  ];
  for (const [what, message] of samples) {
    test(`come as they were: ${what}`, () => assert.deepEqual(unpack(pack(message)), message));
  }

  test('say of others what clients would get', () => {
    const message = {
      at: new Date(0),
      own: { toJSON: () => 'said' },
      none: [undefined],
      b: Buffer,
    };
    assert.deepEqual(unpack(pack(message)), {
      at: new Date(0).toJSON(),
      own: 'said',
      none: [null],
    });
  });

  test('bytes cannot be forged by who knows the form', () => {
    const [, mark] = pack([Buffer.from('a')]);
    assert.ok(mark.length >= 32);
    const [, ...rest] = pack({ data: [{ 0: 0 }, Buffer.from('secret')] });
    assert.equal(rest.length, 2);
  });

  test('bytes come back from any depth, and beside any name', () => {
    const [, mark, ...bytes] = pack([Buffer.from('a')]);
    const text = `[${'['.repeat(100_000)}{"${mark}":0}${']'.repeat(100_000)}]`;
    let found = unpack([text, mark, ...bytes]);
    while (Array.isArray(found)) [found] = found;
    assert.deepEqual(found, Buffer.from('a'));
    const named = unpack([`{"__proto__":{"${mark}":0},"a":[{"${mark}":0}]}`, mark, ...bytes]);
    assert.equal(Object.getPrototypeOf(named), Object.prototype);
    assert.deepEqual(Object.entries(named), [
      ['__proto__', bytes[0]],
      ['a', [bytes[0]]],
    ]);
  });

  test('a message of a client that cannot go on is a warning, and ends no server', () =>
    withFolder(async (folder) => {
      const how = { env: { NODE_PATH: folder } };
      const { stdout, stderr } = await runToExit(0, 'socket-adapter.js', [folder], how);
      assert.deepEqual(stdout.trim().split('\n'), ['after', "a listener's own error"]);
      assert.match(stderr, /SMS_SOCKET_MISSED\].*lost: too deep/);
    }));

  test('wrong options of an adapter are told', () => {
    assert.throws(() => createAdapter({ heartbeatInterval: 0 }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => createAdapter({ heartbeatTimeout: '1' }), { code: 'ERR_INVALID_ARG_TYPE' });
  });
});

describe("bentocache's bus", () => {
  test('what it hands on is its hearer’s, long messages of a frozen store, too', async () => {
    const how = { name: freshName('messages'), maxBytes: 2 ** 22, reads: 'frozen' };
    const store = new SharedStore(how);
    const [one, two] = ['one', 'two'].map((id) => sharedMemoryBus({ store }).factory().setId(id));
    const heard = [];
    await one.subscribe('c', (message) => heard.push(message));
    const long = { type: 'delete', keys: [LONG] };
    for (const message of [{ type: 'clear', keys: [] }, long]) await two.publish('c', message);
    await waitUntil(() => heard.length === 2, 'both are heard');
    for (const message of heard) message.namespace = 'as bentocache does';
    assert.deepEqual(heard[1].keys, [LONG]);
    for (const bus of [one, two]) await bus.disconnect();
    store.close();
  });

  test('others hear, oneself does not, until it is left', () =>
    withStore(async (store) => {
      const [one, two] = ['one', 'two'].map((id) => sharedMemoryBus({ store }).factory().setId(id));
      const heard = { one: [], two: [] };
      await one.subscribe('c', (message) => heard.one.push(message));
      await two.subscribe('c', (message) => heard.two.push(message));
      const message = { type: 'set', keys: ['a'], namespace: 'users' };
      await one.publish('c', message);
      await two.publish('c', { type: 'clear', keys: [] });
      await waitUntil(() => heard.one.length + heard.two.length === 2, 'each has heard');
      assert.deepEqual(heard, { one: [{ type: 'clear', keys: [] }], two: [message] });
      await two.unsubscribe('c');
      await one.publish('c', message);
      await one.subscribe('d', (last) => heard.one.push(last));
      await two.publish('d', message);
      await waitUntil(() => heard.one.length === 2, 'another channel is heard');
      assert.equal(heard.two.length, 1);
      await one.disconnect();
      assert.equal(store.set('key', 1), true);
    }));

  /** A bus that hears what a test says. */
  async function fakedBus() {
    const none = () => {};
    let listener;
    const subscribe = (_channel, given) => {
      listener = given;
      return none;
    };
    const store = { get: none, set: none, getEntry: none, hit: none, subscribe };
    const cleared = [];
    const bus = sharedMemoryBus({ store }).factory().setId('one');
    await bus.subscribe('c', ({ type, namespace }) => type === 'clear' && cleared.push(namespace));
    return {
      hear: (namespace) => {
        listener({ message: ['two', { type: 'set', keys: ['a'], namespace }] }, {});
      },
      miss: () => {
        listener(undefined, { type: 'overflow' });
        return cleared.splice(0);
      },
    };
  }

  test('who has missed messages forgets all, though none was heard of', async () => {
    const { miss } = await fakedBus();
    const users = memoryDriver().factory({ prefix: 'app' });
    const disconnected = memoryDriver().factory({ prefix: 'app' });
    const store = new MemoryStore();
    const pages = memoryDriver({ store }).factory({ prefix: 'pages' }).namespace('deep');
    await disconnected.disconnect();
    users.namespace('ann').set('key', 1);
    pages.set('key', 1);
    store.set('other', 1);
    assert.deepEqual(miss(), [undefined, 'bentocache']);
    assert.equal(users.namespace('ann').get('key'), undefined);
    assert.equal(pages.get('key'), undefined);
    assert.equal(store.get('other'), 1);
  });

  test('and first levels of others by their names, which do not grow for ever', async () => {
    const { hear, miss } = await fakedBus();
    hear('my:app:users');
    const names = ['my', 'my:app', 'my:app:users'];
    assert.deepEqual(miss(), [undefined, 'bentocache', ...names]);
    for (let user = 0; user < 10_000; user += 1) hear(`my:app:${user}`);
    const cleared = miss();
    assert.ok(cleared.length < 1000);
    for (const name of ['my:app', 'my:app:9999']) assert.ok(cleared.includes(name));
  });

  test('another process is heard, and options are those of bentocache, too', SLOW, () =>
    withFolder(async (path) => {
      const place = { name: 'bus', path };
      const { options, factory } = sharedMemoryBus({ ...place, retryQueue: { enabled: true } });
      assert.deepEqual(options.retryQueue, { enabled: true });
      const bus = factory().setId('here');
      const heard = [];
      await bus.subscribe('c', (message) => heard.push(message));
      await runProcesses(1, 'adapter.tellBus', { place });
      await waitUntil(() => heard.length === 2, 'both are heard');
      assert.deepEqual(
        heard.map(({ keys }) => keys[0].length),
        [1, 2 ** 20],
      );
      await bus.disconnect();
    }),
  );
});

describe('changes for unstorage', () => {
  const stores = [
    ['SharedStore', (options) => new SharedStore({ name: freshName('changes'), ...options })],
    ['MemoryStore', (options) => new MemoryStore(options)],
    ['async MemoryStore', (options) => new AsyncStore(options)],
  ];
  for (const [name, open] of stores) {
    test(`all are told, of the own keys alone: ${name}`, async () => {
      const store = open({});
      const storage = driver({ store, base: 'app' });
      const told = [];
      const stop = await storage.watch((event, key) => told.push(`${event} ${key}`));
      const comes = (...all) => {
        return waitUntil(() => told.length >= all.length, all).then(() => {
          assert.deepEqual(told.splice(0), all);
        });
      };
      await storage.setItem('a:b', 'text');
      await store.set('other', 1);
      await store.set('app:c', 1, { ttl: 1 });
      await comes('update a:b', 'update c', 'remove c');
      await storage.removeItem('a:b');
      await comes('remove a:b');
      await store.namespace('part').set('app:d', 1, { tags: ['tag'] });
      await store.set('app:d', 1, { tags: ['tag'] });
      await store.set('app:d', 2, { tags: ['tag'] });
      await comes('update d', 'update d');
      await store.invalidateTag('tag');
      await store.namespace('part').invalidateTag('tag');
      await comes(name === 'SharedStore' ? 'remove ' : 'remove d');
      await store.clear();
      await comes('remove ');
      await stop();
      await storage.setItem('a', 'text');
      const again = await storage.watch((event, key) => told.push(`${event} ${key}`));
      await storage.setItem('last', 'text');
      await comes('update last');
      await again();
      await store.close();
    });
  }

  test('a driver that is disposed of watches no longer', async () => {
    const store = new MemoryStore();
    const storage = driver({ store });
    await storage.watch(() => {});
    assert.equal(store.listenerCount('set'), 1);
    await storage.dispose();
    assert.equal(store.listenerCount('set'), 0);
    store.close();
  });

  test('a store that tells no changes has no watch', () => {
    const store = new MemoryStore();
    assert.equal('watch' in driver({ store: store.namespace('part') }), false);
    store.close();
  });
});
