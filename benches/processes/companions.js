/**
 * Starts the processes beside the one that measures, asks them, stops and kills them.
 *
 * Must not know what they do. Invariant: whoever was started is alive until it is ended here, and
 * no longer than this process.
 */
'use strict';

const { fork } = require('node:child_process');
const path = require('node:path');

const SCRIPT = path.join(__dirname, 'companion.js');

/** Whoever has not ended yet; a process that is stopped would not see that this one has. */
const living = new Set();

class Companion {
  #child;
  #exited;

  /**
   * A process that does `task` with the store at `input.place`, once it is ready; or what another
   * script makes of its input.
   */
  static async start(task, input, script = SCRIPT) {
    const companion = new Companion(script, [JSON.stringify({ task, ...input })]);
    await companion.answer();
    return companion;
  }

  /** @private */
  constructor(script, commandLine) {
    this.#child = fork(script, commandLine, { execArgv: [] });
    living.add(this);
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve));
  }

  /** When it has fulfilled a request. */
  async ask(request) {
    const answer = this.answer();
    this.#child.send(request);
    return answer;
  }

  /** Sends a signal, at once. */
  signal(name) {
    this.#child.kill(name);
  }

  /** Kills it, and waits until it is gone. */
  async end() {
    this.signal('SIGKILL');
    await this.#exited;
    living.delete(this);
  }

  /** What it says next. */
  answer() {
    return new Promise((resolve, reject) => {
      const refuse = (code, signal) => reject(new Error(`a companion ended: ${code ?? signal}`));
      this.#child.once('exit', refuse);
      this.#child.once('message', (message) => {
        this.#child.off('exit', refuse);
        resolve(message);
      });
    });
  }
}

process.on('exit', () => {
  for (const companion of living) companion.signal('SIGKILL');
});

module.exports = { Companion };
