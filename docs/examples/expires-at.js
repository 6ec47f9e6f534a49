/**
 * Entries that expire at a point in time, such as a token's, instead of after a while.
 *
 *     node docs/examples/expires-at.js
 */

const assert = require('node:assert/strict');
const MemoryStore = require('shared-memory-store');

const MS_PER_SECOND = 1000;
const HOUR_MS = 3_600_000;

/** What is set without a time of its own lives for an hour. */
const store = new MemoryStore({ ttl: HOUR_MS });

/** Keeps a token until it expires, as its `exp` says: seconds since 1970. */
function remember(id, token) {
  return store.set(id, token, { expiresAt: token.exp * MS_PER_SECOND });
}

/** The midnight after the next one, here, as a `Date`. */
function endOfTomorrow() {
  const day = new Date();
  day.setHours(48, 0, 0, 0);
  return day;
}

function main() {
  const nowSeconds = Math.floor(Date.now() / MS_PER_SECOND);
  remember('alice', { exp: nowSeconds + 7200 });
  assert.ok(store.ttl('alice') > HOUR_MS);
  console.log(`alice's token expires in ${Math.round(store.ttl('alice') / MS_PER_SECOND)} s`);

  // A time that has passed is no error: the call succeeds, and the key is absent.
  store.set('bob', { exp: nowSeconds + 60 });
  assert.equal(remember('bob', { exp: nowSeconds - 60 }), true);
  assert.equal(store.has('bob'), false);

  // An offer. A new price does not change when it ends.
  store.set('offer', { price: 5 }, { expiresAt: endOfTomorrow() });
  store.set('offer', { price: 4 }, { ttl: 'keep' });
  const { value, ttl } = store.getEntry('offer');
  assert.ok(value.price === 4 && ttl <= endOfTomorrow() - Date.now() + MS_PER_SECOND);
  console.log(`the offer ends in ${(ttl / HOUR_MS).toFixed(1)} h`);

  // Later, or never.
  assert.equal(store.touch('offer', { expiresAt: Date.now() + 72 * HOUR_MS }), true);
  assert.ok(store.ttl('offer') > 71 * HOUR_MS);
  store.touch('offer', Number.POSITIVE_INFINITY);
  assert.equal(store.ttl('offer'), Number.POSITIVE_INFINITY);
}

main();
