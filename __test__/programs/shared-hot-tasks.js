/**
 * Threads that do everything to a store for ever, or for a moment, until they end or are ended.
 *
 * Must not know what a test expects. Values say what key they belong to, so that a foreign or torn
 * one can be told.
 */
const { SharedStore, createStore } = require('../../index.js');
const { randomFrom } = require('../helpers/seeded-random.js');

const KEYS = 40;

/** A value of one of many kinds, that says its key. */
function sampleOf(key, draw) {
  const n = draw(1000);
  const kinds = [
    () => `${key}:${'x'.repeat(n)}`,
    () => ({ key, [`f${n % 80}`]: { n, list: [n, `${n}`] } }),
    () => ({ key, map: new Map([[n, { n }]]) }),
    () => Buffer.from(`${key}:${'y'.repeat(n * 3)}`),
    () => ({ key, pad: 'z'.repeat(n * 40) }),
  ];
  return kinds[draw(kinds.length)]();
}

/** Whether a value is one that `sampleOf` gave for this key. */
function isSampleOf(key, value) {
  if (typeof value === 'string') return value.startsWith(`${key}:`);
  if (Buffer.isBuffer(value)) return value.toString('latin1', 0, key.length + 1) === `${key}:`;
  return value.key === key;
}

/** One random call; throws when what it sees is not right. */
function act(store, draw) {
  const key = `key-${draw(KEYS)}`;
  const ttl = draw(3) === 0 ? { ttl: 1 + draw(20) } : undefined;
  const check = (value) => {
    if (value !== undefined && !isSampleOf(key, value)) {
      throw new Error(`${key} held ${JSON.stringify(value).slice(0, 100)}`);
    }
  };
  const calls = [
    () => store.set(key, sampleOf(key, draw), ttl),
    () => store.set(key, sampleOf(key, draw), ttl),
    () => check(store.get(key)),
    () => check(store.get(key)),
    () => check(store.get(key)),
    () => check(store.take(key)),
    () => store.delete(key),
    () => store.add(key, sampleOf(key, draw), ttl),
    () => store.replace(key, sampleOf(key, draw), ttl),
    () => store.touch(key, 1 + draw(50)),
    () => store.increment(`count-${draw(4)}`),
    () => store.lock(`lock-${draw(4)}`, draw(3)) && draw(2) && store.release(`lock-${draw(4)}`),
    () => store.keys(),
    () => draw(50) === 0 && store.clear(),
    () => draw(10) === 0 && [...store.entries()],
    () => store.size(),
    () => store.getOrSet(key, () => sampleOf(key, draw), 10).then(check),
  ];
  return calls[draw(calls.length)]();
}

/** Until it is terminated. */
function forEver({ name, scope, path, whenFull, reads, seed }, say) {
  const draw = randomFrom(seed);
  const place = { name, scope, path, whenFull };
  let store = new SharedStore({ ...place, reads });
  for (let time = 0; ; time += 1) {
    if (time === 20) say('busy');
    if (draw(500) === 0) {
      // Opened and closed, too.
      store.close();
      store = new SharedStore({ ...place, reads: draw(2) === 0 ? 'copy' : 'frozen' });
    }
    Promise.resolve(act(store, draw)).catch(() => {});
  }
}

/** A moment; the store is left open, or closed. */
async function aMoment({ name, seed, leaves, times = 50 }) {
  const draw = randomFrom(seed);
  const store = new SharedStore({ name });
  const named = createStore(`${name}-kept`);
  for (let time = 0; time < times; time += 1) await act(store, draw);
  if (named.get('greeting')?.from !== 'the first thread') throw new Error('no greeting');
  if (leaves) return;
  store.close();
  named.close();
}

/** What a thread that has just started sees, before anything else. */
function look({ name, keys }) {
  const store = createStore(name);
  const seen = keys.map((key) => store.get(key));
  store.close();
  return seen;
}

/** Fills a small store; gives what it saw under a key that had been something else. */
function evicting({ name, reads, index, seed }) {
  const draw = randomFrom(seed + index);
  const store = new SharedStore({ name, reads });
  const last = new Map();
  const complaints = [];
  for (let step = 1; step <= 20_000 && complaints.length < 5; step += 1) {
    const owner = draw(3);
    const key = `${owner}-${draw(200)}`;
    if (owner === index && draw(2) === 0) {
      store.set(key, { key, step, pad: 'x'.repeat(draw(3000)) });
      last.set(key, step);
      continue;
    }
    const value = store.get(key);
    if (value === undefined) continue;
    const oldest = last.get(key) ?? 0;
    const isRight = owner === index ? value.step === oldest : value.step >= oldest;
    if (value.key !== key || !isRight) complaints.push(`${value.step} after ${oldest}`);
    last.set(key, value.step);
  }
  store.close();
  return complaints;
}

module.exports = { evicting, KEYS, aMoment, act, forEver, isSampleOf, look };
