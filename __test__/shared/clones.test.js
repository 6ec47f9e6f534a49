/**
 * Where an encoding could betray itself: identity, getters, exotic objects, and what is refused.
 *
 * Must not know which encoding a value takes. Invariant tested: a value that is stored is what
 * `structuredClone` makes of it, and one that cannot be cloned changes nothing.
 */
const assert = require('node:assert/strict');
const fc = require('fast-check');
const { describe, test } = require('node:test');
const v8 = require('node:v8');
const MemoryStore = require('../../index.js');
const { lostSamples, uncloneableSamples } = require('../helpers/cloneable-samples.js');
const { assertSame } = require('../helpers/same-values.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { withFile } = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { withNamed, withStore } = require('../helpers/shared-names.js');

const seed = printedSeed('shared-clones');

test('random_values_come_back_as_their_structured_clones', SLOW, () =>
  withStore({}, (store) => {
    const value = fc.anything({
      withBigInt: true,
      // Dates have a test of their own: Node 20 finds no invalid date equal to another.
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withObjectString: true,
      withNullPrototype: true,
      withUnicodeString: true,
    });
    fc.assert(
      fc.property(value, (it) => {
        store.set('key', it);
        assertSame(store.get('key'), structuredClone(it));
      }),
      { numRuns: 3000, seed },
    );
  }),
);

test('random_strings_come_back_the_same', SLOW, () =>
  withStore({}, (store) => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0xfeff, 0xd800, 0xdfff, 0, 0x7f, 0x80, 0xff, 0x100),
      fc.integer({ min: 0, max: 0xff }),
    );
    const string = fc.array(unit, { maxLength: 80 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(string, string, (one, other) => {
        const object = { [one]: other, list: [other, one] };
        store.set(one, other);
        store.set('object', object);
        assert.equal(store.get(one), one === 'object' ? undefined : other);
        assert.deepStrictEqual(store.get('object'), object);
      }),
      { numRuns: 3000, seed, examples: [] },
    );
  }),
);

test('random_json_comes_back_the_same_frozen', SLOW, () =>
  withStore({ reads: 'frozen' }, (store) => {
    fc.assert(
      fc.property(fc.jsonValue(), (it) => {
        store.set('key', it);
        assert.deepStrictEqual(store.get('key'), structuredClone(it));
        assert.ok(Object.isFrozen(store.get('key')));
      }),
      { numRuns: 2000, seed },
    );
  }),
);

test('an_object_that_is_there_twice_is_one_object', () =>
  withStore({}, (store) => {
    const shared = { a: 1 };
    store.set('key', { one: shared, other: shared, list: [shared] });
    const got = store.get('key');
    assert.equal(got.one, got.other);
    assert.equal(got.one, got.list[0]);
  }));

test('an_object_in_a_map_and_beside_it_is_one_object', () =>
  withStore({}, (store) => {
    const shared = { a: 1 };
    store.set('key', { one: shared, map: new Map([[shared, shared]]) });
    const got = store.get('key');
    assert.equal(got.map.get(got.one), got.one);
  }));

test('objects_that_share_parts_take_no_more_than_their_parts', () =>
  withStore({}, (store) => {
    let value = ['part'];
    // 2^18 paths, 19 arrays.
    for (let level = 0; level < 18; level += 1) value = [value, value];
    store.set('key', value);
    const { dataBytes } = store.stats();
    assert.ok(dataBytes < 10_000, `${dataBytes} bytes`);
  }));

test('a_getter_is_called_once', () =>
  withStore({}, (store) => {
    let calls = 0;
    const value = {
      get count() {
        calls += 1;
        return calls;
      },
    };
    store.set('key', value);
    assert.deepStrictEqual(store.get('key'), { count: 1 });
    assert.equal(calls, 1);
  }));

test('a_getter_that_gives_something_else_each_time_is_stored_as_a_clone_would_be', () =>
  withStore({}, (store) => {
    for (const second of [() => {}, Symbol('no'), new Map([[1, 2]]), -0, 2n ** 70n]) {
      let calls = 0;
      const value = {
        get turn() {
          calls += 1;
          return calls === 1 ? 'plain' : second;
        },
      };
      store.set('key', value);
      assert.deepStrictEqual(store.get('key'), { turn: 'plain' });
    }
  }));

