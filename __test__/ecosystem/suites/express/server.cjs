/**
 * An Express app with sessions and a limit over one store, in a cluster that starts killed workers
 * anew. Tells its port to the process that forked it; kills a worker when it is told to.
 */
const cluster = require('node:cluster');

const WORKERS = 3;
const HOUR_MS = 3_600_000;
const [, , name] = process.argv;

function serve() {
  const express = require('express');
  const { rateLimit } = require('express-rate-limit');
  const session = require('express-session');
  const SessionStore = require('shared-memory-store/express-session');
  const RateLimitStore = require('shared-memory-store/rate-limit');

  const app = express();
  const counter = new RateLimitStore({ name, prefix: 'count:' });
  const limit = Number.MAX_SAFE_INTEGER;
  app.use(rateLimit({ windowMs: HOUR_MS, limit, store: counter, keyGenerator: () => 'all' }));
  app.use(
    session({
      ...{ secret: 'secret', resave: false, saveUninitialized: false },
      ...{ store: new SessionStore({ name }), cookie: { maxAge: HOUR_MS } },
    }),
  );
  app.get('/login/:user', (req, res) => {
    req.session.user = req.params.user;
    res.json({ pid: process.pid });
  });
  app.get('/', (req, res) => {
    res.json({ user: req.session.user ?? null, hits: req.rateLimit.used, pid: process.pid });
  });
  app.listen(0);
}

function lead() {
  /** The last one that listens holds the port: it is spared. */
  const listening = new Set();
  cluster.on('listening', (worker, { port }) => {
    listening.add(worker);
    process.send({ port });
  });
  cluster.on('exit', (worker) => {
    listening.delete(worker);
    cluster.fork();
  });
  for (let worker = 0; worker < WORKERS; worker += 1) cluster.fork();
  process.on('message', ({ kill }) => {
    const worker = [...listening].find(({ process: { pid } }) => pid === kill);
    if (worker === undefined || listening.size === 1) return;
    listening.delete(worker);
    worker.process.kill('SIGKILL');
    process.send({ killed: kill });
  });
  process.on('disconnect', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGKILL');
    process.exit(0);
  });
}

if (cluster.isPrimary) lead();
else serve();
