/**
 * Filters: `keys`, `count`, `entries`, `scan` and `deleteWhere` of what a filter means.
 *
 * Must not know how keys lie. Invariant tested: each of them means the same keys, which are those
 * that JavaScript would mean, whatever units keys and prefixes have.
 */
const assert = require('node:assert/strict');
const fc = require('fast-check');
const { effort } = require('../helpers/effort.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const {
  HOUR_MS,
  assertRefused,
  listOf,
  outcomeOf,
  passDeadline,
  property,
  warm,
} = require('./contract.js');

const seed = printedSeed('contract-filters');
const RUNS = effort(30, 60);
/** More than any step lists at once. */
const MANY = 5000;
const AT_ONCE = 100;

/** The same as a regular expression that JavaScript runs. */
function meant({ prefix = '', match = '' }) {
  const glob = (text) =>
    [...text]
      .map((it) =>
        it === '*' ? '.*' : it === '?' ? '.' : it.replace(/[\\^$.|+()[\]{}/-]/, '\\$&'),
      )
      .join('');
  const pattern = typeof match === 'string' ? new RegExp(`^${glob(match)}$`, 'su') : match;
  return (key) => key.startsWith(prefix) && (match === '' || pattern.test(key));
}

/** The values of the keys of entries, some at a time: a server has only so much time for each. */
async function peeked(store, entries) {
  const values = [];
  for (let from = 0; from < entries.length; from += AT_ONCE) {
    const some = entries.slice(from, from + AT_ONCE);
    values.push(...(await Promise.all(some.map(([key]) => store.peek(key)))));
  }
  return values;
}

/** What every listing shows for a filter: all agree, and so does the count. */
async function shownFor(store, filter) {
  const keys = [...(await store.keys(filter))].sort();
  assert.equal(await store.count(filter), keys.length, 'count');
  for (const walk of [store.entries(filter), store.scan(filter)]) {
    const entries = await listOf(walk);
    assert.deepEqual(entries.map(([key]) => key).sort(), keys);
    const held = await peeked(store, entries);
    for (const [at, [key, value]] of entries.entries()) assert.deepEqual(value, held[at], key);
  }
  return keys;
}

const unit = fc.constantFrom('a', 'b', ':', '*', '?', 'ÿ', '\0', 'Ā', '中', '😀', '.', '\n');
const text = fc.array(unit, { maxLength: 5 }).map((units) => units.join(''));
const filter = fc.oneof(
  fc.record({ prefix: text }),
  fc.record({ match: text.filter((it) => it !== '') }),
  fc.record({ prefix: text, match: text.map((it) => `${it}*`) }),
);

/** Expressions whose syntax other engines read otherwise. */
const EXPRESSIONS = [
  String.raw`[[a]] [[:a]] ^[a&&b]$ ^[&&a]$ ^[+--]$ [a~~b] [\w-]+ [^\d] [] [^] [-a]b [a-]b`,
  String.raw`[\w-z] [é-ë] [a-c]b \Auser x\z ^\Z \<div\> \a \pL \_ \u{2} \x6 x{,2} x{1,2}$ a{1}`,
  String.raw`(?:a|b)+ (?<name>a)b a\/b ^\d+$ ^\w+$ ^\W+$ ^\s+$ \bb \Bb a.b a$ ^b \. #`,
  String.raw`\x20 \x61 \cI [\b] \0 \u0061`,
].flatMap((some) => some.split(' ').map((source) => new RegExp(source)));
EXPRESSIONS.push(/a.b/s, /USER/i, /\u{1F600}/u, /\p{Lu}/u, /[\p{L}]/u, /\ud83d\ude00/);
const SUBJECTS = [
  ...[
    'user:1',
    'Auser',
    'USER',
    'a',
    'b',
    '&',
    'a&b',
    '-',
    '+',
    ',',
    'xz',
    'z',
    'x',
    'xx',
    'x{,2}',
  ],
  ...[
    '<div>',
    'div',
    '\x07',
    '\x08',
    'pL',
    'uu',
    '[a]',
    'a]',
    '[:a]',
    'ab',
    'a/b',
    'a.b',
    '~',
    'a~b',
  ],
  ...['1', '٣', 'é', 'É', 'a\nb', 'a\r', 'a\rb', 'a\u2028b', 'a b', '\ufeff', '\u00a0', '\u0085'],
  ...['😀', '', '\0x', 'tab\t', 'a_b', 'a-b', 'x6', 'u{2}', '#', '^', '\\', ' '],
];

property('regular expressions mean what JavaScript means by them', async (store) => {
  await store.setMany(SUBJECTS.map((key) => [key, 1]));
  for (const match of EXPRESSIONS) {
    const expected = SUBJECTS.filter((key) => match.test(key)).sort();
    assert.deepEqual([...(await store.keys({ match }))].sort(), expected, String(match));
  }
});

