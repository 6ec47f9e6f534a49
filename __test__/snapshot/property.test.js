/**
 * Whatever a store holds comes back from a file, in a store of either kind.
 *
 * Must not know how a file is written. Invariant tested: keys, values and the presence of deadlines
 * are the same; `SEED=…` repeats a run.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { HOUR_MS } = require('../helpers/expiry.js');
const { assertSame } = require('../helpers/same-values.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { STORES, withFile } = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');

const RUNS = 60;
const seed = printedSeed('snapshot-property');

/** Strings of any UTF-16 units, lone surrogates among them. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const surrogate = fc.constantFrom('\ud800', '\udfff', '\ud83d\ude00', '\0', '\ufeff', 'a');
const strings = fc.string({ unit: fc.oneof(unit, surrogate, fc.constantFrom('k', '\u00e9')) });
const anything = fc.anything({
  key: strings,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withBoxedValues: true,
  withNullPrototype: true,
});
const large = fc.integer({ min: 200_000, max: 700_000 }).map((length) => 'x\u4e2d'.repeat(length));
const values = fc.oneof(
  { weight: 20, arbitrary: anything },
  { weight: 5, arbitrary: strings },
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 500 }) },
  { weight: 5, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: large },
);
const entries = fc.array(fc.tuple(strings, values, fc.boolean()), { maxLength: 40 });

for (const [from, openFrom] of Object.entries(STORES)) {
  for (const [to, openTo] of Object.entries(STORES)) {
    test(`what_was_written_comes_back, from ${from} to ${to}`, SLOW, () =>
      withFile((file) =>
        fc.assert(
          fc.asyncProperty(entries, async (given) => {
            const [one, other] = [openFrom(), openTo()];
            for (const [key, value, isTimed] of given) {
              one.set(key, value, isTimed ? HOUR_MS : undefined);
            }
            const written = await one.snapshot(file);
            assert.equal(written.entries, one.size());
            await other.restore(file);
            assert.deepEqual(other.keys().sort(), one.keys().sort());
            for (const key of one.keys()) {
              assertSame(other.get(key), structuredClone(one.get(key)));
              assert.equal(other.ttl(key) === Infinity, one.ttl(key) === Infinity);
            }
            one.close();
            other.close();
          }),
          { seed, numRuns: RUNS },
        ),
      ),
    );
  }
}
