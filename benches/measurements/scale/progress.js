/**
 * Tells on the standard error how far a step has come: minutes without a word look like a hang.
 *
 * Knows no step.
 */
'use strict';

const TENTHS = 10;

class Progress {
  #name;
  #entries;
  #step = '';
  #beganMs = performance.now();
  #nextTenth = 1;

  constructor(name, entries) {
    this.#name = name;
    this.#entries = entries;
  }

  begin(step) {
    this.#step = step;
    this.#nextTenth = 1;
    this.#say(step);
  }

  /** So many entries are done. */
  tell(done) {
    if (done < (this.#entries * this.#nextTenth) / TENTHS) return;
    const tenths = Math.floor((done * TENTHS) / this.#entries);
    this.#nextTenth = tenths + 1;
    this.#say(`${this.#step} ${tenths * TENTHS} %`);
  }

  #say(text) {
    const seconds = ((performance.now() - this.#beganMs) / 1000).toFixed(0);
    process.stderr.write(`${this.#name}, ${seconds.padStart(4)} s: ${text}\n`);
  }
}

module.exports = { Progress };
