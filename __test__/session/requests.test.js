/**
 * Where a session id may come from: kinds of requests, and cookies as bad as they come.
 *
 * Must not know of responses. Invariant tested: no cookie makes `fromRequest` reject, and no id of
 * a client's becomes a session.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { Session } = require('shared-memory-store/session');
const { ForeignStore } = require('../helpers/foreign-store.js');

const DATA = { userId: 1 };
const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };

const request = (headers) => new Request('http://localhost/', { headers });

async function opened(options) {
  const session = new Session(options);
  return { session, id: await session.create(DATA) };
}

const kinds = {
  'a web Request': (name, id) => request({ cookie: `other=1; ${name}=${id}` }),
  'an object with web headers': (name, id) => ({
    headers: new Headers({ cookie: `${name}=${id}; other=1` }),
  }),
  "Node's IncomingMessage": (name, id) => ({
    headers: { host: 'localhost', cookie: `other=1; ${name}=${id}` },
  }),
  "Harpia's request": (name, id) => ({
    headers: new Headers(),
    cookies: { get: (asked) => (asked === name ? id : undefined) },
  }),
  'a jar like that of Bun': (name, id) => ({ cookies: new Map([[name, id]]) }),
  "what Express' cookie-parser makes": (name, id) => ({
    headers: {},
    cookies: Object.assign(Object.create(null), { other: '1', [name]: id }),
  }),
  'a plain object of cookies': (name, id) => ({ cookies: { [name]: id } }),
};

for (const [kind, make] of Object.entries(kinds)) {
  describe(`${kind}:`, () => {
    test('fromRequest gives the data of its session', async () => {
      const { session, id } = await opened();
      assert.equal(await session.fromRequest(make('session_id', id)), DATA);
    });

    test('fromRequest looks for the cookie of that name', async () => {
      const { session, id } = await opened({ cookieName: 'sid' });
      assert.equal(await session.fromRequest(make('sid', id)), DATA);
      assert.equal(await session.fromRequest(make('session_id', id)), undefined);
    });

    test('an id that names no session gives undefined', async () => {
      const { session } = await opened();
      assert.equal(await session.fromRequest(make('session_id', 'unknown')), undefined);
    });

    test('idFromRequest gives the id, whether there is such a session or not', async () => {
      const { session, id } = await opened();
      assert.equal(session.idFromRequest(make('session_id', id)), id);
      assert.equal(session.idFromRequest(make('session_id', 'unknown')), 'unknown');
      assert.equal(session.idFromRequest(make('other_id', id)), undefined);
    });
  });
}

describe('a request without cookies gives undefined:', () => {
  for (const [name, req] of Object.entries({
    'a web Request': request({}),
    'no cookie header': { headers: {} },
    'an empty cookie header': { headers: { cookie: '' } },
    'a cookie header that is undefined': { headers: { cookie: undefined } },
    'a cookie header that is no string': { headers: { cookie: 5 } },
    'headers that are undefined': { headers: undefined },
    'an empty jar': { cookies: new Map() },
    'a jar that gives null': { cookies: { get: () => null } },
    'no cookies by name': { cookies: {} },
    'cookies that are undefined': { cookies: undefined },
    'cookies that are null': { cookies: null, headers: null },
    'a cookie that is an object': { cookies: { session_id: { toString: () => 'id' } } },
    'an empty cookie': { cookies: { session_id: '' } },
  })) {
    test(name, async () => {
      const { session } = await opened();
      assert.equal(await session.fromRequest(req), undefined);
      assert.equal(session.idFromRequest(req), undefined);
    });
  }
});

describe('what is no request is refused:', () => {
  for (const req of [undefined, null, 'session_id=a', 5, {}, [], () => {}]) {
    test(`${typeof req} ${JSON.stringify(req)}`, async () => {
      const session = new Session();
      await assert.rejects(session.fromRequest(req), type);
      assert.throws(() => session.idFromRequest(req), type);
    });
  }
});

describe('cookie headers:', () => {
  /** What `session_id` is in a header. */
  const idIn = (cookie) => new Session().idFromRequest({ headers: { cookie } });

  for (const [header, expected] of [
    ['session_id=a', 'a'],
    ['session_id=a=b', 'a=b'],
    ['session_id=YWJj==; other=1', 'YWJj=='],
    ['session_id=a%3Db', 'a=b'],
    ['session_id = a ;other=1', 'a'],
    ['other=1;session_id=a', 'a'],
    ['session_id=first; session_id=second', 'first'],
    ['session_id=%zz', '%zz'],
    ['other=%zz; session_id=a', 'a'],
    ['session_id=%E0%A4%A; other=1', '%E0%A4%A'],
    ['session_id', undefined],
    ['session_id; other=1', undefined],
    ['session_id=', undefined],
    ['session_id=; session_id=a', undefined],
    ['Session_Id=a', undefined],
    ['my_session_id=a', undefined],
    ['=a', undefined],
    ['=', undefined],
    [';;;', undefined],
    [';;;=;;session_id=a', 'a'],
    ['garbage; session_id=a', 'a'],
    ['__proto__=a; session_id=b', 'b'],
    [`session_id=${'x'.repeat(256)}`, 'x'.repeat(256)],
    [`session_id=${'x'.repeat(257)}`, undefined],
    [`session_id=${'%41'.repeat(100)}`, 'A'.repeat(100)],
    [`${'a;'.repeat(100_000)}session_id=b`, 'b'],
  ]) {
    const shown = header.length > 40 ? `${header.slice(0, 40)}…` : header;
    test(`${JSON.stringify(shown)} says ${String(expected).slice(0, 40)}`, async () => {
      assert.equal(idIn(header), expected);
      assert.equal(await new Session().fromRequest({ headers: { cookie: header } }), undefined);
    });
  }

  test('a cookie named like a property of all objects is not there unless it was sent', () => {
    for (const cookieName of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const session = new Session({ cookieName });
      assert.equal(session.idFromRequest({ headers: { cookie: 'other=1' } }), undefined);
      assert.equal(session.idFromRequest({ cookies: {} }), undefined);
      assert.equal(session.idFromRequest({ headers: { cookie: `${cookieName}=a` } }), 'a');
    }
  });

  test('what the framework read comes before the header', () => {
    const req = { cookies: { session_id: 'parsed' }, headers: { cookie: 'session_id=raw' } };
    assert.equal(new Session().idFromRequest(req), 'parsed');
  });

  test('the header counts where the framework has no such cookie', () => {
    const req = { cookies: { get: () => undefined }, headers: { cookie: 'session_id=raw' } };
    assert.equal(new Session().idFromRequest(req), 'raw');
  });
});

