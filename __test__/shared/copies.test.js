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

/** Whose keys are read. */
const PLACES = {
  'a store': (store) => store,
  'a namespace': (store) => store.namespace('a'),
  'a namespace within': (store) => store.namespace('a').namespace('b'),
};

/** A reader that has a copy of `key`, and who else writes; `stats` are of the whole store. */
function withReader(placeOf, reads, first, use) {
  const name = freshName('copies');
  const store = new SharedStore({ name, reads });
  const writer = new SharedStore({ name });
  const [reader, other] = [placeOf(store), placeOf(writer)];
  other.set('key', first);
  for (let read = 0; read < WARM_READS; read += 1) reader.get('key');
  use(reader, other, () => store.stats());
  store.close();
  writer.close();
}

/** Reads that went to the store. */
const notNear = ({ hits, nearHits }) => hits - nearHits;

const RENEWED = [
  ['a text', 'copy', (number) => `text ${number}`],
  ['a number', 'copy', (number) => number],
  ['a frozen object', 'frozen', (number) => ({ number })],
].flatMap((what) => Object.entries(PLACES).map((place) => [...place, ...what]));

describe('what is rewritten is near again after one read:', () => {
  for (const [place, placeOf, what, reads, make] of RENEWED) {
    test(`${what} of ${place}`, () =>
      withReader(placeOf, reads, make(0), (reader, other, stats) => {
        const before = notNear(stats());
        for (let number = 1; number <= WRITES; number += 1) {
          other.set('key', make(number));
          for (let read = 0; read < READS; read += 1) {
            assert.deepEqual(reader.get('key'), make(number));
          }
        }
        const hits = notNear(stats()) - before;
        assert.ok(hits < WRITES * READS * SHARE, `${hits} reads went to the store`);
      }));
  }
});

test('an object is near again after a write, however often it was read before', () =>
  withReader(PLACES['a store'], 'copy', { number: 0 }, (reader, other, stats) => {
    for (let reads = 2; reads < 150; reads += 1) {
      other.set('key', { number: reads });
      const before = notNear(stats());
      for (let read = 0; read < reads; read += 1) {
        assert.deepEqual(reader.get('key'), { number: reads });
      }
      assert.equal(notNear(stats()) - before, 1, `of ${reads} reads`);
    }
  }));

/** Reads of an object for each write, and whether they pay for the making of its copies. */
for (const [reads, pays] of Object.entries({ 2: false, 12: true })) {
  test(`an object that is read ${reads} times for each write is near: ${pays}`, () =>
    withReader(PLACES['a store'], 'copy', { number: 0 }, (reader, other, stats) => {
      let before = 0;
      // More than it takes to find that out.
      for (let write = 0; write < 45_000; write += 1) {
        if (write === 40_000) before = stats().nearHits;
        other.set('key', { number: write });
        for (let read = 0; read < reads; read += 1) {
          assert.equal(reader.get('key').number, write);
        }
      }
      assert.equal(stats().nearHits - before > 0, pays);
    }));
}

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

