/**
 * A server with log-in, a basket and log-out, and a visitor who asks it for everything at once.
 *
 *     node docs/examples/sessions.js
 */

const assert = require('node:assert/strict');
const http = require('node:http');
const { Session } = require('shared-memory-store/session');

const HALF_AN_HOUR_MS = 1_800_000;

// In production: `cookie: { secure: true }` beside these.
const session = new Session({ ttl: HALF_AN_HOUR_MS, rolling: true });

const routes = {
  // A log-in makes a new session: an id that the visitor brings along is never taken.
  async '/login'(_req, res) {
    session.setCookie(res, await session.create({ user: 'Alice', basket: 0 }));
    return 'welcome';
  },

  // What belongs to one key each needs no look at the others: concurrent updates are all applied.
  async '/buy'(req) {
    const item = new URL(req.url, 'http://localhost').searchParams.get('item');
    return session.update(session.idFromRequest(req), { [`item:${item}`]: true });
  },

  async '/basket'(req) {
    const data = await session.fromRequest(req);
    return data && Object.keys(data).filter((key) => key.startsWith('item:')).length;
  },

  async '/logout'(req, res) {
    await session.delete(session.idFromRequest(req), res);
    return 'bye';
  },
};

const server = http.createServer(async (req, res) => {
  const { pathname } = new URL(req.url, 'http://localhost');
  res.end(JSON.stringify((await routes[pathname](req, res)) ?? null));
});

server.listen(0, '127.0.0.1', async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  let cookie = '';

  /** Asks as a browser would, with the cookie that it was given. */
  async function ask(path) {
    const response = await fetch(origin + path, { headers: { cookie, connection: 'close' } });
    const [given] = response.headers.getSetCookie();
    if (given !== undefined) cookie = given.split(';')[0];
    return response.json();
  }

  assert.equal(await ask('/basket'), null);
  assert.equal(await ask('/login'), 'welcome');

  const items = Array.from({ length: 20 }, (_, index) => `/buy?item=${index}`);
  await Promise.all(items.map(ask));
  console.log(`Alice has ${await ask('/basket')} things in the basket`);
  assert.equal(await ask('/basket'), items.length);

  // What is bought while the log-out is under way does not bring the session back.
  const stolen = cookie;
  await Promise.all([ask('/buy?item=late'), ask('/logout'), ask('/buy?item=later')]);
  cookie = stolen;
  assert.equal(await ask('/basket'), null);
  console.log('and nothing after the log-out');

  server.close();
});
