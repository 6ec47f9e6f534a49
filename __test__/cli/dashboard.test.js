/**
 * The dashboard: who is answered, and what a browser makes of what others have stored.
 *
 * Must not know how the page is made. Invariant tested: without the token, by another name or from
 * another origin nothing is told, and nothing that is stored becomes markup.
 */
const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { existsSync, mkdtempSync, rmSync } = require('node:fs');
const http = require('node:http');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');
const { MAIN, withShop } = require('../helpers/command-line.js');
const { SLOW } = require('../helpers/test-timeout.js');

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const MARKUP = '<script>document.title = "owned"</script><img src=x onerror="document.title=1">';

/** Runs `body(url, shop)` beside a dashboard of a store. */
function withDashboard(body) {
  return withShop({ whenFull: 'evict' }, async (shop) => {
    const child = spawn(process.execPath, [MAIN, 'ui', '--json', '--path', shop.folder]);
    try {
      let text = '';
      for await (const chunk of child.stdout) {
        text += chunk;
        if (text.endsWith('\n')) break;
      }
      await body(new URL(JSON.parse(text).url), shop);
    } finally {
      child.kill('SIGKILL');
    }
  });
}

/** What is answered to a request, whatever its path and its headers. */
function ask({ port }, path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const asked = http.request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the dashboard', () => {
  test('is answered to who has the token, and tells of a store what there is', SLOW, () =>
    withDashboard(async (url, { store }) => {
      store.set('key', { a: 1 }, { tags: ['tag'] });
      store.get('key');
      const json = async (name, query = {}) => {
        const { status, body } = await ask(
          url,
          `${url.pathname}${name}?${new URLSearchParams(query)}`,
        );
        assert.equal(status, 200);
        return JSON.parse(body);
      };
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

  test('refuses who has no token, comes by another name or from elsewhere', SLOW, () =>
    withDashboard(async (url) => {
      const { pathname, host } = url;
      const wrong = `/${'0'.repeat(pathname.length - 2)}/`;
      for (const [what, at, headers] of [
        ['no token', '/', {}],
        ['no token, a file', '/client.js', {}],
        ['a wrong token', `${wrong}stores`, {}],
        ['part of the token', `${pathname.slice(0, 9)}/stores`, {}],
        ['another name of this machine', `${pathname}stores`, { host: 'evil.example' }],
        ['another port', `${pathname}stores`, { host: '127.0.0.1:1' }],
        ['another origin', `${pathname}stores`, { host, origin: 'https://evil.example' }],
        ['no origin of a page', `${pathname}stores`, { host, origin: 'null' }],
        ['another site', pathname, { host, 'sec-fetch-site': 'cross-site' }],
      ]) {
        const { status, body } = await ask(url, at, headers);
        assert.deepEqual([what, status], [what, 403]);
        assert.ok(!body.includes('shop'), body);
      }
      for (const at of ['../../../package.json', '..%2fserver.js', 'server.js', 'constructor']) {
        assert.equal((await ask(url, pathname + at)).status, 404, at);
      }
      for (const method of ['POST', 'DELETE', 'PUT']) {
        assert.equal((await ask(url, `${pathname}stores`, {}, method)).status, 405);
      }
    }),
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

  test('shows what was stored as text', { ...SLOW, skip: CHROMIUM === undefined }, () =>
    withDashboard(async (url, { store }) => {
      store.set(MARKUP, 'value', { tags: [MARKUP] });
      store.set(`${MARKUP}:1`, MARKUP);
      store.get(`${MARKUP}:1`);
      const profile = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-browser-'));
      try {
        const { stdout } = await promisify(execFile)(CHROMIUM, [
          ...['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`],
          ...['--virtual-time-budget=10000', '--dump-dom', `${url}#shop`],
        ]);
        assert.match(stdout, /<title>shared-memory-store<\/title>/);
        const shown = MARKUP.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        assert.ok(stdout.split(shown).length > 4, 'as key, as tag, as prefix');
        assert.ok(!stdout.includes(MARKUP), stdout);
        assert.match(stdout, /1 stores, |2 entries|Hit ratio/);
      } finally {
        rmSync(profile, { recursive: true, force: true });
      }
    }),
  );
});
