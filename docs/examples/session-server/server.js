/**
 * The demo's HTTP server: log in, look at the profile, log out; 429 for who asks too often.
 *
 * It keeps no state of its own: all of it lives in the two stores.
 */

const http = require('node:http');
const { RateLimit } = require('./rate-limit');
const { Sessions } = require('./sessions');

const COOKIE = /(?:^|;\s*)sid=([^;]+)/;

/** Starts on a free port of 127.0.0.1. */
async function startServer(limits) {
  const sessions = new Sessions({ ttl: limits.sessionMs, cleanupInterval: limits.sweepMs });
  const rateLimit = new RateLimit({
    windowMs: limits.windowMs,
    limit: limits.requestsPerWindow,
    cleanupInterval: limits.sweepMs,
  });
  const counts = { requests: 0 };
  const server = http.createServer((request, response) => {
    counts.requests += 1;
    answer(request, response, sessions, rateLimit);
  });
  server.keepAliveTimeout = 60_000; // longer than the demo: no request meets a closing socket
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: server.address().port,
    sessions,
    rateLimit,
    counts,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(request, response, sessions, rateLimit) {
  const client = request.headers['x-client'];
  const left = rateLimit.take(client);
  response.setHeader('ratelimit-remaining', Math.max(left, 0));
  if (left < 0) {
    response.setHeader('retry-after', Math.ceil(rateLimit.retryAfterMs(client) / 1000));
    return send(response, 429, { error: 'Too many requests' });
  }
  switch (`${request.method} ${request.url}`) {
    case 'POST /login':
      return logIn(response, sessions, client);
    case 'GET /profile':
      return showProfile(response, sessions, sessionIdOf(request));
    case 'POST /logout':
      return send(response, sessions.delete(sessionIdOf(request)) ? 204 : 401);
    default:
      return send(response, 404, { error: 'Not found' });
  }
}

function logIn(response, sessions, user) {
  const id = sessions.create(user);
  response.setHeader('set-cookie', `sid=${id}; HttpOnly; SameSite=Lax`);
  send(response, 200, { user });
}

function showProfile(response, sessions, id) {
  const session = sessions.visit(id);
  if (session === undefined) return send(response, 401, { error: 'Log in first' });
  send(response, 200, session);
}

function sessionIdOf(request) {
  return COOKIE.exec(request.headers.cookie ?? '')?.[1] ?? '';
}

function send(response, status, body) {
  response.statusCode = status;
  if (body === undefined) return response.end();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

module.exports = { startServer };
