/**
 * HTTP as a visitor speaks it: a pool of connections that are kept, and what comes of a request.
 *
 * It must not know what an answer means. A request is answered, or it is cut: then nobody knows
 * whether the server did what it asked for.
 */

const http = require('node:http');
const { setTimeout: pause } = require('node:timers/promises');
const { nowMs } = require('../clock');

/** One in so many connections is given up after an answer: new workers shall get some, too. */
const CHANGE_OF_CONNECTION = 1 / 50;
/** For a connection that the primary had handed to a worker which was killed: it stays open. */
const PATIENCE_MS = 5000;
const RETRY_MS = 20;

/**
 * @typedef {object} Answer
 * @property {number} sentMs
 * @property {number} receivedMs
 * @property {boolean} isCut
 * @property {boolean} isLate cut by our own impatience: the server may yet do it
 * @property {number} status 0 when it was cut
 * @property {any} body
 * @property {string | undefined} cookie
 */

class Connection {
  #target;
  #random;
  #tally;

  constructor({ port, sockets, random, tally }) {
    this.agent = new http.Agent({ keepAlive: true, maxSockets: sockets, scheduling: 'fifo' });
    this.#target = { host: '127.0.0.1', port, agent: this.agent, timeout: PATIENCE_MS };
    this.#random = random;
    this.#tally = tally;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, string>} [headers]
   * @returns {Promise<Answer>}
   */
  async ask(method, path, headers = {}) {
    const isLast = this.#random() < CHANGE_OF_CONNECTION;
    const given = isLast ? { ...headers, connection: 'close' } : headers;
    for (;;) {
      const answer = await this.#exchange({ ...this.#target, method, path, headers: given });
      // No worker listens just now, and none has got the request.
      if (answer.error?.code === 'ECONNREFUSED') await pause(RETRY_MS);
      else return this.#tally.count(answer);
    }
  }

  close() {
    this.agent.destroy();
  }

  #exchange(options) {
    const sentMs = nowMs();
    return new Promise((resolve) => {
      let isLate = false;
      const fail = (error) => {
        const cut = { isCut: true, isLate, status: 0, body: undefined, cookie: undefined };
        resolve({ ...cut, sentMs, receivedMs: nowMs(), error });
      };
      const request = http.request(options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => resolve(answerOf(response, chunks, sentMs)));
      });
      request.on('error', fail);
      request.on('timeout', () => {
        isLate = true;
        request.destroy(new Error('No answer'));
      });
      request.end();
    });
  }
}

function answerOf(response, chunks, sentMs) {
  const text = Buffer.concat(chunks).toString();
  const isPage = response.headers['content-type']?.startsWith('text/html');
  return {
    sentMs,
    receivedMs: nowMs(),
    isCut: false,
    isLate: false,
    status: response.statusCode,
    body: isPage || text === '' ? text : JSON.parse(text),
    cookie: response.headers['set-cookie']?.[0].split(';')[0],
    worker: Number(response.headers['x-worker']),
  };
}

module.exports = { Connection };
