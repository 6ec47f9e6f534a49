/**
 * Signals of `getOrSet`: one who gives up leaves the others alone.
 *
 * Must not know how waiting is counted. Invariant tested: a signal ends the wait of its own call,
 * with its own reason, and the factory's signal is aborted exactly when nobody waits any more.
 */
const assert = require('node:assert/strict');
const { getEventListeners } = require('node:events');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { runScript } = require('../helpers/child-script.js');
const { deferred } = require('../helpers/deferred.js');
const { heldFactory, outcomes, turn } = require('../helpers/flight.js');
const { SLOW } = require('../helpers/test-timeout.js');

const open = () => new MemoryStore({ autoStartCleanup: false });
const neverCalled = () => assert.fail('the factory was called');
const reasons = { 'a reason': new Error('gave up'), 'no error': 'gave up', 'no reason': undefined };

for (const [what, reason] of Object.entries(reasons)) {
  const expected = (signal) => (error) => {
    assert.equal(error, signal.reason);
    return true;
  };

  describe(`aborted with ${what},`, () => {
    test('a signal beforehand rejects and calls no factory', async () => {
      const store = open();
      const signal = AbortSignal.abort(reason);
      await assert.rejects(
        async () => store.getOrSet('k', neverCalled, { signal }),
        expected(signal),
      );
      assert.equal(store.size(), 0);
      assert.equal(await store.getOrSet('k', () => 'made'), 'made');
    });

    test('a signal beforehand does not join a flight', async () => {
      const store = open();
      const { factory, runs } = heldFactory();
      const asked = store.getOrSet('k', factory);
      const signal = AbortSignal.abort(reason);
      await assert.rejects(
        async () => store.getOrSet('k', neverCalled, { signal }),
        expected(signal),
      );
      await turn();
      assert.equal(runs[0].signal.aborted, false);
      runs[0].resolve('made');
      assert.equal(await asked, 'made');
      assert.equal(store.get('k'), 'made');
    });

    test('the only one who waits is rejected at once, and the factory is told', async () => {
      const store = open();
      const { factory, runs } = heldFactory();
      const controller = new AbortController();
      const { signal } = controller;
      const asked = store.getOrSet('k', factory, { signal });
      await turn();
      assert.equal(runs[0].signal.aborted, false);
      controller.abort(reason);
      await assert.rejects(asked, expected(signal));
      assert.equal(runs[0].signal.aborted, true);
    });

    test('one of three is rejected and the others get the value', async () => {
      const store = open();
      const { factory, runs } = heldFactory();
      const controllers = [new AbortController(), new AbortController(), new AbortController()];
      const asked = controllers.map(({ signal }) => store.getOrSet('k', factory, { signal }));
      await turn();
      const [, { signal }] = controllers;
      controllers[1].abort(reason);
      await assert.rejects(asked[1], expected(signal));
      assert.equal(runs[0].signal.aborted, false);
      runs[0].resolve('made');
      assert.deepEqual(await Promise.all([asked[0], asked[2]]), ['made', 'made']);
      assert.equal(store.get('k'), 'made');
      assert.equal(runs.length, 1);
    });
  });
}

test('the one who started the flight may give up and the others get the value', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const controller = new AbortController();
  const first = store.getOrSet('k', factory, { signal: controller.signal });
  const second = store.getOrSet('k', factory);
  await turn();
  controller.abort();
  await assert.rejects(first, { name: 'AbortError' });
  assert.equal(runs[0].signal.aborted, false);
  runs[0].resolve('made');
  assert.equal(await second, 'made');
  assert.equal(store.get('k'), 'made');
});

test('one without a signal never gives up', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const controllers = Array.from({ length: 5 }, () => new AbortController());
  const endless = store.getOrSet('k', factory);
  const asked = controllers.map(({ signal }) => store.getOrSet('k', factory, { signal }));
  await turn();
  for (const controller of controllers) controller.abort();
  for (const { reason } of await outcomes(asked)) assert.equal(reason.name, 'AbortError');
  assert.equal(runs[0].signal.aborted, false);
  runs[0].resolve('made');
  assert.equal(await endless, 'made');
});

