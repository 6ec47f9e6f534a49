/**
 * Sessions over real connections: a server of Node's, and a handler of web requests.
 *
 * Must not know headers. Invariant tested: what a visitor sees from log-in to log-out.
 */
const assert = require('node:assert/strict');
const http = require('node:http');
const { after, before, describe, test } = require('node:test');
const { Session } = require('shared-memory-store/session');
const { Browser } = require('../helpers/browser.js');

const VISITS = 20;

/** What the server does, by the path that is asked for, whatever kind of request that is. */
const routes = {
  '/account/login': async (session, _req, res) => {
    session.setCookie(res, await session.create({ userId: '123', visits: 0 }));
    return 'logged in';
  },
  '/profile': async (session, req) => (await session.fromRequest(req)) ?? null,
  '/account/promote': (session, req) =>
    session.update(session.idFromRequest(req), { role: 'admin' }),
  '/account/visit': async (session, req) => {
    const key = new URL(req.url, 'http://localhost').searchParams.get('key');
    return session.update(session.idFromRequest(req), { [key]: true });
  },
  '/account/logout': async (session, req, res) => {
    await session.delete(session.idFromRequest(req), res);
    return 'logged out';
  },
};

function answer(session, req, res) {
  const { pathname } = new URL(req.url, 'http://localhost');
  return routes[pathname](session, req, res);
}

/** A server that answers with Node's objects. */
function nodeServer(session) {
  return http.createServer(async (req, res) => {
    res.setHeader('Set-Cookie', 'theme=dark; Path=/');
    try {
      const body = await answer(session, req, res);
      res.end(JSON.stringify(body));
    } catch (error) {
      res.writeHead(500).end(JSON.stringify(error.code));
    }
  });
}

/** The same with web requests and responses, as far as a handler sees. */
function webServer(session) {
  async function handle(request) {
    const headers = new Headers({ 'Set-Cookie': 'theme=dark; Path=/' });
    try {
      const body = await answer(session, request, headers);
      return Response.json(body, { headers });
    } catch (error) {
      return Response.json(error.code, { status: 500 });
    }
  }
  return http.createServer(async (req, res) => {
    const url = new URL(req.url, `http://${req.headers.host}`);
    const response = await handle(new Request(url, { headers: req.headers }));
    res.statusCode = response.status;
    res.setHeader('Set-Cookie', response.headers.getSetCookie());
    res.end(await response.text());
  });
}

for (const [kind, createServer] of Object.entries({ Node: nodeServer, web: webServer })) {
  describe(`with requests and responses of ${kind}:`, () => {
    const session = new Session({ ttl: 3_600_000, rolling: true });
    let server;
    let origin;

    before(async () => {
      server = createServer(session);
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${server.address().port}`;
    });

    after(() => new Promise((resolve) => server.close(resolve)));

    test('nobody has a session before the log-in', async () => {
      assert.equal((await new Browser(origin).get('/profile')).body, null);
    });

    test('from log-in to log-out', async () => {
      const browser = new Browser(origin);
      await browser.get('/account/login');
      assert.deepEqual((await browser.get('/profile')).body, { userId: '123', visits: 0 });
      assert.equal((await browser.get('/account/promote')).body, true);
      assert.equal((await browser.get('/profile')).body.role, 'admin');
      await browser.get('/account/logout');
      assert.equal((await browser.get('/profile')).body, null);
    });

    test('the cookie goes to the whole site, and so does its removal', async () => {
      const browser = new Browser(origin);
      await browser.get('/account/login');
      assert.match(browser.cookiesFor('/'), /session_id=/);
      await browser.get('/account/logout');
      assert.equal(browser.cookiesFor('/account/'), 'theme=dark');
    });

    test('other cookies of the response stay', async () => {
      const { setCookies } = await new Browser(origin).get('/account/login');
      assert.equal(setCookies.length, 2);
      assert.equal(setCookies[0], 'theme=dark; Path=/');
    });

    test('concurrent requests of a visitor lose nothing', async () => {
      const browser = new Browser(origin);
      await browser.get('/account/login');
      const keys = Array.from({ length: VISITS }, (_, index) => `key-${index}`);
      await Promise.all(keys.map((key) => browser.get(`/account/visit?key=${key}`)));
      const { body } = await browser.get('/profile');
      assert.deepEqual(
        keys.filter((key) => body[key] !== true),
        [],
      );
    });

    test('a log-out beside other requests is final', async () => {
      const browser = new Browser(origin);
      const other = new Browser(origin);
      await browser.get('/account/login');
      for (const pair of browser.cookiesFor('/').split('; ')) other.plant(pair);
      const visits = Array.from({ length: VISITS }, (_, index) =>
        browser.get(`/account/visit?key=${index}`),
      );
      await Promise.all([...visits, browser.get('/account/logout')]);
      assert.equal((await other.get('/profile')).body, null);
    });

    test('an update and a log-out without a session are no errors', async () => {
      const browser = new Browser(origin);
      assert.deepEqual((await browser.get('/account/promote')).body, false);
      assert.deepEqual((await browser.get('/account/logout')).body, 'logged out');
    });

    for (const pair of ['session_id=%zz', 'session_id=a=b=c', 'session_id', 'session_id="', '=%']) {
      test(`the cookie ${pair} is as good as none`, async () => {
        const browser = new Browser(origin);
        browser.plant(pair);
        const { status, body } = await browser.get('/profile');
        assert.deepEqual([status, body], [200, null]);
      });
    }

    test('a log-in does not take the id that a client brings', async () => {
      const browser = new Browser(origin);
      browser.plant('session_id=chosen');
      await browser.get('/account/login');
      assert.doesNotMatch(browser.cookiesFor('/'), /chosen/);
      assert.equal(await session.get('chosen'), undefined);
    });
  });
}

describe('a response that was sent:', () => {
  test('setCookie says that it is too late', async () => {
    const thrown = [];
    const server = http.createServer((_req, res) => {
      res.writeHead(200);
      try {
        new Session().setCookie(res, 'an-id');
      } catch (error) {
        thrown.push(error.code);
      }
      res.end('null');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    await new Browser(`http://127.0.0.1:${server.address().port}`).get('/');
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(thrown, ['ERR_HEADERS_IMMUTABLE']);
  });
});
