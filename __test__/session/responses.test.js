/**
 * What a session cookie can be put on: kinds of responses, and those that take no header.
 *
 * Must not know attributes of cookies. Invariant tested: the cookies that are there stay there.
 */
const assert = require('node:assert/strict');
const http = require('node:http');
const { describe, test } = require('node:test');
const { Session } = require('shared-memory-store/session');
const { IS_BUN } = require('../helpers/run-program');

const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const immutable = { name: 'TypeError', code: 'ERR_HEADERS_IMMUTABLE' };

/** The least that a `ServerResponse` without `appendHeader` can do. */
class OldResponse {
  lines;
  getHeader(name) {
    return name === 'Set-Cookie' ? this.lines : undefined;
  }
  setHeader(name, lines) {
    assert.equal(name, 'Set-Cookie');
    this.lines = lines;
  }
}

/** That of Harpia: its session appends to its web headers. */
class HarpiaResponse {
  headers = new Headers();
  cookies = { set: () => assert.fail('it would say the cookie twice') };
}

const serverResponse = () => new http.ServerResponse(new http.IncomingMessage(null));

/** How each kind is made, and what cookies it has. */
const kinds = {
  'a web Response': [() => new Response('body'), (res) => res.headers.getSetCookie()],
  'web Headers': [() => new Headers(), (res) => res.getSetCookie()],
  "Harpia's response": [() => new HarpiaResponse(), (res) => res.headers.getSetCookie()],
  "Node's ServerResponse": [serverResponse, (res) => [res.getHeader('Set-Cookie') ?? []].flat()],
  'a response with getHeader and setHeader': [
    () => new OldResponse(),
    (res) => [res.lines ?? []].flat(),
  ],
};

for (const [kind, [make, cookiesOf]] of Object.entries(kinds)) {
  describe(`${kind}:`, () => {
    test('setCookie adds the cookie', () => {
      const res = make();
      new Session().setCookie(res, 'an-id');
      assert.equal(cookiesOf(res).length, 1);
      assert.match(cookiesOf(res)[0], /^session_id=an-id; /);
    });

    test('cookies that are there stay', () => {
      const res = make();
      for (const cookieName of ['one', 'two', 'three']) {
        new Session({ cookieName }).setCookie(res, 'an-id');
      }
      const names = cookiesOf(res).map((it) => it.split('=')[0]);
      assert.deepEqual(names, ['one', 'two', 'three']);
    });

    test('delete adds the removal', async () => {
      const res = make();
      const session = new Session();
      await session.delete(await session.create({ a: 1 }), res);
      assert.equal(cookiesOf(res).length, 1);
      assert.match(cookiesOf(res)[0], /^session_id=; .*Max-Age=0/);
    });

    test('delete without an id adds the removal', async () => {
      const res = make();
      await new Session().delete(undefined, res);
      assert.match(cookiesOf(res)[0], /^session_id=; .*Max-Age=0/);
    });
  });
}

test('a cookie that was set as a single string stays', () => {
  const res = new OldResponse();
  res.lines = 'theme=dark';
  new Session().setCookie(res, 'an-id');
  assert.equal(res.lines[0], 'theme=dark');
  assert.equal(res.lines.length, 2);
});

describe('a response that takes no header:', () => {
  const refusing = { headers: { append: () => assert.fail('immutable') } };
  const cases = { 'an object that refuses': () => refusing };
  // Bun lets everybody change the headers of these.
  if (!IS_BUN) {
    cases['Response.error()'] = () => Response.error();
    cases['Response.redirect()'] = () => Response.redirect('http://localhost/');
  }
  for (const [name, make] of Object.entries(cases)) {
    test(`setCookie says so: ${name}`, () => {
      assert.throws(() => new Session().setCookie(make(), 'an-id'), immutable);
    });

    test(`delete says so, and the session has ended: ${name}`, async () => {
      const session = new Session();
      const id = await session.create({ a: 1 });
      await assert.rejects(session.delete(id, make()), immutable);
      assert.equal(await session.get(id), undefined);
    });
  }

  test('the error has what was thrown as its cause', () => {
    assert.throws(
      () => new Session().setCookie(refusing, 'an-id'),
      ({ cause }) => cause.message === 'immutable',
    );
  });
});

describe('what is no response is refused:', () => {
  for (const res of [null, 5, 'res', {}, [], { headers: {} }, { headers: null }, new FormData()]) {
    test(`${typeof res} ${JSON.stringify(res)}`, async () => {
      const session = new Session();
      const id = await session.create({ a: 1 });
      assert.throws(() => session.setCookie(res, id), type);
      await assert.rejects(session.delete(id, res), type);
      assert.deepEqual(await session.get(id), { a: 1 });
    });
  }

  test('setCookie without a response', () => {
    assert.throws(() => new Session().setCookie(undefined, 'an-id'), type);
  });
});
