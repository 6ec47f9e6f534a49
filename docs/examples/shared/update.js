/**
 * An object that several processes change at once: with `update`, none undoes another's change.
 *
 *     node docs/examples/shared/update.js
 */

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { SharedStore } = require('shared-memory-store');

const SHOPS = 3;
const SHELF = { apples: 600, pears: 300, sold: 0 };
const HOUR_MS = 3_600_000;

const [, , given] = process.argv;
const name = given ?? `shelf-${process.pid}`;
const store = new SharedStore({ name, scope: 'processes', maxBytes: 1024 ** 2 });

/** Sells one piece; whether there was one. */
function sell(fruit) {
  let isSold = false;
  // This function runs again when another process was faster, with what that has left: it may
  // change nothing but what it gives back.
  store.update('shelf', (shelf) => {
    isSold = shelf[fruit] > 0;
    if (!isSold) return undefined; // the shelf stays as it is
    return { ...shelf, [fruit]: shelf[fruit] - 1, sold: shelf.sold + 1 };
  });
  return isSold;
}

/** One of the processes: sells as long as there is something on the shelf. */
function keepShop() {
  let sold = 0;
  while (sell('apples') || sell('pears')) sold += 1;
  process.send(sold);
  process.disconnect();
}

async function main() {
  store.set('shelf', SHELF, { ttl: HOUR_MS });
  const shops = Array.from({ length: SHOPS }, () => fork(__filename, [name]));
  const messages = await Promise.all(shops.map((shop) => once(shop, 'message')));
  const sold = messages.map(([count]) => count);
  console.log(`three shops sold ${sold.join(', ')} pieces`);

  // Each piece was sold once, and no change prolonged the life of the shelf.
  const { value, ttl } = store.getEntry('shelf');
  const total = SHELF.apples + SHELF.pears;
  assert.deepEqual(value, { apples: 0, pears: 0, sold: total });
  assert.equal(
    sold.reduce((sum, count) => sum + count),
    total,
  );
  assert.ok(ttl <= HOUR_MS);
}

if (given === undefined) main().finally(() => store.destroy());
else keepShop();
