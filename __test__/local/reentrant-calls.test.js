/**
 * Calls that come back in: a `toJSON`, a getter or a callback that uses the same store.
 *
 * Must not know the order in which a method reads its arguments. Invariant tested: the inner call
 * happens whole, the outer call happens whole after it, and the store stays right.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { HOUR_MS, setExpired } = require('../helpers/expiry.js');
const { testColdAndWarm } = require('../helpers/hot-path.js');
const { entriesOf } = require('../helpers/method-table.js');

function filled() {
  const store = new MemoryStore({ autoStartCleanup: false });
  for (const [index, key] of [...'abc'].entries()) store.set(key, index + 1);
  return store;
}

/** A key whose string form is `form` and that runs `action` while it is read. */
const keyThatRuns = (form, action) => ({
  toJSON() {
    action();
    return form;
  },
});

/** What the inner call does, and the entries it leaves. */
const inner = {
  'sets the same key': [(store) => store.set(7, 'inner'), 'a=1 b=2 c=3 7=inner'],
  'sets other keys': [
    (store) => {
      for (let index = 0; index < 1000; index += 1) store.set(`other ${index}`, index);
      for (let index = 0; index < 1000; index += 1) store.delete(`other ${index}`);
    },
    'a=1 b=2 c=3',
  ],
  'deletes an entry': [(store) => store.delete('b'), 'a=1 c=3'],
  'lets an entry expire': [(store) => setExpired(store, 'a'), 'b=2 c=3'],
  clears: [(store) => store.clear(), ''],
  'clears and sets': [
    (store) => {
      store.clear();
      store.set('d', 4);
    },
    'd=4',
  ],
  renames: [
    (store) => {
      store.createKey('b').value = 'z';
    },
    'a=1 z=2 c=3',
  ],
  'reads everything': [(store) => [...store, ...store.keys(), store.size()], 'a=1 b=2 c=3'],
};

const spelt = (store) => entriesOf(store).join(' ');

