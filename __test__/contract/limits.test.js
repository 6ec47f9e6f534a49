/**
 * `limit`: what it allows and refuses, by random calls beside a bucket that is counted by hand.
 *
 * Must not know how a limit is kept. Invariant tested: no more is allowed than there is, no less
 * than has come back; and it is an entry as any other.
 */
const assert = require('node:assert/strict');
const fc = require('fast-check');
const LocalStore = require('../../index.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const {
  HOUR_MS,
  assertRefused,
  passDeadline,
  property,
  setExpired,
  sinceNow,
} = require('./contract.js');

const seed = printedSeed('contract-limits');
const RUNS = 200;

property('burst is there at once, and no more', async (store) => {
  const limit = { rate: 3, per: HOUR_MS, burst: 5 };
  const since = sinceNow();
  for (let left = 4; left >= 0; left -= 1) {
    assert.deepEqual(await store.limit('a', limit), { allowed: true, remaining: left, retryMs: 0 });
  }
  for (let again = 0; again < 3; again += 1) {
    const { allowed, remaining, retryMs } = await store.limit('a', limit);
    assert.deepEqual([allowed, remaining], [false, 0]);
    since.assertLeft(retryMs, HOUR_MS / 3, 'retryMs');
  }
  assert.equal((await store.limit('b', limit)).allowed, true, 'another key has its own');
});

property('a call that costs more takes all of it or nothing', async (store) => {
  const limit = { rate: 5, per: HOUR_MS };
  assert.equal((await store.limit('a', { ...limit, cost: 3 })).remaining, 2);
  const refused = await store.limit('a', { ...limit, cost: 4 });
  assert.deepEqual([refused.allowed, refused.remaining], [false, 2]);
  assert.equal((await store.limit('a', { ...limit, cost: 2 })).remaining, 0);
});

property('a cost of 0 looks and takes nothing', async (store) => {
  const look = { rate: 5, per: HOUR_MS, cost: 0 };
  assert.deepEqual(await store.limit('a', look), { allowed: true, remaining: 5, retryMs: 0 });
  assert.equal(await store.has('a'), false);
  await store.limit('a', { ...look, cost: 5 });
  assert.deepEqual(await store.limit('a', look), { allowed: true, remaining: 0, retryMs: 0 });
});

property('a limit is an entry until all of it is there again', async (store) => {
  const limit = { rate: 4, per: HOUR_MS };
  const since = sinceNow();
  await store.limit('a', { ...limit, cost: 2 });
  await store.limit('a', limit);
  assert.equal(await store.get('a'), 3);
  since.assertLeft(await store.ttl('a'), (HOUR_MS * 3) / 4);
  assert.equal(await store.delete('a'), true);
  assert.equal((await store.limit('a', limit)).remaining, 3, 'delete gives all of it back');
});

property('what was taken comes back', async (store) => {
  const limit = { rate: 1, per: 1 };
  assert.equal((await store.limit('a', limit)).allowed, true);
  passDeadline(1);
  assert.equal(await store.has('a'), false);
  assert.deepEqual(await store.limit('a', limit), { allowed: true, remaining: 0, retryMs: 0 });
});

property('a deadline that was moved decides what is left', async (store) => {
  const limit = { rate: 10, per: HOUR_MS };
  await store.limit('a', limit);
  await store.touch('a', HOUR_MS);
  const { allowed, remaining } = await store.limit('a', limit);
  assert.deepEqual([allowed, remaining], [false, 0]);
  await store.touch('a', HOUR_MS / 2);
  assert.equal((await store.limit('a', limit)).allowed, true);
  await store.touch('a', Infinity);
  const never = { allowed: false, remaining: 0, retryMs: Infinity };
  assert.deepEqual(await store.limit('a', limit), never);
});

property('what is no number is refused, and stays', async (store, scope) => {
  const call = () => store.limit('a', { rate: 5, per: HOUR_MS });
  for (const value of ['text', null, { n: 1 }, true]) {
    await store.set('a', value, HOUR_MS);
    const expected = { name: 'TypeError', code: 'ERR_NOT_A_NUMBER' };
    await assertRefused(store, scope, 'limit', call, expected);
  }
});

property('what has expired is no obstacle, number or not', async (store) => {
  for (const value of ['text', 1e6, null]) {
    await setExpired(store, 'a', value);
    assert.deepEqual(await store.limit('a', { rate: 2, per: HOUR_MS }), {
      allowed: true,
      remaining: 1,
      retryMs: 0,
    });
    assert.equal(await store.get('a'), 1);
  }
});

property('a refusal writes nothing', async (store) => {
  const limit = { rate: 1, per: HOUR_MS };
  await store.limit('a', limit);
  const { sets } = await store.stats();
  for (let again = 0; again < 9; again += 1) await store.limit('a', limit);
  assert.equal((await store.stats()).sets, sets);
  assert.equal(await store.get('a'), 1);
});

const SHARED = { needs: ['shared'] };

property('objects over the same entries take from the same limit', SHARED, async (store, scope) => {
  const other = scope.again(store);
  const limit = { rate: 4, per: HOUR_MS };
  const left = [];
  for (const one of [store, other, store, other]) {
    left.push((await one.limit('a', limit)).remaining);
  }
  assert.deepEqual(left, [3, 2, 1, 0]);
  assert.equal((await other.limit('a', limit)).allowed, false);
  assert.equal((await store.limit('a', limit)).allowed, false);
  await other.close();
});

/** A bucket in exact arithmetic: times are whole milliseconds, so all is in units of 1 / rate. */
class Bucket {
  #used = 0n;
  #atMs = 0;

  take({ rate, per, burst, cost }, nowMs) {
    // One unit is `per` parts, of which `rate` come back in a millisecond.
    const back = BigInt(nowMs - this.#atMs) * BigInt(rate);
    this.#used = this.#used > back ? this.#used - back : 0n;
    this.#atMs = nowMs;
    const all = BigInt(burst) * BigInt(per);
    const wanted = this.#used + BigInt(cost) * BigInt(per);
    const allowed = wanted <= all;
    if (allowed) this.#used = wanted;
    return { allowed, remaining: Number((all - this.#used) / BigInt(per)) };
  }
}

/** Of these rates each unit takes whole microseconds, so nothing is rounded. */
const rates = fc.constantFrom(
  { rate: 1, per: 10, burst: 1 },
  { rate: 5, per: 100, burst: 5 },
  { rate: 100, per: 1000, burst: 7 },
  { rate: 1000, per: 1000, burst: 20 },
);
const steps = fc.array(fc.record({ waitMs: fc.nat(30), cost: fc.nat(4) }), { maxLength: 60 });

property('random calls are allowed as by hand', { needs: ['by reference', 'at once'] }, () =>
  fc.assert(
    fc.property(rates, steps, (rate, calls) => {
      let nowMs = 1000;
      const store = new LocalStore({ now: () => nowMs, autoStartCleanup: false });
      const bucket = new Bucket();
      for (const { waitMs, cost } of calls) {
        nowMs += waitMs;
        const limit = { ...rate, cost: Math.min(cost, rate.burst) };
        const { allowed, remaining, retryMs } = store.limit('a', limit);
        assert.deepEqual({ allowed, remaining }, bucket.take(limit, nowMs));
        assert.equal(retryMs === 0, allowed);
        if (!allowed) {
          nowMs += retryMs;
          const { allowed: isAllowed } = store.limit('a', limit);
          assert.equal(isAllowed, true, 'after retryMs');
          assert.equal(bucket.take(limit, nowMs).allowed, true);
        }
      }
      store.close();
    }),
    { seed, numRuns: RUNS },
  ),
);
