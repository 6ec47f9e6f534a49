/**
 * Values and keys through a file: each comes back as it was, in a store of either kind.
 *
 * Must not know how a file is written. Invariant tested: what is restored is deeply equal to a
 * structured clone of what was stored, under the same key.
 */
const assert = require('node:assert/strict');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { cloneableSamples, uncloneableSamples } = require('../helpers/cloneable-samples.js');
const { IS_BUN } = require('../helpers/run-program.js');
const { STORES, forge, forgeRecord, withFile } = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');

for (const [from, openFrom] of Object.entries(STORES)) {
  for (const [to, openTo] of Object.entries(STORES)) {
    test(`every_value_comes_back_equal, from ${from} to ${to}`, SLOW, () =>
      withFile(async (file) => {
        const [one, other] = [openFrom(), openTo()];
        for (const [name, value] of cloneableSamples()) one.set(`${name}\ud800`, value);
        const entries = cloneableSamples().length;
        const written = await one.snapshot(file);
        assert.deepEqual(written, { entries, bytes: readFileSync(file).length });
        assert.deepEqual(await other.restore(file), { ...written, expired: 0 });
        assert.equal(other.size(), entries);
        for (const [name, value] of cloneableSamples()) {
          assert.deepStrictEqual(other.get(`${name}\ud800`), structuredClone(value), name);
        }
        one.close();
        other.close();
      }),
    );
  }

  test(`a_buffer_comes_back_as_a_buffer_of_its_own, ${from}`, () =>
    withFile(async (file) => {
      const store = openFrom();
      store.set('buffer', Buffer.from('abc'));
      store.set('bytes', new Uint8Array([1, 2]));
      await store.snapshot(file);
      const other = new MemoryStore();
      await other.restore(file);
      assert.ok(Buffer.isBuffer(other.get('buffer')));
      assert.equal(other.get('buffer').buffer.byteLength, 3);
      assert.equal(other.get('bytes').buffer.byteLength, 2);
      assert.ok(!Buffer.isBuffer(other.get('bytes')));
      store.close();
    }));
}

describe('what cannot be cloned is refused by its key, and no file appears', () => {
  for (const [name, value] of uncloneableSamples()) {
    test(name, () =>
      withFile(async (file) => {
        const store = new MemoryStore();
        store.set('good', 1);
        store.set('the key', value);
        await assert.rejects(store.snapshot(file), {
          name: 'TypeError',
          code: 'ERR_NOT_CLONEABLE',
          message: /the key/,
        });
        assert.equal(existsSync(file), false);
        assert.equal(store.size(), 2);
      }),
    );
  }

  test('a getter that throws', () =>
    withFile(async (file) => {
      const store = new MemoryStore();
      const broken = new Error('from the value');
      store.set('key', {
        get value() {
          throw broken;
        },
      });
      await assert.rejects(store.snapshot(file), (error) => error === broken);
      assert.equal(existsSync(file), false);
    }));
});

/** Keys, and how they come back from a `MemoryStore`, where that is not as they were. */
const KEYS = [
  ['', 'key', '\ud800', '\udc00\0', '\u4e2d', '__proto__', 'constructor', 'x'.repeat(300_000)],
  [0, 1, -1.5, 1e21, Number.NaN, -Infinity, 2 ** 53],
  [10n ** 30n, -(2n ** 64n)],
  [true, null, undefined],
  [{ id: 1, of: ['a', { b: null }] }, [1, '2'], { 2: 'b', 1: 'a' }],
].flat();

test('keys_keep_the_form_in_which_they_were_given', () =>
  withFile(async (file) => {
    const [store, other] = [new MemoryStore(), new MemoryStore()];
    for (const [index, key] of KEYS.entries()) store.set(key, index);
    await store.snapshot(file);
    await other.restore(file);
    assert.deepStrictEqual(other.getKeys(), KEYS);
    assert.deepStrictEqual(other.keys(), store.keys());
    for (const [index, key] of KEYS.entries()) assert.equal(other.get(key), index);
  }));

test('keys_that_a_file_cannot_hold_come_back_as_their_strings', () =>
  withFile(async (file) => {
    const [store, other] = [new MemoryStore(), new MemoryStore()];
    const mutable = store.createKey('before');
    store.set(mutable, 1);
    mutable.value = 'after';
    store.set(new Date(0), 2);
    store.set(10n, 3);
    store.set(10n ** 2000n, 4);
    await store.snapshot(file);
    await other.restore(file);
    assert.deepEqual(other.keys(), store.keys());
    assert.deepEqual(other.getKeys(), ['after', '"1970-01-01T00:00:00.000Z"', 10, store.keys()[3]]);
    assert.equal(other.get('after'), 1);
    assert.equal(other.get(10n), 3);
  }));

/** What an entry may be set under that a mutable key renames. */
const RENAMED = {
  'a string': (store) => store.set('before', 1),
  'the mutable key': (store, mutable) => store.set(mutable, 1),
};
for (const [what, set] of Object.entries(RENAMED)) {
  test(`a_key_that_was_renamed_is_a_string_whatever_it_looks_like, ${what}`, () =>
    withFile(async (file) => {
      for (const after of ['5', 'true', '10000000000000000000000', '{"a":1}']) {
        const [store, other] = [new MemoryStore(), new MemoryStore()];
        const mutable = store.createKey('before');
        set(store, mutable);
        for (const name of ['between', after]) mutable.value = name;
        assert.deepEqual(store.getKeys().map(String), [after]);
        await store.snapshot(file);
        await other.restore(file);
        assert.deepEqual(other.getKeys(), [after]);
        assert.equal(other.get(after), 1);
      }
    }));
}

