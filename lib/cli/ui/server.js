/**
 * Serves the dashboard on loopback: one page and what it asks for, to whoever has the token.
 *
 * Knows no store. Invariant: nothing is answered to a request without the token in its path,
 * for another host than this one (a name that was bound to it anew), or of another origin; and a
 * path is compared, never resolved.
 */
'use strict';

const { timingSafeEqual } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const LOOPBACK = '127.0.0.1';
/** The page asks for nothing but these. */
/** @type {Readonly<Record<string, { file: string, type: string }>>} */
const FILES = Object.freeze({
  '': Object.freeze({ file: 'page.html', type: 'text/html; charset=utf-8' }),
  'page.css': Object.freeze({ file: 'page.css', type: 'text/css; charset=utf-8' }),
  'client.js': Object.freeze({ file: 'client.js', type: 'text/javascript; charset=utf-8' }),
});
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const HEADERS = Object.freeze({
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
});
const SAME_SITES = Object.freeze(['same-origin', 'none']);

/** @typedef {(query: URLSearchParams) => unknown} Answer */
/** @typedef {Readonly<Record<string, Answer>>} Answers by name */

/**
 * @param {{ answers: Answers, actions: Answers }} what what the page asks for, and what it may do
 * @param {string} token
 * @param {number} [port] 0 for any
 */
async function serve({ answers, actions }, token, port = 0) {
  const server = http.createServer((request, response) => {
    const { status, type = 'text/plain; charset=utf-8', body } = answer(request);
    response.writeHead(status, { ...HEADERS, 'Content-Type': type });
    response.end(request.method === 'HEAD' ? undefined : body);
  });

  /** @param {http.IncomingMessage} request */
  function answer({ method, url = '', headers }) {
    const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const hosts = [`${LOOPBACK}:${own}`, `localhost:${own}`];
    const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
    const isOwn = origin === undefined || hosts.some((it) => origin === `http://${it}`);
    if (!hosts.includes(host) || !isOwn || !SAME_SITES.includes(String(site))) {
      return { status: 403, body: 'Only this page may ask' };
    }
    const [given, query = ''] = url.split('?');
    const [, key = '', ...rest] = String(given).split('/');
    if (!isSame(key, token)) return { status: 403, body: 'The token is missing' };
    const name = rest.join('/');
    if (method === 'POST' && Object.hasOwn(actions, name)) {
      // What changes something comes from the page itself, which says so.
      if (origin === undefined) return { status: 403, body: 'Only this page may ask' };
      return asked(/** @type {Answer} */ (actions[name]), query);
    }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'Only GET' };
    const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (file !== undefined) {
      return {
        status: 200,
        type: file.type,
        body: fs.readFileSync(path.join(__dirname, file.file)),
      };
    }
    if (!Object.hasOwn(answers, name)) return { status: 404, body: 'There is no such thing' };
    return asked(/** @type {Answer} */ (answers[name]), query);
  }

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve(undefined));
  });
  return server;
}

/**
 * @param {Answer} act
 * @param {string} query
 */
function asked(act, query) {
  const type = 'application/json; charset=utf-8';
  try {
    const body = JSON.stringify(act(new URLSearchParams(query)), asText);
    return { status: 200, type, body };
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return { status: 200, type, body: JSON.stringify({ error: { code, message } }) };
  }
}

/**
 * @param {string} _name
 * @param {unknown} value
 */
function asText(_name, value) {
  return value === Number.POSITIVE_INFINITY ? null : value;
}

/**
 * @param {string} given
 * @param {string} token
 */
function isSame(given, token) {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

module.exports = { serve };
