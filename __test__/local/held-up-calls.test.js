/**
 * Calls that are held up before each of their native calls, until what was short-lived has ended.
 *
 * Must not know which native functions a call needs: it holds up each that there is. Invariant
 * tested: the answer is one that some moment of the call allows, and a mirror that knows nothing
 * but events holds what the store holds.
 */
const assert = require('node:assert/strict');
const { after, describe, test } = require('node:test');
// Before the facade, which keeps some of the functions.
const native = require('../../lib/native/loader.js');
const { HOUR_MS, passDeadline } = require('../helpers/expiry.js');
const { SLOW } = require('../helpers/test-timeout.js');

const functions = Object.entries(native).filter(([, value]) => typeof value === 'function');
/** What is done before each native call. */
let hold = () => {};
let isHolding = false;
/** The last store that was opened, as the native core knows it. */
let opened = 0;

for (const [name, call] of functions) {
  native[name] = (...given) => {
    if (isHolding) return call(...given);
    isHolding = true;
    hold();
    isHolding = false;
    const answer = call(...given);
    if (name === 'open') opened = answer;
    return answer;
  };
}
after(() => Object.assign(native, Object.fromEntries(functions)));

const MemoryStore = require('../../index.js');

/** A life that ends while a call is held up, and the rest of its tick, in which none is swept. */
const SHORT_MS = 1;
const TICK_MS = 1;
const WARM_READS = 8;

const counted = ({ entries, expired }) => entries + expired;
const put = (model, key, value, isShort) => {
  model.set(key, value);
  model.short[isShort ? 'add' : 'delete'](key);
};
const remove = (model, key) => {
  const value = model.get(key);
  model.delete(key);
  return value;
};

/** Each call, and what it does to a `Map` whose set `short` has the keys that are about to end. */
const calls = {
  get: [(s, k) => s.get(k), (m, k) => m.get(k)],
  has: [(s, k) => s.has(k), (m, k) => m.has(k)],
  peek: [(s, k) => s.peek(k), (m, k) => m.get(k)],
  take: [(s, k) => s.take(k), remove],
  delete: [(s, k) => s.delete(k), (m, k) => m.delete(k)],
  set: [(s, k) => s.set(k, 7), (m, k) => put(m, k, 7, false) ?? true],
  'set for a while': [(s, k) => s.set(k, 7, SHORT_MS), (m, k) => put(m, k, 7, true) ?? true],
  add: [(s, k) => s.add(k, 7), (m, k) => !m.has(k) && (put(m, k, 7, false) ?? true)],
  replace: [(s, k) => s.replace(k, 7), (m, k) => m.has(k) && (put(m, k, 7, false) ?? true)],
  increment: [
    (s, k) => s.increment(k, 7),
    (m, k) => {
      const sum = (m.get(k) ?? 0) + 7;
      if (m.has(k)) m.set(k, sum);
      else put(m, k, sum, false);
      return sum;
    },
  ],
  touch: [
    (s, k) => s.touch(k, HOUR_MS),
    (m, k) => {
      m.short.delete(k);
      return m.has(k);
    },
  ],
  ttl: [(s, k) => s.ttl(k) !== undefined, (m, k) => m.has(k)],
  size: [(s) => s.size(), (m) => m.size],
  stats: [(s) => counted(s.stats()), () => 3],
  all: [(s) => s.all().sort(), (m) => [...m.values()].sort()],
  iteration: [(s) => [...s].sort(), (m) => [...m].sort()],
  clear: [(s) => s.clear(), (m) => m.clear() ?? true],
  rename: [
    (s, k) => {
      s.createKey(k).value = 'renamed';
    },
    (m, k) => {
      if (!m.has(k)) return;
      put(m, 'renamed', m.get(k), m.short.has(k));
      m.delete(k);
    },
  ],
};

const stores = {
  'an unbounded store': { isListening: false },
  'an unbounded store with listeners': { isListening: true },
  'a bounded store with listeners': { isListening: true, maxEntries: 9 },
};

function mirrorOf(store) {
  const mirror = new Map();
  store.on('set', (key, value, reason) => {
    assert.equal(mirror.has(key), reason === 'update', `${key} by ${reason}`);
    mirror.set(key, value);
  });
  for (const event of ['delete', 'expire', 'evict']) {
    store.on(event, (key, value) => {
      assert.equal(mirror.get(key), value, `${event} of ${key}`);
      assert.ok(mirror.delete(key), `${event} of ${key}`);
    });
  }
  store.on('clear', () => mirror.clear());
  return mirror;
}

/** All that a call may answer and leave, of which some had ended when it looked. */
function outcomes(run, key) {
  return [[], ['short'], ['other'], ['short', 'other']].map((ended) => {
    const model = new Map(Object.entries({ long: 1, short: 2, other: 3 }));
    model.short = new Set(['short', 'other']);
    for (const gone of ended) model.delete(gone);
    const answer = run(model, key);
    for (const gone of model.short) model.delete(gone);
    return { answer, left: [...model].sort() };
  });
}

/** One call that is held up at its moment number `at`; how many it has. */
function heldUpOnce({ options, isListening, isSwept, run, model, key, at }) {
  const store = new MemoryStore({ autoStartCleanup: false, ...options });
  const mirror = isListening ? mirrorOf(store) : undefined;
  store.set('long', 1, HOUR_MS);
  store.set('short', 2, SHORT_MS);
  store.set('other', 3, SHORT_MS);
  for (let read = 0; read < WARM_READS; read += 1) store.getMany(['long', 'short', 'other']);
  let moments = 0;
  hold = () => {
    moments += 1;
    if (moments - 1 !== at) return;
    passDeadline(SHORT_MS + TICK_MS);
    // As the sweeper would.
    if (isSwept) native.releaseDue(opened);
  };
  let answer;
  try {
    answer = run(store, key);
  } finally {
    hold = () => {};
  }
  // What the call has made for a while, or all if there was no moment at which to hold it up.
  while (store.keys().some((each) => store.ttl(each) <= SHORT_MS)) passDeadline(SHORT_MS);
  const left = [...store].sort();
  const got = { answer, left };
  const allowed = outcomes(model, key);
  assert.ok(
    allowed.some((one) => JSON.stringify(one) === JSON.stringify(got)),
    `${JSON.stringify(got)} of ${JSON.stringify(allowed)}`,
  );
  assert.equal(store.size(), left.length);
  for (const each of ['long', 'short', 'other', 'renamed']) {
    assert.equal(store.get(each), new Map(left).get(each), each);
  }
  if (mirror !== undefined) assert.deepEqual([...mirror].sort(), left);
  store.close();
  return moments;
}

for (const [what, { isListening, ...options }] of Object.entries(stores)) {
  describe(`in ${what} a call that is held up answers right:`, () => {
    for (const [name, [run, model]] of Object.entries(calls)) {
      test(name, SLOW, () => {
        for (const [key, isSwept] of [
          ['short', true],
          ['none', false],
        ]) {
          let moments = 1;
          for (let at = 0; at < moments; at += 1) {
            const given = { options, isListening, isSwept, run, model, key, at };
            moments = Math.max(moments, heldUpOnce(given));
          }
        }
      });
    }
  });
}
