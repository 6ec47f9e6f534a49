/**
 * The thread that listens to a server for what has changed, apart from a busy event loop.
 *
 * Knows one connection, and a board where it tells others. An answer to ROLE proves that whatever
 * was acknowledged before the question was sent has been heard, for a server answers in order.
 * Invariant: trust is given only by a master that tracks, and only after all older copies are void.
 */
'use strict';

const { parentPort, workerData } = require('node:worker_threads');
const { command, connect, greetingOf } = require('../connection/wire.js');
const { boardOf } = require('./boards.js');
const { Push, Reader, Refusal } = require('./reader.js');

/** Waits before the next connection: the first, and the longest. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 500;
/** Between two attempts to lead: so late it is seen that the one who led is dead. */
const LEAD_MS = 15;
/** Questions within the time that an answer is good for. */
const QUESTIONS = 4;
const LEAST_BEAT_MS = 1;

/** @typedef {import('./near.js').Listening} Listening */

class Listener {
  #how;
  #board;
  #waitMs = FIRST_WAIT_MS;
  #isClosed = false;
  /** @type {NodeJS.Timeout | undefined} */
  #next;
  /** @type {import('node:net').Socket | undefined} */
  #socket;

  /** @param {Listening} how */
  constructor(how) {
    this.#how = how;
    this.#board = boardOf(how);
  }

  /** Listens once nobody else of those who share the board does. */
  lead() {
    if (this.#isClosed) return;
    if (this.#leads()) this.#listen();
    else this.#next = setTimeout(() => this.lead(), LEAD_MS);
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#next);
    this.#socket?.destroy();
    this.#board.close();
  }

  #leads() {
    try {
      return this.#board.lead();
    } catch {
      // Others keep the board busy for a while.
      return false;
    }
  }

  #listen() {
    const { address, maxStaleMs, prefix } = this.#how;
    const socket = connect(address);
    this.#socket = socket;
    const board = this.#board;
    const reader = new Reader();
    /** What answers are to be taken for. @type {((answer: unknown) => void)[]} */
    const asked = [];
    let beat = /** @type {NodeJS.Timeout | undefined} */ (undefined);
    const ask = (/** @type {string[]} */ words, /** @type {(answer: any) => void} */ then) => {
      asked.push(then);
      socket.write(command(words));
    };
    const question = () => {
      const sent = board.now();
      ask(['ROLE'], (answer) => {
        if (answer?.[0] !== 'master' || !board.trust(sent)) return socket.destroy();
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
      if (socket.destroyed) return;
      try {
        for (const message of reader.read(chunk)) {
          if (message instanceof Push) this.#hear(message.parts);
          else asked.shift()?.(message);
          // What it says after it was given up proves nothing.
          if (socket.destroyed) return;
        }
      } catch {
        // It speaks something else, or what it says cannot be told.
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(beat);
      if (this.#isClosed) return;
      board.distrust();
      this.#next = setTimeout(() => this.lead(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    });
    expect(greetingOf(address), () => {
      expect(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix], () => {
        board.begin();
        question();
      });
    });
  }

  /** @param {unknown[]} parts */
  #hear([kind, names]) {
    if (kind !== 'invalidate') return;
    if (!Array.isArray(names)) return this.#board.changeAll();
    const { marks } = this.#how;
    for (const given of names) {
      const name = String(given);
      if (name.startsWith(marks)) this.#board.changeMark(name);
      else this.#board.change(name);
    }
  }
}

const listener = new Listener(workerData);
// It keeps no process: the thread that reads ends it, or ends.
parentPort?.on('message', () => {
  listener.close();
  parentPort?.close();
});
parentPort?.unref();
listener.lead();
