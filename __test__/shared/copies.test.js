/**
 * Copies of what is read often, while others write it.
 *
 * Must not know how a copy is kept, but for the numbers of `stats()`. Invariant tested: what is
 * read again and again is near again after one read, and every read gives what was written last.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { WARM_READS } = require('../helpers/hot-path.js');
const { freshName } = require('../helpers/shared-names.js');

const WRITES = 500;
const READS = 10;
/** Of all reads, those that may go to the store: one after each write, and what it is told. */
const SHARE = 0.2;

/** A reader that has a copy of `key`, and who else writes. */
function withReader(reads, first, use) {
  const name = freshName('copies');
  const reader = new SharedStore({ name, reads });
  const other = new SharedStore({ name });
  other.set('key', first);
  for (let read = 0; read < WARM_READS; read += 1) reader.get('key');
  use(reader, other);
  reader.close();
  other.close();
}

/** Reads that went to the store. */
const notNear = ({ hits, nearHits }) => hits - nearHits;

describe('what is rewritten is near again after one read:', () => {
  for (const [what, reads, make] of [
    ['a text', 'copy', (number) => `text ${number}`],
    ['a number', 'copy', (number) => number],
    ['a frozen object', 'frozen', (number) => ({ number })],
  ]) {
    test(what, () =>
      withReader(reads, make(0), (reader, other) => {
        const before = notNear(reader.stats());
        for (let number = 1; number <= WRITES; number += 1) {
          other.set('key', make(number));
          for (let read = 0; read < READS; read += 1) {
            assert.deepEqual(reader.get('key'), make(number));
          }
        }
        const hits = notNear(reader.stats()) - before;
        assert.ok(hits < WRITES * READS * SHARE, `${hits} reads went to the store`);
      }),
    );
  }
});

/** What may be done to an entry that is read all the time, and what there is to read then. */
const changes = {
  'a shorter text': (store) => [store.set('key', 'short'), 'short'],
  'a longer text': (store) => [store.set('key', 'l'.repeat(5000)), 'l'.repeat(5000)],
  'a text too long for a copy': (store) => [
    store.set('key', 'x'.repeat(2 ** 20)),
    'x'.repeat(2 ** 20),
  ],
  'an object': (store) => [store.set('key', { a: [1] }), { a: [1] }],
  'what cannot be frozen': (store) => [store.set('key', new Map([[1, 2]])), new Map([[1, 2]])],
  'a number': (store) => [store.set('key', 4), 4],
  'an increment': (store) => {
    store.set('key', 4);
    return [store.increment('key'), 5];
  },
  'a deadline': (store) => [store.set('key', 'timed', HOUR_MS), 'timed'],
  'a deadline that passes': (store) => {
    store.set('key', 'timed', 1);
    return [passDeadline(1), undefined];
  },
  'a touch that lets it pass': (store) => {
    store.set('key', 'timed', HOUR_MS);
    store.get('key');
    store.touch('key', 1);
    return [passDeadline(1), undefined];
  },
  delete: (store) => [store.delete('key'), undefined],
  clear: (store) => [store.clear(), undefined],
};

for (const reads of ['copy', 'frozen']) {
  describe(`whatever follows whatever, a read gives what was written last, ${reads}:`, () => {
    for (const [first, act] of Object.entries(changes)) {
      test(`after ${first}`, () =>
        withReader(reads, 'text', (reader, other) => {
          for (const [second, actNext] of Object.entries(changes)) {
            for (const change of [act, actNext]) {
              const [, expected] = change(other);
              for (let read = 0; read < 12; read += 1) {
                assert.deepEqual(reader.get('key'), expected, second);
              }
            }
          }
        }));
    }
  });
}
