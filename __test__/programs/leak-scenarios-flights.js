/**
 * What must not leak around values that are made by a factory.
 *
 * As the other scenarios: each is one round of work that leaves a store as it found it.
 */
const MemoryStore = require('shared-memory-store');

const HOUR_MS = 3_600_000;
const CALLS = 20_000;

/** A scenario in which `call(store, key, number)` is awaited for many keys. */
const each = (call, options) => ({
  operations: CALLS,
  open() {
    const store = new MemoryStore(options);
    return async (round) => {
      for (let number = 0; number < CALLS; number += 1) {
        await call(store, `${round}-${number}`, number);
      }
    };
  },
});

/** One signal that outlives all the flights of a process. */
const { signal } = new AbortController();

module.exports = {
  'make values and delete them': each(async (store, key, number) => {
    await store.getOrSet(key, async () => ({ number }));
    store.delete(key);
  }),
  'make values that are evicted': each(
    (store, key, number) => store.getOrSet(key, () => ({ number }), { ttl: HOUR_MS }),
    { maxEntries: 100 },
  ),
  'make values that are not stored': each((store, key, number) =>
    store.getOrSet(key, async () => ({ number }), { ttl: () => 0 }),
  ),
  'fail to make values': each((store, key) =>
    store.getOrSet(key, () => Promise.reject(new Error(key))).catch(() => {}),
  ),
  'make values for a signal that outlives them': each((store, key, number) =>
    store.getOrSet(key, async () => ({ number }), { signal, ttl: () => 0 }),
  ),
  'give up': each(async (store, key, number) => {
    const controller = new AbortController();
    const asked = store.getOrSet(key, async () => ({ number }), { signal: controller.signal });
    controller.abort();
    await asked.catch(() => {});
  }),
  'overtake what is made': each(async (store, key, number) => {
    const asked = store.getOrSet(key, async () => ({ number }));
    store.set(key, number);
    await asked;
    store.delete(key);
  }),
  'renew stale values': each(async (store, _key, number) => {
    await store.getOrSet('key', () => ({ number }), { ttl: 1, staleMs: HOUR_MS });
  }),
};
