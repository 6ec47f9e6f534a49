/**
 * A watch that is asked for one change after another: an async iterable, which ends it.
 *
 * Takes from the native core only what is asked for, so what waits is bounded there. Invariant:
 * those who ask are answered in the order in which they asked, and none after the end is left.
 */
'use strict';

const { abortReason } = require('../../arguments/options.js');
const { Watch } = require('./watch.js');

/** @typedef {import('./watch.js').Noted} Noted */
/**
 * @template T
 * @typedef {object} Asker
 * @property {(result: IteratorResult<T>) => void} resolve
 * @property {(reason: unknown) => void} reject
 */

/**
 * @template T
 * @implements {AsyncIterableIterator<T>}
 */
class ChangeIterator {
  #watch;
  #show;
  #signal;
  /** @type {Noted[]} */
  #ready = [];
  /** @type {Asker<T>[]} */
  #askers = [];
  /** What ended it, for who asks next. @type {{ reason: unknown } | undefined} */
  #failure;

  /**
   * @param {import('./watch.js').Handle} handle
   * @param {import('./watch.js').Wanted} wanted
   * @param {import('./watch.js').How} how
   * @param {object} hooks
   * @param {(noted: Noted) => T} hooks.show
   * @param {(watch: InstanceType<typeof Watch>) => void} hooks.ended
   */
  constructor(handle, wanted, { signal, keepAlive }, { show, ended }) {
    this.#show = show;
    this.#signal = signal;
    /** @type {InstanceType<typeof Watch>} */
    const watch = new Watch(handle, wanted, keepAlive, {
      ring: () => this.#answer(),
      ended: () => {
        signal?.removeEventListener('abort', this.#abort);
        ended(watch);
        this.#ready = [];
        this.#finish();
      },
    });
    this.#watch = watch;
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get watch() {
    return this.#watch;
  }

  /** @returns {Promise<IteratorResult<T>>} */
  next() {
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      this.#answer();
    });
  }

  /** @returns {Promise<IteratorResult<T>>} */
  async return() {
    this.#watch.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #answer() {
    while (this.#askers.length > 0 && this.#watch.isOpen) {
      if (this.#ready.length === 0) this.#ready = this.#watch.take().noted;
      const noted = this.#ready.shift();
      if (noted === undefined) return;
      const asker = this.#askers.shift();
      try {
        asker?.resolve({ done: false, value: this.#show(noted) });
      } catch (error) {
        asker?.reject(error);
      }
    }
    if (!this.#watch.isOpen) this.#finish();
  }

  #finish() {
    for (const asker of this.#askers.splice(0)) {
      if (this.#failure === undefined) asker.resolve({ done: true, value: undefined });
      else asker.reject(this.#failure.reason);
      this.#failure = undefined;
    }
  }

  #abort = () => {
    if (this.#signal) this.#failure = { reason: abortReason(this.#signal) };
    this.#watch.end();
  };
}

module.exports = { ChangeIterator };
