/**
 * What each feature does in a round, and what it is measured beside.
 *
 * A part's `run(store, { entries, calls })` gives how long `ours` took, and `peer`; it throws when
 * an answer was wrong. `limit` is for their ratio, or for `ours` where there is no peer. Knows no
 * scope.
 */
'use strict';

const { median } = require('../../report/statistics.js');

const HOUR_MS = 3_600_000;
const TAGS = ['product:1', 'page'];
/** What one call covers is an equal part of all entries; the median of so many calls counts. */
const COVERED = Array.from({ length: 9 }, (_, part) => `part ${part}`);
const HOT_KEYS = 100;
const GROUPS = 10;
/** Turns of ours and of the peer in a round, one after the other. */
const TURNS = 20;
/** Calls before the clock starts: near copies are made, and code is compiled. */
const WARM_UP = 20_000;
/** The same before a call that is timed alone. */
const WARM_UP_ONCE = 500;

const groupedKey = (id) => `group ${id % GROUPS}:${id}`;
const hotKeys = (name) => Array.from({ length: HOT_KEYS }, (_, id) => `${name} ${id}`);

function expect(isRight, what) {
  if (!isRight) throw new Error(`Wrong: ${what}`);
}

function elapsedMs(call) {
  const begin = process.hrtime.bigint();
  const answer = call();
  return { ms: Number(process.hrtime.bigint() - begin) / 1e6, answer };
}

function many(count, call) {
  for (let at = 0; at < count; at += 1) call(at);
}

/** Nanoseconds of a call of ours and of the peer, in turns. */
function inTurns(calls, { ours, peer }) {
  many(WARM_UP, ours);
  many(WARM_UP, peer);
  const perTurn = Math.ceil(calls / TURNS);
  const totals = { ours: 0, peer: 0 };
  many(TURNS, () => {
    totals.ours += elapsedMs(() => many(perTurn, ours)).ms;
    totals.peer += elapsedMs(() => many(perTurn, peer)).ms;
  });
  const ns = (ms) => (ms * 1e6) / (perTurn * TURNS);
  return { ours: ns(totals.ours), peer: ns(totals.peer) };
}

/** Reads of hot keys by `one` and `other`, each of which has to find all. */
function readsInTurns(calls, one, other) {
  let found = 0;
  const [ours, peer] = [one, other].map(({ store, keys }) => (at) => {
    if (store.get(keys[at % HOT_KEYS]) !== undefined) found += 1;
  });
  const told = inTurns(calls, { ours, peer });
  expect(found >= 2 * (calls + WARM_UP), `${found} hits`);
  return told;
}

function fill(store, entries, keyOf, optionsOf = () => undefined) {
  many(entries, (id) => store.set(keyOf(id), id, optionsOf(id)));
  expect(store.size() === entries, `${store.size()} of ${entries} entries`);
}

const PARTS = {
  'tagged get ÷ get': {
    unit: 'ns',
    limit: 1.5,
    run(store, { calls }) {
      const [tagged, plain] = [hotKeys('tagged'), hotKeys('plain')];
      for (const key of tagged) store.set(key, key, { tags: TAGS });
      for (const key of plain) store.set(key, key);
      return readsInTurns(calls, { store, keys: tagged }, { store, keys: plain });
    },
  },
  'invalidateTag of a ninth': {
    unit: 'µs',
    limit: 10,
    run(store, { entries }) {
      many(WARM_UP_ONCE, () => {
        store.set('warm', 0, { tags: ['another'] });
        store.invalidateTag('another');
      });
      store.delete('warm');
      fill(
        store,
        entries,
        (id) => `key ${id}`,
        (id) => ({
          tags: ['page', COVERED[id % COVERED.length]],
        }),
      );
      const times = COVERED.map((tag) => elapsedMs(() => store.invalidateTag(tag)).ms);
      expect(store.get('key 1') === undefined, 'an invalidated entry is there');
      expect(store.size() === 0, `${store.size()} entries are left`);
      return { ours: median(times) * 1000 };
    },
  },
  'get of a namespace ÷ get': {
    unit: 'ns',
    limit: 1.5,
    run(store, { calls }) {
      const view = store.namespace('view');
      const [viewed, plain] = [hotKeys('viewed'), hotKeys('plain')];
      for (const key of viewed) view.set(key, key);
      for (const key of plain) store.set(key, key);
      return readsInTurns(calls, { store: view, keys: viewed }, { store, keys: plain });
    },
  },
  'namespace.clear() of a ninth': {
    unit: 'µs',
    limit: 10,
    run(store, { entries }) {
      const small = store.namespace('small');
      many(WARM_UP_ONCE, () => {
        small.set('key', 1);
        small.clear();
      });
      const views = COVERED.map((name) => store.namespace(name));
      many(entries, (id) => views[id % views.length].set(`key ${id}`, id));
      const times = views.map((view) => elapsedMs(() => view.clear()).ms);
      for (const view of views) expect(view.size() === 0, 'a cleared entry is there');
      return { ours: median(times) * 1000 };
    },
  },
  'keys({ prefix }) ÷ keys().filter()': {
    unit: 'ms',
    limit: 0.3,
    run(store, { entries }) {
      fill(store, Math.ceil(entries * 0.3), groupedKey);
      const prefix = 'group 7:';
      const ours = elapsedMs(() => store.keys({ prefix }));
      const peer = elapsedMs(() => store.keys().filter((key) => key.startsWith(prefix)));
      expect(ours.answer.length === peer.answer.length, `${ours.answer.length} keys`);
      return { ours: ours.ms, peer: peer.ms };
    },
  },
  'deleteWhere({ prefix }) of a tenth': {
    unit: 'ms',
    limit: 60,
    run(store, { entries }) {
      fill(store, entries, groupedKey);
      const { ms, answer } = elapsedMs(() => store.deleteWhere({ prefix: 'group 7:' }));
      expect(answer === entries / GROUPS, `${answer} removed`);
      return { ours: ms };
    },
  },
  'limit that allows ÷ increment with a ttl': {
    unit: 'ns',
    limit: 1.2,
    run(store, { calls }) {
      const most = 10 * (calls + WARM_UP);
      let allowed = 0;
      const told = inTurns(calls, {
        ours: () => {
          if (store.limit('limited', { rate: most, per: HOUR_MS }).allowed) allowed += 1;
        },
        peer: () => store.increment('counted', 1, { ttl: HOUR_MS }),
      });
      expect(allowed >= calls + WARM_UP, `${allowed} allowed`);
      return told;
    },
  },
  'limit that refuses ÷ increment with a ttl': {
    unit: 'ns',
    limit: 0.8,
    run(store, { calls }) {
      let allowed = 0;
      const told = inTurns(calls, {
        ours: () => {
          if (store.limit('limited', { rate: 1, per: HOUR_MS }).allowed) allowed += 1;
        },
        peer: () => store.increment('counted', 1, { ttl: HOUR_MS }),
      });
      expect(allowed === 1, `${allowed} allowed`);
      return told;
    },
  },
};

module.exports = { PARTS };
