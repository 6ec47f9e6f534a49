/**
 * Values of shared stores: each comes back as its structured clone, a copy of one's own.
 *
 * Must not know how values are encoded. Invariant tested: what a `get` gives is deeply equal to
 * `structuredClone(value)`, for a reader that was there before and for any after it.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore, createStore } = require('../../index.js');
const { cloneableObjects, cloneableSamples } = require('../helpers/cloneable-samples.js');
const { freshName, withNamed, withStore } = require('../helpers/shared-names.js');

/** Every way to put a value in and to get it out again. */
const WAYS = {
  'set and get': (store, value) => {
    store.set('key', value);
    return store.get('key');
  },
  'add and peek': (store, value) => {
    assert.equal(store.add('key', value), true);
    return store.peek('key');
  },
  'replace and take': (store, value) => {
    store.set('key', 'before');
    assert.equal(store.replace('key', value), true);
    return store.take('key');
  },
  'setMany and getMany': (store, value) => {
    store.setMany([
      ['key', value],
      ['other', 'value'],
    ]);
    return store.getMany(['key'])[0];
  },
  'compareAndSet and entries': (store, value) => {
    store.set('key', { was: 'there' });
    assert.equal(store.compareAndSet('key', { was: 'there' }, value), true);
    return [...store.entries()][0][1];
  },
  'set and values': (store, value) => {
    store.set('key', value);
    return [...store.values()][0];
  },
  'a set over a set, read a hundred times': (store, value) => {
    store.set('key', value);
    store.set('key', value);
    for (let read = 0; read < 99; read += 1) store.get('key');
    return store.get('key');
  },
};

for (const reads of ['copy', 'frozen']) {
  for (const [way, pass] of Object.entries(WAYS)) {
    describe(`${reads}, ${way}, comes back equal`, () => {
      for (const [name, value] of cloneableSamples()) {
        test(name, () =>
          withStore({ reads }, (store) => {
            assert.deepStrictEqual(pass(store, value), structuredClone(value));
          }),
        );
      }
    });
  }
}

describe('createStore, set and get, comes back equal', () => {
  for (const [name, value] of cloneableSamples()) {
    test(name, () =>
      withNamed((store) => {
        assert.equal(store.set('key', value), true);
        assert.deepStrictEqual(store.get('key'), structuredClone(value));
      }),
    );
  }
});

describe('a copy is no part of the store, nor of another copy', () => {
  for (const [name, value] of cloneableObjects()) {
    test(name, () =>
      withStore({}, (store) => {
        store.set('key', value);
        const copies = Array.from({ length: 20 }, () => store.get('key'));
        assert.equal(new Set(copies).size, copies.length);
        assert.notEqual(copies[0], value);
      }),
    );
  }
});

test('a_copy_that_is_changed_changes_no_other', () =>
  withStore({}, (store) => {
    store.set('key', { list: [{ deep: 1 }], bytes: new Uint8Array([1]), map: new Map([[1, 2]]) });
    for (let read = 0; read < 20; read += 1) {
      const copy = store.get('key');
      assert.deepEqual([copy.list[0].deep, copy.bytes[0], copy.map.get(1)], [1, 1, 2]);
      copy.list[0].deep = 2;
      copy.bytes[0] = 2;
      copy.map.set(1, 3);
    }
  }));

for (const length of [1, 100, 10_000, 100_000, 2_000_000]) {
  test(`bytes_that_were_read_do_not_change_with_the_next_read, ${length}`, () =>
    withStore({}, (store) => {
      const kinds = {
        array: (fill) => new Uint8Array(length).fill(fill),
        buffer: (fill) => Buffer.alloc(length, fill),
        clone: (fill) => ({ bytes: new Uint16Array(length).fill(fill) }),
      };
      for (const [kind, make] of Object.entries(kinds)) {
        store.set(`${kind}1`, make(1));
        store.set(`${kind}2`, make(2));
        const first = store.get(`${kind}1`);
        const second = store.get(`${kind}2`);
        store.set('other', make(3));
        store.get('other');
        assert.deepEqual(first, make(1), kind);
        assert.deepEqual(second, make(2), kind);
      }
    }));
}

test('what_is_changed_after_set_is_not_changed_in_the_store', () =>
  withStore({}, (store) => {
    const value = { list: [1], bytes: new Uint8Array([1]) };
    store.set('key', value);
    value.list.push(2);
    value.bytes[0] = 2;
    assert.deepEqual(store.get('key'), { list: [1], bytes: new Uint8Array([1]) });
  }));

for (const bytes of [0, 1, 100, 5000, 1_000_000]) {
  test(`a_buffer_comes_back_as_a_buffer, ${bytes} bytes`, () =>
    withStore({}, (store) => {
      const buffer = Buffer.alloc(bytes, 'abc');
      store.set('key', buffer);
      const got = store.get('key');
      assert.ok(Buffer.isBuffer(got));
      assert.deepEqual(got, buffer);
    }));
}

