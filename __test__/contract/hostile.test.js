/**
 * Arguments that run the caller's code: keys, options, values and iterables that use the store.
 *
 * Must not know in which order arguments are read. Invariant tested: what that code does happens
 * whole, before the call: the call gives and leaves what it would, had it been made after it.
 */
const assert = require('node:assert/strict');
const { isDeepStrictEqual } = require('node:util');
const { assertRefused, entriesOf, outcomeOf, property, warm } = require('./contract.js');
const { HOUR_MS, fill, verbs } = require('./verbs.js');

/** What the caller's code does to a store that holds `a` and `b`, and sometimes `c`. */
const ACTIONS = {
  'closes the store': (store) => store.close(),
  'clears the store': (store) => store.clear(),
  'deletes the entry': (store) => store.deleteMany(['a', 'c']),
  'sets the entry': (store) =>
    store.setMany([
      ['a', 70],
      ['c', 70],
    ]),
  'sets the entry for an hour': (store) =>
    store.setMany(
      [
        ['a', 80],
        ['c', 80],
      ],
      HOUR_MS,
    ),
  'takes and sets it again': (store) => {
    for (const key of ['a', 'c']) {
      store.take(key);
      store.set(key, 90);
    }
  },
  'fills the store': (store) => {
    for (let index = 0; index < 60; index += 1) store.set(`filling ${index}`, index);
  },
};

/** A key that runs `act` when it is read, and is then what JSON says of its form. */
const keyThat = (act, form) => ({
  toJSON() {
    act();
    return form;
  },
});

/** Options as `given`, one of which runs `act` when it is read. */
const optionsThat = (act, given) => {
  const options = typeof given === 'number' ? { ttl: given } : { ...given };
  const { ttl } = options;
  return Object.defineProperty(options, 'ttl', {
    enumerable: true,
    get() {
      act();
      return ttl;
    },
  });
};

function* listThat(act, items) {
  for (const item of items) {
    act();
    yield item;
  }
}

/** The argument of a kind that runs `act`, and the one that is the same without that. */
const HOSTILE = {
  key: (act, given) => [keyThat(act, given), JSON.stringify(given)],
  options: (act, given) => [optionsThat(act, given), given],
  counting: (act, given) => [optionsThat(act, given), given],
  loading: (act, given) => [optionsThat(act, given), given],
  keys: (act, given) => [listThat(act, given), given],
  entries: (act, given) => [listThat(act, given), given],
};

/** Acts in the first of its calls alone. */
function once(act) {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}

/** What a call gives or refuses with, and what it leaves. */
async function consequencesOf(store, scope, name, given) {
  const { gives, throws } = await outcomeOf(scope, name, () => store[name](...given));
  try {
    return { gives: comparable(gives), throws: throws?.code, left: await entriesOf(store) };
  } catch (error) {
    return { throws: throws?.code, left: error.code };
  }
}

/** What is left of a time is no longer the same a moment later. */
function comparable(answer) {
  if (typeof answer !== 'object' || answer === null || !('ttl' in answer)) return answer;
  return { ...answer, ttl: answer.ttl === Infinity };
}

/** Both stores hold what the hostile form of a key means, too. */
async function filled(store) {
  await fill(store);
  for (const key of ['a', 'b', 'c']) await store.set(JSON.stringify(key), 5);
  return store;
}

for (const { name, takes, given } of verbs) {
  for (const [index, kind] of takes.entries()) {
    if (HOSTILE[kind] === undefined || given[index] === undefined) continue;
    property(`what a ${kind} of ${name}() does is done before`, async (_store, scope) => {
      const [, plain] = HOSTILE[kind](() => {}, given[index]);
      const hostile = (act) => HOSTILE[kind](act, given[index])[0];
      await assertActsBefore(scope, name, {
        fill: filled,
        hostile: (act) => given.with(index, hostile(act)),
        plain: given.with(index, plain),
      });
    });
  }
}

/**
 * Asserts that what the caller's code does in the midst of a call is done before it.
 *
 * @param {{ fill: Function, hostile: (act: () => void) => unknown[], plain: unknown[] }} how
 */
