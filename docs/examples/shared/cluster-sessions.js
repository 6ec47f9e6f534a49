/**
 * A cluster whose sessions are every worker's, and live on when a worker is killed.
 *
 *     node docs/examples/shared/cluster-sessions.js
 */

const assert = require('node:assert/strict');
const cluster = require('node:cluster');
const http = require('node:http');
const { SharedStore } = require('shared-memory-store');
const { Session } = require('shared-memory-store/session');

const WORKERS = 3;
const ITEMS = 30;
const HALF_AN_HOUR_MS = 1_800_000;

/** One store for all processes that open it by this name: it is in shared memory, not in one. */
const name = process.env.SESSION_STORE ?? `cluster-sessions-${process.pid}`;
const sessions = new SharedStore({ name, scope: 'processes', maxBytes: 64 * 1024 ** 2 });

/** What changes a session is atomic among all workers. */
const session = new Session({ store: sessions, ttl: HALF_AN_HOUR_MS });

const routes = {
  async '/login'(_req, res) {
    session.setCookie(res, await session.create({ user: 'Alice' }));
    return process.pid;
  },
  async '/buy'(req) {
    const item = new URL(req.url, 'http://localhost').searchParams.get('item');
    return session.update(session.idFromRequest(req), { [`item:${item}`]: true });
  },
  async '/basket'(req) {
    const data = await session.fromRequest(req);
    return data && Object.keys(data).filter((key) => key.startsWith('item:')).length;
  },
};

function serve() {
  const server = http.createServer(async (req, res) => {
    const { pathname } = new URL(req.url, 'http://localhost');
    res.end(JSON.stringify((await routes[pathname](req, res)) ?? null));
  });
  // Workers may share a port; here each has its own, so that the visitor can choose whom to ask.
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
    process.send({ port: server.address().port });
  });
}

async function startWorker() {
  const worker = cluster.fork({ SESSION_STORE: name });
  const { port } = await new Promise((resolve) => worker.once('message', resolve));
  return { worker, origin: `http://127.0.0.1:${port}` };
}

async function kill({ worker }) {
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  worker.process.kill('SIGKILL');
  await gone;
}

async function main() {
  const workers = await Promise.all(Array.from({ length: WORKERS }, startWorker));
  let cookie = '';

  /** Asks one of the workers as a browser would, with the cookie that any of them gave. */
  async function ask({ origin }, path) {
    const response = await fetch(origin + path, { headers: { cookie, connection: 'close' } });
    const [given] = response.headers.getSetCookie();
    if (given !== undefined) cookie = given.split(';')[0];
    return response.json();
  }

  const pid = await ask(workers[0], '/login');
  assert.equal(pid, workers[0].worker.process.pid);

  // All workers change one session at once, and nothing is lost.
  const items = Array.from({ length: ITEMS }, (_, item) => {
    return ask(workers[item % WORKERS], `/buy?item=${item}`);
  });
  assert.ok((await Promise.all(items)).every((isBought) => isBought === true));

  await kill(workers[0]);
  console.log(`worker ${pid}, where Alice had logged in, was killed`);
  workers[0] = await startWorker();
  for (const worker of workers) assert.equal(await ask(worker, '/basket'), ITEMS);
  console.log(`every worker, the new one too, knows her and the ${ITEMS} things in her basket`);

  await Promise.all(workers.map(kill));
  assert.equal(sessions.size(), 1);
  // Without this, the store would stay for whoever opens it next.
  sessions.destroy();
  process.exit(0);
}

if (cluster.isPrimary) main();
else serve();
