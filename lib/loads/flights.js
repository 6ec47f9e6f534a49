/**
 * Values that are being made: one flight a key, however many wait for it.
 *
 * Knows no store: whoever starts a flight says how its result is stored. Invariant: a result is
 * stored only if nothing was written to its key since the flight began and somebody still waits.
 */
'use strict';

const { factoryCutOff } = require('../store/errors.js');

/**
 * @typedef {object} Flight
 * @property {AbortController} controller
 * @property {number} waiting how many have not given up
 * @property {boolean} isBegun whether its factory was called and came back
 * @property {Context} context
 * @property {Promise<unknown>} result
 */

/** @typedef {{ readonly signal: AbortSignal }} Context */
/** @typedef {(key: string, context: Context) => unknown} Factory */
/** How a result is stored: @typedef {(value: unknown) => () => void} Prepare */

class Flights {
  /** @type {Map<string, Flight>} */
  #flights = new Map();
  /** Is told when the first flight begins and when the last one ends. */
  #change;

  /** @param {() => void} change */
  constructor(change) {
    this.#change = change;
  }

  /** How many keys have one. */
  get size() {
    return this.#flights.size;
  }

  /**
   * The flight of a key, started if there is none.
   *
   * @param {string} key
   * @param {Factory} factory
   * @param {Prepare} prepare
   */
  join(key, factory, prepare) {
    return this.#flights.get(key) ?? this.#start(key, factory, prepare);
  }

  /**
   * Waits for the result of a flight, at the most until the signal is aborted.
   *
   * @param {string} key
   * @param {Flight} flight
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<unknown>}
   */
  wait(key, flight, signal) {
    flight.waiting += 1;
    // A promise of one's own: an error that one caller forgets to handle is reported as such.
    if (signal === undefined) return flight.result.then((value) => value);
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        this.#leave(key, flight, signal.reason);
      };
      // The factory ran before this, and may have aborted it.
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      // First of all: who has the result does not give up any more.
      const settle = () => signal.removeEventListener('abort', leave);
      flight.result.then(settle, settle);
      flight.result.then(resolve, reject);
    });
  }

  /**
   * Whether the flight that has this context still counts: its result may be stored.
   *
   * @param {string} key
   * @param {Context} context
   */
  isCurrent(key, context) {
    return this.#flights.get(key)?.context === context;
  }

  /**
   * Something newer was written to a key: what is being made for it is not to be stored.
   *
   * @param {string} key
   */
  overtake(key) {
    if (this.#flights.size > 0 && this.#flights.delete(key)) this.#change();
  }

  overtakeAll() {
    if (this.#flights.size === 0) return;
    this.#flights.clear();
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
    /** @type {Flight} */
    const flight = { controller, waiting: 0, isBegun: false, context, result };
    // It is known before it begins: a factory may ask for the key, or write to it, at once.
    this.#flights.set(key, flight);
    this.#change();
    // A factory that is cut off, by the timeout of a script, never comes back.
    queueMicrotask(() => {
      if (flight.isBegun) return;
      this.#land(key, flight);
      flight.controller.abort(factoryCutOff());
      begin(Promise.reject(factoryCutOff()));
    });
    // Handled here, for when all have given up; those who wait have promises of their own.
    result.catch(() => {});
    begin(this.#fly(key, flight, factory, prepare));
    flight.isBegun = true;
    return flight;
  }

  /**
   * @param {string} key
   * @param {Flight} flight
   * @param {Factory} factory
   * @param {Prepare} prepare
   */
  async #fly(key, flight, factory, prepare) {
    try {
      const value = await factory(key, flight.context);
      if (this.#flights.get(key) !== flight) return value;
      const store = prepare(value);
      if (this.#land(key, flight)) store();
      return value;
    } finally {
      this.#land(key, flight);
    }
  }

  /**
   * Ends the flight of a key, if it still is this one; whether it was.
   *
   * @param {string} key
   * @param {Flight} flight
   */
  #land(key, flight) {
    if (this.#flights.get(key) !== flight) return false;
    this.overtake(key);
    return true;
  }

  /**
   * @param {string} key
   * @param {Flight} flight
   * @param {unknown} reason
   */
  #leave(key, flight, reason) {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    this.#land(key, flight);
    flight.controller.abort(reason);
  }
}

module.exports = { Flights };
