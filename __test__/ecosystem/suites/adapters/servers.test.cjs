/**
 * Express and Fastify with sessions and limits in a store: requests as visitors make them.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { test } = require('node:test');
const cookies = require('@fastify/cookie');
const fastifySession = require('@fastify/session');
const fastifyLimit = require('@fastify/rate-limit');
const express = require('express');
const { rateLimit } = require('express-rate-limit');
const session = require('express-session');
const { slowDown } = require('express-slow-down');
const fastify = require('fastify');
const SessionStore = require('shared-memory-store/express-session');
const createRateLimitStore = require('shared-memory-store/fastify-rate-limit');
const RateLimitStore = require('shared-memory-store/rate-limit');
const { temporaryStore } = require('shared-memory-store/testing');

const HOUR_MS = 3_600_000;
const SECRET = 'a'.repeat(32);

/** Runs `body(request)` with an app of Express that listens. */
async function withExpress(prepare, body) {
  const app = express();
  prepare(app);
  const server = app.listen(0);
  await once(server, 'listening');
  const url = `http://localhost:${server.address().port}`;
  try {
    await body((path, cookie = '') => fetch(url + path, { headers: { cookie } }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const cookieOf = (response) => response.headers.getSetCookie()[0]?.split(';')[0];

test('express-session: made, read, renewed by touch, regenerated, destroyed', async () => {
  const store = temporaryStore();
  const sessions = new SessionStore({ store });
  assert.ok(sessions instanceof session.Store);
  const middleware = session({
    ...{ store: sessions, secret: SECRET, resave: false, saveUninitialized: false },
    cookie: { maxAge: HOUR_MS },
  });
  const prepare = (app) => {
    app.use(middleware);
    app.get('/login', (req, res) => {
      req.session.visits = 0;
      res.end();
    });
    app.get('/visit', (req, res) => {
      req.session.visits += 1;
      res.json({ visits: req.session.visits });
    });
    app.get('/look', (req, res) => res.json({ visits: req.session.visits ?? null }));
    app.get('/again', (req, res, next) => {
      req.session.regenerate((error) => {
        if (error) return next(error);
        req.session.visits = 7;
        res.end();
      });
    });
    app.get('/logout', (req, res, next) => {
      req.session.destroy((error) => (error ? next(error) : res.end()));
    });
  };
  await withExpress(prepare, async (request) => {
    const cookie = cookieOf(await request('/login'));
    assert.deepEqual(await (await request('/visit', cookie)).json(), { visits: 1 });
    const [key] = store.keys();
    store.touch(key, HOUR_MS / 4);
    const sets = store.stats().sets;
    assert.deepEqual(await (await request('/look', cookie)).json(), { visits: 1 });
    assert.ok(store.ttl(key) > HOUR_MS / 2, 'a look gave it time');
    assert.equal(store.get(key).visits, 1);
    assert.equal(store.stats().sets, sets, 'and wrote no data');
    const other = cookieOf(await request('/again', cookie));
    assert.equal(store.has(key), false, 'another has taken its place');
    assert.deepEqual(await (await request('/look', other)).json(), { visits: 7 });
    await request('/logout', other);
    assert.equal(store.size(), 0);
    assert.deepEqual(await (await request('/look', other)).json(), { visits: null });
  });
  store.close();
});

test('express-rate-limit and express-slow-down count, and find nothing wrong', async () => {
  const store = temporaryStore();
  const complaints = [];
  const logger = {
    error: (error) => complaints.push(error),
    warn: (error) => complaints.push(error),
  };
  const prepare = (app) => {
    const limits = new RateLimitStore({ store, prefix: 'limit:' });
    const slow = new RateLimitStore({ store, prefix: 'slow:' });
    app.use(rateLimit({ windowMs: HOUR_MS, limit: 2, store: limits, logger }));
    app.use(slowDown({ windowMs: HOUR_MS, delayAfter: 1, delayMs: () => 1, store: slow, logger }));
    app.get('/', (_req, res) => res.end());
  };
  await withExpress(prepare, async (request) => {
    const statuses = [];
    for (let hit = 0; hit < 4; hit += 1) statuses.push((await request('/')).status);
    assert.deepEqual(statuses, [200, 200, 429, 429]);
  });
  assert.deepEqual(complaints, []);
  const [limited] = store.keys().filter((key) => key.startsWith('limit:'));
  assert.equal(store.get(limited), 4);
  store.close();
});

test('@fastify/session and @fastify/rate-limit', async () => {
  const store = temporaryStore();
  const app = fastify();
  await app.register(cookies);
  await app.register(fastifySession, {
    ...{ secret: SECRET, cookie: { secure: false, maxAge: HOUR_MS } },
    store: new SessionStore({ store }),
  });
  await app.register(fastifyLimit, {
    ...{ max: 2, timeWindow: HOUR_MS },
    store: createRateLimitStore({ store }),
  });
  app.get('/', async (request) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    return { visits: request.session.visits };
  });
  let cookie;
  const answers = [];
  for (let hit = 0; hit < 3; hit += 1) {
    const headers = cookie === undefined ? {} : { cookie };
    const { statusCode, json, headers: told } = await app.inject({ url: '/', headers });
    cookie ??= String(told['set-cookie']).split(';')[0];
    answers.push(statusCode === 200 ? json().visits : statusCode);
  }
  assert.deepEqual(answers, [1, 2, 429]);
  await app.close();
  store.close();
});