for (const [reads, place] of [
  ['copy', 'a store'],
  ['frozen', 'a store'],
  ['copy', 'a namespace within'],
  ['frozen', 'a namespace'],
]) {
  describe(`whatever follows whatever, a read gives what was written last, ${reads}:`, () => {
    for (const [first, act] of Object.entries(changes)) {
      test(`after ${first}, in ${place}`, () =>
        withReader(PLACES[place], reads, 'text', (reader, other) => {
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

/** Reads all keys of a store in rounds; the share of the last one that was near. */
function shareOf(keys, rounds, store = new SharedStore({ name: freshName('copies') })) {
  for (let key = 0; key < keys; key += 1) store.set(`key ${key}`, key);
  const first = store.stats().hits;
  let before = 0;
  for (let round = 0; round < rounds; round += 1) {
    before = store.stats().nearHits;
    for (let key = 0; key < keys; key += 1) assert.equal(store.get(`key ${key}`), key);
  }
  const { nearHits, hits } = store.stats();
  store.destroy();
  assert.equal(hits - first, keys * rounds);
  return (nearHits - before) / keys;
}

describe('of keys that are read evenly', () => {
  test('all come near, however seldom each is read, if there is room', () => {
    const share = shareOf(20_000, 30);
    assert.ok(share > 0.95, `${share} were near`);
  });

  test('all come near soon after a walk over many others', () => {
    const store = new SharedStore({ name: freshName('copies') });
    for (let key = 0; key < 40_000; key += 1) store.set(`other ${key}`, key);
    for (let key = 0; key < 40_000; key += 1) store.get(`other ${key}`);
    const share = shareOf(20_000, 30, store);
    assert.ok(share > 0.95, `${share} were near`);
  });

  test('none is kept, if there are more than the room would pay for', () => {
    const share = shareOf(300_000, 2);
    assert.ok(share < 0.05, `${share} were near`);
  });
});

/** Reads a key until there is a copy of it at hand. */
function heat(store, key) {
  for (let read = 0; read < WARM_READS; read += 1) store.get(key);
}

describe('copies of a namespace', () => {
  test('are given to nobody who asks the store for the string of one', () => {
    const store = new SharedStore({ name: freshName('copies') });
    const view = store.namespace('a');
    view.set('k', 'of the view');
    heat(view, 'k');
    for (const key of ['\0a\0\0k', '\0\0a\0\0k', '\0k', 'k']) {
      for (let read = 0; read < WARM_READS; read += 1) assert.equal(store.get(key), undefined);
    }
    assert.equal(view.get('k'), 'of the view');
    store.close();
  });

  test('count each read, for the view and for the store', () => {
    const store = new SharedStore({ name: freshName('copies') });
    const view = store.namespace('a');
    view.set('k', 1);
    view.set('brief', 2, { ttl: HOUR_MS });
    const before = store.stats();
    for (let read = 0; read < 1000; read += 1) {
      assert.equal(view.get('k'), 1);
      assert.equal(view.get('brief'), 2);
      assert.equal(view.get('absent'), undefined);
    }
    const { hits, misses, nearHits } = store.stats();
    const own = view.stats();
    assert.deepEqual([own.hits, own.misses], [2000, 1000]);
    assert.equal(hits - before.hits, 2000);
    assert.ok(misses - before.misses >= 1000);
    assert.ok(nearHits > 1500, `${nearHits} were near`);
    store.close();
  });

  test('end with the object that they were read by, not with others', () => {
    const name = freshName('copies');
    const [store, other] = [new SharedStore({ name }), new SharedStore({ name })];
    const [view, another] = [store, other].map((it) => it.namespace('a'));
    view.set('k', 1);
    for (const one of [view, another, view]) heat(one, 'k');
    store.close();
    assert.throws(() => view.get('k'), { code: 'ERR_STORE_CLOSED' });
    assert.equal(another.get('k'), 1);
    other.destroy();
    assert.throws(() => another.get('k'), { code: 'ERR_STORE_CLOSED' });
  });

  test('are of the store that an object has gone over to', () => {
    const name = freshName('copies');
    const store = new SharedStore({ name, whenOrphaned: 'rejoin' });
    const view = store.namespace('a');
    view.set('k', 'old');
    heat(view, 'k');
    new SharedStore({ name }).destroy();
    assert.equal(view.get('k'), undefined);
    for (let round = 0; round < 3; round += 1) {
      view.set('k', round);
      heat(view, 'k');
      assert.equal(view.get('k'), round);
    }
    store.destroy();
  });

  test('follow views of the same name that come and go', () => {
    const store = new SharedStore({ name: freshName('copies') });
    store.namespace('a').set('k', 0);
    for (let round = 0; round < 100; round += 1) {
      const view = store.namespace('a');
      assert.equal(view.get('k'), round);
      heat(view, 'k');
      view.increment('k');
      if (globalThis.gc !== undefined && round % 10 === 0) globalThis.gc();
    }
    store.close();
  });
});
