/**
 * One worker of the demo's cluster: an HTTP server over the stores that all workers share.
 *
 * It ends when the primary says so, or when the primary is no more.
 */

const http = require('node:http');
const { UNKNOWN, routesOver } = require('./routes');
const { destroyStores, openStores } = require('./stores');

const { DEMO_PRIMARY, DEMO_STORES, DEMO_PORT } = process.env;

const stores = openStores(DEMO_STORES);
const routes = routesOver(stores);

const server = http.createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const route = routes[`${request.method} ${pathname}`] ?? (() => UNKNOWN);
  try {
    send(response, await route(request, response, searchParams));
  } catch (error) {
    send(response, { status: 500, body: { error: String(error) } });
  }
});

function send(response, { status, body }) {
  response.statusCode = status;
  response.setHeader('x-worker', process.pid);
  if (typeof body === 'string') response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(typeof body === 'object' ? JSON.stringify(body) : body);
}

// Ctrl-C reaches the whole group of processes; it is the primary that decides.
process.on('SIGINT', () => {});
// What is under way is finished first.
process.once('message', () => server.close(() => process.disconnect()));
// It is the primary that destroys the stores. When it was killed, its orphans do.
process.once('exit', () => {
  if (process.ppid !== Number(DEMO_PRIMARY)) destroyStores(stores);
});

server.keepAliveTimeout = 60_000; // longer than any pause of a visitor
server.listen(Number(DEMO_PORT), '127.0.0.1', () => process.send('ready'));
