/**
 * `RateLimitStore` and `createRateLimitStore` as limiters call them, over every scope.
 *
 * Must not know the limiters. Invariant tested: each call counts once, a window begins with its
 * first hit, and a store that fails is never taken for a client without hits.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { createRateLimitStore } = require('shared-memory-store/fastify-rate-limit');
const { RateLimitStore } = require('shared-memory-store/rate-limit');
const { fakeClock, temporaryStore } = require('shared-memory-store/testing');
const { scopes } = require('../contract/scopes.js');

const HOUR_MS = 3_600_000;

/** A limiter of @fastify/rate-limit over a store: its calls, with promises. */
function limiter(store, parameters, options) {
  const Class = createRateLimitStore({ store, ...options });
  const made = new Class(parameters);
  const call = (method, key, max, windowMs) =>
    new Promise((resolve, reject) => {
      const done = (error, counted) => (error ? reject(error) : resolve(counted));
      made[method](key, done, windowMs, max);
    });
  return {
    made,
    hit: (key, max = 2, windowMs = HOUR_MS) => call('incr', key, max, windowMs),
    read: (key) => call('read', key, 2, HOUR_MS),
  };
}

for (const scope of scopes) {
  describe(scope.name, () => {
    test('express-rate-limit counts, looks, takes back and resets', () =>
      scope.with({}, async (store) => {
        const counter = new RateLimitStore({ store, prefix: 'api:' });
        counter.init({ windowMs: HOUR_MS });
        assert.deepEqual([counter.prefix, counter.localKeys], ['api:', false]);
        assert.equal(await counter.get('ann'), undefined);
        const first = await counter.increment('ann');
        assert.equal(first.totalHits, 1);
        assert.ok(first.resetTime > new Date(Date.now() + HOUR_MS / 2));
        assert.equal((await counter.increment('ann')).totalHits, 2);
        assert.equal((await counter.get('ann')).totalHits, 2);
        await counter.decrement('ann');
        assert.equal((await counter.get('ann')).totalHits, 1);
        await counter.decrement('nobody');
        assert.equal(await counter.get('nobody'), undefined);
        for (let count = 0; count < 5; count += 1) await counter.decrement('ann');
        assert.equal((await counter.get('ann')).totalHits, 0);
        await counter.resetKey('ann');
        assert.equal(await counter.get('ann'), undefined);
        await store.set('other', 1);
        await counter.increment('bob');
        await counter.resetAll();
        assert.deepEqual(await store.keys(), ['other']);
        await counter.shutdown();
        assert.equal(await store.has('other'), true);
      }));

    test('elysia-rate-limit counts with a window of its own', () =>
      scope.with({}, async (store) => {
        const context = new RateLimitStore({ store });
        context.init({ duration: HOUR_MS });
        const { count, start, nextReset } = await context.increment('ann', HOUR_MS / 4);
        assert.equal(count, 1);
        assert.ok(nextReset - start <= HOUR_MS / 4);
        await context.increment('bob');
        await context.reset('ann');
        assert.deepEqual(await store.keys(), ['rl:bob']);
        await context.reset();
        assert.equal(await store.size(), 0);
      }));

    test('@fastify/rate-limit counts a route once for all, and reads without a hit', () =>
      scope.with({}, async (store) => {
        const one = limiter(store, {});
        assert.deepEqual(await one.read('ann'), { current: 0, ttl: 0 });
        assert.equal((await one.hit('ann')).current, 1);
        const { current, ttl } = await one.hit('ann');
        assert.ok(current === 2 && ttl > HOUR_MS / 2 && ttl <= HOUR_MS);
        assert.equal((await one.read('ann')).current, 2);
        const route = { routeInfo: { method: 'GET', url: '/a' } };
        const child = one.made.child(route);
        const again = limiter(store, {}).made.child(route);
        const hit = (counter) =>
          new Promise((resolve) => {
            counter.incr('ann', (_error, counted) => resolve(counted.current), HOUR_MS, 2);
          });
        assert.deepEqual([await hit(child), await hit(again)], [1, 2]);
        // Those that are made by hand have no route.
        const byHand = [
          { max: 3, timeWindow: HOUR_MS },
          { max: 100, timeWindow: 60_000 },
          { max: () => 3, timeWindow: HOUR_MS },
        ].map((limit) => one.made.child({ ...limit, routeInfo: {} }));
        for (const made of byHand) assert.equal(await hit(made), 1);
        assert.equal(await hit(limiter(store, {}).made.child({ max: 3, timeWindow: HOUR_MS })), 2);
      }));

    test('@fastify/rate-limit is told of the wait beyond the limit', () =>
      scope.with({}, async (store) => {
        const growing = limiter(store, { exponentialBackoff: true });
        const waits = [];
        for (let hit = 1; hit <= 5; hit += 1) waits.push((await growing.hit('ann', 2)).ttl);
        assert.deepEqual(waits.slice(2), [HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS]);
        assert.ok((await store.ttl('fastify-rate-limit:ann')) > 3 * HOUR_MS);
        assert.ok((await growing.read('ann')).ttl > 3 * HOUR_MS);
        await store.set('fastify-rate-limit:bob', 2000, HOUR_MS);
        assert.equal((await growing.hit('bob', 2)).ttl, Number.MAX_SAFE_INTEGER);
        assert.equal((await growing.hit('bob', 2)).current, 2002);
        const renewed = limiter(store, { continueExceeding: true });
        await store.set('fastify-rate-limit:eve', 2, HOUR_MS / 4);
        assert.deepEqual(await renewed.hit('eve', 2), { current: 3, ttl: HOUR_MS });
        assert.ok((await store.ttl('fastify-rate-limit:eve')) > HOUR_MS / 2);
      }));
  });
}

