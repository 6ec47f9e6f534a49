/**
 * Listeners: adding and removing them, and what is refused.
 *
 * Must not know how events are delivered. Invariant tested: a listener is called for each event
 * from when it is added until it is removed, in the order of `EventEmitter`.
 */
const assert = require('node:assert/strict');
const { getEventListeners, on, once } = require('node:events');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { waitUntil } = require('../helpers/wait-until.js');
const { EVENTS, causes } = require('../helpers/recorded-events.js');
const { Emitter } = require('../../lib/store/events/emitter.js');
const { defineListening } = require('../../lib/store/events/listening.js');

const open = (options) => new MemoryStore({ autoStartCleanup: false, ...options });

for (const event of EVENTS) {
  describe(`listeners of ${event}`, () => {
    test('on, once and off give the store', () => {
      const store = open();
      const listener = () => {};
      assert.equal(store.on(event, listener), store);
      assert.equal(store.once(event, listener), store);
      assert.equal(store.off(event, listener), store);
      assert.equal(
        store.off(event, () => {}),
        store,
      );
    });

    test('on is called each time, once is called once', () => {
      const store = open({ maxEntries: 1 });
      const calls = [];
      store.on(event, () => calls.push('on'));
      store.once(event, () => calls.push('once'));
      for (let round = 0; round < 3; round += 1) causes[event](store);
      assert.deepEqual(calls, ['on', 'once', 'on', 'on']);
    });

    test('what was removed is not called', () => {
      const store = open({ maxEntries: 1 });
      const calls = [];
      const [on, once, kept] = ['on', 'once', 'kept'].map((name) => () => calls.push(name));
      store.on(event, on).once(event, once).on(event, kept);
      store.off(event, on).off(event, once);
      causes[event](store);
      assert.deepEqual(calls, ['kept']);
    });

    test('after the last was removed the store goes on', () => {
      const store = open({ maxEntries: 1 });
      const listener = () => assert.fail('called');
      store.on(event, listener);
      store.off(event, listener);
      for (let round = 0; round < 3; round += 1) causes[event](store);
      store.set('after', 1);
      assert.equal(store.get('after'), 1);
    });

    test('they are called in the order in which they were added', () => {
      const store = open({ maxEntries: 1 });
      const calls = [];
      for (let index = 0; index < 5; index += 1) store.on(event, () => calls.push(index));
      causes[event](store);
      assert.deepEqual(calls, [0, 1, 2, 3, 4]);
    });

    test('one that was added twice is called twice, and removed one at a time', () => {
      const store = open({ maxEntries: 1 });
      let calls = 0;
      const listener = () => {
        calls += 1;
      };
      store.on(event, listener).on(event, listener);
      causes[event](store);
      assert.equal(calls, 2);
      store.off(event, listener);
      causes[event](store);
      assert.equal(calls, 3);
    });

    test('one of another store is not called', () => {
      const [store, other] = [open({ maxEntries: 1 }), open({ maxEntries: 1 })];
      other.on(event, () => assert.fail('called'));
      causes[event](store);
    });

    test('what one throws the call throws, and what the call did stays done', () => {
      const store = open({ maxEntries: 1 });
      const broken = new Error('from the listener');
      store.once(event, () => {
        throw broken;
      });
      assert.throws(
        () => causes[event](store),
        (error) => error === broken,
      );
      assert.equal(store.size(), { set: 1, evict: 1 }[event] ?? 0);
      causes[event](store);
    });
  });
}

const ADDING = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'];
const METHODS = [...ADDING, 'off', 'removeListener'];

describe('refused is', () => {
  const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_EVENT' };
  const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
  const events = [
    'sets',
    'Set',
    '',
    'errors',
    'newListener',
    'constructor',
    '__proto__',
    'toString',
  ];
  for (const method of METHODS) {
    for (const event of [...events, Symbol('set'), 5, null, {}, ['set']]) {
      test(`${method} of the event ${typeof event} ${String(event)}`, () => {
        assert.throws(() => open()[method](event, () => {}), unknown);
      });
    }
    for (const listener of [undefined, null, 5, 'listener', {}, Symbol('l')]) {
      test(`${method} with the listener ${String(listener)}`, () => {
        assert.throws(() => open()[method]('set', listener), type);
      });
    }
    test(`${method} without arguments`, () => {
      assert.throws(() => open()[method](), { name: 'TypeError' });
    });
  }
});

