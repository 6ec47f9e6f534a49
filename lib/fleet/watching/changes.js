/**
 * What watchers are told, one after another: a listener as it comes, an iterable as it is asked.
 *
 * Knows no connection. Invariant: who is told is told in order, in the async context in which he
 * began, and not once he has stopped; what one throws is nobody's who has called something.
 */
'use strict';

const { abortReason } = require('../../arguments/options.js');
const { asyncContext, throwApart } = require('../../native/timers.js');

/** What waits for who asks; more, and it is an overflow. */
const MOST_WAITING = 16_384;

/** @typedef {import('../../arguments/watched.js').How} How */
/**
 * What is told: `take` gets it, `end` is called once when nothing more comes.
 *
 * @template T
 * @typedef {{ take: (told: T) => void, end: () => void }} Sink
 */

/**
 * @template T
 * @param {(told: T) => void} listener
 * @returns {Sink<T>}
 */
function listenerSink(listener) {
  const context = asyncContext('STORE_WATCHER');
  let isOver = false;
  return {
    take: (told) => {
      if (isOver) return;
      try {
        context.runInAsyncScope(listener, undefined, told);
      } catch (error) {
        throwApart(error);
      }
    },
    end: () => {
      isOver = true;
    },
  };
}

/**
 * An iterable, which begins when it is first asked.
 *
 * @template T
 * @implements {AsyncIterableIterator<T>}
 */
class Changes {
  #begin;
  #overflow;
  #signal;
  /** @type {T[]} */
  #waiting = [];
  /** @type {{ resolve: (it: IteratorResult<T>) => void, reject: (reason: unknown) => void }[]} */
  #askers = [];
  /** @type {Promise<() => void> | undefined} */
  #stopping;
  #isOver = false;
  /** What ended it, for who asks next. @type {{ reason: unknown } | undefined} */
  #failure;

  /**
   * @param {(sink: Sink<T>) => Promise<() => void>} begin gives what stops it
   * @param {T} overflow what is told when too much waits
   * @param {AbortSignal | undefined} signal
   */
  constructor(begin, overflow, signal) {
    this.#begin = begin;
    this.#overflow = overflow;
    this.#signal = signal;
  }

  /** @returns {Promise<IteratorResult<T>>} */
  next() {
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      if (this.#stopping === undefined && !this.#isOver) this.#start();
      this.#answer();
    });
  }

  /** @returns {Promise<IteratorResult<T>>} */
  async return() {
    this.#finish();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #start() {
    const sink = {
      take: (/** @type {T} */ told) => {
        if (this.#isOver) return;
        if (this.#waiting.length < MOST_WAITING) this.#waiting.push(told);
        else this.#waiting = [this.#overflow];
        this.#answer();
      },
      end: () => this.#finish(),
    };
    this.#stopping = this.#begin(sink);
    this.#stopping.catch((reason) => {
      this.#failure = { reason };
      this.#finish();
    });
    if (this.#signal?.aborted) this.#abort();
    else this.#signal?.addEventListener('abort', this.#abort, { once: true });
  }

  #answer() {
    while (this.#askers.length > 0) {
      const [told] = this.#waiting;
      if (this.#waiting.length === 0) break;
      this.#waiting.shift();
      this.#askers.shift()?.resolve({ done: false, value: /** @type {T} */ (told) });
    }
    if (!this.#isOver) return;
    for (const asker of this.#askers.splice(0)) {
      if (this.#failure === undefined) asker.resolve({ done: true, value: undefined });
      else asker.reject(this.#failure.reason);
      this.#failure = undefined;
    }
  }

  #finish() {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#waiting = [];
      this.#signal?.removeEventListener('abort', this.#abort);
      this.#stopping?.then(
        (stop) => stop(),
        () => {},
      );
    }
    this.#answer();
  }

  #abort = () => {
    if (this.#signal) this.#failure = { reason: abortReason(this.#signal) };
    this.#finish();
  };
}

module.exports = { Changes, listenerSink };