describe('windows', () => {
  test('without a word of the limiter they are a minute', () => {
    const { resetTime } = new RateLimitStore({ store: new MemoryStore() }).increment('ann');
    assert.ok(resetTime - Date.now() <= 60_000);
  });
  for (const windowMs of [-1, 0, 0.5]) {
    test(`of ${windowMs} ms they are as short as a store has them`, () => {
      const counter = new RateLimitStore({ store: new MemoryStore() });
      counter.init({ windowMs });
      assert.equal(counter.increment('ann').totalHits, 1);
    });
  }
});

for (const [option, waits] of [
  ['exponentialBackoff', [300, 600, 1200, 2400]],
  ['continueExceeding', [300, 300, 300, 300]],
]) {
  test(`${option}: who is told to wait is let in after that, and not before`, async () => {
    const now = fakeClock();
    const one = limiter(new MemoryStore({ now }), { [option]: true });
    const hit = () => one.hit('ann', 2, 300);
    for (const current of [1, 2]) assert.deepEqual(await hit(), { current, ttl: 300 });
    // Each comes a moment too early.
    for (const [index, ttl] of waits.entries()) {
      assert.deepEqual(await hit(), { current: index + 3, ttl });
      now.advance(ttl - 1);
    }
    now.advance(1);
    assert.deepEqual(await hit(), { current: 1, ttl: 300 });
  });
}

test('a window without an end is reset on the last day that there is', () => {
  for (const windowMs of [Infinity, 1e300, Number.MAX_SAFE_INTEGER]) {
    const counter = new RateLimitStore({ store: new MemoryStore() });
    counter.init({ windowMs });
    for (const { resetTime } of [counter.increment('ann'), counter.get('ann')]) {
      assert.equal(resetTime.getTime(), 8.64e15);
    }
  }
});

describe('a store that fails', () => {
  function closed() {
    const store = new MemoryStore();
    store.close();
    return store;
  }

  test('is told by default', async () => {
    const store = closed();
    assert.throws(() => new RateLimitStore({ store }).increment('a'), { code: 'ERR_STORE_CLOSED' });
    await assert.rejects(limiter(store, {}).hit('a'), { code: 'ERR_STORE_CLOSED' });
  });

  test('lets requests pass if it shall, and says so once', async () => {
    const store = closed();
    const warned = once(process, 'warning');
    const counter = new RateLimitStore({ store, onError: 'open' });
    for (let hit = 0; hit < 3; hit += 1) assert.equal(counter.increment('a').totalHits, 1);
    counter.decrement('a');
    const [warning] = await warned;
    assert.equal(warning.code, 'SMS_LIMITER_OPEN');
    assert.match(warning.message, /closed store/);
    const fastify = limiter(store, {}, { onError: 'open' });
    assert.deepEqual(await fastify.hit('a'), { current: 1, ttl: HOUR_MS });
    assert.deepEqual(await fastify.read('a'), { current: 0, ttl: 0 });
  });

  test('of promises does so, too', async () => {
    const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
    const store = new AsyncStore();
    await store.close();
    const counter = new RateLimitStore({ store, onError: 'open' });
    assert.equal((await counter.increment('a')).totalHits, 1);
    await assert.rejects(new RateLimitStore({ store }).increment('a'), {
      code: 'ERR_STORE_CLOSED',
    });
  });

  test('is none that refuses a key, so that no key is without a limit', async () => {
    const { MemoryStore: AsyncStore } = require('shared-memory-store/memory-store');
    const [code, key] = ['ERR_TOO_LARGE', 'k'.repeat(100_000)];
    const shared = temporaryStore({ scope: 'threads', maxBytes: 2 ** 20 });
    const counter = new RateLimitStore({ store: shared, onError: 'open' });
    assert.throws(() => counter.increment(key), { code });
    const fastify = limiter(shared, {}, { onError: 'open' });
    await assert.rejects(fastify.hit(key), { code });
    const late = new RateLimitStore({ store: new AsyncStore(), onError: 'open' });
    late.init({ windowMs: Number.NaN });
    await assert.rejects(late.increment('a'), { code: 'ERR_OUT_OF_RANGE' });
    shared.destroy();
  });

  test('an unknown choice is told', () => {
    assert.throws(() => new RateLimitStore({ onError: 'ajar' }), { code: 'ERR_INVALID_ARG_VALUE' });
  });
});
