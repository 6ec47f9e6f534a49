/**
 * The `Set-Cookie` headers of a session: defaults, options, removal, and what is refused.
 *
 * Must not know kinds of responses. Invariant tested: a header has the attributes that were asked
 * for and no other.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { Session } = require('shared-memory-store/session');
const { polluted } = require('../helpers/polluted.js');

const ID = 'a2f5c1de-7a0c-4f1e-9d2b-0c8f3a4b5c6d';
const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const unknown = { name: 'TypeError', code: 'ERR_UNKNOWN_OPTION' };

/** The attributes of the one `Set-Cookie` header that `action` adds: order does not count. */
function attributesOf(action) {
  const headers = new Headers();
  action(headers);
  assert.equal(headers.getSetCookie().length, 1);
  const [pair, ...attributes] = headers.getSetCookie()[0].split('; ');
  return [pair, ...attributes.sort()];
}

const set = (options, given) =>
  attributesOf((res) => new Session(options).setCookie(res, ID, given));

/** The same for the removal, which is async. */
async function removed(options, given) {
  const headers = new Headers();
  await new Session(options).delete(ID, headers, given);
  return attributesOf((res) => res.append('Set-Cookie', headers.getSetCookie()[0]));
}

describe('setCookie:', () => {
  test('the cookie is for the whole site, and not for scripts and other sites', () => {
    assert.deepEqual(set(), [`session_id=${ID}`, 'HttpOnly', 'Path=/', 'SameSite=Lax']);
  });

  test('what stands on Object.prototype is no attribute, and no option', () => {
    const ambient = {
      ...{ domain: 'example.org', secure: true, partitioned: true, priority: 'high', maxAge: 5 },
      ...{ expires: new Date(), encode: () => 'other', cookieName: 'other', rolling: true },
      ...{ cookie: { secure: true }, store: {}, ttl: 5000 },
    };
    for (const given of [undefined, {}]) {
      const got = polluted(ambient, () => set(given, given));
      assert.deepEqual(got, [`session_id=${ID}`, 'HttpOnly', 'Path=/', 'SameSite=Lax']);
    }
    const own = polluted(ambient, () => set({ cookie: { secure: true } }, { maxAge: 9 }));
    assert.deepEqual(own.slice(1), ['HttpOnly', 'Max-Age=9', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  test('it gives nothing', () => {
    assert.equal(new Session().setCookie(new Headers(), ID), undefined);
  });

  test('cookieName names it', () => {
    assert.equal(set({ cookieName: 'my_custom_cookie' })[0], `my_custom_cookie=${ID}`);
  });

  test('every default can be overridden', () => {
    const nothing = { path: '', httpOnly: false, sameSite: false };
    assert.deepEqual(set({}, nothing), [`session_id=${ID}`]);
    assert.deepEqual(set({ cookie: nothing }), [`session_id=${ID}`]);
  });

  test('an option that is undefined is as good as nothing', () => {
    const nothing = { path: undefined, httpOnly: undefined, sameSite: undefined };
    assert.deepEqual(set({ cookie: nothing }, nothing), set());
  });

  test('what is said of one cookie goes before what is said of all', () => {
    const attributes = set({ cookie: { path: '/app', secure: true } }, { path: '/other' });
    assert.ok(attributes.includes('Path=/other') && attributes.includes('Secure'));
  });

  for (const [options, expected] of [
    [{ path: '/app' }, 'Path=/app'],
    [{ domain: 'example.com' }, 'Domain=example.com'],
    [{ maxAge: 3600 }, 'Max-Age=3600'],
    [{ maxAge: 0 }, 'Max-Age=0'],
    [{ expires: new Date(0) }, 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    [{ secure: true }, 'Secure'],
    [{ sameSite: 'Strict' }, 'SameSite=Strict'],
    [{ sameSite: 'strict' }, 'SameSite=Strict'],
    [{ sameSite: 'NONE' }, 'SameSite=None'],
    [{ sameSite: true }, 'SameSite=Strict'],
    [{ priority: 'High' }, 'Priority=High'],
    [{ priority: 'low' }, 'Priority=Low'],
    [{ partitioned: true }, 'Partitioned'],
  ]) {
    test(`${JSON.stringify(options)} gives ${expected}`, () => {
      assert.ok(set({}, options).includes(expected));
      assert.ok(set({ cookie: options }).includes(expected));
    });
  }

  test('an id is encoded', () => {
    const [pair] = attributesOf((res) => new Session().setCookie(res, 'a=b; Path=/ü'));
    assert.equal(pair, 'session_id=a%3Db%3B%20Path%3D%2F%C3%BC');
  });
});

describe('the life of a cookie:', () => {
  const lifeOf = (attributes) => attributes.filter((it) => /^(Max-Age|Expires)=/.test(it));

  test('without a ttl it is that of the browser', () => {
    assert.deepEqual(lifeOf(set()), []);
  });

  test('with a ttl it is that, rounded up to seconds', () => {
    assert.deepEqual(lifeOf(set({ ttl: 3_600_000 })), ['Max-Age=3600']);
    assert.deepEqual(lifeOf(set({ ttl: 1 })), ['Max-Age=1']);
    assert.deepEqual(lifeOf(set({ ttl: 1001 })), ['Max-Age=2']);
  });

  test('maxAge goes before the ttl', () => {
    assert.deepEqual(lifeOf(set({ ttl: 5000 }, { maxAge: 9 })), ['Max-Age=9']);
    assert.deepEqual(lifeOf(set({ ttl: 5000, cookie: { maxAge: 9 } })), ['Max-Age=9']);
  });

  test('expires goes before the ttl', () => {
    const expires = new Date(0);
    const expected = ['Expires=Thu, 01 Jan 1970 00:00:00 GMT'];
    assert.deepEqual(lifeOf(set({ ttl: 5000 }, { expires })), expected);
    assert.deepEqual(lifeOf(set({ ttl: 5000, cookie: { expires } })), expected);
  });

  test('of maxAge and expires, what is said of one cookie counts', () => {
    const expires = new Date(0);
    assert.deepEqual(lifeOf(set({ cookie: { expires } }, { maxAge: 9 })), ['Max-Age=9']);
    assert.deepEqual(lifeOf(set({ cookie: { maxAge: 9 } }, { expires })), [
      'Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    ]);
  });
});

describe('delete:', () => {
  const gone = ['Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'Max-Age=0'];

  test('it removes the cookie where setCookie put it', async () => {
    assert.deepEqual(await removed(), [
      'session_id=',
      gone[0],
      'HttpOnly',
      gone[1],
      'Path=/',
      'SameSite=Lax',
    ]);
  });

  test('it uses the name, path and domain of the constructor', async () => {
    const cookie = { path: '/app', domain: 'example.com' };
    const attributes = await removed({ cookieName: 'sid', cookie });
    assert.equal(attributes[0], 'sid=');
    assert.ok(attributes.includes('Path=/app') && attributes.includes('Domain=example.com'));
  });

  test('it takes the options that setCookie took', async () => {
    const attributes = await removed({}, { path: '/app', secure: true });
    assert.ok(attributes.includes('Path=/app') && attributes.includes('Secure'));
  });

  test('neither ttl nor maxAge nor expires keeps the cookie', async () => {
    const life = { maxAge: 9, expires: new Date(8.64e15) };
    const attributes = await removed({ ttl: 5000, cookie: life }, life);
    assert.deepEqual(
      attributes.filter((it) => /^(Max-Age|Expires)=/.test(it)),
      gone,
    );
  });

  test('refused options leave the session alone', async () => {
    const session = new Session();
    const id = await session.create({ a: 1 });
    await assert.rejects(session.delete(id, new Headers(), { path: ';' }), value);
    assert.deepEqual(await session.get(id), { a: 1 });
  });
});

describe('refused, and no header is set:', () => {
  const injections = ['/; Secure', '/;', '/\r\nSet-Cookie: a=b', '/\0', '/ü', 'a;b', '\n'];
  const cases = [
    ...injections.map((it) => [{ path: it }, value]),
    ...[...injections, 'example.com; Secure', 'exam ple.com', '-a.com', ','].map((it) => [
      { domain: it },
      value,
    ]),
    ...['Lax; Secure', 'loose'].map((it) => [{ sameSite: it }, value]),
    ...['High; Secure', 'urgent'].map((it) => [{ priority: it }, value]),
    ...[1.5, Number.NaN, Number.POSITIVE_INFINITY].map((it) => [{ maxAge: it }, value]),
    [{ maxAge: '9; Secure' }, type],
    [{ expires: new Date(Number.NaN) }, value],
    [{ expires: 'Thu, 01 Jan 1970 00:00:00 GMT; Secure' }, type],
    [{ expires: 0 }, type],
    ...['path', 'domain', 'priority'].map((name) => [{ [name]: 5 }, type]),
    ...['httpOnly', 'secure', 'partitioned'].map((name) => [{ [name]: 'false' }, type]),
    ...['path', 'maxAge', 'expires', 'secure', 'sameSite'].map((name) => [{ [name]: null }, type]),
    [{ Path: '/' }, unknown],
    [{ encode: (text) => text }, unknown],
    [null, type],
    ['Secure', type],
  ];
  for (const [index, [options, expected]] of cases.entries()) {
    test(`${index}: ${JSON.stringify(options)}`, () => {
      const headers = new Headers();
      assert.throws(() => new Session().setCookie(headers, ID, options), expected);
      assert.throws(() => new Session({ cookie: options }), expected);
      assert.deepEqual(headers.getSetCookie(), []);
    });
  }

  for (const cookieName of ['a b', 'a=b', 'a;b', 'a\r\nb', 'ü', '\0', '']) {
    test(`cookieName ${JSON.stringify(cookieName)}`, () => {
      assert.throws(() => new Session({ cookieName }), value);
    });
  }

  for (const [id, expected] of [
    [undefined, type],
    [null, type],
    [5, type],
    ['', value],
    ['x'.repeat(257), value],
    ['\ud800', value],
  ]) {
    test(`an id that is ${String(id).slice(0, 9).toWellFormed()}`, () => {
      const headers = new Headers();
      assert.throws(() => new Session().setCookie(headers, id), expected);
      assert.deepEqual(headers.getSetCookie(), []);
    });
  }

  test('the error says which option it was', () => {
    assert.throws(() => new Session().setCookie(new Headers(), ID, { path: '/; Secure' }), {
      message: `Expected a path of ASCII characters without ';' for option path, got "/; Secure"`,
    });
  });
});
