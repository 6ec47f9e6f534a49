/**
 * Every method in every state of a store.
 *
 * Must not know why a method would care. Invariant tested: an open store answers alike whoever
 * calls from wherever; a closed one refuses everything but to be closed, and to let listeners go.
 */
const assert = require('node:assert/strict');
const util = require('node:util');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, setExpired } = require('../helpers/expiry.js');
const { warm } = require('../helpers/hot-path.js');
const { asyncMethods, closers, listenerMethods } = require('../helpers/method-table.js');
const { entriesOf, methods, openKnown } = require('../helpers/method-table.js');
const { listenToAll } = require('../helpers/recorded-events.js');

const assertClosed = (action) =>
  assert.throws(action, (error) => {
    assert.ok(error instanceof MemoryStore.StoreError);
    assert.equal(error.code, 'ERR_STORE_CLOSED');
    return true;
  });

/** Each state runs `call(store)` once in it, and gives back its answer. */
const states = {
  open: (store, call) => call(store),
  'warmed up': (store, call) => {
    for (const key of ['a', 'b', 'c']) warm(store, key);
    return call(store);
  },
  'with an expired entry that was not swept': (store, call) => {
    setExpired(store, 'expired');
    return call(store);
  },
  'with entries that were invalidated': (store, call) => {
    for (const key of ['d', 'invalidated']) {
      store.set(key, 0, { tags: ['t'] });
      warm(store, key);
    }
    store.invalidateTag('t');
    return call(store);
  },
  'where the entries have reused slots': (store, call) => {
    store.clear();
    store.set('other', 0);
    store.set('a', 1);
    store.delete('other');
    store.set('b', 2, HOUR_MS);
    return call(store);
  },
  'inside forEach': (store, call) => {
    const answers = [];
    store.forEach(() => {
      if (answers.length === 0) answers.push(call(store));
    });
    return answers[0];
  },
  'inside a loop over the store': (store, call) => {
    for (const _ of store) return call(store);
  },
  'inside the toJSON of a key of get': (store, call) => {
    let answer;
    store.get({
      toJSON() {
        answer = call(store);
        return 'no such key';
      },
    });
    return answer;
  },
  'inside an option getter of a set that fails': (store, call) => {
    let answer;
    const options = {
      get ttl() {
        answer = call(store);
        return -1;
      },
    };
    assert.throws(() => store.set('refused', 0, options), { code: 'ERR_OUT_OF_RANGE' });
    return answer;
  },
  'inside the iterable of a setMany': (store, call) => {
    let answer;
    const generate = function* generate() {
      answer = call(store);
      yield* [];
    };
    store.setMany(generate());
    return answer;
  },
  'with listeners': (store, call) => call(listenToAll(store)),
  'inside a listener': (store, call) => {
    let answer;
    store.once('set', () => {
      answer = call(store);
    });
    store.set('a', 1);
    return answer;
  },
  'while a value is made': (store, call) => {
    store.getOrSet('d', () => new Promise(() => {}));
    return call(store);
  },
  'inside a forEach of another store': (store, call) => {
    let answer;
    openKnown().forEach((_value, key) => {
      if (key === 'a') answer = call(store);
    });
    return answer;
  },
};

/** What kinds of stores there are; all hold the same. */
const kinds = {
  'a store': () => openKnown(),
  'a bounded store': () => openKnown({ maxEntries: 10 }),
  'a store with sizes': () => openKnown({ maxSize: 10, sizeOf: () => 1 }),
};

for (const [kind, open] of Object.entries(kinds)) {
  for (const [state, enter] of Object.entries(states)) {
    describe(`${kind} ${state} answers`, () => {
      for (const { name, call, answer, after = ['a=1', 'b=2'] } of methods) {
        test(String(name), () => {
          const store = open();
          assert.deepEqual(enter(store, call), answer);
          assert.deepEqual(entriesOf(store), after);
          assert.equal(store.size(), after.length);
        });
      }

      for (const { name, call, answer, after = ['a=1', 'b=2'] } of asyncMethods) {
        test(`${name} ${answer}`, async () => {
          const store = open();
          assert.equal(await enter(store, call), answer);
          assert.deepEqual(entriesOf(store), after);
          assert.equal(store.size(), after.length);
        });
      }
    });
  }
}

describe('a store with a running sweeper answers', () => {
  const other = { startCleanupTask: false, stopCleanupTask: true };
  for (const { name, call, answer, after = ['a=1', 'b=2'] } of methods) {
    test(String(name), () => {
      const store = openKnown();
      store.startCleanupTask(1);
      assert.deepEqual(call(store), other[name] ?? answer);
      assert.deepEqual(entriesOf(store), after);
    });
  }
});

const refused = methods.filter((method) => !listenerMethods.includes(method));

describe('a closed store lets listeners go by', () => {
  for (const { name, call, answer } of listenerMethods) {
    test(name, () => {
      const store = openKnown();
      store.close();
      assert.deepEqual(call(store), answer);
    });
  }
});

describe('a closed store refuses', () => {
  for (const { name, call } of refused) {
    test(String(name), () => {
      const store = openKnown();
      warm(store, 'a');
      store.close();
      assertClosed(() => call(store));
      assertClosed(() => call(store));
    });
  }
});

describe('a closed store rejects', () => {
  for (const { name, call, answer } of asyncMethods) {
    test(`${name} ${answer}`, async () => {
      const store = openKnown();
      store.close();
      await assert.rejects(call(store), { name: 'StoreError', code: 'ERR_STORE_CLOSED' });
    });
  }
});

describe('a store that was closed inside forEach refuses', () => {
  for (const { name, call } of refused) {
    test(String(name), () => {
      const store = openKnown();
      let visits = 0;
      try {
        store.forEach(() => {
          visits += 1;
          store.close();
          assertClosed(() => call(store));
        });
      } catch (error) {
        assert.equal(error.code, 'ERR_STORE_CLOSED');
      }
      assert.equal(visits, 1);
    });
  }
});

describe('a store can be closed', () => {
  for (const name of closers) {
    for (const [state, enter] of Object.entries(states)) {
      if (state.includes('set that fails')) continue;
      test(`${state}, by ${String(name)}`, () => {
        const store = openKnown();
        try {
          assert.equal(
            enter(store, (it) => it[name]()),
            undefined,
          );
        } catch (error) {
          assert.equal(error.code, 'ERR_STORE_CLOSED');
        }
        assertClosed(() => store.get('a'));
      });
    }

    test(`again and again, by ${String(name)}`, () => {
      const store = openKnown();
      for (let round = 0; round < 3; round += 1) assert.equal(store[name](), undefined);
      assertClosed(() => store.size());
    });
  }
});

test('the table of methods names every method of the class', () => {
  const known = [...[...methods, ...asyncMethods].map(({ name }) => name), ...closers];
  const others = ['constructor', Symbol.toStringTag, util.inspect.custom];
  const missing = Reflect.ownKeys(MemoryStore.prototype).filter(
    (name) => !known.includes(name) && !others.includes(name),
  );
  assert.deepEqual(missing, []);
});

test('closing one store leaves another open', () => {
  const [one, other] = [openKnown(), openKnown()];
  one.close();
  assert.deepEqual(entriesOf(other), ['a=1', 'b=2']);
});

test('closing stops the sweeper', () => {
  const store = openKnown();
  store.startCleanupTask(1);
  store.close();
  assertClosed(() => store.stopCleanupTask());
});
