/**
 * One who listens to a store of an adapter, until it is stopped, whatever becomes of the store.
 *
 * Knows no interface of others. A store of a fleet begins later than it is asked, and may fail:
 * then it is asked again. Invariant: who listens to a store that somebody destroys, or that was out
 * of reach, hears of that, and then what the store of its name tells.
 */
'use strict';

const { startTimer, stopTimer } = require('../../native/timers.js');
const { SharedNamespace } = require('../../shared/waiting/locking.js');
const { Store } = require('../../store/store.js');
const { isPromise } = require('./adapted.js');

/** So long after a store failed it is asked again. */
const RETRY_MS = 1000;

/** @typedef {() => unknown} Stop */
/** @typedef {InstanceType<typeof import('./adapted.js').Adapted>} Adapted */
/**
 * @typedef {object} How
 * @property {() => Stop | Promise<Stop>} begin gives what stops it
 * @property {(reason: string) => void} miss something may have been missed
 */

class Listening {
  isOver = false;
  /** Comes when the store has been asked; rejects if it is closed. @type {void | Promise<void>} */
  begun;
  #adapted;
  #how;
  #forget;
  /** @type {Stop} */
  #stop = () => {};
  /** Until the store is asked again. @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {Adapted} adapted @param {How} how */
  constructor(adapted, how) {
    this.#adapted = adapted;
    this.#how = how;
    this.begun = this.#begin()?.catch((error) => {
      if (this.isOver) return;
      if (isClosed(error)) throw error;
      this.#failed(error);
    });
    // Not all wait for it: one that is closed is nobody's failure who does not.
    this.begun?.catch(() => {});
    this.#forget = whenOrphaned(adapted.store, () => {
      this.#stop();
      this.#again('the store was destroyed');
    });
    adapted.listenings.add(this);
  }

  /** Nothing is heard from now on. */
  stop() {
    if (this.isOver) return;
    this.isOver = true;
    this.#adapted.listenings.delete(this);
    this.#forget();
    stopTimer(this.#timer);
    this.#stop();
  }

  #begin() {
    const stop = this.#how.begin();
    if (isPromise(stop)) return this.#beginLater(stop);
    this.#stop = stop;
    return undefined;
  }

  /** @param {Promise<Stop>} beginning */
  async #beginLater(beginning) {
    const stop = await beginning;
    if (this.isOver) stop();
    else this.#stop = stop;
  }

  /** @param {string} reason for which something may be missing */
  async #again(reason) {
    try {
      await this.#begin();
    } catch (error) {
      // One that was closed meanwhile tells nothing any more.
      if (!isClosed(error)) this.#failed(error);
      return;
    }
    if (!this.isOver) this.#how.miss(reason);
  }

  /** @param {any} error */
  #failed(error) {
    if (this.isOver) return;
    const reason = `the store failed: ${error?.message}`;
    this.#timer = startTimer(() => this.#again(reason), RETRY_MS);
    this.#how.miss(reason);
  }
}

/** @param {any} error */
function isClosed(error) {
  return error?.code === 'ERR_STORE_CLOSED';
}

/**
 * Tells when a store has lost its name, or the one that a namespace is of; gives what stops that.
 *
 * @param {any} store
 * @param {() => void} listener
 * @returns {() => void}
 */
function whenOrphaned(store, listener) {
  if (typeof store.destroy === 'function') {
    store.on('orphaned', listener);
    return () => store.off('orphaned', listener);
  }
  if (!(store instanceof SharedNamespace)) return () => {};
  // A namespace goes over to the next store when its store does, and tells nothing itself.
  /** @type {any} */
  const { emitter } = Store.partsOf(store, 'watch').backend;
  emitter.add('orphaned', listener, { isOnce: false, isFirst: false });
  return () => emitter.remove('orphaned', listener);
}

module.exports = { Listening };
