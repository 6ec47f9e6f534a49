/**
 * All visitors of the demo, in threads of their own, and the sum of what they saw so far.
 */

const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { sumOf } = require('./visitors/tally');
const { CONNECTIONS } = require('./visitors/thread');

const PROGRAM = path.join(__dirname, 'visitors', 'thread.js');
const THREADS = 2;

class Crowd {
  /** Connections of all visitors: one death cuts no more requests than there are. */
  static connections = THREADS * CONNECTIONS;

  #threads;
  #tallies;
  /** Resolves when all visitors have left. */
  done;

  /** @param {{ port: number, seed: number }} job */
  constructor(job) {
    const numbers = Array.from({ length: THREADS }, (_, number) => number);
    this.#tallies = numbers.map(() => ({}));
    this.#threads = numbers.map((number) => {
      return new Worker(PROGRAM, { workerData: { ...job, number } });
    });
    this.done = Promise.all(this.#threads.map((thread, number) => this.#listen(thread, number)));
    // Whoever waits for it is told; until then it is no unhandled rejection.
    this.done.catch(() => {});
  }

  /** What all saw; while they are at it, a moment ago. */
  get tally() {
    return sumOf(this.#tallies);
  }

  /** Lets them finish their rounds. */
  async leave() {
    for (const thread of this.#threads) thread.postMessage('leave');
    await this.done;
  }

  #listen(thread, number) {
    return new Promise((resolve, reject) => {
      thread.on('message', (tally) => {
        this.#tallies[number] = tally;
      });
      thread.on('error', reject);
      thread.on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`A thread of visitors ended with code ${code}`));
      });
    });
  }
}

module.exports = { Crowd };
