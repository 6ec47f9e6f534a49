/**
 * Objects that are read again and again: each reader has one of his own, as if it were decoded.
 *
 * Must not know how a copy is kept, but for the numbers of `stats()`. Invariant tested: whatever a
 * reader does to what it got, every read gives what was written last, to the order of keys.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { SharedStore } = require('../../index.js');
const { runScript } = require('../helpers/child-script.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { WARM_READS } = require('../helpers/hot-path.js');
const { IS_BUN } = require('../helpers/run-program.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { freshName } = require('../helpers/shared-names.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** More reads than it takes for one to be near, and to be copied there in the fastest way. */
const READS = 30;

const key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '0', '10', '-1', 'a', '', '\ud800'),
  // What would end the text of a name, were it code.
  fc.constantFrom('"', "'", '`', '\\', '\\"', '"]', '\n', '\u2028', 'part0', 'value', '*/'),
);
const primitive = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer(),
  fc.double(),
  fc.constantFrom(-0, 2 ** 60, true, false, null, undefined, '\ud800', new Date(7), 5n),
);
const value = fc.letrec((tie) => ({
  object: fc
    .array(fc.tuple(key, tie('any')), { maxLength: 6 })
    .map((fields) => Object.fromEntries(fields)),
  array: fc.array(tie('any'), { maxLength: 5 }),
  sparse: fc.constant(Object.assign(new Array(3), { 0: 1, 2: 3 })),
  // The same object twice.
  twice: tie('object').map((it) => ({ first: it, second: [it] })),
  any: fc.oneof(
    { depthSize: 'small' },
    primitive,
    tie('object'),
    tie('array'),
    tie('sparse'),
    tie('twice'),
  ),
})).object;

/** For a process in which it may not be made. */
const NO_CODE = '--disallow-code-generation-from-strings';

/** All that can be told of a value: keys in their order, and which parts are one object. */
function portrait(it, met = []) {
  if (typeof it !== 'object' || it === null) return Object.is(it, -0) ? '-0' : it;
  if (met.includes(it)) return ['met', met.indexOf(it)];
  met.push(it);
  const fields = Reflect.ownKeys(it).map((name) => [name, portrait(it[name], met)]);
  const how = Object.values(Object.getOwnPropertyDescriptors(it)).map((field) => {
    return [field.writable, field.enumerable, field.configurable];
  });
  return [Object.getPrototypeOf(it), String(it.length), fields, how];
}

/** Does to a value, and to all that it holds, what may be done. */
function spoil(it) {
  if (typeof it !== 'object' || it === null || it instanceof Date) return;
  for (const name of Object.keys(it)) {
    spoil(it[name]);
    it[name] = 'spoilt';
  }
  if (Array.isArray(it)) it.push('spoilt');
  else it.added = 'spoilt';
}

function withStores(use, options) {
  const name = freshName('near-objects');
  const store = new SharedStore({ name, ...options });
  const other = new SharedStore({ name });
  try {
    use(store, other);
  } finally {
    store.destroy();
  }
}

const SESSION = {
  cookie: { expires: '2030-01-01T00:00:00.000Z', httpOnly: true, path: '/' },
  user: { id: 7, name: 'alice', roles: ['a', { b: 1 }] },
  visits: 3,
};

function warm(store, name) {
  for (let read = 0; read < WARM_READS; read += 1) store.get(name);
}

/** Each almost the one before it. */
const ALIKE = [
  { a: 1, b: { c: [1, 2] } },
  { a: 'text', b: { c: [1, undefined, 3, null] } },
  { a: 1, b: { c: [1, { d: 2 }] } },
  { a: 1, b: { c: Object.assign(new Array(2), { 1: 2 }) } },
  { a: 1, b: { c: { 0: 1, 1: 2 } } },
  { a: 1, b: [1, 2] },
  { a: [1], b: { c: [1, 2] } },
  { a: 1, b: { c: [1, 2] }, d: 1 },
  { a: 1 },
  { b: { c: [1, 2] }, a: 1 },
  { a: { c: 1 }, b: { c: 1 } },
  { a: 1, b: { c: 1 } },
  { a: 1, b: {} },
  { a: 1, b: null },
  { a: new Date(7), b: { c: [1, 2] } },
  { a: 1, b: { c: [1, 2], __proto__: null } },
  {},
];

test('an object is read as it was written after one that is almost alike', () => {
  withStores((reader, writer) => {
    for (const [former, next] of ALIKE.flatMap((one) => ALIKE.map((other) => [one, other]))) {
      for (const written of [former, next]) {
        writer.set('k', written);
        const right = portrait(structuredClone(written));
        for (let read = 0; read < 10; read += 1) {
          const got = reader.get('k');
          assert.deepEqual(portrait(got), right);
          spoil(got);
        }
      }
    }
  });
});

