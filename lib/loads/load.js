/**
 * One load: a value that is being made, who waits for it, and how long it may take.
 *
 * Knows no store and no other load. Invariant: it is over once, by what its factory gives or by a
 * reason to end it, and what it has claimed is given up then.
 */
'use strict';

const { time } = require('../native/clock.js');
const { asyncContext, startTimer, stopTimer } = require('../native/timers.js');

/** @typedef {import('../arguments/load-options.js').Context} Context */
/** @typedef {import('../arguments/load-options.js').LoadRequest} LoadRequest */

/**
 * What is to be renewed: the value that is there, the scope's mark, and all of the entry where it
 * lies elsewhere.
 *
 * @typedef {{ readonly value: unknown, readonly mark: number, readonly bytes?: Buffer }} Stale
 */

/**
 * A wait, which says itself how it ends early: to dispatch an abort to a signal takes longer than
 * to be woken by another process.
 *
 * @typedef {{ end: () => void }} Sleep
 */

class Load {
  string;
  /** Whose factory and options count. @type {LoadRequest} */
  request;
  /** Of a renewal. @type {Stale | undefined} */
  stale;
  /** The moment that its value is of, by the scope's count of invalidations. */
  asOf = 0;
  /** How many have not given up. */
  waiting = 0;
  /** Whether what began it has come back. */
  isBegun = false;
  /** Whether its factory has been called. */
  isRunning = false;
  isOver = false;
  /** Whether the store was closed before it was over. */
  isClosed = false;
  /** @type {Context} */
  context;
  /** What it comes to. @type {Promise<unknown>} */
  result;
  #controller = new AbortController();
  #resolve = /** @type {(value: unknown) => void} */ (() => {});
  #reject = /** @type {(reason: unknown) => void} */ (() => {});
  /** On the clock of the deadlines: how long it waits for others who make the value. */
  #patienceEndMs;
  /** A wait for others. @type {Sleep | undefined} */
  #sleep;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {(() => void) | undefined} */
  #giveUp;

  /**
   * @param {LoadRequest} request
   * @param {Stale} [stale]
   */
  constructor(request, stale) {
    this.string = request.string;
    this.request = request;
    this.stale = stale;
    this.context = { signal: this.#controller.signal };
    this.#patienceEndMs = time() + request.how.factoryTimeoutMs;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Handled here, for when all have given up; those who wait have promises of their own.
    this.result.catch(() => {});
  }

  /** Whether it goes on though nobody waits. */
  get isKept() {
    return this.stale !== undefined || (this.isRunning && this.request.how.isFinished);
  }

  /** How long it still waits for others. */
  get patienceMs() {
    return this.#patienceEndMs - time();
  }

  /**
   * One more who wants the value: as long as others make it, the least patient leads, in the async
   * context of his own call.
   *
   * @param {LoadRequest} request
   */
  hurry(request) {
    if (this.isRunning) return;
    const endMs = time() + request.how.factoryTimeoutMs;
    if (endMs >= this.#patienceEndMs) return;
    this.#patienceEndMs = endMs;
    this.request = bound(request);
    this.#sleep?.end();
  }

  /**
   * Waits for others, until it is over itself or its patience has changed.
   *
   * @param {(sleep: Sleep) => Promise<void>} wait
   */
  async wait(wait) {
    if (this.isOver) return;
    const sleep = { end: () => {} };
    this.#sleep = sleep;
    try {
      await wait(sleep);
    } finally {
      this.#sleep = undefined;
    }
  }

  /**
   * Notes how to give up what is claimed for it.
   *
   * @param {() => void} giveUp
   */
  claimed(giveUp) {
    if (this.isOver) giveUp();
    else this.#giveUp = giveUp;
  }

  /**
   * @param {number} timeoutMs
   * @param {() => void} act when it takes longer
   */
  limit(timeoutMs, act) {
    if (timeoutMs !== Number.POSITIVE_INFINITY && !this.isOver) {
      this.#timer = startTimer(act, timeoutMs);
    }
  }

  /** Its factory has given a value: it takes no longer. */
  rest() {
    stopTimer(this.#timer);
  }

  /**
   * It has come to a value.
   *
   * @param {unknown} value
   */
  resolve(value) {
    if (this.#finish()) this.#resolve(value);
  }

  /**
   * It has failed.
   *
   * @param {unknown} reason
   */
  reject(reason) {
    if (this.#finish()) this.#reject(reason);
  }

  /**
   * Ends it before its time: its factory is told by its signal.
   *
   * @param {unknown} reason
   */
  end(reason) {
    if (!this.#finish()) return;
    this.#reject(reason);
    this.#controller.abort(reason);
  }

  /** Whether it was not over before. */
  #finish() {
    if (this.isOver) return false;
    this.isOver = true;
    stopTimer(this.#timer);
    this.#sleep?.end();
    this.#giveUp?.();
    return true;
  }
}

/**
 * A request whose functions run in the async context of now: the load began in another's.
 *
 * @param {LoadRequest} request
 * @returns {LoadRequest}
 */
function bound(request) {
  const { factory, how } = request;
  const context = asyncContext('STORE_LOAD');
  /**
   * @template T
   * @param {T} given
   * @returns {T}
   */
  const bind = (given) => {
    if (typeof given !== 'function') return given;
    const act = (/** @type {any[]} */ ...values) =>
      context.runInAsyncScope(/** @type {any} */ (given), undefined, ...values);
    return /** @type {T} */ (act);
  };
  const { expiry, tags } = how;
  return {
    ...request,
    factory: bind(factory),
    how: { ...how, expiry: bind(expiry), tags: bind(tags) },
  };
}

module.exports = { Load };
