/**
 * How much of a value is printed: all of it, or as much as somebody reads, and that it is cut.
 *
 * Must not know how a value is measured. Invariant tested: a few bytes that mean more text than
 * there is memory cost no more than others, and what is whole is printed whole.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { inspect } = require('node:util');
const { shown } = require('../../lib/cli/output/shown.js');
const { withShop } = require('../helpers/command-line.js');
const { askJson, withDashboard } = require('../helpers/dashboard.js');
const { SLOW } = require('../helpers/test-timeout.js');

const WHOLE = { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null };
const MOST = 100_000;

/** So many lists within each other, each of which has the next one so many times. */
function shared(levels, times) {
  let value = ['x'];
  for (let level = 0; level < levels; level += 1) value = new Array(times).fill(value);
  return value;
}

test('what_is_no_longer_than_others_is_printed_whole', () => {
  const cyclic = { list: [1], map: new Map([[{ a: 1 }, new Set([2n])]]) };
  cyclic.self = cyclic;
  cyclic.list.push(cyclic, cyclic);
  const deep = {};
  for (let at = deep, level = 0; level < 900; level += 1) at = at.next = {};
  const sparse = [];
  sparse.length = 10_000;
  sparse[5] = 1;
  sparse.name = 'named';
  const failure = new Error('failed', { cause: { deep: [[[[1]]]] } });
  const values = [
    undefined,
    null,
    'x'.repeat(MOST * 2),
    cyclic,
    deep,
    sparse,
    failure,
    Buffer.of(1),
  ];
  for (const value of values) {
    assert.deepEqual(shown(value, WHOLE, MOST * 4), { text: inspect(value, WHOLE) });
  }
});

test('what_is_printed_of_shared_parts_is_bounded_and_said_to_be_cut', () => {
  const list = shared(7, 200);
  const values = {
    list,
    pairs: shared(40, 2),
    map: new Map([['key', list]]),
    set: new Set([list]),
    keys: new Map([[list, 1]]),
    object: { list },
    cause: new Error('failed', { cause: list }),
    named: Object.assign([], { list }),
    strings: new Array(5000).fill('x'.repeat(MOST)),
    wide: Object.fromEntries(Array.from({ length: 20_000 }, (_, key) => [`key ${key}`, key])),
  };
  for (const [what, value] of Object.entries(values)) {
    const { text, leftOut } = shown(value, WHOLE, MOST);
    assert.ok(text.length < 10 * MOST, `${what}: ${text.length}`);
    assert.match(leftOut, /levels|parts/, what);
  }
  // As deep as there is room for.
  assert.equal(shown({ list }, WHOLE, MOST).text, inspect({ list }, { ...WHOLE, depth: 1 }));
});

test('a_value_that_is_too_long_is_said_to_be_cut', SLOW, () =>
  withShop({}, async ({ run, store }) => {
    store.set('pairs', shared(22, 2));
    store.set('long', 'x'.repeat(2 ** 20));
    const [pairs, long] = await Promise.all([
      run('get', 'shop', 'pairs'),
      run('get', 'shop', 'long'),
    ]);
    assert.equal(pairs.code, 0);
    assert.match(pairs.stdout, /\[Array\]/);
    assert.match(pairs.stderr, /too long: what lies deeper than \d+ levels is left out/);
    assert.deepEqual([long.stdout.trim().length, long.stderr], [2 ** 20 + 2, '']);
  }),
);

test('every_value_has_json', SLOW, () =>
  withShop({}, async ({ run, json, store }) => {
    const cyclic = { list: [], map: new Map(), numbers: [1n, Number.NaN, -Number.MAX_VALUE * 2] };
    cyclic.list.push(cyclic, cyclic.list, cyclic.numbers);
    cyclic.map.set('self', cyclic.map);
    store.set('cyclic', cyclic);
    const error = Object.assign(new RangeError('failed', { cause: /a\/b/gu }), { code: 'ERR' });
    store.set('error', [error]);
    store.set('map', new Map([[{ a: 1 }, new Set(['b'])]]));
    store.set('pairs', shared(22, 2));
    const values = await Promise.all(
      ['cyclic', 'error', 'map'].map((key) => json('get', 'shop', key)),
    );
    const [ofCyclic, [ofError], ofMap] = values.map(({ value }) => value);
    const numbers = ['1', 'NaN', '-Infinity'];
    assert.deepEqual(ofCyclic, {
      list: ['[Circular]', '[Circular]', numbers],
      map: { self: '[Circular]' },
      numbers,
    });
    const { name, message } = ofError;
    assert.deepEqual([name, message], ['RangeError', 'failed']);
    assert.deepEqual(ofMap, [[{ a: 1 }, ['b']]]);
    const kept = store.get('error')[0];
    assert.deepEqual([ofError.cause, ofError.code], [kept.cause && String(kept.cause), kept.code]);
    const pairs = await run('get', 'shop', 'pairs', '--json');
    assert.deepEqual([pairs.code, pairs.stdout], [1, '']);
    assert.match(JSON.parse(pairs.stderr).error.message, /too long/);
  }),
);

test('a_page_is_told_that_a_value_is_cut', SLOW, () =>
  withDashboard(async (url, { store }) => {
    store.set('lists', shared(3, 100));
    const { value } = await askJson(url, 'value', { file: store.file, key: 'lists' });
    assert.match(value, /\[Array\]/);
    assert.match(value, /too long: what lies deeper than \d+ levels is left out\)$/);
  }),
);
