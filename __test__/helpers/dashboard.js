/**
 * The dashboard, served beside a store of its own, and requests to it with whatever headers.
 *
 * Must not know what is answered. Invariant: its process has ended when `withDashboard` does.
 */
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const http = require('node:http');
const { MAIN, withShop } = require('./command-line.js');

/** Runs `body(url, shop)` beside a dashboard of a store. */
function withDashboard(body, more = []) {
  return withShop({ whenFull: 'evict' }, async (shop) => {
    const child = spawn(process.execPath, [MAIN, 'ui', '--json', '--path', shop.folder, ...more]);
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
function ask({ port }, path, headers = {}, method = 'GET', question = undefined) {
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
    asked.end(question);
  });
}

/** What a dashboard answers to a question that it takes. */
async function askJson(url, name, query = {}) {
  const own = { host: url.host, origin: url.origin };
  const at = url.pathname + name;
  const { status, body } = await ask(url, at, own, 'POST', JSON.stringify(query));
  assert.equal(status, 200);
  return JSON.parse(body);
}

module.exports = { ask, askJson, withDashboard };