async function assertActsBefore(scope, name, { fill, hostile, plain }) {
  const isKnown = (what) => what !== 'clears the store' || scope.can('clears at once');
  const actions = Object.entries(ACTIONS).filter(([what]) => isKnown(what));
  const outcomes = await Promise.all(
    actions.map(async ([what, act]) => {
      const expected = scope.with({}, async (store) => {
        await fill(store);
        await act(store);
        return consequencesOf(store, scope, name, plain);
      });
      const heats = [async () => {}, warm].map((heat) =>
        scope.with({}, async (store) => {
          await fill(store);
          await heat(store, 'a', 'b', 'c', '"a"');
          const given = hostile(once(() => act(store)));
          return consequencesOf(store, scope, name, given);
        }),
      );
      return { what, expected: await expected, got: await Promise.all(heats) };
    }),
  );
  assert.deepEqual(
    outcomes.filter(({ expected, got }) => !got.every((one) => isDeepStrictEqual(one, expected))),
    [],
  );
}

/** Verbs that store a value, which a copying store reads to copy it. */
const STORING = {
  set: (value) => ['a', value],
  add: (value) => ['new', value],
  replace: (value) => ['a', value],
  setMany: (value) => [
    [
      ['b', 3],
      ['a', value],
    ],
  ],
  compareAndSet: (value) => ['a', 1, value],
};
for (const [name, argumentsFor] of Object.entries(STORING)) {
  property(
    `what a value of ${name}() does is done before`,
    { needs: ['copies'] },
    (_store, scope) =>
      assertActsBefore(scope, name, {
        fill,
        hostile: (act) =>
          argumentsFor({
            get n() {
              act();
              return 1;
            },
          }),
        plain: argumentsFor({ n: 1 }),
      }),
  );
}

property('a key of getOrSet that closes the store runs no factory', async (store, scope) => {
  const key = keyThat(() => store.close(), 'a');
  const call = () => store.getOrSet(key, () => assert.fail('the factory ran'));
  const { throws } = await outcomeOf(scope, 'getOrSet', call);
  assert.equal(throws?.code, 'ERR_STORE_CLOSED');
});

property('a callback of forEach may change the store', { needs: ['at once'] }, (store) => {
  for (let index = 0; index < 50; index += 1) store.set(`k${index}`, index);
  const seen = [];
  store.forEach((_value, key) => {
    seen.push(key);
    store.delete(key);
    store.set(key, 'again later');
    if (seen.length === 200) store.clear();
  });
  assert.ok(seen.length >= 50);
  store.clear();
  store.set('a', 1);
  store.forEach(() => {
    store.clear();
  });
  assert.equal(store.size(), 0);
});

property('a callback of forEach that closes the store ends it', { needs: ['at once'] }, (store) => {
  for (let index = 0; index < 50; index += 1) store.set(`k${index}`, index);
  let calls = 0;
  try {
    store.forEach(() => {
      calls += 1;
      store.close();
    });
  } catch (error) {
    assert.equal(error.code, 'ERR_STORE_CLOSED');
  }
  assert.equal(calls, 1);
});

/** Ways of an expected value to use the store while it is compared. */
for (const [what, act] of Object.entries(ACTIONS)) {
  property(
    `an expected value that ${what} ends, with what is there`,
    { needs: ['at once'] },
    (store) => {
      store.set('a', { n: 1 });
      let runs = 0;
      const expected = {
        get n() {
          runs += 1;
          if (runs === 1) act(store);
          return 1;
        },
      };
      let answer;
      try {
        answer = store.compareAndSet('a', expected, 'new');
      } catch (error) {
        assert.equal(error.code, 'ERR_STORE_CLOSED');
        assert.throws(() => store.get('a'), { code: 'ERR_STORE_CLOSED' });
        return;
      }
      // It was equal when it was looked at, or it is not stored.
      assert.equal(store.get('a') === 'new', answer);
    },
  );
}

/** How often a call reads what only the caller's code can say. */
property('a key, and each option, is read once in a call', async (store) => {
  for (const { name, takes, given } of verbs) {
    for (const [index, kind] of takes.entries()) {
      if (!['key', 'options', 'counting', 'loading', 'time'].includes(kind)) continue;
      if (kind !== 'key' && (typeof given[index] !== 'object' || given[index].ttl === undefined)) {
        continue;
      }
      await filled(store);
      let reads = 0;
      const count = () => {
        reads += 1;
      };
      const [hostile] = HOSTILE[kind](count, given[index]);
      await store[name](...given.with(index, hostile));
      assert.equal(reads, 1, `${kind} of ${name}()`);
    }
  }
});