property('listings by a filter show what JavaScript would', (_store, scope) =>
  fc.assert(
    fc.asyncProperty(fc.uniqueArray(text, { maxLength: 40 }), filter, (keys, which) =>
      scope.with({}, async (store) => {
        await store.setMany(keys.map((key, index) => [key, index]));
        const expected = keys.filter(meant(which)).sort();
        assert.deepEqual(await shownFor(store, which), expected);
        assert.equal(await store.deleteWhere(which), expected.length);
        const left = keys.filter((key) => !expected.includes(key));
        assert.deepEqual([...(await store.keys())].sort(), left.sort());
        assert.deepEqual(await shownFor(store, which), []);
      }),
    ),
    { seed, numRuns: RUNS },
  ),
);

property(
  'a regular expression means parts of keys, and g and y count for nothing',
  async (store) => {
    await store.setMany(['user:1', 'User:12', 'x user:', 'page\n1'].map((key) => [key, key]));
    for (const [match, expected] of [
      [/user/, ['user:1', 'x user:']],
      [/user/gy, ['user:1', 'x user:']],
      [/^user:\d+$/i, ['User:12', 'user:1']],
      [/e.1/s, ['page\n1']],
      [/^1/m, ['page\n1']],
    ]) {
      assert.deepEqual(await shownFor(store, { match }), expected, String(match));
      assert.deepEqual(await shownFor(store, { match }), expected, 'the second time, too');
    }
  },
);

property('all keys are meant by no filter and by an empty one', async (store) => {
  await store.setMany(['', 'a', 'user:1'].map((key) => [key, key]));
  for (const all of [undefined, {}, { prefix: '' }, { prefix: undefined }, { match: '*' }]) {
    assert.deepEqual(await shownFor(store, all), ['', 'a', 'user:1']);
  }
});

property('all of many keys are shown, and removed', async (store) => {
  await store.setMany([...Array(MANY).keys()].map((index) => [`key ${index}`, index]));
  assert.equal((await shownFor(store, undefined)).length, MANY);
  assert.equal((await shownFor(store, { match: 'key*' })).length, MANY);
  assert.equal(await store.deleteWhere({ prefix: '' }), MANY);
  assert.equal(await store.size(), 0);
});

property('few among many are found and removed, and all the others stay', async (store) => {
  await store.setMany([...Array(MANY).keys()].map((index) => [`page:${index}`, index]));
  await store.setMany([...Array(9).keys()].map((index) => [`user:${index}`, index]));
  await warm(store, 'user:1', 'page:1');
  assert.equal((await shownFor(store, { prefix: 'user:' })).length, 9);
  assert.equal(await store.deleteWhere({ match: '*er:?' }), 9);
  assert.equal(await store.get('user:1'), undefined);
  assert.equal(await store.get('page:1'), 1);
  assert.equal(await store.size(), MANY);
  await store.set('user:1', 'again');
  assert.deepEqual(await shownFor(store, { prefix: 'user:' }), ['user:1']);
});

property('what has expired is neither shown nor counted', async (store) => {
  await store.setMany([
    ['a1', 1, 1],
    ['a2', 2, HOUR_MS],
    ['a3', 3],
  ]);
  passDeadline(1);
  assert.deepEqual(await shownFor(store, { prefix: 'a' }), ['a2', 'a3']);
  assert.equal(await store.deleteWhere({ prefix: 'a' }), 2);
});

property('a load of what is removed is not stored', { needs: ['at hand'] }, async (store) => {
  let finish;
  const made = new Promise((resolve) => {
    finish = resolve;
  });
  const loads = ['user:1', 'page:1'].map((key) => store.getOrSet(key, () => made));
  await new Promise(setImmediate);
  assert.equal(await store.deleteWhere({ prefix: 'user:' }), 0);
  finish('made');
  assert.deepEqual(await Promise.all(loads), ['made', 'made']);
  assert.equal(await store.has('user:1'), false);
  assert.equal(await store.has('page:1'), true);
});

property('a scan lets the event loop go on, and ends with its signal', async (store) => {
  await store.setMany([...Array(MANY).keys()].map((index) => [`key ${index}`, index]));
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 0);
  try {
    // Ends as soon as a timer had its turn: at the latest when a scan takes one.
    while (turns < 3) {
      for await (const _ of store.scan()) if (turns >= 3) break;
    }
  } finally {
    clearInterval(timer);
  }
  const control = new AbortController();
  const reason = new Error('enough');
  let seen = 0;
  await assert.rejects(
    async () => {
      for await (const _ of store.scan({ prefix: 'key' }, { signal: control.signal })) {
        seen += 1;
        if (seen === 2) control.abort(reason);
      }
    },
    (error) => error === reason,
  );
  assert.equal(seen, 2);
});

