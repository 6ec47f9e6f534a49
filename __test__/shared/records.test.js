/**
 * Records of primitives that are encoded at once, as the general encoder would.
 *
 * Must not know how either works. Invariant tested: the two give the same bytes wherever the quick
 * one gives any, and the store cannot tell which was used.
 */
const assert = require('node:assert/strict');
const fc = require('fast-check');
const { Packr } = require('msgpackr');
const { test } = require('node:test');
const { FlatRecords } = require('../../lib/values/flat-record.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { withStore } = require('../helpers/shared-names.js');

const seed = printedSeed('shared-records');
/** Room for structures whose names are two bytes, as a store has it. */
const MAX_STRUCTURES = 512;

const EDGES = [
  [0, 1, 0x1f, 0x20, 0x3f, 0x40, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff],
  [0x80000000, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER, 1.5, Number.NaN, Infinity],
  [-1, -0x20, -0x21, -0x80, -0x81, -0x8000, -0x8001, -0x80000000, -0x80000001, -1.5],
  ['', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(64), '\0\x7f', true, false, null, undefined],
].flat();

/** What both make of a record once the first has told the second its structure. */
function bothOf(
  record,
  packr = new Packr({ structures: [], maxSharedStructures: MAX_STRUCTURES }),
) {
  const flat = new FlatRecords();
  flat.learn(record, packr.pack(record), 0);
  const isWritten = flat.write(record);
  const quick = isWritten ? Buffer.from(flat.bytes.subarray(flat.start, flat.end)) : undefined;
  return { general: Buffer.from(packr.pack(record)), quick };
}

test('a_quick_record_is_the_general_one_for_every_kind_of_value', () => {
  for (const value of EDGES) {
    const { general, quick } = bothOf({ before: 1, value, after: 'end' });
    assert.deepEqual(quick, general, `${String(value)}`);
  }
});

test('random_quick_records_are_the_general_ones', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 70 }),
    fc.integer(),
    fc.double(),
    fc.constantFrom(...EDGES),
  );
  const key = fc.string({ minLength: 1, maxLength: 8 }).filter((it) => !(it in {}));
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, noNullPrototype: true }), (record) => {
      const { general, quick } = bothOf(record);
      if (quick !== undefined) assert.deepEqual(quick, general);
    }),
    { numRuns: 2000, seed },
  );
});

test('a_structure_whose_name_is_two_bytes_is_written_with_both', () => {
  const packr = new Packr({ structures: [], maxSharedStructures: MAX_STRUCTURES });
  for (let count = 0; count < 200; count += 1) {
    const { general, quick } = bothOf({ [`key${count}`]: count }, packr);
    assert.deepEqual(quick, general);
  }
});

test('what_the_general_encoder_would_change_is_left_to_it', () => {
  for (const value of [-0, 2 ** 53, -(2 ** 60), 'ü', '\ud800', 'x'.repeat(65), 1n, {}, []]) {
    const flat = new FlatRecords();
    const packr = new Packr({ structures: [], maxSharedStructures: MAX_STRUCTURES });
    const like = { value: 1 };
    flat.learn(like, packr.pack(like), 0);
    assert.equal(flat.write({ value }), false, String(value));
    assert.ok(!flat.isUnknown);
    assert.ok(flat.write(like));
  }
});

test('the_beginning_of_a_structure_is_another_and_so_is_another_order', () =>
  withStore({}, (store) => {
    const values = [{ a: 1, b: 2, c: 3 }, { a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, { c: 3 }];
    for (let turn = 0; turn < 3; turn += 1) {
      for (const value of values) {
        store.set('key', value);
        assert.deepEqual(Object.entries(store.get('key')), Object.entries(value));
      }
    }
  }));

test('what_is_inherited_is_no_part_of_a_record', () =>
  withStore({}, (store) => {
    const whole = { a: 1, inherited: 2 };
    for (let turn = 0; turn < 3; turn += 1) store.set('key', whole);
    Object.defineProperty(Object.prototype, 'inherited', {
      value: 3,
      enumerable: true,
      configurable: true,
    });
    try {
      store.set('key', { a: 1 });
    } finally {
      delete Object.prototype.inherited;
    }
    assert.deepEqual(store.get('key'), { a: 1 });
  }));

test('a_getter_is_called_once_and_may_store_a_record_meanwhile', () =>
  withStore({}, (store) => {
    for (let turn = 0; turn < 3; turn += 1) store.set('key', { a: 1, b: 2 });
    let calls = 0;
    store.set('key', {
      get a() {
        calls += 1;
        store.set('other', { a: 3, b: 4 });
        return 5;
      },
      b: 6,
    });
    assert.equal(calls, 1);
    assert.deepEqual(store.get('key'), { a: 5, b: 6 });
    assert.deepEqual(store.get('other'), { a: 3, b: 4 });
  }));

test('a_comparison_that_stores_a_record_meanwhile_changes_nothing_of_the_one_to_be_set', () =>
  withStore({}, (store) => {
    for (let turn = 0; turn < 3; turn += 1) store.set('key', { a: 1, b: 2 });
    const expected = {
      get a() {
        store.set('other', { a: 3, b: 4 });
        return 1;
      },
      b: 2,
    };
    assert.equal(store.compareAndSet('key', expected, { a: 5, b: 6 }), true);
    assert.deepEqual(store.get('key'), { a: 5, b: 6 });
    assert.deepEqual(store.get('other'), { a: 3, b: 4 });
  }));