test('a_getter_may_use_the_store', () =>
  withStore({}, (store) => {
    const value = {
      before: 'x'.repeat(100),
      get inside() {
        store.set('other', { other: 'y'.repeat(200), list: [1, 2, 3] });
        return store.get('other').list;
      },
      after: 'z'.repeat(100),
    };
    store.set('key', value);
    assert.deepStrictEqual(store.get('key'), {
      before: 'x'.repeat(100),
      inside: [1, 2, 3],
      after: 'z'.repeat(100),
    });
    assert.deepStrictEqual(store.get('other'), { other: 'y'.repeat(200), list: [1, 2, 3] });
  }));

test('a_getter_may_close_the_store', () =>
  withStore({}, (store) => {
    const value = {
      get inside() {
        store.close();
        return 1;
      },
    };
    assert.throws(() => store.set('key', value), { code: 'ERR_STORE_CLOSED' });
  }));

/** Objects of a kind that its prototype does not tell. */
const disguised = {
  'a Map': () => new Map([[1, 2]]),
  'a Set': () => new Set([1]),
  'a Date': () => new Date(5),
  'a RegExp': () => /a/g,
  'a boxed number': () => Object(5),
};

/** Bun's `v8.serialize` calls the `forEach` that these have no more. */
const REFUSED_BY_BUN = ['a Map', 'a Set'];
const isThere = (name) => process.versions.bun === undefined || !REFUSED_BY_BUN.includes(name);

describe('an object without its own prototype comes back as what it is', () => {
  for (const [name, make] of Object.entries(disguised).filter(([name]) => isThere(name))) {
    test(name, () =>
      withStore({}, (store) => {
        const value = Object.setPrototypeOf(make(), Object.prototype);
        store.set('key', value);
        assert.deepStrictEqual(store.get('key'), structuredClone(value));
      }),
    );
  }
});

describe('what cannot be cloned is refused, and changes nothing', () => {
  const samples = [
    ...uncloneableSamples(),
    ['a proxy', new Proxy({ a: 1 }, {})],
    ['a proxy of an array', [new Proxy([1], {})]],
    ['a WeakMap without its prototype', Object.setPrototypeOf(new WeakMap(), Object.prototype)],
  ];
  const calls = {
    set: (store, value) => store.set('key', value),
    'set of an absent key': (store, value) => store.set('absent', value),
    add: (store, value) => store.add('absent', value),
    replace: (store, value) => store.replace('key', value),
    compareAndSet: (store, value) => store.compareAndSet('key', { was: 'there' }, value),
    setMany: (store, value) =>
      store.setMany([
        ['absent', 1],
        ['key', value],
      ]),
  };
  for (const [call, act] of Object.entries(calls)) {
    for (const [name, value] of samples) {
      test(`${call}, ${name}`, () =>
        withStore({}, (store) => {
          store.set('key', { was: 'there' });
          assert.throws(() => act(store, value), { name: 'TypeError', code: 'ERR_NOT_CLONEABLE' });
          assert.deepStrictEqual([...store], [['key', { was: 'there' }]]);
        }));
    }
  }

  for (const [name, value] of samples) {
    test(`set of createStore, ${name}`, () =>
      withNamed((store) => {
        store.set('key', 'before');
        const error = { name: 'TypeError', code: 'ERR_NOT_CLONEABLE' };
        assert.throws(() => store.set('key', value), error);
        assert.equal(store.get('key'), 'before');
        assert.deepEqual(store.listKeys(), ['key']);
      }));
    test(`getOrSet, ${name}`, () =>
      withStore({}, async (store) => {
        const told = [];
        store.on('error', ({ name: kind, code }, key) => told.push([kind, code, key]));
        const made = { in: value };
        assert.ok((await store.getOrSet('key', () => made)) === made);
        assert.deepEqual(told, [['TypeError', 'ERR_NOT_CLONEABLE', 'key']]);
        assert.equal(store.has('key'), false);
      }));
  }
});