for (const [place, of] of Object.entries({
  'a store': (store) => store,
  'a namespace': (store) => store.namespace('n'),
})) {
  test(`any object of ${place} is read as it was decoded, however often`, SLOW, () => {
    const seed = printedSeed(`any object of ${place}`);
    withStores((store, other) => {
      const [reader, writer] = [of(store), of(other)];
      const property = fc.property(value, (written) => {
        writer.set('k', written);
        const right = portrait(structuredClone(written));
        for (let read = 0; read < READS; read += 1) {
          const got = reader.get('k');
          assert.deepEqual(portrait(got), right);
          spoil(got);
          assert.deepEqual(portrait(reader.peek('k')), right);
          const entry = reader.getEntry('k');
          assert.deepEqual(portrait(entry.value), right);
          spoil(entry.value);
        }
      });
      fc.assert(property, { seed, numRuns: 100 });
    });
  });

  test(`nested objects of ${place} are near, and their uses are counted`, () => {
    withStores((store, other) => {
      const [reader, writer] = [of(store), of(other)];
      writer.set('k', SESSION);
      warm(reader, 'k');
      const before = store.stats();
      for (let read = 0; read < 1000; read += 1) assert.deepEqual(reader.get('k'), SESSION);
      const { hits, nearHits } = store.stats();
      assert.equal(nearHits - before.nearHits, 1000);
      assert.equal(hits - before.hits, 1000);
    });
  });

  test(`an entry of ${place} that is asked for again and again is near`, () => {
    withStores((store, other) => {
      const [reader, writer] = [of(store), of(other)];
      writer.set('k', SESSION, HOUR_MS);
      for (let read = 0; read < WARM_READS; read += 1) reader.getEntry('k');
      for (let read = 0; read < 10; read += 1) assert.deepEqual(reader.get('k'), SESSION);
      const { value: got, ttl } = reader.getEntry('k');
      assert.deepEqual(got, SESSION);
      assert.ok(ttl > 0 && ttl <= HOUR_MS);
      assert.ok(store.stats().nearHits >= 10);
    });
  });

  test(`what others do to an object of ${place} that is near shows at once`, () => {
    withStores((store, other) => {
      const [reader, writer] = [of(store), of(other)];
      for (let round = 0; round < 100; round += 1) {
        const tags = round % 2 === 0 ? ['t'] : [];
        writer.set('k', { round, in: [{ round }] }, { tags, ttl: HOUR_MS });
        warm(reader, 'k');
        assert.deepEqual(reader.get('k'), { round, in: [{ round }] });
        const end = [
          () => writer.delete('k'),
          () => writer.set('k', round),
          () => (tags.length > 0 ? writer.invalidateTag('t') : writer.clear()),
          () => passDeadline(writer.touch('k', 1) ? 1 : 0),
        ][round % 4];
        end();
        assert.equal(reader.get('k'), round % 4 === 1 ? round : undefined);
        assert.equal(reader.getEntry('k')?.value, round % 4 === 1 ? round : undefined);
      }
    });
  });
}

test('an update of an object that is near loses no other update', () => {
  withStores((store, other) => {
    const more = (it) => ({ count: it.count + 1, in: { count: it.count } });
    store.set('k', { count: 0, in: { count: 0 } });
    for (let round = 1; round <= 100; round += 1) {
      warm(store, 'k');
      let attempts = 0;
      store.update('k', (before) => {
        attempts += 1;
        // Somebody is faster.
        if (attempts === 1) other.set('k', more(other.get('k')));
        before.in.count = 'spoilt';
        return more(before);
      });
      assert.equal(attempts, 2);
      assert.deepEqual(store.get('k'), { count: round * 2, in: { count: round * 2 - 1 } });
    }
  });
});

test('frozen objects stay one object for all who read them', () => {
  withStores(
    (store) => {
      store.set('k', SESSION);
      warm(store, 'k');
      assert.equal(store.get('k'), store.get('k'));
      assert.ok(Object.isFrozen(store.get('k').user.roles));
      assert.ok(Object.isFrozen(store.getEntry('k').value.user));
    },
    { reads: 'frozen' },
  );
});

const options = { skip: IS_BUN && NO_CODE };
test('where text may not become code, copies are the same', options, async () => {
  const script = `
    const assert = require('node:assert/strict');
    assert.throws(() => new Function(''), EvalError);
    const store = new MemoryStore.SharedStore({ name: '${freshName('no-code')}' });
    const session = ${JSON.stringify(SESSION)};
    store.set('k', session);
    for (let read = 0; read < 1000; read += 1) {
      const got = store.get('k');
      assert.deepEqual(got, session);
      got.user.roles.push(read);
    }
    assert.ok(store.stats().nearHits > 900);
    store.destroy();
  `;
  const { code, stderr } = await runScript(script, [NO_CODE]);
  assert.equal(code, 0, stderr);
});
