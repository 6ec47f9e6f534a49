/**
 * Values that are being made: one load a key, however many wait for it.
 *
 * Knows no store: whoever starts a load says how its result is stored. Invariant: a result is
 * stored only if nothing was written to its key since the load began and somebody still waits.
 */
'use strict';

const { factoryCutOff } = require('../errors/errors.js');

/**
 * @typedef {object} Load
 * @property {AbortController} controller
 * @property {number} waiting how many have not given up
 * @property {boolean} isBegun whether its factory was called and came back
 * @property {Context} context
 * @property {Promise<unknown>} result
 */

/** @typedef {import('../arguments/load-options.js').Context} Context */
/** @typedef {import('../arguments/load-options.js').Factory} Factory */
/** How a result is stored: @typedef {(value: unknown) => () => void} Prepare */

class Loads {
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
   * The load of a key, started if there is none.
   *
   * @param {string} key
   * @param {Factory} factory
   * @param {Prepare} prepare
   */
  join(key, factory, prepare) {
    return this.#loads.get(key) ?? this.#start(key, factory, prepare);
  }

  /**
   * Waits for the result of a load, at the most until the signal is aborted.
   *
   * @param {string} key
   * @param {Load} load
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<unknown>}
   */
  wait(key, load, signal) {
    load.waiting += 1;
    // A promise of one's own: an error that one caller forgets to handle is reported as such.
    if (signal === undefined) return load.result.then((value) => value);
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        this.#cancel(key, load, signal.reason);
      };
      // The factory ran before this, and may have aborted it.
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      // First of all: who has the result does not give up any more.
      const settle = () => signal.removeEventListener('abort', leave);
      load.result.then(settle, settle);
      load.result.then(resolve, reject);
    });
  }

  /**
   * Whether the load that has this context still counts: its result may be stored.
   *
   * @param {string} key
   * @param {Context} context
   */
  isCurrent(key, context) {
    return this.#loads.get(key)?.context === context;
  }

  /**
   * Something newer was written to a key: what is being made for it is not to be stored.
   *
   * @param {string} key
   */
  invalidate(key) {
    if (this.#loads.size > 0 && this.#loads.delete(key)) this.#change();
  }

  invalidateAll() {
    if (this.#loads.size === 0) return;
    this.#loads.clear();
    this.#change();
  }

  /**
   * @param {string} key
   * @param {Factory} factory
   * @param {Prepare} prepare
   */
  #start(key, factory, prepare) {
    /** @type {(result: Promise<unknown>) => void} */
    let begin = () => {};
    /** @type {Promise<unknown>} */
    const result = new Promise((resolve) => {
      begin = resolve;
    });
    const controller = new AbortController();
    const context = { signal: controller.signal };
    /** @type {Load} */
    const load = { controller, waiting: 0, isBegun: false, context, result };
    // It is known before it begins: a factory may ask for the key, or write to it, at once.
    this.#loads.set(key, load);
    this.#change();
    // A factory that is cut off, by the timeout of a script, never comes back.
    queueMicrotask(() => {
      if (load.isBegun) return;
      this.#settle(key, load);
      load.controller.abort(factoryCutOff());
      begin(Promise.reject(factoryCutOff()));
    });
    // Handled here, for when all have given up; those who wait have promises of their own.
    result.catch(() => {});
    begin(this.#run(key, load, factory, prepare));
    load.isBegun = true;
    return load;
  }

  /**
   * @param {string} key
   * @param {Load} load
   * @param {Factory} factory
   * @param {Prepare} prepare
   */
  async #run(key, load, factory, prepare) {
    try {
      const value = await factory(key, load.context);
      if (this.#loads.get(key) !== load) return value;
      const store = prepare(value);
      if (this.#settle(key, load)) store();
      return value;
    } finally {
      this.#settle(key, load);
    }
  }

  /**
   * Ends the load of a key, if it still is this one; whether it was.
   *
   * @param {string} key
   * @param {Load} load
   */
  #settle(key, load) {
    if (this.#loads.get(key) !== load) return false;
    this.invalidate(key);
    return true;
  }

  /**
   * @param {string} key
   * @param {Load} load
   * @param {unknown} reason
   */
  #cancel(key, load, reason) {
    load.waiting -= 1;
    if (load.waiting > 0) return;
    this.#settle(key, load);
    load.controller.abort(reason);
  }
}

module.exports = { Loads };
