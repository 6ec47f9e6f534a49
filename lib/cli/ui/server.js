/**
 * Serves the dashboard on loopback: one page and what it asks for, to whoever has the token.
 *
 * Knows no store. What comes bit by bit is a stream of server-sent events. Invariant: nothing is
 * answered to a request without the token in its path, for another host than this one (a name that
 * was bound to it anew), or of another origin; and a path is compared, never resolved.
 */
'use strict';

const { timingSafeEqual } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { Question } = require('./question.js');

const LOOPBACK = '127.0.0.1';
const HTTP_PORT = 80;
const PAGE = path.join(__dirname, 'page');

/** @param {string} file @param {string} kind */
const served = (file, kind) => Object.freeze({ file, type: `text/${kind}; charset=utf-8` });

/** The page loads nothing but these. @type {Readonly<Record<string, ReturnType<typeof served>>>} */
const FILES = Object.freeze({
  '': served('page.html', 'html'),
  'page.css': served('page.css', 'css'),
  // Brought along: `npm run vendor` puts it there.
  'uplot.css': served('uplot/uplot.css', 'css'),
  'uplot.mjs': served('uplot/uplot.mjs', 'javascript'),
  ...Object.fromEntries(
    ['client', 'elements', 'charts', 'events', 'figures', 'looks', 'store'].map((name) => {
      return [`${name}.mjs`, served(`${name}.mjs`, 'javascript')];
    }),
  ),
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

/** @typedef {InstanceType<typeof Question>} Question */
/** @typedef {(question: Question) => unknown} Answer */
/** @typedef {Readonly<Record<string, Answer>>} Answers by name */
/** @typedef {(name: string, data: unknown) => Promise<void>} Tell comes when it was taken */
/** @typedef {(question: Question, tell: Tell, signal: AbortSignal) => void} Stream */

/**
 * @typedef {object} Answered
 * @property {number} status
 * @property {string} [type]
 * @property {string | Uint8Array} [body]
 * @property {(response: http.ServerResponse) => void} [stream] in place of a body
 */

/** Streams at a time: each page has one, and another while somebody follows changes. */
const MOST_STREAMS = 32;
/** Of a question: a key and the names of its namespaces, however they are escaped. */
const MOST_BODY_BYTES = 2 ** 24;

/**
 * @param {object} what
 * @param {Answers} what.answers what the page asks for
 * @param {Answers} what.actions what it may do
 * @param {Readonly<Record<string, Stream>>} what.streams what it is told as it comes
 * @param {string} token
 * @param {number} [port] 0 for any
 */
async function serve({ answers, actions, streams }, token, port = 0) {
  let open = 0;
  const server = http.createServer((request, response) => {
    // Who goes away before he has asked is answered nothing.
    answer(request).then(
      (answered) => respond(request, response, answered),
      () => response.destroy(),
    );
  });

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   * @param {Answered} answered
   */
  function respond(request, response, answered) {
    const { status, type = 'text/plain; charset=utf-8', body, stream } = answered;
    response.writeHead(status, { ...HEADERS, 'Content-Type': type });
    if (stream === undefined) return response.end(request.method === 'HEAD' ? undefined : body);
    open += 1;
    response.on('close', () => {
      open -= 1;
    });
    stream(response);
  }

  /**
   * @param {http.IncomingMessage} request
   * @returns {Promise<Answered>}
   */
  async function answer(request) {
    const { method, url = '', headers } = request;
    const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const hosts = hostsOf(own);
    const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
    const isOwn = origin === undefined || hosts.some((it) => origin === `http://${it}`);
    if (!hosts.includes(host) || !isOwn || !SAME_SITES.includes(String(site))) {
      return { status: 403, body: 'Only this page may ask' };
    }
    const [given, query = ''] = url.split('?');
    const [, key = '', ...rest] = String(given).split('/');
    if (!isSame(key, token)) return { status: 403, body: 'The token is missing' };
    const name = rest.join('/');
    if (method === 'POST') {
      // What changes something comes from the page itself, which says so.
      if (origin === undefined) return { status: 403, body: 'Only this page may ask' };
      const act = Object.hasOwn(actions, name) ? actions[name] : answerOf(name);
      if (act === undefined) return { status: 404, body: 'There is no such thing' };
      const text = await bodyOf(request);
      if (text === undefined) return { status: 413, body: 'The question is too long' };
      return asked(act, () => Question.ofBody(text));
    }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'Only GET and POST' };
    const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (file !== undefined) {
      return {
        status: 200,
        type: file.type,
        body: fs.readFileSync(path.join(PAGE, file.file)),
      };
    }
    if (method === 'GET' && Object.hasOwn(streams, name)) {
      if (open >= MOST_STREAMS) return { status: 503, body: 'Too many pages are open' };
      return streamed(/** @type {Stream} */ (streams[name]), query);
    }
    const act = answerOf(name);
    if (act === undefined) return { status: 404, body: 'There is no such thing' };
    return asked(act, () => Question.ofQuery(query));
  }

  /** @param {string} name */
  function answerOf(name) {
    return Object.hasOwn(answers, name) ? answers[name] : undefined;
  }

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve(undefined));
  });
  return server;
}

/**
 * The names of this server, as browsers say them.
 *
 * @param {number} port
 */
function hostsOf(port) {
  // The port that http has by itself they leave out.
  const ends = port === HTTP_PORT ? ['', `:${port}`] : [`:${port}`];
  return [LOOPBACK, 'localhost'].flatMap((name) => ends.map((end) => name + end));
}

/**
 * The body of a request; `undefined` for one that is too long.
 *
 * @param {http.IncomingMessage} request
 */
async function bodyOf(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    // Read to its end all the same: who still sends hears no answer.
    if (bytes <= MOST_BODY_BYTES) parts.push(part);
  }
  return bytes > MOST_BODY_BYTES ? undefined : Buffer.concat(parts).toString();
}

/**
 * @param {Answer} act
 * @param {() => Question} question
 */
async function asked(act, question) {
  const type = 'application/json; charset=utf-8';
  try {
    const body = JSON.stringify(await act(question()), asText);
    return { status: 200, type, body };
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return { status: 200, type, body: JSON.stringify({ error: { code, message } }) };
  }
}

/**
 * @param {Stream} act
 * @param {string} query
 */
function streamed(act, query) {
  /** @param {http.ServerResponse} response */
  const stream = (response) => {
    const ending = new AbortController();
    response.on('close', () => ending.abort());
    // So the page knows that it is heard, before there is anything to tell.
    response.write(':\n\n');
    act(
      Question.ofQuery(query),
      async (name, data) => {
        const isTaken = response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
        if (!isTaken) await once(response, 'drain', { signal: ending.signal });
      },
      ending.signal,
    );
  };
  return { status: 200, type: 'text/event-stream; charset=utf-8', stream };
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

module.exports = { hostsOf, serve };
