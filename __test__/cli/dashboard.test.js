/**
 * The dashboard: who is answered, and what a browser makes of what others have stored.
 *
 * Must not know how the page is made. Invariant tested: without the token, by another name or from
 * another origin nothing is told, and nothing that is stored becomes markup.
 */
const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { describe, test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { dashboardOf } = require('../../lib/cli/ui/answers.js');
const { Question } = require('../../lib/cli/ui/question.js');
const { hostsOf } = require('../../lib/cli/ui/server.js');
const { missing, withPage } = require('../helpers/chromium.js');
const { ask, askJson, withDashboard } = require('../helpers/dashboard.js');
const { withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const MARKUP = '<script>document.title = "owned"</script><img src=x onerror="document.title=1">';
const browsing = { ...SLOW, skip: missing };

describe('the dashboard', () => {
  test('is answered to who has the token, and tells of a store what there is', SLOW, () =>
    withDashboard(async (url, { store }) => {
      store.set('key', { a: 1 }, { tags: ['tag'] });
      store.get('key');
      const json = (name, query) => askJson(url, name, query);
      const [{ name, file, stats }] = await json('stores');
      assert.deepEqual([name, file, stats.hits, stats.entries], ['shop', store.file, 1, 1]);
      const seen = await json('store', { file });
      assert.deepEqual([seen.stats.sets, seen.looked, seen.participants.length], [1, 1, 1]);
      const [{ key, ttl, tags }] = await json('keys', { file, prefix: 'k' });
      assert.deepEqual([key, ttl, tags], ['key', null, ['tag']]);
      assert.equal((await json('value', { file, key })).value, '{ a: 1 }');
      assert.match((await json('value', { file, key: 'none' })).error.message, /no such entry/);
      // Only files of stores that are listed are looked at.
      assert.match((await json('keys', { file: '/etc/passwd' })).error.message, /no such store/);
      assert.equal(store.stats().participants, 1);
    }),
  );

  test('says of what is no sound store that it is none, beside those that are', SLOW, () =>
    withDashboard(async (url, { store, folder }) => {
      const named = (name) => path.join(folder, `${name}-${'0'.repeat(32)}.v4.store`);
      fs.writeFileSync(named('text'), MARKUP, { mode: 0o600 });
      fs.mkdirSync(named('folder'));
      fs.symlinkSync('/etc/passwd', named('link'));
      fs.copyFileSync(store.file, named('cut'));
      fs.truncateSync(named('cut'), 5000);
      const json = (name, query) => askJson(url, name, query);
      const all = await json('stores');
      const sound = all.filter(({ error }) => error === undefined);
      assert.deepEqual(
        sound.map(({ file }) => file),
        [store.file],
      );
      assert.ok(all.some(({ file, error }) => file === named('cut') && error.code));
      for (const name of ['text', 'folder', 'link', 'cut']) {
        for (const what of ['store', 'keys', 'value']) {
          const { error } = await json(what, { file: named(name), key: 'key' });
          assert.ok(error.message, name);
        }
      }
      // The others are shown as before.
      assert.equal((await json('store', { file: store.file })).stats.name, 'shop');
    }),
  );

  test('looks at the store that there is now under a name', SLOW, () =>
    withDashboard(async (url, { store, place }) => {
      const { file } = store;
      const seen = async () => {
        const query = new URLSearchParams({ file });
        const { body } = await ask(url, `${url.pathname}store?${query}`);
        return JSON.parse(body);
      };
      store.set('a:1', 1);
      assert.deepEqual((await seen()).prefixes[0].prefix, 'a:');
      // The same number of the same things, but for what is counted.
      store.delete('a:1');
      store.set('b:1', 1);
      assert.deepEqual((await seen()).prefixes[0].prefix, 'b:');
      store.destroy();
      assert.match((await seen()).error.message, /no such store/);
      const next = new SharedStore(place);
      next.set('c:1', 1);
      assert.equal(next.file, file);
      assert.deepEqual((await seen()).prefixes[0].prefix, 'c:');
      next.close();
    }),
  );

  test('refuses who has no token, comes by another name or from elsewhere', SLOW, () =>
    withDashboard(async (url) => {
      const { pathname, host } = url;
      const wrong = `/${'0'.repeat(pathname.length - 2)}/`;
      for (const [what, at, headers] of [
        ['no token', '/', {}],
        ['no token, a file', '/client.mjs', {}],
        ['a wrong token', `${wrong}stores`, {}],
        ['a wrong token, changes', `${wrong}events`, {}],
        ['part of the token', `${pathname.slice(0, 9)}/stores`, {}],
        ['another name of this machine', `${pathname}stores`, { host: 'evil.example' }],
        ['another port', `${pathname}stores`, { host: '127.0.0.1:1' }],
        ['another origin', `${pathname}stores`, { host, origin: 'https://evil.example' }],
        ['another origin, changes', `${pathname}events`, { host, origin: 'https://evil.example' }],
        ['no origin of a page', `${pathname}stores`, { host, origin: 'null' }],
        ['another site', pathname, { host, 'sec-fetch-site': 'cross-site' }],
      ]) {
        const { status, body } = await ask(url, at, headers);
        assert.deepEqual([what, status], [what, 403]);
        assert.ok(!body.includes('shop'), body);
      }
      for (const at of [
        '../../../package.json',
        '..%2fserver.js',
        'server.js',
        'page/page.css',
        'constructor',
      ]) {
        assert.equal((await ask(url, pathname + at)).status, 404, at);
      }
      for (const [method, refusal] of [
        ['POST', 403],
        ['DELETE', 405],
        ['PUT', 405],
      ]) {
        assert.equal((await ask(url, `${pathname}stores`, {}, method)).status, refusal);
      }
    }),
  );

  test('is known by the names that browsers have for it', () => {
    for (const port of [80, 443, 4040, 8080]) {
      const named = ['127.0.0.1', 'localhost'].map((name) => new URL(`http://${name}:${port}/`));
      // That of port 80 has none; with it others than browsers say the same.
      for (const { host, port: said } of named) {
        assert.ok(hostsOf(port).includes(host), host);
        assert.equal(hostsOf(port).includes(host.replace(`:${port}`, '')), said === '');
      }
    }
  });

  test('removes what the page asks for, and only what the page itself asks for', SLOW, () =>
    withDashboard(async (url, { store }) => {
      store.set('key', 1);
      store.set('tagged', 1, { tags: ['tag'] });
      store.namespace('inner').set('key', 1);
      const post = (action, query, headers) => {
        const all = JSON.stringify({ file: store.file, ...query });
        return ask(url, url.pathname + action, headers, 'POST', all);
      };
      const own = { host: url.host, origin: url.origin };
      for (const headers of [{}, { host: url.host, origin: 'https://evil.example' }]) {
        assert.equal((await post('remove', { key: 'key' }, headers)).status, 403);
      }
      assert.equal((await post('nothing', {}, own)).status, 404);
      const get = `${url.pathname}remove?${new URLSearchParams({ file: store.file, key: 'key' })}`;
      assert.equal((await ask(url, get, own)).status, 404);
      assert.deepEqual([store.size(), store.namespace('inner').size()], [2, 1]);
      const removed = await post('remove', { key: 'key' }, own);
      assert.deepEqual([removed.status, JSON.parse(removed.body)], [200, { done: true }]);
      assert.deepEqual([store.has('key'), store.namespace('inner').has('key')], [false, true]);
      await post('remove', { key: 'key', namespace: ['inner'] }, own);
      await post('invalidate', { tag: 'tag' }, own);
      assert.equal(store.size(), 0);
      assert.equal(store.stats().participants, 1);
    }),
  );

  test('tells keys apart that no address can hold', SLOW, () =>
    withDashboard(async (url, { store }) => {
      const { file } = store;
      const long = '日'.repeat(2500);
      const keys = ['\ud800', '\ufffd', 'a\udc00&=+ #', long];
      const namespace = ['\udfff', 'b'];
      const inner = namespace.reduce((at, name) => at.namespace(name), store);
      for (const [index, key] of keys.entries()) {
        store.set(key, index);
        inner.set(key, 10 + index);
      }
      const shownOf = async (key, more) => {
        return (await askJson(url, 'value', { file, key, ...more })).value;
      };
      for (const [index, key] of keys.entries()) {
        assert.equal(await shownOf(key), String(index));
        assert.equal(await shownOf(key, { namespace }), String(10 + index));
      }
      assert.deepEqual(await askJson(url, 'remove', { file, key: '\ud800' }), { done: true });
      assert.deepEqual([store.has('\ud800'), store.has('\ufffd')], [false, true]);
      const found = await askJson(url, 'keys', { file, prefix: long.slice(1) });
      assert.deepEqual(
        found.map(({ key }) => key),
        [long],
      );
      const own = { host: url.host, origin: url.origin };
      for (const body of ['', '[', 'null', '{"file":1}']) {
        const answered = await ask(url, `${url.pathname}value`, own, 'POST', body);
        assert.match(JSON.parse(answered.body).error.message, /question|text/, body);
      }
      const most = 'x'.repeat(2 ** 24 + 1);
      assert.equal((await ask(url, `${url.pathname}value`, own, 'POST', most)).status, 413);
    }),
  );

  test('serves others while it looks for a rare prefix', SLOW, () =>
    withProcessStore({ maxBytes: 2 ** 25 }, async (store, { path: folder }) => {
      for (let number = 0; number < 100_000; number += 1) store.set(`key ${number}`, 1);
      store.set('rare', 1);
      const { answers } = dashboardOf({ path: folder }, true);
      const question = (prefix) =>
        new Question([
          ['file', [store.file]],
          ['prefix', [prefix]],
        ]);
      let [turns, isOver] = [0, false];
      const found = answers.keys(question('rare')).finally(() => {
        isOver = true;
      });
      for (; !isOver; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(
        (await found).map(({ key }) => key),
        ['rare'],
      );
      assert.ok(turns > 10, `${turns}`);
      for (const often of ['key', ''])
        assert.equal((await answers.keys(question(often))).length, 200);
    }),
  );

  test('changes nothing where it is to be read only', SLOW, () =>
    withDashboard(
      async (url, { store }) => {
        store.set('key', 1);
        const query = new URLSearchParams({ file: store.file, key: 'key' });
        const own = { host: url.host, origin: url.origin };
        const question = JSON.stringify({ file: store.file, key: 'key' });
        const { status } = await ask(url, `${url.pathname}remove`, own, 'POST', question);
        assert.deepEqual([status, store.has('key')], [404, true]);
        assert.equal((await ask(url, `${url.pathname}actions`)).body, '[]');
        // Nor does it take part, to be told of changes.
        assert.equal((await ask(url, `${url.pathname}events?${query}`, own)).status, 404);
      },
      ['--read-only'],
    ),
  );

  test('loads nothing from elsewhere', SLOW, () =>
    withDashboard(async (url) => {
      const { headers, body } = await ask(url, url.pathname);
      const policy = headers['content-security-policy'];
      assert.match(policy, /^default-src 'none';/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.doesNotMatch(body, /https?:|<script>|style=|\son\w+=/);
    }),
  );

  test('shows what was stored as text', browsing, () =>
    withDashboard((url, { store }) => {
      store.set(MARKUP, 'value', { tags: [MARKUP] });
      store.set(`${MARKUP}:1`, { of: MARKUP });
      for (let read = 0; read < 3; read += 1) store.get(`${MARKUP}:1`);
      return withPage(`${url}#shop`, async ({ evaluate, until }) => {
        await until(`document.querySelectorAll('#keys button').length === 2`);
        await until(`document.querySelectorAll('#prefixes tbody tr').length === 2`);
        const last = `[...document.querySelectorAll('#keys button')].at(-1)`;
        await evaluate(`${last}.click()`);
        await until(`document.getElementById('value').textContent !== ''`);
        assert.equal(await evaluate('document.title'), 'shared-memory-store');
        assert.equal(await evaluate(`document.querySelectorAll('img, body script').length`), 0);
        const texts = await evaluate(`document.body.textContent`);
        assert.ok(texts.split('document.title = "owned"').length > 4, texts);
      });
    }),
  );

  test('tells a page of elsewhere nothing, nor by a name that was bound to it', browsing, () =>
    withDashboard(async (url, { store }) => {
      store.set('key', 'secret');
      const elsewhere = http.createServer((_request, response) => {
        response.setHeader('Content-Type', 'text/html').end('<title>elsewhere</title>');
      });
      await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
      const { port } = elsewhere.address();
      const name = 'bound.example';
      const flags = [`--host-resolver-rules=MAP ${name} 127.0.0.1`];
      const body = async ({ evaluate, until }) => {
        await until(`document.title === 'elsewhere'`);
        const heard = await evaluate(`(async () => {
          const at = ${JSON.stringify(String(url))};
          const ended = (it, name) => new Promise((resolve) => {
            it.addEventListener('load', () => resolve(name + ' was loaded'));
            it.addEventListener('open', () => resolve(name + ' was opened'));
            it.addEventListener('error', () => resolve('refused'));
          });
          const script = document.createElement('script');
          script.src = at + 'stores';
          const loaded = ended(script, 'a script');
          document.head.append(script);
          const frame = document.createElement('iframe');
          frame.src = at;
          const shown = new Promise((resolve) => frame.addEventListener('load', resolve));
          document.body.append(frame);
          await shown;
          let inFrame = 'refused';
          try { inFrame = frame.contentWindow.document.body.textContent; } catch {}
          return [
            await fetch(at + 'stores').then((it) => it.text(), () => 'refused'),
            await fetch(at + 'stores', { mode: 'no-cors' }).then((it) => it.type, () => 'refused'),
            await fetch(at + 'remove?key=key', { method: 'POST' }).then(
              (it) => it.text(), () => 'refused'),
            await ended(new EventSource(at + 'look'), 'a stream'),
            await loaded,
            inFrame,
          ];
        })()`);
        assert.deepEqual(heard, new Array(6).fill('refused'));
        assert.equal(store.has('key'), true);
        const bound = String(url).replace('127.0.0.1', name);
        await evaluate(`location.href = ${JSON.stringify(bound)}, undefined`);
        await until(`document.body?.textContent === 'Only this page may ask'`);
      };
      try {
        await withPage(`http://127.0.0.1:${port}/`, body, flags);
      } finally {
        elsewhere.closeAllConnections();
        elsewhere.close();
      }
    }),
  );

  test('removes an entry by the keyboard, once somebody agrees', browsing, () =>
    withDashboard((url, { store }) => {
      store.set('key', { a: 1 }, { tags: ['tag'] });
      return withPage(`${url}#shop`, async ({ evaluate, until }) => {
        await until(`document.querySelectorAll('#keys button').length === 1`);
        const press = (selector) =>
          evaluate(`(() => {
          const button = document.querySelector(${JSON.stringify(selector)});
          button.focus();
          if (document.activeElement !== button) throw new Error('it takes no focus');
          button.click();
        })()`);
        await press('#keys button');
        await until(`document.querySelectorAll('#actions button').length === 2`);
        await evaluate('window.asked = []; window.confirm = (text) => !window.asked.push(text)');
        await press('#actions button');
        assert.deepEqual(await evaluate('window.asked'), ['In the store shop: Remove key?']);
        assert.equal(store.has('key'), true);
        await evaluate('window.confirm = () => true');
        await press('#actions button');
        await until(`document.getElementById('entry').textContent === 'Done'`);
        assert.equal(store.has('key'), false);
        await until(`document.querySelectorAll('#keys button').length === 0`);
      });
    }),
  );
});
