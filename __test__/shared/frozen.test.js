/**
 * Frozen reads: one object for all who read, until the entry changes, and nobody can change it.
 *
 * Must not know when a copy is made: an object is the same once it was read often enough.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { cloneableObjects } = require('../helpers/cloneable-samples.js');
const { passDeadline } = require('../helpers/expiry.js');
const { freshName, withStore } = require('../helpers/shared-names.js');

/** More reads than a copy asks for. */
const READS = 64;

function readOften(store, key = 'key') {
  let value;
  for (let read = 0; read < READS; read += 1) value = store.get(key);
  return value;
}

function assertDeeplyFrozen(value, path = 'value') {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  assert.ok(Object.isFrozen(value), path);
  for (const name of Object.keys(value)) assertDeeplyFrozen(value[name], `${path}.${name}`);
}

const frozen = (body) => withStore({ reads: 'frozen' }, body);
const plain = { a: 1, list: [{ b: 2 }, [3, []]], empty: {}, text: 'x' };

describe('every way to read gives what is deeply frozen', () => {
  for (const [name, read] of Object.entries({
    get: (store) => store.get('key'),
    'a hot get': (store) => readOften(store),
    peek: (store) => store.peek('key'),
    getMany: (store) => store.getMany(['key'])[0],
    take: (store) => store.take('key'),
    values: (store) => [...store.values()][0],
    entries: (store) => [...store][0][1],
    getOrSet: (store) => store.getOrSet('key', () => 1),
  })) {
    test(name, () =>
      frozen(async (store) => {
        store.set('key', plain);
        const value = await read(store);
        assert.deepStrictEqual(value, plain);
        assertDeeplyFrozen(value);
      }),
    );
  }
});

test('the_same_object_is_given_until_the_entry_changes', () =>
  frozen((store) => {
    store.set('key', plain);
    const first = readOften(store);
    for (let read = 0; read < READS; read += 1) assert.equal(store.get('key'), first);
    store.set('key', { a: 2 });
    const second = readOften(store);
    assert.deepEqual(second, { a: 2 });
    assert.equal(store.get('key'), second);
    assert.deepEqual(first, plain);
  }));

test('a_value_that_was_set_is_not_frozen_itself', () =>
  frozen((store) => {
    const value = { list: [1] };
    store.set('key', value);
    readOften(store);
    value.list.push(2);
    assert.deepEqual(store.get('key'), { list: [1] });
  }));

for (const [what, change] of [
  ['delete', (store) => store.delete('key')],
  ['take', (store) => store.take('key')],
  ['clear', (store) => store.clear()],
  ['deleteMany', (store) => store.deleteMany(['key'])],
  ['expiry', (store) => store.touch('key', 1) && passDeadline(1)],
]) {
  test(`what_was_read_often_is_gone_after_${what}`, () =>
    frozen((store) => {
      store.set('key', plain);
      readOften(store);
      change(store);
      assert.equal(store.get('key'), undefined);
    }));
}

describe('what can be changed is given to one reader alone', () => {
  const kinds = {
    'a Map': () => new Map([[1, 2]]),
    'a Set': () => new Set([1]),
    'a Date': () => new Date(5),
    bytes: () => new Uint8Array([1, 2]),
    'a Buffer': () => Buffer.from('ab'),
    'an ArrayBuffer': () => new Uint8Array([1]).buffer,
    'a RegExp': () => /a/g,
    'a Map in an object': () => ({ deep: [{ map: new Map([[1, { a: 1 }]]) }] }),
    'a Date in an array': () => [[new Date(5)]],
    'bytes in an object': () => ({ bytes: new Uint8Array([1]) }),
  };
  for (const [name, make] of Object.entries(kinds)) {
    test(name, () =>
      frozen((store) => {
        store.set('key', make());
        const seen = Array.from({ length: READS }, () => store.get('key'));
        assert.equal(new Set(seen).size, READS);
        for (const value of seen) assert.deepStrictEqual(value, make());
      }),
    );
  }
});

describe('every kind of value is the same when it is read often', () => {
  for (const [name, value] of cloneableObjects()) {
    test(name, () =>
      frozen((store) => {
        store.set('key', value);
        assert.deepStrictEqual(readOften(store), structuredClone(value));
      }),
    );
  }
});

test('an_object_that_reads_copies_gets_them_beside_one_that_reads_frozen', () => {
  const name = freshName();
  const [copies, shared] = [new SharedStore({ name }), new SharedStore({ name, reads: 'frozen' })];
  copies.set('key', plain);
  readOften(shared);
  const copy = readOften(copies);
  copy.list.push(1);
  copy.a = 2;
  assert.deepEqual(shared.get('key'), plain);
  assert.deepEqual(copies.get('key'), plain);
  copies.close();
  shared.close();
});

test('the_name_of_a_key_is_not_what_a_copy_is_known_by', () =>
  frozen((store) => {
    for (const key of ['__proto__', 'constructor', 'get', 'size', 'words', '']) {
      store.set(key, { key });
      assert.deepEqual(readOften(store, key), { key });
    }
  }));