/** A flight that everybody has given up. */
async function abandoned(store) {
  const held = heldFactory();
  const controllers = [new AbortController(), new AbortController()];
  const asked = controllers.map(({ signal }) => store.getOrSet('k', held.factory, { signal }));
  await turn();
  for (const [index, controller] of controllers.entries()) {
    assert.equal(held.runs[0].signal.aborted, false, `${index} of 2 have given up`);
    controller.abort();
  }
  await outcomes(asked);
  assert.equal(held.runs[0].signal.aborted, true, 'all have given up');
  return held.runs[0];
}

test('what a flight makes that all have given up is not stored', async () => {
  const store = open();
  const run = await abandoned(store);
  run.resolve('late');
  await turn();
  assert.equal(store.has('k'), false);
});

test('after all have given up the next who asks starts a flight of its own', async () => {
  for (const end of [(run) => run.resolve('late'), (run) => run.reject(new Error('late'))]) {
    const store = open();
    const run = await abandoned(store);
    const { factory, runs } = heldFactory();
    const asked = store.getOrSet('k', factory);
    await turn();
    assert.equal(runs.length, 1);
    assert.equal(runs[0].signal.aborted, false);
    end(run);
    await turn();
    assert.equal(store.has('k'), false);
    runs[0].resolve('fresh');
    assert.equal(await asked, 'fresh');
    assert.equal(store.get('k'), 'fresh');
  }
});

test('what a new flight stored stays when the one that was given up ends', async () => {
  const store = open();
  const run = await abandoned(store);
  assert.equal(await store.getOrSet('k', () => 'fresh'), 'fresh');
  run.resolve('late');
  await turn();
  assert.equal(store.get('k'), 'fresh');
});

test('one signal for many calls ends them all', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const controller = new AbortController();
  const { signal } = controller;
  const asked = ['a', 'a', 'b', 'c'].map((key) => store.getOrSet(key, factory, { signal }));
  await turn();
  controller.abort();
  for (const { reason } of await outcomes(asked)) assert.equal(reason, signal.reason);
  assert.equal(runs.length, 3);
  assert.ok(runs.every((run) => run.signal.aborted));
});

test('an abort after the value was given changes nothing', async () => {
  const store = open();
  const controller = new AbortController();
  const seen = [];
  const factory = (_key, context) => {
    seen.push(context.signal);
    return 'made';
  };
  assert.equal(await store.getOrSet('k', factory, { signal: controller.signal }), 'made');
  controller.abort();
  assert.equal(seen[0].aborted, false);
  assert.equal(store.get('k'), 'made');
});

test('a factory that heeds its signal ends with it', async () => {
  const store = open();
  const controller = new AbortController();
  let heeded;
  const factory = (_key, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        heeded = signal.reason;
        reject(signal.reason);
      });
    });
  const asked = store.getOrSet('k', factory, { signal: controller.signal });
  await turn();
  controller.abort();
  await assert.rejects(asked, { name: 'AbortError' });
  assert.notEqual(heeded, undefined);
  assert.equal(store.has('k'), false);
});

test('the call that gives up while the factory is called is rejected', async () => {
  const store = open();
  const controller = new AbortController();
  const factory = () => {
    controller.abort();
    return 'made';
  };
  const asked = store.getOrSet('k', factory, { signal: controller.signal });
  await assert.rejects(asked, { name: 'AbortError' });
  assert.equal(store.has('k'), false);
});

describe('a signal keeps no listener of', () => {
  const flights = {
    'a flight that ended': async (store, options) => store.getOrSet('k', async () => 1, options),
    'a flight that failed': async (store, options) =>
      assert.rejects(store.getOrSet('k', () => Promise.reject(new Error('failed')), options)),
    'a hit': async (store, options) => {
      store.set('k', 1);
      await store.getOrSet('k', neverCalled, options);
    },
    'a call that is refused': async (store, { signal }) =>
      assert.rejects(store.getOrSet('k', neverCalled, { signal, ttl: -1 })),
  };
  for (const [what, fly] of Object.entries(flights)) {
    test(what, async () => {
      const store = open();
      const { signal } = new AbortController();
      for (let round = 0; round < 20; round += 1) {
        await fly(store, { signal });
        store.delete('k');
      }
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    });
  }
});

