/**
 * The common verbs: what each takes, and a good call of it.
 *
 * Must not know any scope. Invariant: in a store that holds what `fill` puts there, each good call
 * succeeds, and gives `answer`; the table names every verb that all scopes have.
 */
const HOUR_MS = 3_600_000;

/** What the good calls meet: `a` is permanent, `b` has a deadline. */
async function fill(store) {
  await store.set('a', 1);
  await store.set('b', 2, HOUR_MS);
  return store;
}

const KEPT = ['a=1', 'b=2'];

/**
 * `takes`: the kinds of its arguments; those past `least` may be left out. `given`: good ones.
 * `answer`: what it gives for them, or a function that says whether that is right. `after`: what is
 * there then, where it is not what was there.
 */
const VERBS = {
  get: { takes: ['key'], given: ['a'], answer: 1 },
  has: { takes: ['key'], given: ['b'], answer: true },
  peek: { takes: ['key'], given: ['b'], answer: 2 },
  ttl: { takes: ['key'], given: ['a'], answer: Infinity },
  getEntry: { takes: ['key'], given: ['a'], answer: { value: 1, ttl: Infinity, tags: [] } },
  take: { takes: ['key'], given: ['a'], answer: 1, after: ['b=2'] },
  delete: { takes: ['key'], given: ['b'], answer: true, after: ['a=1'] },
  set: {
    takes: ['key', 'value', 'options'],
    least: 2,
    given: ['c', 3, { ttl: HOUR_MS }],
    answer: true,
    after: ['a=1', 'b=2', 'c=3'],
  },
  add: {
    takes: ['key', 'value', 'options'],
    least: 2,
    given: ['c', 3, HOUR_MS],
    answer: true,
    after: ['a=1', 'b=2', 'c=3'],
  },
  replace: {
    takes: ['key', 'value', 'options'],
    least: 2,
    given: ['a', 3, {}],
    answer: true,
    after: ['a=3', 'b=2'],
  },
  touch: { takes: ['key', 'time'], least: 2, given: ['a', HOUR_MS], answer: true },
  compareAndSet: {
    takes: ['key', 'expected', 'value', 'options'],
    least: 3,
    given: ['a', 1, 3, undefined],
    answer: true,
    after: ['a=3', 'b=2'],
  },
  update: {
    takes: ['key', 'function', 'options'],
    least: 2,
    given: ['a', (value = 0) => value + 4, { ttl: 'keep' }],
    answer: 5,
    after: ['a=5', 'b=2'],
  },
  increment: {
    takes: ['key', 'amount', 'counting'],
    given: ['a', 5, { max: 10 }],
    answer: 6,
    after: ['a=6', 'b=2'],
  },
  decrement: {
    takes: ['key', 'amount', 'counting'],
    given: ['c', 5, HOUR_MS],
    answer: -5,
    after: ['a=1', 'b=2', 'c=-5'],
  },
  hit: {
    takes: ['key', 'amount', 'counting'],
    given: ['a', 2, { ttl: HOUR_MS }],
    answer: { value: 3, ttl: Infinity },
    after: ['a=3', 'b=2'],
  },
  limit: {
    takes: ['key', 'rate'],
    least: 2,
    given: ['c', { rate: 5, per: HOUR_MS, cost: 2 }],
    answer: { allowed: true, remaining: 3, retryMs: 0 },
    after: ['a=1', 'b=2', 'c=2'],
  },
  count: { takes: ['filter'], least: 0, given: [{ prefix: 'a' }], answer: 1 },
  deleteWhere: { takes: ['deletion'], given: [{ match: '?' }], answer: 2, after: [] },
  getMany: { takes: ['keys'], given: [['b', 'c', 'a']], answer: [2, undefined, 1] },
  deleteMany: { takes: ['keys'], given: [['b', 'c', 'a']], answer: 2, after: [] },
  setMany: {
    takes: ['entries', 'options'],
    least: 1,
    given: [[['a', 4]], { ttl: HOUR_MS }],
    answer: true,
    after: ['a=4', 'b=2'],
  },
  getOrSet: {
    takes: ['key', 'function', 'loading'],
    least: 2,
    given: ['c', async () => 3, { ttl: HOUR_MS }],
    answer: 3,
    after: ['a=1', 'b=2', 'c=3'],
  },
  invalidateTag: { takes: ['tag'], given: [['t', 'u']], answer: undefined },
  clear: { takes: [], given: [], answer: true, after: [] },
  size: { takes: [], given: [], answer: 2 },
  keys: { takes: [], given: [], answer: (keys) => [...keys].sort().join() === 'a,b' },
  stats: { takes: [], given: [], answer: ({ entries }) => entries === 2 },
  forEach: { takes: ['function'], given: [() => {}], answer: undefined },
};

const verbs = Object.entries(VERBS).map(([name, { takes, least, after, ...verb }]) => ({
  name,
  takes,
  least: least ?? Math.min(takes.length, 1),
  after: after ?? KEPT,
  ...verb,
}));

/** Verbs that give an iterator. */
const WALKS = ['entries', 'values'];

module.exports = { HOUR_MS, KEPT, WALKS, fill, verbs };