for (const [what, [act, left]] of Object.entries(inner)) {
  const hasSeven = left.includes('7=');

  describe(`while the key is read, its toJSON ${what}:`, () => {
    testColdAndWarm('get reads after it', (heat) => {
      const store = filled();
      heat(store, 'b');
      const value = store.get(keyThatRuns(7, () => act(store)));
      assert.equal(value, hasSeven ? 'inner' : undefined);
      assert.equal(spelt(store), left);
    });

    test('has looks after it', () => {
      const store = filled();
      assert.equal(store.has(keyThatRuns(7, () => act(store))), hasSeven);
      assert.equal(spelt(store), left);
    });

    testColdAndWarm('set writes after it', (heat) => {
      const store = filled();
      heat(store, '7');
      assert.equal(
        store.set(
          keyThatRuns(7, () => act(store)),
          'outer',
        ),
        true,
      );
      assert.equal(store.get('7'), 'outer');
      assert.equal(spelt(store), `${left.replace(/ ?7=inner/, '')} 7=outer`.trim());
    });

    test('delete removes after it', () => {
      const store = filled();
      assert.equal(store.delete(keyThatRuns(7, () => act(store))), hasSeven);
      assert.equal(spelt(store), left.replace(' 7=inner', ''));
    });

    test('touch finds what is there after it', () => {
      const store = filled();
      assert.equal(
        store.touch(
          keyThatRuns(7, () => act(store)),
          HOUR_MS,
        ),
        hasSeven,
      );
      assert.equal(spelt(store), left);
    });

    test('take takes after it', () => {
      const store = filled();
      const value = store.take(keyThatRuns(7, () => act(store)));
      assert.equal(value, hasSeven ? 'inner' : undefined);
      assert.equal(spelt(store), left.replace(' 7=inner', ''));
    });

    testColdAndWarm('add looks and writes after it', (heat) => {
      const store = filled();
      heat(store, '7');
      const key = keyThatRuns(7, () => act(store));
      assert.equal(store.add(key, 'outer'), !hasSeven);
      assert.equal(spelt(store), hasSeven ? left : `${left} 7=outer`.trim());
    });

    testColdAndWarm('replace looks and writes after it', (heat) => {
      const store = filled();
      heat(store, '7');
      const key = keyThatRuns(7, () => act(store));
      assert.equal(store.replace(key, 'outer'), hasSeven);
      assert.equal(spelt(store), left.replace('7=inner', '7=outer'));
    });

    test('increment looks and writes after it', () => {
      const store = filled();
      const call = () =>
        store.increment(
          keyThatRuns(7, () => act(store)),
          5,
        );
      if (hasSeven) assert.throws(call, { code: 'ERR_NOT_A_NUMBER' });
      else assert.equal(call(), 5);
      assert.equal(spelt(store), hasSeven ? left : `${left} 7=5`.trim());
    });

    test('setMany writes all after it', () => {
      const store = filled();
      const key = keyThatRuns(7, () => act(store));
      store.setMany([
        ['x', 1],
        [key, 'outer'],
      ]);
      const others = left.replace(/ ?7=inner/, '');
      const sevenFirst = hasSeven ? ' 7=outer x=1' : ' x=1 7=outer';
      assert.equal(spelt(store), `${others}${sevenFirst}`.trim());
    });

    test('getMany reads all after it', () => {
      const store = filled();
      const values = store.getMany(['a', keyThatRuns(7, () => act(store)), 'b']);
      assert.deepEqual(values, [store.get('a'), store.get('7'), store.get('b')]);
    });

    test('deleteMany removes all after it', () => {
      const store = filled();
      const key = keyThatRuns(7, () => act(store));
      const there = ['a=', '7=', 'b='].filter((entry) => left.includes(entry)).length;
      assert.equal(store.deleteMany(['a', key, 'b']), there);
      assert.deepEqual(
        store.keys().filter((it) => ['a', '7', 'b'].includes(it)),
        [],
      );
    });

    test('assigning .value renames after it', () => {
      const store = new MemoryStore();
      const key = store.createKey('k');
      store.set(key, 'kept');
      key.value = keyThatRuns('new', () => {
        store.set('k', 'replaced');
      });
      assert.equal(store.get(key), 'replaced');
      assert.deepEqual(store.keys(), ['"new"']);
    });
  });

  describe(`while the options are read, a getter ${what}:`, () => {
    for (const name of ['ttl', 'isPermanent', 'maxAgeMs']) {
      testColdAndWarm(`${name}: set writes after it`, (heat) => {
        const store = filled();
        heat(store, '7');
        const options = {
          get [name]() {
            act(store);
            return undefined;
          },
        };
        assert.equal(store.set('7', 'outer', options), true);
        assert.equal(spelt(store), `${left.replace(/ ?7=inner/, '')} 7=outer`.trim());
      });
    }
  });
}

test('a key that is renamed while it is renamed still holds its entry', () => {
  const store = new MemoryStore();
  const key = store.createKey('a');
  store.set(key, 'value');
  key.value = keyThatRuns('outer', () => {
    key.value = 'inner';
  });
  assert.equal(String(key), '"outer"');
  assert.equal(store.get(key), 'value');
  assert.deepEqual(store.keys(), ['"outer"']);
});

test('a toJSON that recurses without end is a key by identity', () => {
  const store = new MemoryStore();
  const key = { toJSON: () => store.get(key) };
  store.set(key, 'value');
  assert.equal(store.size(), 1);
  assert.equal(store.getKeys()[0], key);
});

describe('who begins to listen within a call is told at its end:', () => {
  const after = (act, value) => () => {
    act();
    return value;
  };
  const sized = (act) => ({ maxSize: 10, sizeOf: after(act, 1) });
  const calls = {
    update: (store, listen) => store.update('key', after(listen, 1)),
    compareAndSet: (store, listen) => {
      store.set('key', Object.defineProperty({}, 'part', { get: listen, enumerable: true }));
      return store.compareAndSet('key', { part: undefined }, 1);
    },
    increment: (store) => store.increment('key'),
    hit: (store) => store.hit('key'),
    limit: (store) => store.limit('key', { rate: 1, per: HOUR_MS }),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(name, () => {
      const told = [];
      let isListening = false;
      let store;
      const listen = () => {
        if (!isListening) store.on('set', (key) => void told.push(key));
        isListening = true;
      };
      const isSized = call.length === 1;
      store = new MemoryStore({ autoStartCleanup: false, ...(isSized ? sized(listen) : {}) });
      call(store, listen);
      assert.ok(isListening);
      assert.deepEqual(told, ['key']);
    });
  }
});