/** Runs a script that says which rejections nobody handled. */
async function unhandledOf(script) {
  const { code, stdout, stderr } = await runScript(`
    process.on('unhandledRejection', (reason) => console.log('unhandled ' + reason.message));
    const store = new MemoryStore();
    const later = (error) => new Promise((_, reject) => setTimeout(() => reject(error), 5));
    ${script}
  `);
  assert.equal(code, 0, stderr);
  return stdout.split('\n').filter(Boolean);
}

describe('unhandled are the rejections', () => {
  const scripts = {
    'of a call that was forgotten': [
      `store.getOrSet('k', () => later(new Error('forgotten')));`,
      ['unhandled forgotten'],
    ],
    'of one of three calls': [
      `const factory = () => later(new Error('once'));
      store.getOrSet('k', factory).catch(() => {});
      store.getOrSet('k', factory);
      store.getOrSet('k', factory).catch(() => {});`,
      ['unhandled once'],
    ],
    'of no call that is handled': [
      `const factory = () => later(new Error('handled'));
      for (let call = 0; call < 5; call += 1) store.getOrSet('k', factory).catch(() => {});`,
      [],
    ],
    'of no flight that all have given up': [
      `const controller = new AbortController();
      store
        .getOrSet('k', () => later(new Error('late')), { signal: controller.signal })
        .catch(() => {});
      controller.abort();`,
      [],
    ],
    'of no flight of a closed store': [
      `store.getOrSet('k', () => later(new Error('late'))).catch(() => {});
      store.close();`,
      [],
    ],
    'of no factory that throws at once': [
      `store.getOrSet('k', () => { throw new Error('thrown'); }).catch(() => {});`,
      [],
    ],
  };
  for (const [what, [script, expected]] of Object.entries(scripts)) {
    test(what, SLOW, async () => assert.deepEqual(await unhandledOf(script), expected));
  }
});

describe('a signal may be', () => {
  /** What packages and test runners bring along: it behaves as one, and inherits from nothing. */
  function polyfill() {
    const events = new EventTarget();
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: (...given) => events.addEventListener(...given),
      removeEventListener: (...given) => events.removeEventListener(...given),
    };
    const abort = (reason) => {
      Object.assign(signal, { aborted: true, reason });
      events.dispatchEvent(new Event('abort'));
    };
    return { signal, abort };
  }

  test('one of a package', async () => {
    const store = new MemoryStore();
    const { signal, abort } = polyfill();
    const reason = new Error('given up');
    const loading = store.getOrSet('key', () => new Promise(() => {}), { signal });
    abort(reason);
    await assert.rejects(loading, (error) => error === reason);
    await assert.rejects(
      store.getOrSet('key', () => 1, { signal }),
      (error) => error === reason,
    );
  });

  test('nothing that only looks a bit like one', async () => {
    const store = new MemoryStore();
    for (const signal of [{ aborted: false }, { addEventListener() {} }, new EventTarget()]) {
      const asked = store.getOrSet('key', () => 1, { signal });
      await assert.rejects(asked, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
  });
});

test('a signal has one listener, however many loads wait for it, and none afterwards', async () => {
  const store = new MemoryStore();
  const { signal } = new AbortController();
  const made = deferred();
  const warned = [];
  const warn = ({ name }) => warned.push(name);
  process.on('warning', warn);
  const loads = Array.from({ length: 50 }, (_, index) => {
    return store.getOrSet(index, () => made.promise, { signal });
  });
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  made.resolve('made');
  assert.deepEqual(new Set(await Promise.all(loads)), new Set(['made']));
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await new Promise(setImmediate);
  process.off('warning', warn);
  assert.deepEqual(warned, []);
});

test('all who wait for one signal give up together, and more may wait for another', async () => {
  const store = new MemoryStore();
  const [one, other] = [new AbortController(), new AbortController()];
  const made = deferred();
  const waitFor = ({ signal }) => store.getOrSet('key', () => made.promise, { signal });
  const given = [one, one, other, one].map(waitFor);
  one.abort(new Error('enough'));
  made.resolve('made');
  const settled = await Promise.allSettled(given);
  const ends = settled.map(({ value, reason }) => value ?? reason.message);
  assert.deepEqual(ends, ['enough', 'enough', 'made', 'enough']);
  await assert.rejects(waitFor(one), /enough/);
});