describe('ids of clients:', () => {
  test('none becomes a session', async () => {
    const store = new ForeignStore();
    const session = new Session({ store, ttl: 5000, rolling: true });
    const req = { headers: { cookie: 'session_id=chosen-by-the-client' } };
    assert.equal(await session.fromRequest(req), undefined);
    assert.equal(await session.update(session.idFromRequest(req), DATA), false);
    assert.equal(store.content.size, 0);
  });

  test('create never takes one', async () => {
    const session = new Session();
    const req = { headers: { cookie: 'session_id=chosen-by-the-client' } };
    assert.notEqual(await session.create(DATA), session.idFromRequest(req));
  });

  test('one that is too long does not get as far as the store', async () => {
    const store = new ForeignStore();
    const session = new Session({ store });
    await session.fromRequest({ cookies: { session_id: 'x'.repeat(257) } });
    assert.deepEqual(store.calls, []);
  });
});

describe('fromWebSocket:', () => {
  test("it reads the cookies in the socket's data", async () => {
    const { session, id } = await opened();
    const ws = { data: { cookies: { session_id: id, other: 'value' } } };
    assert.equal(await session.fromWebSocket(ws), DATA);
  });

  test('a jar will do', async () => {
    const { session, id } = await opened();
    assert.equal(
      await session.fromWebSocket({ data: { cookies: new Map([['session_id', id]]) } }),
      DATA,
    );
  });

  test('the headers of the request will do', async () => {
    const { session, id } = await opened();
    const { headers } = request({ cookie: `session_id=${id}` });
    assert.equal(await session.fromWebSocket({ data: { headers } }), DATA);
  });

  for (const data of [undefined, null, 5, {}, { cookies: undefined }, { cookies: {} }]) {
    test(`without the cookie it gives undefined: ${JSON.stringify(data)}`, async () => {
      const { session } = await opened();
      assert.equal(await session.fromWebSocket({ data }), undefined);
    });
  }

  for (const ws of [undefined, null, 5, 'ws']) {
    test(`what is no socket is refused: ${ws}`, async () => {
      await assert.rejects(new Session().fromWebSocket(ws), type);
    });
  }
});