test('a_key_by_identity_becomes_that_of_no_other_object', () =>
  withFile(async (file) => {
    const store = new MemoryStore();
    const [mine, other] = [() => {}, () => {}];
    store.set(mine, 'mine');
    store.set('[object Object #5]', 'a string');
    await store.snapshot(file);
    for (const open of Object.values(STORES)) {
      const restored = open();
      await restored.restore(file);
      assert.equal(restored.size(), 2);
      assert.equal(restored.get('[object Object #5]'), 'a string');
      for (const key of [mine, other, () => {}]) {
        const isLocal = restored instanceof MemoryStore;
        if (isLocal) assert.equal(restored.get(key), undefined);
        else assert.throws(() => restored.get(key), { code: 'ERR_INVALID_KEY' });
      }
      const [key] = restored.keys().filter((it) => it.startsWith('[object Function #'));
      assert.equal(restored.get(key), 'mine');
      restored.close();
    }
    await store.restore(file);
    assert.equal(store.get(mine), 'mine');
  }));

test('the_order_of_entries_comes_back', () =>
  withFile(async (file) => {
    const [store, other] = [new MemoryStore(), new MemoryStore()];
    for (let number = 0; number < 5000; number += 1)
      store.set(`k${(number * 7919) % 5000}`, number);
    await store.snapshot(file);
    await other.restore(file);
    assert.deepEqual([...other], [...store]);
  }));

test('an_empty_store_has_a_file_of_48_bytes', () =>
  withFile(async (file) => {
    for (const open of Object.values(STORES)) {
      const store = open();
      assert.deepEqual(await store.snapshot(file), { entries: 0, bytes: 48 });
      assert.deepEqual(readFileSync(file), forge([]));
      assert.deepEqual(await store.restore(file), { entries: 0, bytes: 48, expired: 0 });
      store.close();
    }
  }));

test('a_file_is_as_the_documentation_draws_it', () =>
  withFile(async (file) => {
    const store = new MemoryStore();
    const number = Buffer.alloc(8);
    number.writeDoubleLE(1.5);
    store.set('n', 1.5);
    store.set(1, 'a\u00e9');
    store.set('\u4e2d', '\ud800');
    store.set(null, true);
    store.set({ a: 1 }, { list: [1, -0, '\u4e2d\udc00', null, false, {}] });
    store.set('bytes', new Uint8Array([1, 2]));
    await store.snapshot(file);
    const json = '{"list":[1,-0,"\u4e2d\\udc00",null,false,{}]}';
    const expected = forge([
      forgeRecord({ key: 'n', kind: 1, value: number }),
      forgeRecord({ form: 1, key: '1', kind: 2, value: Buffer.from('a\u00e9', 'latin1') }),
      forgeRecord({ width: 2, key: '\u4e2d', kind: 3, value: Buffer.from([0x00, 0xd8]) }),
      forgeRecord({ form: 3, key: 'null', kind: 4, value: Buffer.alloc(0) }),
      forgeRecord({ form: 4, key: '{"a":1}', kind: 10, value: Buffer.from(json) }),
      forgeRecord({ key: 'bytes', kind: 8, value: Buffer.from([1, 2]) }),
    ]);
    assert.deepEqual(readFileSync(file), expected);
  }));

test('what_another_engine_has_cloned_is_refused_and_nothing_changes', () =>
  withFile(async (file) => {
    const kind = IS_BUN ? 11 : 12;
    writeFileSync(file, forge([forgeRecord({ key: 'a' }), forgeRecord({ key: 'b', kind })]));
    for (const open of Object.values(STORES)) {
      const store = open();
      const code = 'ERR_UNSUPPORTED_PLATFORM';
      await assert.rejects(store.restore(file), { name: 'StoreError', code });
      assert.equal(store.size(), 0);
      store.close();
    }
  }));

test('keys_of_namespaces_come_back_exactly_and_none_by_identity_is_anothers', () =>
  withFile(async (file) => {
    const shared = STORES[Object.keys(STORES).find((kind) => kind.includes('Shared'))]();
    const local = new MemoryStore();
    const key = '[object Object #3]';
    shared.set(key, 'plain');
    shared.namespace('users').set(key, 'mine');
    await shared.snapshot(file);
    shared.namespace('users').clear();
    for (const store of [shared, shared, local]) {
      await store.restore(file);
      const view = store.namespace('users');
      assert.deepEqual([store.keys(), view.keys()], [[key], [key]]);
      assert.deepEqual([store.get(key), view.get(key)], ['plain', 'mine']);
    }
    const program = new MemoryStore();
    const view = program.namespace('users');
    view.set(new Map(), 'by identity');
    await program.snapshot(file);
    await program.restore(file);
    assert.equal(view.size(), 2, 'what is restored is the key of no object that is there');
    for (const store of [shared, local, program]) store.close();
  }));
