/**
 * The patterns of `createStore`: globs, regular expressions in strings, `RegExp` objects.
 *
 * Must not know how they are matched. Invariant tested: a pattern means what JavaScript's own
 * would, in linear time, or it is refused.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { withNamed } = require('../helpers/shared-names.js');

const KEYS = [
  ...['user:1', 'user:2', 'user:10', 'USER:3', 'user', 'users', '', 'a', 'b', 'ab', 'aab', 'a.b'],
  ...[
    'line\nbreak',
    'caf\u00e9',
    '\u4e2d\u6587',
    '\ud83d\ude00',
    'a+b',
    '(a)',
    '[a]',
    '{a}',
    '^a$',
  ],
  ...['back\\slash', 'pipe|pipe', 'a-b', '#', ' ', 'tab\t', '\ud800', 'nul\0nul', '10%', '!a'],
];
const PLAIN = KEYS.filter((key) => !/[*?]/.test(key));
const sorted = (keys) => [...keys].sort();

function withKeys(body) {
  return withNamed((store, name) => {
    for (const key of KEYS) store.set(key, 1);
    body(store, name);
  });
}

/** What is left after a delete of what was listed. */
function assertMeans(pattern, expected) {
  withKeys((store) => {
    assert.deepEqual(sorted(store.listKeys(pattern)), sorted(expected));
    assert.equal(store.delete(pattern), expected.length > 0);
    const left = KEYS.filter((key) => !expected.includes(key));
    assert.deepEqual(sorted(store.listKeys()), sorted(left));
    assert.equal(store.delete(pattern), false);
  });
}

describe('a glob means', () => {
  for (const [glob, expected] of Object.entries({
    '*': KEYS,
    '**': KEYS,
    '?': ['a', 'b', '#', ' ', '\ud83d\ude00', '\ud800'],
    'user:*': ['user:1', 'user:2', 'user:10'],
    'user:?': ['user:1', 'user:2'],
    'user:??': ['user:10'],
    'user*': ['user:1', 'user:2', 'user:10', 'user', 'users'],
    '*ser': ['user'],
    'u*r*0': ['user:10'],
    'a.?': ['a.b'],
    'a+*': ['a+b'],
    '(*)': ['(a)'],
    '[?]': ['[a]'],
    '{?}': ['{a}'],
    '^?$': ['^a$'],
    '!*': ['!a'],
    'back\\*': ['back\\slash'],
    'pipe|*': ['pipe|pipe'],
    'line*': ['line\nbreak'],
    'line?break': ['line\nbreak'],
    'caf?': ['caf\u00e9'],
    '\u4e2d?': ['\u4e2d\u6587'],
    'nul?nul': ['nul\0nul'],
    'none*': [],
  })) {
    test(JSON.stringify(glob), () => assertMeans(glob, expected));
  }
});

describe('a plain key means itself', () => {
  for (const key of PLAIN) test(JSON.stringify(key), () => assertMeans(key, [key]));
});

