/**
 * The workers of the demo's cluster, as its primary sees them: started, replaced, stopped.
 *
 * It must not know what a worker does. A worker that ends unasked gets a successor at once.
 */

const cluster = require('node:cluster');
const { EventEmitter, once } = require('node:events');
const path = require('node:path');

const PROGRAM = path.join(__dirname, 'server', 'worker.js');
/** Workers that end one after another before they serve show that none ever will. */
const MOST_FAILED_STARTS = 5;

class Workers extends EventEmitter {
  #count;
  #environment;
  #isStopping = false;
  #failedStarts = 0;
  /** Those that serve, by their process ids. @type {Map<number, cluster.Worker>} */
  #serving = new Map();
  /** All that run. @type {Set<cluster.Worker>} */
  #running = new Set();
  /** Those that ended unasked: `{ pid, signal, code, successor }`. */
  lost = [];

  /**
   * @param {number} count
   * @param {Record<string, string>} environment
   */
  constructor(count, environment) {
    super();
    this.#count = count;
    this.#environment = environment;
    cluster.setupPrimary({ exec: PROGRAM });
  }

  /** The process ids of those that serve. */
  get pids() {
    return [...this.#serving.keys()];
  }

  /** Starts them all; resolves when all serve. */
  async start() {
    for (let number = 0; number < this.#count; number += 1) this.#fork();
    while (this.#serving.size < this.#count) await once(this, 'change');
  }

  /** Those that took the place of a worker, one after another. */
  successorsOf(pid) {
    const loss = this.lost.find((one) => one.pid === pid);
    return loss === undefined ? [] : [loss.successor, ...this.successorsOf(loss.successor)];
  }

  /** Kills one as the system does when memory is short: it gets no chance to tidy up. */
  kill(pid) {
    this.#serving.get(pid)?.process.kill('SIGKILL');
  }

  /** Lets all finish what they are at; resolves when the last has ended. */
  async stop() {
    this.#isStopping = true;
    for (const worker of this.#running) if (worker.isConnected()) worker.send('stop');
    while (this.#running.size > 0) await once(this, 'change');
  }

  /** Ends all that still run, at once. */
  killAll() {
    this.#isStopping = true;
    for (const worker of this.#running) worker.process.kill('SIGKILL');
  }

  /** @param {{ successor?: number }} [predecessor] */
  #fork(predecessor) {
    const worker = cluster.fork(this.#environment);
    this.#running.add(worker);
    if (predecessor !== undefined) predecessor.successor = worker.process.pid;
    worker.once('message', () => {
      this.#failedStarts = 0;
      this.#serving.set(worker.process.pid, worker);
      this.emit('change');
    });
    worker.once('exit', (code, signal) => this.#lose(worker, code, signal));
  }

  #lose(worker, code, signal) {
    const { pid } = worker.process;
    this.#running.delete(worker);
    if (!this.#serving.delete(pid)) this.#failedStarts += 1;
    if (!this.#isStopping) {
      const loss = { pid, code, signal, successor: undefined };
      this.lost.push(loss);
      if (this.#failedStarts > MOST_FAILED_STARTS) {
        return this.emit('error', new Error(`Workers do not start: ${signal ?? code}`));
      }
      this.#fork(loss);
    }
    this.emit('change');
  }
}

module.exports = { Workers };