test('a_buffer_does_not_bring_the_pool_with_it', () =>
  withStore({}, (store) => {
    store.set('key', Buffer.from('abc'));
    const got = store.get('key');
    assert.equal(Buffer.from(got.buffer, got.byteOffset, got.length).toString(), 'abc');
    assert.ok(!Buffer.from(got.buffer).includes('secret'));
    assert.equal(got.buffer.byteLength, 3);
  }));

test('hundreds_of_shapes_come_back_equal', () =>
  withStore({}, (store) => {
    const shapeOf = (number) => ({
      [`first${number}`]: number,
      [`second${number % 50}`]: { [`deep${number % 700}`]: [number, { [`x${number}`]: 1 }] },
    });
    for (let number = 0; number < 2000; number += 1) store.set(`k${number}`, shapeOf(number));
    for (let number = 0; number < 2000; number += 1) {
      assert.deepStrictEqual(store.get(`k${number}`), shapeOf(number));
    }
  }));

test('long_shapes_come_back_equal_when_they_fill_what_is_shared', () =>
  withStore({}, (store) => {
    const shapeOf = (number) =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_, index) => [`${'k'.repeat(40)}-${number}-${index}`, index]),
      );
    for (let number = 0; number < 700; number += 1) store.set(`k${number}`, shapeOf(number));
    for (let number = 0; number < 700; number += 1) {
      assert.deepStrictEqual(store.get(`k${number}`), shapeOf(number));
    }
  }));

test('shapes_live_through_a_clear', () =>
  withStore({}, (store) => {
    for (let round = 0; round < 20; round += 1) {
      store.set('key', { a: round, [`b${round}`]: 1 });
      assert.deepStrictEqual(store.get('key'), { a: round, [`b${round}`]: 1 });
      store.clear();
    }
  }));

test('shapes_of_one_store_are_not_those_of_another', () => {
  const [one, other] = [createStore(freshName()), createStore(freshName())];
  one.set('key', { a: 1, b: 2 });
  other.set('key', { c: 3, d: 4 });
  one.set('next', { c: 5, d: 6 });
  other.set('next', { a: 7, b: 8 });
  assert.deepStrictEqual(
    [one.get('key'), other.get('key')],
    [
      { a: 1, b: 2 },
      { c: 3, d: 4 },
    ],
  );
  assert.deepStrictEqual(
    [one.get('next'), other.get('next')],
    [
      { c: 5, d: 6 },
      { a: 7, b: 8 },
    ],
  );
  one.close();
  other.close();
});

test('a_store_that_was_opened_again_has_shapes_of_its_own', () => {
  const name = freshName();
  for (let round = 0; round < 20; round += 1) {
    const store = createStore(name);
    assert.equal(store.get('key'), undefined);
    store.set('key', { [`a${round}`]: 1, [`b${round}`]: { c: round } });
    assert.deepStrictEqual(store.get('key'), { [`a${round}`]: 1, [`b${round}`]: { c: round } });
    store.close();
  }
});

test('long_strings_come_back_whatever_width_those_before_them_had', () => {
  withStore({}, (store) => {
    for (const length of [1023, 1024, 1025, 5000, 70_000]) {
      const narrow = 'ÿ'.repeat(length);
      const forms = [narrow, `Ā${narrow.slice(1)}`, `${narrow.slice(1)}\uffff`, `\ud800${narrow}`];
      // Wide ones in a row, then narrow ones, then by turns.
      for (let turn = 0; turn < 100; turn += 1) {
        const value = forms[turn < 40 ? 1 + (turn % 3) : turn < 60 ? 0 : turn % 4];
        store.set('key', value);
        store.set('other', turn);
        assert.equal(store.take('key'), value);
      }
    }
  });
});

test('a_byte_array_that_lies_about_its_length_keeps_its_own', () => {
  withStore({}, (store) => {
    for (const length of [0, 2, 100]) {
      const bytes = Uint8Array.of(1, 2, 3, 4, 5);
      Object.defineProperty(bytes, 'length', { value: length });
      store.set('key', bytes);
      assert.deepEqual([...store.get('key')], [1, 2, 3, 4, 5]);
    }
  });
});

test('an_object_that_a_getter_closes_writes_nothing', () => {
  const name = freshName();
  withStore({ name }, (other) => {
    const closing = new SharedStore({ name });
    const value = {
      get x() {
        closing.close();
        return 1;
      },
    };
    assert.throws(() => closing.compareAndSet('key', undefined, value), {
      code: 'ERR_STORE_CLOSED',
    });
    assert.equal(other.get('key'), undefined);
  });
});
