/**
 * The thread of the listener: started, and started again when it has died.
 *
 * Knows what it is to be told, not what it does. Invariant: whoever is to listen is lost only once
 * that was said, and another comes, unless it was to end.
 */
'use strict';

const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { outside, startTimer, stopTimer } = require('../../native/timers.js');

const FILE = path.join(__dirname, 'listener.js');
/** Before another is started: what ended the one before may end that as well. */
const PAUSE_MS = 1000;

/** @typedef {'flush' | 'failover'} What */

class ListenerThread {
  #told;
  #hear;
  #lose;
  #isClosed = false;
  /** @type {Worker | undefined} */
  #worker;
  /** @type {NodeJS.Timeout | undefined} */
  #next;

  /**
   * @param {import('./near.js').Listening} told
   * @param {(what: What) => void} hear
   * @param {() => void} lose
   */
  constructor(told, hear, lose) {
    this.#told = told;
    this.#hear = hear;
    this.#lose = lose;
    this.#start();
  }

  close() {
    this.#isClosed = true;
    stopTimer(this.#next);
    this.#worker?.postMessage('close');
  }

  #start() {
    const how = { workerData: this.#told, stdin: false, name: 'listener' };
    const worker = outside(() => new Worker(FILE, how));
    this.#worker = worker;
    worker.on('message', (what) => {
      if (!this.#isClosed) this.#hear(what);
    });
    // Its end is told, too.
    worker.on('error', () => {});
    worker.on('exit', () => this.#end());
    worker.unref();
  }

  #end() {
    this.#worker = undefined;
    if (this.#isClosed) return;
    this.#lose();
    this.#next = startTimer(() => this.#restart(), PAUSE_MS);
  }

  #restart() {
    try {
      this.#start();
    } catch {
      // There is no room for another thread now.
      this.#end();
    }
  }
}

module.exports = { ListenerThread };
