/**
 * `getOrSet`: a hit, or one flight that makes the value for all who ask.
 *
 * Must not know when a factory is called beyond that it is called once. Invariant tested: whoever
 * asks gets what is stored or what one run of one factory made, and an error is never stored.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, passDeadline, setExpired } = require('../helpers/expiry.js');
const { heldFactory, outcomes, turn } = require('../helpers/flight.js');
const { warm } = require('../helpers/hot-path.js');
const { snapshot } = require('../helpers/snapshot.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { valueSamples } = require('../helpers/value-samples.js');

const open = () => new MemoryStore({ autoStartCleanup: false });
const neverCalled = () => assert.fail('the factory was called');
const isError = (expected) => (error) => error === expected;

describe('a hit gives what is stored and calls no factory:', () => {
  for (const [life, options] of Object.entries({ permanent: undefined, timed: HOUR_MS })) {
    for (const [heatName, heat] of Object.entries({ cold: () => {}, warm })) {
      test(`a ${heatName} ${life} entry`, async () => {
        const store = open();
        store.set('key', 'stored', options);
        heat(store, 'key');
        assert.equal(await store.getOrSet('key', neverCalled), 'stored');
        assert.equal(await store.getOrSet('key', neverCalled, 1), 'stored');
        assert.equal(await store.getOrSet('key', neverCalled, { ttl: 1 }), 'stored');
        passDeadline(1);
        assert.equal(store.get('key'), 'stored', 'a hit leaves the deadline alone');
      });
    }
  }

  test('a stored undefined', async () => {
    const store = open();
    store.set('key', undefined);
    assert.equal(await store.getOrSet('key', neverCalled), undefined);
  });
});

const factories = {
  'a factory': () => 'made',
  'an async factory': async () => 'made',
  'a factory that takes its time': async () => {
    await turn();
    return 'made';
  },
  'a factory that gives a thenable': () => ({
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    then: (resolve) => resolve('made'),
  }),
};

for (const [what, factory] of Object.entries(factories)) {
  describe(`${what}:`, () => {
    test('what it makes is given and stored', async () => {
      const store = open();
      assert.equal(await store.getOrSet('key', factory), 'made');
      assert.deepEqual(snapshot(store), [['key', 'key', 'made', false]]);
    });

    test('it is called once for a thousand who ask at once', async () => {
      const store = open();
      let calls = 0;
      const counted = (...given) => {
        calls += 1;
        return factory(...given);
      };
      const asked = Array.from({ length: 1000 }, () => store.getOrSet('key', counted));
      assert.deepEqual(new Set(await Promise.all(asked)), new Set(['made']));
      assert.equal(calls, 1);
    });

    test('it is not called again for what it made', async () => {
      const store = open();
      await store.getOrSet('key', factory);
      assert.equal(await store.getOrSet('key', neverCalled), 'made');
    });

    test('it is called again when what it made has expired', async () => {
      const store = open();
      await store.getOrSet('key', factory, HOUR_MS);
      store.touch('key', 1);
      passDeadline(1);
      assert.equal(await store.getOrSet('key', () => 'again'), 'again');
      assert.equal(store.get('key'), 'again');
    });
  });
}

test('getOrSet gives a promise even of a hit', async () => {
  const store = open();
  store.set('key', 1);
  const asked = store.getOrSet('key', neverCalled);
  assert.ok(asked instanceof Promise);
  assert.equal(await asked, 1);
});

test('an expired entry is made anew', async () => {
  const store = open();
  setExpired(store, 'key');
  assert.equal(await store.getOrSet('key', () => 'new'), 'new');
  assert.equal(store.ttl('key'), Infinity);
});

test('a factory gets the key in string form and a signal that is not aborted', async () => {
  const store = open();
  for (const [key, string] of [
    ['a', 'a'],
    [7, '7'],
    [null, 'null'],
    [{ id: 1 }, '{"id":1}'],
    [store.createKey('mutable'), 'mutable'],
  ]) {
    const given = [];
    await store.getOrSet(key, (...all) => given.push(...all));
    assert.equal(given[0], string);
    assert.ok(given[1].signal instanceof AbortSignal);
    assert.equal(given[1].signal.aborted, false);
    assert.equal(given.length, 2);
  }
});

test('the key is kept as it was passed by the first who asked', async () => {
  const store = open();
  const key = { id: 1 };
  await store.getOrSet(key, () => 'made');
  assert.equal(store.getKeys()[0], key);
});

test('all forms of one key are in one flight', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const keys = [7, '7', 7n, store.createKey(7)];
  const asked = keys.map((key) => store.getOrSet(key, factory));
  await turn();
  assert.equal(runs.length, 1);
  runs[0].resolve('made');
  assert.deepEqual(await Promise.all(asked), ['made', 'made', 'made', 'made']);
});

test('different keys are in different flights', async () => {
  const store = open();
  const asked = Array.from({ length: 100 }, (_, index) =>
    store.getOrSet(`key ${index}`, async (key) => `made for ${key}`),
  );
  const made = await Promise.all(asked);
  assert.ok(made.every((value, index) => value === `made for key ${index}`));
  assert.equal(store.size(), 100);
});

test('one key in two stores is in two flights', async () => {
  const [one, other] = [open(), open()];
  const made = await Promise.all([
    one.getOrSet('key', async () => 1),
    other.getOrSet('key', async () => 2),
  ]);
  assert.deepEqual(made, [1, 2]);
});

test('those who come while a flight is under way join it', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const asked = [];
  for (let round = 0; round < 10; round += 1) {
    asked.push(store.getOrSet('key', round === 0 ? factory : neverCalled));
    await turn();
  }
  assert.equal(store.has('key'), false, 'nothing is stored before the factory is done');
  runs[0].resolve('made');
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(['made']));
});

test('the options of the call that started the flight count', async () => {
  const store = open();
  const { factory, runs } = heldFactory();
  const asked = [store.getOrSet('key', factory, HOUR_MS), store.getOrSet('key', factory, 1)];
  await turn();
  runs[0].resolve('made');
  await Promise.all(asked);
  assert.ok(store.ttl('key') > 1);
});

describe('identical comes what a factory made:', () => {
  for (const [name, value] of valueSamples()) {
    // A promise that resolves with these looks at their `then`, whoever makes it.
    if (/promise|throws at everything|revoked|then that throws/.test(name)) continue;
    // What is not there: it is given, and not stored.
    if (value === undefined) continue;
    test(name, async () => {
      const store = open();
      assert.ok(Object.is(await store.getOrSet('key', () => value), value));
      assert.ok(Object.is(store.get('key'), value));
      assert.equal(store.has('key'), true);
      assert.ok(Object.is(await store.getOrSet('key', neverCalled), value));
    });
  }
});

describe('an error', () => {
  const broken = new Error('from the factory');
  const failures = {
    'that is thrown': () => {
      throw broken;
    },
    'of a rejected promise': async () => {
      throw broken;
    },
    'of a promise that is rejected later': async () => {
      await turn();
      throw broken;
    },
    'of a thenable': () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      then: (_resolve, reject) => reject(broken),
    }),
    'of a getter named then': () =>
      Object.defineProperty({}, 'then', {
        get() {
          throw broken;
        },
      }),
  };
  for (const [what, factory] of Object.entries(failures)) {
    test(`${what} reaches all who ask, and the next who asks tries again`, async () => {
      const store = open();
      store.set('other', 1);
      let calls = 0;
      const counted = () => {
        calls += 1;
        return factory();
      };
      const asked = Array.from({ length: 100 }, () => store.getOrSet('key', counted));
      for (const { reason } of await outcomes(asked)) assert.equal(reason, broken);
      // What is thrown at once is over before the next one asks.
      assert.equal(calls, what === 'that is thrown' ? 100 : 1);
      assert.deepEqual(store.keys(), ['other']);
      const before = calls;
      await assert.rejects(store.getOrSet('key', counted), isError(broken));
      assert.equal(calls, before + 1);
      assert.equal(await store.getOrSet('key', () => 'made'), 'made');
      assert.equal(store.get('key'), 'made');
    });
  }

  for (const reason of [undefined, null, 0, 'text', Symbol('reason')]) {
    test(`that is ${String(reason)} is passed on as it is`, async () => {
      const store = open();
      const [outcome] = await outcomes([store.getOrSet('key', () => Promise.reject(reason))]);
      assert.deepEqual(outcome, { reason });
      assert.equal(store.has('key'), false);
    });
  }
});

describe('a factory may use the store:', () => {
  test('it asks for other keys', async () => {
    const store = open();
    const fibonacci = (number) =>
      store.getOrSet(`fibonacci ${number}`, async () =>
        number < 2 ? number : (await fibonacci(number - 1)) + (await fibonacci(number - 2)),
      );
    assert.equal(await fibonacci(60), 1_548_008_755_920);
    assert.equal(store.size(), 61);
  });

  test('it reads, writes and deletes other keys', async () => {
    const store = open();
    store.set('goes', 1);
    await store.getOrSet('key', () => {
      store.set('comes', store.get('goes'));
      store.delete('goes');
      return 'made';
    });
    assert.deepEqual(Object.fromEntries(store), { comes: 1, key: 'made' });
  });

  test('it looks for its own key and finds nothing yet', async () => {
    const store = open();
    const seen = [];
    await store.getOrSet('key', () => {
      seen.push(store.get('key'), store.has('key'), store.size());
      return 'made';
    });
    assert.deepEqual(seen, [undefined, false, 0]);
    assert.equal(store.has('key'), true);
  });

  test('it asks for its own key without waiting', async () => {
    const store = open();
    let inner;
    const outer = store.getOrSet('key', async () => {
      await turn();
      inner = store.getOrSet('key', neverCalled);
      return 'made';
    });
    assert.equal(await outer, 'made');
    assert.equal(await inner, 'made');
  });
});

test('ten thousand flights end each with its own', SLOW, async () => {
  const store = open();
  const asked = [];
  for (let index = 0; index < 10_000; index += 1) {
    const key = `key ${index % 1000}`;
    asked.push(
      store.getOrSet(key, async (form) => {
        await turn();
        return form;
      }),
    );
  }
  const made = await Promise.all(asked);
  assert.ok(made.every((value, index) => value === `key ${index % 1000}`));
});
