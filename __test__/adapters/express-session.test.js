/**
 * `SessionStore` as express-session and @fastify/session call it, over every scope.
 *
 * Must not know these packages. Invariant tested: a session lives as long as its cookie, and
 * `touch` writes no data.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { SessionStore } = require('shared-memory-store/express-session');
const { scopes } = require('../contract/scopes.js');

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a method calls back with. */
const call = (sessions, method, ...given) =>
  new Promise((resolve, reject) => {
    sessions[method](...given, (error, answer) => (error ? reject(error) : resolve(answer)));
  });

/** A session as a framework hands it over: with what JSON does not say, and a cookie that does. */
function session(data, expires, cookie = {}) {
  const whole = { ...data, cookie: { originalMaxAge: HOUR_MS, ...cookie, expires } };
  return Object.defineProperty(whole, 'req', { value: { socket: () => {} } });
}

const inAnHour = () => new Date(Date.now() + HOUR_MS);

for (const scope of scopes) {
  describe(scope.name, () => {
    const over = (options, body) =>
      scope.with({}, (store) => body(new SessionStore({ store, ...options }), store));

    test('a session comes back as it was', () =>
      over({}, async (sessions) => {
        await call(sessions, 'set', 'id', session({ user: { name: 'Ann' } }, inAnHour()));
        const { user, cookie } = await call(sessions, 'get', 'id');
        assert.deepEqual(user, { name: 'Ann' });
        assert.equal(cookie.originalMaxAge, HOUR_MS);
        assert.equal(await call(sessions, 'get', 'none'), undefined);
      }));

    test('whatever JSON says of it comes back, to each who asks as his own', () =>
      over({}, async (sessions) => {
        const text = '{"list":[1,[null,{"deep":true}]],"__proto__":{"own":1},"text":"é"}';
        const given = JSON.parse(text);
        given.at = new Date(0);
        given.cookie = { expires: inAnHour() };
        await call(sessions, 'set', 'id', given);
        const changed = await call(sessions, 'get', 'id');
        changed.list[1][1].deep = false;
        changed.cookie.path = '/changed';
        const { cookie, ...rest } = await call(sessions, 'get', 'id');
        assert.deepEqual(Object.keys(cookie), ['expires']);
        assert.equal(JSON.stringify(rest), text.replace(/}$/, `,"at":"${given.at.toJSON()}"}`));
        assert.equal(rest.own, undefined);
      }));

    test('it lives as long as its cookie', () =>
      over({}, async (sessions, store) => {
        await call(sessions, 'set', 'id', session({}, inAnHour()));
        const left = await store.ttl('sess:id');
        assert.ok(left > HOUR_MS / 2 && left <= HOUR_MS);
        await call(sessions, 'set', 'id', session({}, inAnHour().toISOString()));
        assert.ok((await store.ttl('sess:id')) <= HOUR_MS);
        await call(sessions, 'set', 'id', session({}, undefined, { maxAge: HOUR_MS }));
        assert.ok((await store.ttl('sess:id')) <= HOUR_MS);
        await call(sessions, 'set', 'id', session({}, new Date(0)));
        assert.equal(await call(sessions, 'get', 'id'), undefined);
      }));

    test('without a word of the cookie, as long as the option says', () =>
      over({ ttl: HOUR_MS }, async (sessions, store) => {
        await call(sessions, 'set', 'id', session({}, null));
        assert.ok((await store.ttl('sess:id')) <= HOUR_MS);
        const daily = new SessionStore({ store });
        await call(daily, 'set', 'id', session({}, null));
        const left = await store.ttl('sess:id');
        assert.ok(left > DAY_MS / 2 && left <= DAY_MS);
        const chosen = new SessionStore({ store, ttl: (data, id) => data[id] });
        await call(chosen, 'set', 'id', session({ id: HOUR_MS }, null));
        assert.ok((await store.ttl('sess:id')) <= HOUR_MS);
      }));

    test('a function that gives no time ends the session, one that says nothing leaves a day', () =>
      over({ ttl: ({ ttl }) => ttl }, async (sessions, store) => {
        for (const method of ['set', 'touch']) {
          for (const ttl of [undefined, null]) {
            await call(sessions, 'set', 'id', session({ ttl: HOUR_MS }, null));
            await call(sessions, method, 'id', session({ ttl }, null));
            const left = await store.ttl('sess:id');
            assert.ok(left > DAY_MS / 2 && left <= DAY_MS, `${method}, ${ttl}: ${left}`);
          }
          for (const ttl of [0, -5]) {
            await call(sessions, 'set', 'id', session({ ttl: HOUR_MS }, null));
            await call(sessions, method, 'id', session({ ttl }, null));
            assert.equal(await call(sessions, 'get', 'id'), undefined);
          }
        }
      }));

    test('touch gives it time and writes no data', () =>
      over({}, async (sessions) => {
        await call(sessions, 'set', 'id', session({ n: 1 }, new Date(Date.now() + HOUR_MS / 2)));
        await call(sessions, 'set', 'id', session({ n: 2 }, new Date(Date.now() + HOUR_MS / 2)));
        // A request that had read the session before it was changed.
        await call(sessions, 'touch', 'id', session({ n: 1 }, inAnHour()));
        const { n, cookie } = await call(sessions, 'get', 'id');
        assert.equal(n, 2);
        assert.ok(new Date(cookie.expires) > new Date(Date.now() + HOUR_MS / 2));
        await call(sessions, 'touch', 'none', session({ n: 1 }, inAnHour()));
        assert.equal(await call(sessions, 'get', 'none'), undefined);
      }));

    test('sessions are listed, counted, ended', () =>
      over({}, async (sessions, store) => {
        await store.set('other', 1);
        for (const id of ['a', 'b', '__proto__']) {
          await call(sessions, 'set', id, session({ id }, inAnHour()));
        }
        assert.equal(await call(sessions, 'length'), 3);
        assert.deepEqual((await call(sessions, 'ids')).sort(), ['__proto__', 'a', 'b']);
        const found = await call(sessions, 'all');
        assert.deepEqual(Object.keys(found).sort(), ['__proto__', 'a', 'b']);
        assert.equal(found.a.id, 'a');
        await call(sessions, 'destroy', 'a');
        assert.equal(await call(sessions, 'length'), 2);
        await call(sessions, 'clear');
        assert.deepEqual(await store.keys(), ['other']);
      }));
  });
}