test('a closed store takes no listeners', () => {
  const store = open();
  store.close();
  for (const method of ADDING) {
    assert.throws(() => store[method]('set', () => {}), { code: 'ERR_STORE_CLOSED' });
  }
});

describe('as an EventEmitter', () => {
  test('events.once gives what the next event tells', async () => {
    const store = open();
    const told = once(store, 'expire');
    store.set('a', 1, 1);
    await waitUntil(() => store.listenerCount('expire') === 0, 'the timer has told it');
    assert.deepEqual(await told, ['a', 1, 'ttl']);
  });

  test('events.once hears that the store is closed', async () => {
    const store = open();
    const told = once(store, 'clear');
    store.close();
    assert.deepEqual(await told, [undefined, undefined, 'close']);
    assert.deepEqual(store.eventNames(), []);
  });

  test('events.once is given up by its signal', async () => {
    const store = open();
    const ending = new AbortController();
    const told = once(store, 'set', { signal: ending.signal });
    ending.abort();
    await assert.rejects(told, { name: 'AbortError' });
    assert.equal(store.listenerCount('set'), 0);
  });

  test('events.on gives one event after another', async () => {
    const store = open();
    const told = on(store, 'set');
    for (const key of ['a', 'b']) store.set(key, 1);
    assert.deepEqual((await told.next()).value, ['a', 1, 'add']);
    assert.deepEqual((await told.next()).value, ['b', 1, 'add']);
    await told.return();
    assert.equal(store.listenerCount('set'), 0);
  });

  test('many listeners make no warning, and no limit counts', () => {
    const store = open();
    let calls = 0;
    let warnings = 0;
    const count = () => {
      warnings += 1;
    };
    process.on('warning', count);
    assert.equal(store.setMaxListeners(1), store);
    assert.equal(store.getMaxListeners(), Infinity);
    for (let index = 0; index < 50; index += 1) {
      store.on('set', () => {
        calls += 1;
      });
    }
    store.set('a', 1);
    assert.equal(calls, 50);
    return new Promise((resolve) => {
      setImmediate(() => {
        process.off('warning', count);
        assert.equal(warnings, 0);
        resolve();
      });
    });
  });

  test('what is prepended is told first', () => {
    const store = open();
    const calls = [];
    store.on('set', () => calls.push('on'));
    store.prependListener('set', () => calls.push('first'));
    store.prependOnceListener('set', () => calls.push('once'));
    store.set('a', 1);
    store.set('a', 2);
    assert.deepEqual(calls, ['once', 'first', 'on', 'first', 'on']);
  });

  test('listeners are counted, named and removed, all of an event or all', () => {
    const store = open();
    const [one, other] = [() => {}, () => {}];
    store.on('set', one).once('set', other).addListener('clear', one);
    assert.equal(store.listenerCount('set'), 2);
    assert.equal(store.listenerCount('set', one), 1);
    assert.deepEqual(store.listeners('set'), [one, other]);
    assert.deepEqual(getEventListeners(store, 'set'), [one, other]);
    assert.deepEqual(store.eventNames(), ['set', 'clear']);
    assert.equal(store.removeAllListeners('set'), store);
    assert.deepEqual(store.eventNames(), ['clear']);
    store.removeAllListeners();
    assert.deepEqual(store.eventNames(), []);
  });

  test('a listener has the store as this', () => {
    const store = open();
    let self;
    store.on('set', function () {
      self = this;
    });
    store.set('a', 1);
    assert.equal(self, store);
  });

  test('a listener of errors may come and go', () => {
    const store = open();
    const listener = () => assert.fail('called');
    assert.equal(store.on('error', listener).off('error', listener), store);
  });
});

test('a class is told when one who listens once has been told', () => {
  class Host {
    changes = 0;
    emitter = new Emitter(['event']);
  }
  const emitterOf = ({ emitter }) => emitter;
  const changed = (host) => {
    host.changes += 1;
  };
  defineListening(Host.prototype, { come: emitterOf, known: emitterOf, changed });
  const host = new Host();
  host.once('event', () => {});
  host.emitter.tell('event', [], true);
  assert.equal(host.changes, 2);
});