property('what stays is scanned once, whatever comes and goes meanwhile', async (store) => {
  await store.setMany([...Array(MANY).keys()].map((index) => [`key ${index}`, index]));
  const seen = new Map();
  let step = 0;
  for await (const [key] of store.scan({ prefix: 'key' })) {
    seen.set(key, (seen.get(key) ?? 0) + 1);
    step += 1;
    if (step > MANY) continue;
    await store.delete(`key ${step * 2 + 1}`);
    await store.set(`other ${step}`, step);
  }
  for (let index = 0; index < MANY; index += 2) assert.equal(seen.get(`key ${index}`), 1);
});

property('a store that is closed meanwhile ends a scan', async (store, scope) => {
  await store.setMany([...Array(MANY).keys()].map((index) => [`key ${index}`, index]));
  const walk = store.scan();
  await walk.next();
  await store.close();
  await assert.rejects(
    async () => {
      for await (const _ of walk);
    },
    { code: 'ERR_STORE_CLOSED' },
  );
  const { throws } = await outcomeOf(scope, 'count', () => store.count({ prefix: 'a' }));
  assert.equal(throws.code, 'ERR_STORE_CLOSED');
});

property('a filter is read before the store is looked at', async (store, scope) => {
  await store.set('a', 1);
  const closing = {
    get prefix() {
      store.close();
      return 'a';
    },
  };
  const { throws } = await outcomeOf(scope, 'deleteWhere', () => store.deleteWhere(closing));
  assert.equal(throws.code, 'ERR_STORE_CLOSED');
});

property('a broken pattern is told of as such', async (store, scope) => {
  for (const match of [/(?=a)/, /(a)\1/]) {
    const expected = { name: 'TypeError', code: 'ERR_INVALID_PATTERN', message: /linear time/ };
    await assertRefused(store, scope, 'keys', () => store.keys({ match }), expected);
  }
  const long = { code: 'ERR_INVALID_PATTERN', message: /too long/ };
  await assertRefused(store, scope, 'keys', () => store.keys({ match: '?'.repeat(1e6) }), long);
});

/** What the flag `v` makes of classes: as JavaScript has it, or refused. */
const SETS = [
  ...[String.raw`^[\w--\d]+$`, String.raw`^[\w&&\d]+$`, String.raw`^[\p{L}--\p{Lu}]+$`],
  ...[String.raw`^[\q{ab|cd}]$`, '^[!--A]$', '^[[a-z]--[b]]+$', String.raw`^[\w\-]+$`, '^[^a]$'],
  ...[String.raw`^[^\p{Lu}]$`, String.raw`^\P{Lu}$`, String.raw`^[a\-z]$`],
].flatMap((source) => [new RegExp(source, 'v'), new RegExp(source, 'vi')]);

property('sets of characters mean what they do in JavaScript, or are refused', async (store) => {
  const keys = ['abc', 'a1c', '123', 'a-b', 'ab', 'cd', ...'aABq{!%-é'];
  for (const key of keys) await store.set(key, 1);
  const said = [];
  for (const match of [...SETS, /^\P{Lu}$/u, /^\P{Lu}$/iu, /^[^\p{Lu}]$/iu]) {
    try {
      assert.deepEqual(
        (await store.keys({ match })).sort(),
        keys.filter((key) => match.test(key)).sort(),
        String(match),
      );
      said.push(match);
    } catch (error) {
      if (error.code !== 'ERR_INVALID_PATTERN') throw error;
    }
  }
  assert.equal(said.length, 12, 'most need no set');
});

const EVENTS = { needs: ['events', 'by reference'] };

property('whoever listens is told of each that is removed', EVENTS, async (store) => {
  await store.setMany([...Array(MANY).keys()].map((index) => [`key ${index}`, { index }]));
  const told = { delete: [], dispose: [] };
  for (const event of ['delete', 'dispose']) {
    store.on(event, (key, value, reason) => told[event].push([key, value.index, reason]));
  }
  assert.equal(await store.deleteWhere({ prefix: 'key 1' }), 1111);
  assert.equal(told.delete.length, 1111);
  assert.deepEqual(told.delete[0], ['key 1', 1, 'delete']);
  assert.deepEqual(told.dispose, told.delete);
  assert.equal(await store.size(), MANY - 1111);
});

const PROMISES = { needs: ['by promise', 'in turn'] };

property('an update that is under way is removed in its turn', PROMISES, async (store) => {
  await store.set('user:1', 1);
  await store.set('user:2', 2);
  let finish;
  const update = store.update(
    'user:1',
    () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
  );
  const removed = store.deleteWhere({ prefix: 'user:' });
  assert.equal(await store.has('user:2'), false);
  finish('late');
  assert.equal(await update, 'late');
  assert.equal(await removed, 2);
  assert.equal(await store.size(), 0);
});
