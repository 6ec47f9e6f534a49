/**
 * An Express app with sessions and a limit, in a cluster of two workers; one kind of store.
 *
 * Started with a specification as JSON, it tells its port to the process that forked it, and ends
 * with that. Knows no visitor.
 */
'use strict';

const cluster = require('node:cluster');

const { adapter, clientOf } = require('./contenders.js');

const WORKERS = 2;
const HOUR_MS = 3_600_000;
const SPECIFICATION = process.argv[2];

/** What answers for sessions and for limits; neither, where there is nothing to ask. */
const STORES = {
  ours: ({ options, storePath }) => {
    const SessionStore = adapter('express-session', storePath);
    const RateLimitStore = adapter('rate-limit', storePath);
    return { sessions: new SessionStore(options), limits: new RateLimitStore(options) };
  },
  redis: async ({ socket }) => {
    const { RedisStore: Sessions } = require('connect-redis');
    const { RedisStore: Limits } = require('rate-limit-redis');
    const client = await clientOf(async () => socket);
    const limits = new Limits({ sendCommand: (...words) => client.sendCommand(words) });
    return { sessions: new Sessions({ client }), limits };
  },
  memory: () => {
    const { MemoryStore } = require('express-session');
    const { MemoryStore: Limits } = require('express-rate-limit');
    return { sessions: new MemoryStore(), limits: new Limits() };
  },
  none: () => undefined,
};

async function serve({ kind, ...place }) {
  const express = require('express');
  const { rateLimit } = require('express-rate-limit');
  const session = require('express-session');

  const stores = await STORES[kind](place);
  const app = express();
  if (stores !== undefined) {
    const { sessions, limits } = stores;
    app.use(rateLimit({ windowMs: HOUR_MS, limit: Number.MAX_SAFE_INTEGER, store: limits }));
    const options = { secret: 'bench', resave: false, saveUninitialized: false };
    app.use(session({ ...options, store: sessions, cookie: { maxAge: HOUR_MS } }));
  }
  app.get('/login', (req, res) => {
    if (req.session) req.session.user = { id: 1, name: 'Ann', roles: ['reader', 'writer'] };
    res.json({ done: true });
  });
  app.get('/', (req, res) => res.json({ user: req.session?.user ?? null }));
  // Visitors wait while others have their turn.
  app.listen(0, '127.0.0.1').keepAliveTimeout = 0;
}

function begin() {
  let listening = 0;
  cluster.on('listening', (_worker, { port }) => {
    listening += 1;
    if (listening === WORKERS) process.send({ port });
  });
  for (let worker = 0; worker < WORKERS; worker += 1) cluster.fork();
  process.on('disconnect', () => process.exit(0));
}

if (cluster.isPrimary) begin();
else serve(JSON.parse(SPECIFICATION));
