/**
 * Times `get` and `set` on a store, with the keys that the demo used.
 *
 * The median of several rounds: one round that the garbage collector met does not count.
 */

const ROUNDS = 9;

/** @returns {{ setNs: number, setTtlNs: number, getNs: number }} nanoseconds per call */
function measure(store, keys) {
  const value = { user: 'measured', visits: 0 };
  const rounds = { setNs: [], setTtlNs: [], getNs: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    store.clear();
    rounds.setTtlNs.push(timePerKey(keys, (key) => store.set(key, value, { ttl: 60_000 })));
    rounds.getNs.push(timePerKey(keys, (key) => store.get(key)));
    store.clear();
    rounds.setNs.push(timePerKey(keys, (key) => store.set(key, value)));
  }
  store.clear();
  return {
    setNs: median(rounds.setNs),
    setTtlNs: median(rounds.setTtlNs),
    getNs: median(rounds.getNs),
  };
}

function timePerKey(keys, visit) {
  const startedAt = process.hrtime.bigint();
  for (const key of keys) visit(key);
  return Number(process.hrtime.bigint() - startedAt) / keys.length;
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}

module.exports = { measure };