property(
  'an iterable is walked once, and left when an entry of it is bad',
  async (store, scope) => {
    for (const [verb, items, bad] of [
      ['getMany', ['a', 'b'], Symbol('key')],
      ['deleteMany', ['a', 'b'], Symbol('key')],
      [
        'setMany',
        [
          ['a', 1],
          ['b', 2],
        ],
        'no entry',
      ],
    ]) {
      const walks = [];
      const iterable = (list) => ({
        *[Symbol.iterator]() {
          walks.push('begun');
          try {
            yield* list;
          } finally {
            walks.push('ended');
          }
        },
      });
      await store[verb](iterable(items));
      assert.deepEqual(walks, ['begun', 'ended'], verb);
      const { throws } = await outcomeOf(scope, verb, () => store[verb](iterable([bad, ...items])));
      assert.ok(throws instanceof TypeError);
      assert.deepEqual(walks, ['begun', 'ended', 'begun', 'ended'], verb);
    }
  },
);

property('a value is read once', { needs: ['copies'] }, async (store) => {
  for (const [name, argumentsFor] of Object.entries(STORING)) {
    await fill(store);
    let reads = 0;
    const value = {
      get n() {
        reads += 1;
        return reads;
      },
    };
    await store[name](...argumentsFor(value));
    assert.equal(reads, 1, name);
    const key = name === 'add' ? 'new' : 'a';
    assert.deepEqual(await store.get(key), { n: 1 }, name);
  }
});

/** What throws at whatever is done to it, and what throws at nearly all. */
const broken = new Error('from the trap');
const throwing = () =>
  new Proxy(
    {},
    Object.fromEntries(
      ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'].map((trap) => [
        trap,
        () => {
          throw broken;
        },
      ]),
    ),
  );
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

property(
  'arguments that cannot be looked at are refused, and nothing changes',
  async (store, scope) => {
    await fill(store);
    const isTold = (error) => error === broken || error instanceof TypeError;
    for (const { name, takes, given } of verbs) {
      for (const [index, kind] of takes.entries()) {
        // A key that JSON cannot say has tests of its own; a value may be anything.
        if (['key', 'value', 'expected'].includes(kind)) continue;
        for (const make of [throwing, revoked]) {
          const all = given.with(index, make());
          await assertRefused(store, scope, name, () => store[name](...all), isTold);
        }
      }
    }
  },
);

const LOCAL = { needs: ['by reference'] };

property('a key that cannot be looked at is a key of its own', LOCAL, async (store) => {
  for (const key of [throwing(), revoked()]) {
    assert.equal(await store.set(key, 'value'), true);
    assert.equal(await store.get(key), 'value');
    assert.equal(await store.delete(key), true);
  }
  assert.equal(await store.size(), 0);
});

property(
  'a store that is shared refuses a key that cannot be looked at',
  { needs: ['shared'] },
  async (store, scope) => {
    for (const key of [throwing(), revoked()]) {
      await assertRefused(store, scope, 'set', () => store.set(key, 1), {
        code: 'ERR_INVALID_KEY',
      });
    }
  },
);

property(
  'a value that cannot be looked at is refused',
  { needs: ['copies'] },
  async (store, scope) => {
    await fill(store);
    const isTold = (error) =>
      error === broken || error.cause === broken || /^ERR_/.test(error.code);
    await assertRefused(store, scope, 'set', () => store.set('a', throwing()), isTold);
    await assertRefused(store, scope, 'update', () => store.update('a', throwing), isTold);
  },
);

property('a method that was pulled off its store works when it is bound', async (store) => {
  const { set, get } = store;
  assert.equal(await Reflect.apply(set, store, ['a', 1]), true);
  assert.equal(await get.bind(store)('a'), 1);
});

property('arguments that are proxies are read like others', async (store) => {
  const proxy = (target) => new Proxy(target, {});
  await store.set(proxy({ id: 1 }), 'value', proxy({ ttl: HOUR_MS }));
  assert.equal(await store.get({ id: 1 }), 'value');
  assert.ok((await store.ttl({ id: 1 })) <= HOUR_MS + 1);
  assert.deepEqual(await store.getMany(proxy([{ id: 1 }])), ['value']);
  await store.setMany(proxy([proxy(['b', 2])]));
  assert.equal(await store.get('b'), 2);
});

property(
  'a key whose conversion has no end is a key, or refused',
  { needs: ['at once'] },
  (store) => {
    const key = { toJSON: () => store.get(key) };
    try {
      store.set(key, 'value');
    } catch (error) {
      assert.ok(error instanceof RangeError || /^ERR_/.test(error.code));
    }
    assert.ok(store.size() <= 1);
    assert.equal(store.set('a', 1), true);
    assert.equal(store.get('a'), 1);
  },
);
