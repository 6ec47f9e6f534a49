/**
 * The loads of a store: one a key, however many wait for it.
 *
 * Knows no store and no factory. Invariant: a load is known here until it is over or something
 * newer was written to its key, and only what is known here counts.
 */
'use strict';

const { factoryCutOff } = require('../errors/errors.js');
const { untilAborted } = require('./until-aborted.js');

/** @typedef {InstanceType<typeof import('./load.js').Load>} Load */
/**
 * What one of those gets who wait for a result, of whom one is the first.
 *
 * @typedef {(value: unknown, isFirst: boolean) => unknown} Own
 */

class Loads {
  /**
   * What they came to: those that gave a value, those that failed or whose value could not be
   * stored, how long factories took for the first together, and stale values given meanwhile.
   */
  figures = { loads: 0, loadErrors: 0, loadMs: 0, staleServed: 0 };
  /** @type {Map<string, Load>} */
  #loads = new Map();
  /** Is told when the first load begins and when the last one ends. */
  #change;

  /** @param {() => void} change */
  constructor(change) {
    this.#change = change;
  }

  /** How many keys have one. */
  get size() {
    return this.#loads.size;
  }

  /**
   * The load of a key, if there is one.
   *
   * @param {string} string
   */
  of(string) {
    return this.#loads.get(string);
  }

  /**
   * Begins a load.
   *
   * @param {Load} load
   * @param {(load: Load) => Promise<unknown>} lead
   */
  start(load, lead) {
    // It is known before it begins: a factory may ask for the key, or write to it, at once.
    this.#loads.set(load.string, load);
    this.#change();
    // A factory that is cut off, by the timeout of a script, never comes back.
    queueMicrotask(() => {
      if (!load.isBegun) this.end(load, factoryCutOff());
    });
    const made = lead(load);
    load.isBegun = true;
    made.then(
      (value) => {
        this.settle(load);
        load.resolve(value);
      },
      (error) => {
        this.settle(load);
        load.reject(error);
      },
    );
    return load;
  }

  /**
   * Waits for the result of a load, at the most until the signal is aborted.
   *
   * @param {Load} load
   * @param {AbortSignal | undefined} signal
   * @param {Own} own
   * @returns {Promise<unknown>}
   */
  wait(load, signal, own) {
    // What is renewed was given to somebody before.
    const isFirst = load.waiting === 0 && load.stale === undefined;
    load.waiting += 1;
    // Before anybody goes on who has it, and may change it.
    const give = (/** @type {unknown} */ value) => own(value, isFirst);
    // A promise of one's own: an error that one caller forgets to handle is reported as such.
    if (signal === undefined) return load.result.then(give);
    return untilAborted(load.result, signal, give, (reason) => this.#leave(load, reason));
  }

  /**
   * Whether a load still counts: its result may be stored.
   *
   * @param {Load} load
   */
  isCurrent(load) {
    return this.#loads.get(load.string) === load;
  }

  /**
   * A load counts no more; whether it did.
   *
   * @param {Load} load
   */
  settle(load) {
    if (!this.isCurrent(load)) return false;
    this.invalidate(load.string);
    return true;
  }

  /**
   * Ends a load before its time.
   *
   * @param {Load} load
   * @param {unknown} reason
   */
  end(load, reason) {
    this.settle(load);
    load.end(reason);
  }

  /**
   * Something newer was written to a key: what is being made for it is not to be stored.
   *
   * @param {string} string
   */
  invalidate(string) {
    if (this.#loads.size > 0 && this.#loads.delete(string)) this.#change();
  }

  /**
   * The same for many keys.
   *
   * @param {(string: string) => boolean} isMeant
   */
  invalidateWhere(isMeant) {
    for (const string of this.#loads.keys()) {
      if (isMeant(string)) this.invalidate(string);
    }
  }

  invalidateAll() {
    if (this.#loads.size === 0) return;
    this.#loads.clear();
    this.#change();
  }

  /** The store is closed: nothing can be stored any more. */
  close() {
    for (const load of this.#loads.values()) load.isClosed = true;
    this.invalidateAll();
  }

  /**
   * One who waited has given up.
   *
   * @param {Load} load
   * @param {unknown} reason
   */
  #leave(load, reason) {
    load.waiting -= 1;
    if (load.waiting === 0 && !load.isKept) this.end(load, reason);
  }
}

module.exports = { Loads };
