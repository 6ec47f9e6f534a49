/**
 * Two machines of a fleet with a web server each, over Redis or Valkey.
 *
 *     npm install redis && node docs/examples/shared/two-machines.js
 *
 * The server is at REDIS_URL, or on this machine. Both machines are processes here, each with near
 * copies of its own. A page is made once for both, and again when its product has changed.
 */
'use strict';

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const { FleetStore } = require('shared-memory-store/fleet');

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const [given] = process.argv.slice(2);
const name = given ?? `two-machines-${process.pid}`;
const open = () => new FleetStore({ name, url, timeout: 30_000, near: { scope: 'process' } });

if (given !== undefined) machine();
else demo().catch(fail);

/** A machine: GET gives the page of a product, POST changes its price. */
function machine() {
  const store = open();
  const server = http.createServer(async (request, response) => {
    const id = request.url.slice(1);
    if (request.method === 'POST') {
      await store.increment(`price:${id}`);
      // Pages of all machines, and their near copies, are out of date at once.
      await store.invalidateTag(`product:${id}`);
      return response.end();
    }
    const page = await store.getOrSet(`page:${id}`, () => makePage(store, id), {
      ttl: 60_000,
      tags: [`product:${id}`],
    });
    response.end(page);
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.once('disconnect', async () => {
    server.closeAllConnections();
    server.close();
    await store.close();
  });
}

async function makePage(store, id) {
  await store.increment('pages made');
  return `<p>Product ${id} costs ${await store.get(`price:${id}`)}</p>`;
}

async function demo() {
  const store = open();
  await store.set('price:7', 10);
  const machines = [fork(__filename, [name]), fork(__filename, [name])];
  const ports = await Promise.all(machines.map(async (it) => (await once(it, 'message'))[0]));
  const [first, second] = ports.map((port) => `http://127.0.0.1:${port}/7`);

  const visits = Array.from({ length: 20 }, (_, visit) => read(visit % 2 ? first : second));
  const pages = await Promise.all(visits);
  assert.deepEqual(new Set(pages), new Set(['<p>Product 7 costs 10</p>']));
  console.log(`20 visits, ${await store.get('pages made', { fresh: true })} page made`);
  assert.equal(await store.get('pages made', { fresh: true }), 1);

  await fetch(first, { method: 'POST' });
  // The other machine may have a near copy, for as long as the server's push takes.
  let page = await read(second);
  while (page !== '<p>Product 7 costs 11</p>') page = await read(second);
  console.log('a change on one machine is seen on the other');

  for (const it of machines) it.disconnect();
  await Promise.all(machines.map((it) => once(it, 'exit')));
  await store.clear();
  await store.close();
}

/** @param {string} address */
async function read(address) {
  return (await fetch(address)).text();
}

/** @param {unknown} error */
function fail(error) {
  console.error(error);
  process.exit(1);
}
