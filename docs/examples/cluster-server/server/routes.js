/**
 * What the demo's server answers: the routes, over stores that it shares with other processes.
 *
 * A worker keeps nothing of its own: any of them can answer any request.
 */

const { Orders } = require('./orders');
const { Pages, pageNames } = require('./pages');
const { RateLimit } = require('./rate-limit');
const { Sessions } = require('./sessions');

const NOBODY = { status: 401, body: { error: 'Log in first' } };
const UNKNOWN = { status: 404, body: { error: 'Not found' } };

/**
 * Each route gives a status and a body.
 *
 * @param {ReturnType<typeof import('./stores').openStores>} stores
 */
function routesOver(stores) {
  const sessions = new Sessions(stores.sessions);
  const searches = new RateLimit(stores.windows);
  const pages = new Pages(stores.pages, stores.ledger);
  const orders = new Orders(stores.ledger);
  const known = new Set(pageNames());

  return {
    'POST /login': async (_request, response, query) => {
      return { status: 200, body: await sessions.logIn(response, query.get('user')) };
    },
    'GET /me': async (request) => answerOf(await sessions.find(request)),
    'POST /visit': (request, _response, query) => {
      return answerOf(sessions.visit(request, query.get('tab')));
    },
    'PUT /theme': async (request, _response, query) => {
      const isFound = await sessions.setTheme(request, query.get('theme'));
      return isFound ? { status: 204 } : NOBODY;
    },
    'POST /logout': async (request, response) => {
      return (await sessions.logOut(request, response)) ? { status: 204 } : NOBODY;
    },
    'GET /search': (request, response) => {
      const { isAllowed, used, resetMs } = searches.take(request.headers['x-api-key']);
      if (!isAllowed) response.setHeader('retry-after', Math.ceil(resetMs / 1000));
      return { status: isAllowed ? 200 : 429, body: { used, resetMs } };
    },
    'GET /page': async (_request, _response, query) => {
      const name = query.get('name');
      return known.has(name) ? { status: 200, body: await pages.get(name) } : UNKNOWN;
    },
    'POST /order': async () => ({ status: 200, body: { number: await orders.place() } }),
    'GET /': () => ({ status: 200, body: stateOf(stores) }),
  };
}

function answerOf(session) {
  return session === undefined ? NOBODY : { status: 200, body: session };
}

/** For people who look at the demo while it runs. */
function stateOf(stores) {
  const states = Object.entries(stores).map(([name, store]) => [name, store.stats()]);
  return { worker: process.pid, stores: Object.fromEntries(states) };
}

module.exports = { UNKNOWN, routesOver };