test('express-session is told at once where its class is not found', (context) => {
  const sessions = new SessionStore({ store: new MemoryStore() });
  if ('createSession' in sessions) return context.skip('its class is found here');
  const give = () => {
    sessions.generate = () => {};
  };
  assert.throws(give, { code: 'MODULE_NOT_FOUND', message: /express-session to be found from/ });
  return undefined;
});

describe('callbacks', () => {
  const open = () => new SessionStore({ store: new MemoryStore() });

  test('are called before the method returns, over a store that answers at once', () => {
    const sessions = open();
    let told = 0;
    sessions.set('id', session({}, inAnHour()), () => (told += 1));
    sessions.get('id', () => (told += 1));
    assert.equal(told, 2);
  });

  test('get what fails', () => {
    const store = new MemoryStore();
    const sessions = new SessionStore({ store });
    store.close();
    const errors = [];
    sessions.get('id', (error) => errors.push(error.code));
    sessions.set('id', session({}, inAnHour()), (error) => errors.push(error.code));
    assert.deepEqual(errors, ['ERR_STORE_CLOSED', 'ERR_STORE_CLOSED']);
  });

  test('are called once, though they throw', () => {
    const sessions = open();
    let told = 0;
    const callback = () => {
      told += 1;
      throw new Error('of the caller');
    };
    assert.throws(() => sessions.get('id', callback), /of the caller/);
    assert.equal(told, 1);
  });

  test('may be left out', () => {
    const sessions = open();
    sessions.set('id', session({}, inAnHour()));
    sessions.touch('id', session({}, inAnHour()));
    sessions.destroy('id');
    sessions.clear();
    // As express-session hands on what `req.session.destroy(null)` was given.
    sessions.destroy('id', null);
    sessions.get('id', null);
  });
});
