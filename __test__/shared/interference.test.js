/**
 * Every verb of a shared store, with another participant at work between any two of its steps.
 *
 * Must not know which steps a verb has. Invariant tested: what a verb gives and leaves is what one
 * of both orders of the verb and the other's work explains, and all participants see it alike.
 */
const { inEachGap, outcomeOf } = require('../helpers/interference.js');
const assert = require('node:assert/strict');
const { setImmediate: turn } = require('node:timers/promises');
const { describe, test } = require('node:test');
const { isDeepStrictEqual } = require('node:util');
const { SharedStore } = require('../../index.js');
const { Handle } = require('../../lib/shared/opening/handle.js');
const { SharedEntries } = require('../../lib/shared/entries.js');
const { NOTHING } = require('../../lib/shared/near/looks.js');
const { Condition } = require('../../lib/native/contract.js');
const { storeFile } = require('../../lib/shared/opening/store-file.js');
const native = require('../../lib/native/loader.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const ANY = -1;
const LONG = 'long'.repeat(17_000);
const UNBOUNDED = { ttlMs: 0, ifPresent: false, min: -Infinity, max: Infinity };
const HOT_READS = 16;
let shapes = 0;

/** A value whose structure the store has not seen. */
function newShape() {
  shapes += 1;
  return { [`property ${shapes}`]: 1 };
}

/** Somebody else who has the store open, as from another thread: with a codec of its own. */
function join({ name, scope, path }) {
  const file = scope === 'processes' ? storeFile(name, { path, access: 'user' }) : undefined;
  const id =
    file === undefined
      ? native.openShared(name, ANY, ANY, ANY)
      : native.openFile(file, name, ANY, ANY, ANY);
  return new SharedEntries(new Handle({ name: `${name} of another`, file }, id).use(), false);
}

function write(entries, value, ttlMs = 0) {
  const how = { string: 'key', ttlMs, isKept: false };
  entries.write(how, entries.handle.codec.encode(value), Condition.ALWAYS);
}

/** What is there at first. */
const states = {
  nothing: () => {},
  'a number for an hour': (other) => write(other, 5, HOUR_MS),
  'an object': (other) => write(other, { a: 1 }),
  'an object for an hour': (other) => write(other, { a: 1 }, HOUR_MS),
  'a long string': (other) => write(other, LONG),
};

/** What the other does. */
const works = {
  'sets a number': (other) => write(other, 7),
  'sets an object': (other) => write(other, { a: 2 }),
  'sets an object of a new shape': (other, { shape }) => write(other, shape),
  'sets a long string': (other) => write(other, `${LONG}er`),
  'sets the same': (other) => write(other, { a: 1 }, HOUR_MS),
  deletes: (other) => other.remove('key'),
  clears: (other) => other.clear(),
  adds: (other) => {
    try {
      other.increment('key', 10, UNBOUNDED);
    } catch {}
  },
  'makes it last': (other) => other.touch('key', 2 * HOUR_MS),
  'lets it expire': (other) => {
    if (!other.touch('key', 1)) return;
    passDeadline(1);
  },
};

const LOAD = { ttl: HOUR_MS, staleMs: 2 * HOUR_MS };
/** What is asked of the store. */
const verbs = {
  get: (store) => store.get('key'),
  has: (store) => store.has('key'),
  ttl: (store) => Math.round(store.ttl('key') / HOUR_MS),
  getMany: (store) => store.getMany(['key']),
  set: (store) => store.set('key', 'mine'),
  'set of a new shape': (store, { own }) => store.set('key', own),
  setMany: (store, { own }) => store.setMany([['key', own]]),
  add: (store) => store.add('key', 'mine'),
  replace: (store, { own }) => store.replace('key', own),
  'compareAndSet of an object': (store) => store.compareAndSet('key', { a: 1 }, { a: 1, b: 2 }),
  'compareAndSet of a number': (store) => store.compareAndSet('key', 5, 6),
  'compareAndSet of nothing': (store, { own }) => store.compareAndSet('key', undefined, own),
  delete: (store) => store.delete('key'),
  deleteMany: (store) => store.deleteMany(['key']),
  take: (store) => store.take('key'),
  touch: (store) => store.touch('key', 3 * HOUR_MS),
  increment: (store) => store.increment('key'),
  'increment of what is there': (store) => store.increment('key', 1, { ifPresent: true, max: 12 }),
  hit: (store) => {
    const { value, ttl } = store.hit('key', 1, { ttl: HOUR_MS });
    return { value, hours: Math.round(ttl / HOUR_MS) };
  },
  peek: (store) => store.peek('key'),
  getEntry: (store) => {
    const entry = store.getEntry('key');
    return entry && { value: entry.value, hours: Math.round(entry.ttl / HOUR_MS) };
  },
  'set that keeps the deadline': (store, { own }) => store.set('key', own, { ttl: 'keep' }),
  'set of what has expired': (store) => store.set('key', 'mine', { expiresAt: 1 }),
  'replace of what has expired': (store) => store.replace('key', 'mine', { expiresAt: 1 }),
  'update of an object': (store) => {
    return store.update('key', (value) => (value?.a ? { a: value.a, b: 2 } : undefined));
  },
  'update that makes one': (store, { own }) => store.update('key', (value) => value ?? own),
  'update with a time to live': (store) => {
    return store.update('key', (value) => (value === 5 ? 6 : undefined), { ttl: 3 * HOUR_MS });
  },
  size: (store) => store.size(),
  keys: (store) => store.keys(),
  entries: (store) => [...store],
  clear: (store) => store.clear(),
  getOrSet: (store, { own }) => store.getOrSet('key', () => own),
  'getOrSet of a promise': (store, { own }) => store.getOrSet('key', async () => own),
  'getOrSet of what is stale': async (store) => {
    const value = await store.getOrSet('key', () => 'renewed', LOAD);
    await turn();
    return value;
  },
};

/** As everybody sees it: the verb's store, the other, and one that has just come. */
function seen(store, other, place) {
  const value = store.get('key');
  assert.deepEqual(other.get('key'), value === undefined ? NOTHING : value);
  // Only a record can mean nothing to who has not seen others like it.
  if (typeof value === 'object') {
    const late = join(place);
    assert.deepEqual(late.get('key'), value);
    late.close();
  }
  return { value, hours: Math.round(store.ttl('key') / HOUR_MS), keys: store.keys() };
}

const isExplained = (orders, got) => orders.some((order) => isDeepStrictEqual(got, order));

async function judge(place, options) {
  const store = new SharedStore({ ...place, ...options });
  const other = join(place);
  let given;
  const begin = (state, isHot) => () => {
    given = { shape: newShape(), own: newShape() };
    other.remove('key');
    states[state](other);
    for (let time = 0; isHot && time < HOT_READS; time += 1) store.get('key');
  };
  const named = (value) =>
    JSON.parse(JSON.stringify(value, (_key, it) => nameOf(it, given)) ?? '0');
  const unexplained = [];
  for (const state of Object.keys(states)) {
    for (const [verb, ask] of Object.entries(verbs)) {
      for (const [work, act] of Object.entries(works)) {
        const isHot = shapes % 2 === 0;
        const orders = [];
        const end = (result) => named({ result, left: seen(store, other, place) });
        begin(state, isHot)();
        const first = await outcomeOf(() => ask(store, given));
        act(other, given);
        orders.push(end(first));
        begin(state, isHot)();
        act(other, given);
        orders.push(end(await outcomeOf(() => ask(store, given))));
        if (verb.startsWith('getOrSet')) {
          // No one step: what is newer than what it gives stays. A delete while the factory runs is
          // not seen.
          begin(state, isHot)();
          act(other, given);
          const lefts = [...orders.map(({ left }) => left), end().left];
          const results = orders.map(({ result }) => result);
          orders.push(...results.flatMap((result) => lefts.map((left) => ({ result, left }))));
        }
        await inEachGap(
          begin(state, isHot),
          () => ask(store, given),
          () => act(other, given),
          (result, gap) => {
            const got = end(result);
            if (isExplained(orders, got)) return;
            unexplained.push({ state, verb, work, gap, got, orders });
          },
        );
      }
    }
  }
  other.close();
  store.close();
  return unexplained;
}

/** A value by a name that is the same each time. */
function nameOf(value, { shape, own }) {
  if (typeof value === 'string' && value.length > LONG.length / 2) return `${value.length} units`;
  if (value === undefined) return 'nothing';
  if (typeof value !== 'object' || value === null) return value;
  const is = (it) => Object.keys(value)[0] === Object.keys(it)[0];
  if (is(shape)) return 'the other shape';
  return is(own) ? 'the own shape' : value;
}

describe('what another does between two steps of a verb comes before it or after it:', () => {
  const report = (found) => JSON.stringify(found.slice(0, 3), null, 1);

  test('in a store of threads that evicts, with frozen values', SLOW, async () => {
    const options = { reads: 'frozen', whenFull: 'evict', maxEntries: 2 };
    const found = await judge({ name: freshName() }, options);
    assert.equal(found.length, 0, report(found));
  });

  test('in a store of processes that refuses, with copies', SLOW, () =>
    withFolder(async (path) => {
      const found = await judge({ name: 'store', scope: 'processes', path }, {});
      assert.equal(found.length, 0, report(found));
    }),
  );
});