const EXPRESSIONS = [
  ...[/user/, /^user$/, /^user:\d+$/, /USER/i, /a|b/, /^[a-z]$/, /^a.?b$/, /[0-9]/, /^\W/, /:1\b/],
  ...[
    /./,
    /k$/,
    /^break/m,
    /line.break/,
    /line.break/s,
    /\u4e2d/,
    /\u00e9$/,
    /^(?:a+)+b$/,
    /\(a\)/,
  ],
  ...[/^\^a\$$/, /a{2}/, /\\/, /\//, /x{0}/, /\d+/g, /[^a-z]/, /\s/, /(?<name>user):(\d)/, /\t/],
];

/** Flags that say where to begin mean nothing to a whole list. */
const isMatch = (expression, key) => new RegExp(expression.source, expression.flags).test(key);

describe('a RegExp means what it means', () => {
  for (const expression of EXPRESSIONS) {
    const expected = KEYS.filter((key) => isMatch(expression, key));
    test(String(expression), () => assertMeans(expression, expected));
  }

  test('whatever its lastIndex', () =>
    withKeys((store) => {
      const expression = /user/g;
      expression.lastIndex = 3;
      assert.equal(store.listKeys(expression).length, 5);
      assert.equal(expression.lastIndex, 3);
    }));
});

describe('an expression between slashes means what it means', () => {
  for (const expression of EXPRESSIONS.filter(({ flags }) => flags === '')) {
    const expected = KEYS.filter((key) => isMatch(expression, key));
    test(String(expression), () => assertMeans(`/${expression.source}/`, expected));
  }
});

describe('a hostile pattern comes to an end', () => {
  const long = 'a'.repeat(50_000);
  for (const [pattern, count] of [
    ['/^(a+)+$/', 1],
    ['/^(a|a)*$/', 1],
    ['/^(a|aa)+$/', 1],
    ['/(.*)*x$/', 0],
    ['/^(([a-z])+.)+[A-Z]([a-z])+$/', 0],
    ['*a*a*a*a*a*a*a*a*b', 0],
    [`${'*a'.repeat(100)}`, 2],
    [`${'?'.repeat(1000)}*`, 2],
  ]) {
    test(pattern.slice(0, 40), () =>
      withNamed((store) => {
        store.set(long, 1);
        store.set(`${long}!`, 1);
        const listed = store.listKeys(pattern);
        // What ends with anything else than `a` is no match of these.
        assert.equal(listed.filter((key) => key === long).length, count === 0 ? 0 : 1);
        assert.equal(store.delete(pattern), count > 0);
      }),
    );
  }
});

describe('an invalid pattern is refused, and nothing is deleted', () => {
  const error = { name: 'TypeError', code: 'ERR_INVALID_PATTERN' };
  const nested = '('.repeat(100_000) + ')'.repeat(100_000);
  for (const pattern of [
    ...['/(/', '/[/', '/(?=a)/', '/(?<!a)b/', '/(a)\\1/', '/a{99999999999}/'],
    ...['/((a{1000}){1000}){1000}/', `/${nested}/`, /(?=a)/, /(?<!a)b/, /(a)\1/],
  ]) {
    test(String(pattern).slice(0, 40), () =>
      withKeys((store) => {
        assert.throws(() => store.delete(pattern), error);
        assert.throws(() => store.listKeys(pattern), error);
        assert.equal(store.listKeys().length, KEYS.length);
      }),
    );
  }
});

describe('a path is a key', () => {
  // No slash at the end: it does not sit between slashes.
  for (const key of ['/api/users', '/a/i', '/a/g', '/users/42', '/', '//', '/a', 'a/', '/a/b/c']) {
    test(key, () =>
      withNamed((store) => {
        for (const other of [key, 'a', 'A', 'api', 'other']) store.set(other, other);
        assert.deepEqual(store.listKeys(key), [key]);
        assert.equal(store.delete(key), true);
        assert.deepEqual(sorted(store.listKeys()), ['A', 'a', 'api', 'other']);
        assert.equal(store.delete(key), false);
      }),
    );
  }
});

describe('a key that looks like a pattern is deleted alone by a SharedStore', () => {
  for (const key of ['*', 'a*', '?', 'user:*', '/a/', '/./', '/(/', '/^(a+)+$/']) {
    test(key, () =>
      withKeys((store, name) => {
        store.set(key, 'exact');
        assert.equal(store.get(key), 'exact');
        const shared = new SharedStore({ name });
        assert.equal(shared.delete(key), true);
        shared.close();
        assert.deepEqual(sorted(store.listKeys()), sorted(KEYS));
      }),
    );
  }
});

test('an_expression_in_a_string_with_an_i_is_a_path_or_minds_its_flag', () =>
  withNamed((store) => {
    store.set('ABC', 1);
    assert.deepEqual(store.listKeys(/abc/i), ['ABC']);
    assert.deepEqual(store.listKeys(/abc/), []);
  }));

test('a_broken_pattern_is_said_to_be_broken_and_one_that_takes_long_to_be_that', () =>
  withNamed((store) => {
    const code = 'ERR_INVALID_PATTERN';
    for (const broken of ['/[/', '/(/', '/a{2,1}/', '/*/']) {
      assert.throws(() => store.listKeys(broken), { code, message: /is broken\. Invalid/ }, broken);
    }
    for (const slow of ['/(a)\\1/', '/(?=a)b/', /(?<!a)b/]) {
      assert.throws(() => store.listKeys(slow), { code, message: /in linear time/ }, String(slow));
    }
  }));
