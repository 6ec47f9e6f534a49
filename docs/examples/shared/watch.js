/**
 * A cache in front of a shared store that knows when it is stale, and a bus between processes.
 *
 *     node docs/examples/shared/watch.js
 *
 * A worker process renews prices and announces them; this one keeps what it has parsed until it is
 * told that a price has changed.
 */
'use strict';

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const { SharedStore } = require('shared-memory-store');

const [name] = process.argv.slice(2);

/** The other process: sets prices, and says that it has. */
function renew() {
  const prices = new SharedStore({ name, scope: 'processes' });
  prices.set('price:tea', '3.20');
  prices.set('price:coffee', '4.10');
  prices.publish('renewed', { by: process.pid, count: 2 });
  prices.close();
}

async function main() {
  const place = { name: `prices-${process.pid}`, scope: 'processes', maxBytes: 1024 ** 2 };
  const prices = new SharedStore(place);
  prices.set('price:tea', '2.90');

  const parsed = new Map();
  const price = (what) => {
    if (!parsed.has(what)) parsed.set(what, Number(prices.get(`price:${what}`)));
    return parsed.get(what);
  };
  // After an overflow or a clear nobody knows what has changed: forget everything.
  prices.watch({ prefix: 'price:' }, ({ key }) => {
    if (key === undefined) parsed.clear();
    else parsed.delete(key.slice('price:'.length));
  });
  assert.equal(price('tea'), 2.9);

  const news = prices.subscribe('renewed', { keepAlive: true });
  const child = fork(__filename, [place.name]);
  for await (const { value, origin } of news) {
    console.log(`process ${value.by} renewed ${value.count} prices`);
    assert.equal(origin, 'other');
    break;
  }
  assert.equal(price('tea'), 3.2);
  assert.equal(price('coffee'), 4.1);
  console.log(`tea ${price('tea')}, coffee ${price('coffee')}`);
  child.on('exit', () => prices.destroy());
}

if (name === undefined) main();
else renew();
