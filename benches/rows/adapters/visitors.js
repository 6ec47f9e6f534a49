/**
 * Visitors of a server: connections that stay open, a request after the other on each.
 *
 * As little work as can be, for it is done beside the servers. Invariant: each has a cookie of its
 * own, and a request that fails ends the measurement.
 */
'use strict';

const net = require('node:net');

const HEAD_END = '\r\n\r\n';

/** Opens `count` connections; each logs in, and keeps what it was given. */
async function openVisitors(port, count) {
  const visitors = Array.from({ length: count }, () => new Visitor(port));
  for (const visitor of visitors) {
    const head = await visitor.ask('/login');
    visitor.cookie = /^set-cookie: ([^;\r]*)/im.exec(head)?.[1] ?? '';
  }
  return visitors;
}

/** How many requests all make together, in so many milliseconds; per second. */
async function visit(visitors, forMs) {
  const begun = performance.now();
  const counts = visitors.map(async (visitor) => {
    let count = 0;
    for (; performance.now() - begun < forMs; count += 1) await visitor.ask('/');
    return count;
  });
  const all = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  return (all * 1000) / (performance.now() - begun);
}

class Visitor {
  cookie = '';
  #socket;
  #received = '';
  #waiting;

  constructor(port) {
    this.#socket = net.connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay();
    this.#socket.on('data', (text) => this.#take(text));
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the server hung up')));
  }

  /** The head of the answer. */
  async ask(path) {
    if (this.#socket.destroyed) throw new Error('the server hung up');
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nhost: bench\r\ncookie: ${this.cookie}${HEAD_END}`,
      );
    });
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(text) {
    this.#received += text;
    const end = this.#received.indexOf(HEAD_END);
    if (end === -1) return;
    const head = this.#received.slice(0, end + HEAD_END.length);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
    if (this.#received.length < head.length + length) return;
    this.#received = '';
    if (head.startsWith('HTTP/1.1 200')) this.#waiting.resolve(head);
    else this.#waiting.reject(new Error(head.split('\r\n')[0]));
  }
}

module.exports = { openVisitors, visit };