describe('what cannot be cloned is named, with the key and the path:', () => {
  for (const [name, value, path] of lostSamples()) {
    const isNamed = ({ message }) => message.includes('"the key"') && message.includes(path);
    test(name, () =>
      withStore({}, (store) => {
        assert.throws(() => store.set('the key', value), isNamed);
        assert.throws(
          () =>
            store.setMany([
              ['a', 1],
              ['the key', value],
            ]),
          isNamed,
        );
        assert.equal(store.size(), 0);
      }),
    );
    test(`${name}, made by a factory`, () =>
      withStore({}, async (store) => {
        const told = [];
        store.on('error', ({ message }) => told.push(message));
        await store.getOrSet('the key', () => ({ in: value }));
        assert.equal(told.length, 1);
        assert.match(told[0], /for the key "the key", got .+, at value\.in/);
      }));
    test(`${name}, in a snapshot`, () =>
      withFile(async (file) => {
        const store = new MemoryStore();
        store.set('good', 1);
        store.set('the key', value);
        const error = { name: 'TypeError', code: 'ERR_NOT_CLONEABLE' };
        await assert.rejects(store.snapshot(file), error);
        await assert.rejects(store.snapshot(file), isNamed);
        await assert.rejects(store.restore(file), { code: 'ENOENT' });
      }));
  }
});

test('causes that lead to no error twice come back', () =>
  withStore({}, (store) => {
    const inner = new RangeError('inner');
    const value = { errors: [new Error('outer', { cause: inner }), inner] };
    store.set('key', value);
    const { errors } = store.get('key');
    // Not every engine's clones carry causes.
    const [outer] = v8.deserialize(v8.serialize(value)).errors;
    assert.equal(errors[0].cause?.message, outer.cause?.message);
    assert.equal(errors[1].message, 'inner');
  }));

test('setMany reads each value once, and stores none if one cannot be read', () =>
  withStore({}, (store) => {
    let reads = 0;
    const value = {
      get a() {
        reads += 1;
        if (reads > 2) throw new Error('read too often');
        return reads;
      },
    };
    store.setMany([
      ['a', value],
      ['b', value],
    ]);
    assert.deepEqual([store.get('a'), store.get('b'), reads], [{ a: 1 }, { a: 2 }, 2]);
    assert.throws(
      () =>
        store.setMany([
          ['c', 1],
          ['d', value],
        ]),
      { message: 'read too often' },
    );
    assert.equal(store.has('c'), false);
  }));

describe('an error of a getter is the caller s own', () => {
  const messages = ['on purpose', 'cannot clone this', 'could not be cloned'];
  for (const message of messages) {
    for (const [shape, wrap] of Object.entries({
      'an object': (it) => it,
      'an array of an object': (it) => [it],
      'a Map': (it) => new Map([[1, it]]),
    })) {
      test(`${shape}, "${message}"`, () =>
        withStore({}, (store) => {
          const own = new Error(message);
          const value = {
            get broken() {
              throw own;
            },
          };
          assert.throws(
            () => store.set('key', wrap(value)),
            (error) => error === own,
          );
          assert.equal(store.size(), 0);
        }));
    }
  }
});

test('a_value_that_failed_does_not_spoil_the_next', () =>
  withStore({}, (store) => {
    for (let round = 0; round < 50; round += 1) {
      const value = {
        [`key${round}`]: 1,
        list: [1, 2, 3],
        get broken() {
          throw new Error('on purpose');
        },
      };
      assert.throws(() => store.set('key', value), /on purpose/);
      assert.throws(() => store.set('key', { [`x${round}`]: [() => {}] }));
      store.set('good', { [`key${round}`]: { list: [round] } });
      assert.deepStrictEqual(store.get('good'), { [`key${round}`]: { list: [round] } });
    }
  }));

test('an_invalid_date_comes_back_invalid', () =>
  withStore({}, (store) => {
    store.set('key', { at: new Date(Number.NaN) });
    assert.ok(Number.isNaN(store.get('key').at.getTime()));
  }));
