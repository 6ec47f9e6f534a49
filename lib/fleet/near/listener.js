/**
 * The thread that listens to a server for what has changed, apart from a busy event loop.
 *
 * Knows one connection, and words by which it tells others. An answer to ROLE proves that whatever
 * was acknowledged before the question was sent has been heard, for a server answers in order.
 * Invariant: trust is given only by a master that tracks, and only after all older copies are void.
 */
'use strict';

const net = require('node:net');
const tls = require('node:tls');
const { parentPort, workerData } = require('node:worker_threads');
const { Push, Reader, Refusal } = require('./reader.js');
const { Words, moment } = require('./words.js');

/** Waits before the next connection: the first, and the longest. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 500;
/** Questions within the time that an answer is good for. */
const QUESTIONS = 4;
const LEAST_BEAT_MS = 1;

/** @typedef {import('./near.js').Listening} Listening */

class Listener {
  #how;
  #words;
  #waitMs = FIRST_WAIT_MS;

  /** @param {Listening} how */
  constructor(how) {
    this.#how = how;
    this.#words = new Words(how.memory);
  }

  listen() {
    const { host, port, isSecret, maxStaleMs } = this.#how;
    const socket = isSecret
      ? tls.connect({ host, port, servername: host })
      : net.connect({ host, port });
    const reader = new Reader();
    /** What answers are to be taken for. @type {((answer: unknown) => void)[]} */
    const asked = [];
    let beat = /** @type {NodeJS.Timeout | undefined} */ (undefined);
    const ask = (/** @type {string[]} */ words, /** @type {(answer: any) => void} */ then) => {
      asked.push(then);
      socket.write(command(words));
    };
    const question = () => {
      const sent = moment();
      ask(['ROLE'], (answer) => {
        if (answer?.[0] !== 'master') return socket.destroy();
        this.#words.trust(sent, maxStaleMs);
        this.#waitMs = FIRST_WAIT_MS;
      });
      beat = setTimeout(question, Math.max(maxStaleMs / QUESTIONS, LEAST_BEAT_MS));
    };
    const expect = (/** @type {string[]} */ words, /** @type {() => void} */ then) => {
      ask(words, (answer) => {
        if (answer instanceof Refusal) return socket.destroy(answer);
        then();
      });
    };
    socket.setNoDelay(true);
    // A server that says nothing for so long has not told what has changed either.
    socket.setTimeout(Math.max(maxStaleMs * 2, 1000), () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.read(chunk)) {
          if (message instanceof Push) this.#hear(message.parts);
          else asked.shift()?.(message);
        }
      } catch {
        // It speaks something else.
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(beat);
      this.#words.distrust();
      this.#words.changeAll();
      setTimeout(() => this.listen(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    });
    const { greeting, prefix } = this.#how;
    expect(greeting, () => {
      expect(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix], () => {
        this.#words.changeAll();
        question();
      });
    });
  }

  /** @param {unknown[]} parts */
  #hear([kind, names]) {
    if (kind !== 'invalidate') return;
    if (!Array.isArray(names)) return this.#words.changeAll();
    const { marks } = this.#how;
    for (const given of names) {
      const name = String(given);
      if (name.startsWith(marks)) this.#words.changeMark(name);
      else this.#words.change(name);
    }
  }
}

/** @param {string[]} words */
function command(words) {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

// It keeps no process: the thread that reads ends it, or ends.
parentPort?.unref();
new Listener(workerData).listen();
