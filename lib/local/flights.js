/**
 * Values that are being made: one flight a key, however many wait for it.
 *
 * Knows no store: whoever starts a flight says how its result is stored. Invariant: a result is
 * stored only if nothing was written to its key since the flight began and somebody still waits.
 */
'use strict';

/**
 * @typedef {object} Flight
 * @property {AbortController} controller
 * @property {number} waiting how many have not given up
 * @property {Promise<unknown>} result
 */

/** @typedef {(key: string, context: { signal: AbortSignal }) => unknown} Factory */

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
   * @param {(value: unknown) => void} store
   */
  join(key, factory, store) {
    return this.#flights.get(key) ?? this.#start(key, factory, store);
  }

  /**
   * Waits for the result of a flight, at the most until the signal is aborted.
   *
   * @param {string} key
   * @param {Flight} flight
   * @param {AbortSignal | undefined} signal not aborted yet
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
      const stay = () => signal.removeEventListener('abort', leave);
      signal.addEventListener('abort', leave, { once: true });
      flight.result.then(resolve, reject).then(stay);
    });
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
   * @param {(value: unknown) => void} store
   */
  #start(key, factory, store) {
    /** @type {(result: Promise<unknown>) => void} */
    let begin = () => {};
    /** @type {Promise<unknown>} */
    const result = new Promise((resolve) => {
      begin = resolve;
    });
    const flight = { controller: new AbortController(), waiting: 0, result };
    // It is known before it begins: a factory may ask for the key, or write to it, at once.
    this.#flights.set(key, flight);
    this.#change();
    begin(this.#fly(key, flight, factory, store));
    // Handled here, for when all have given up; those who wait have promises of their own.
    flight.result.catch(() => {});
    return flight;
  }

  /**
   * @param {string} key
   * @param {Flight} flight
   * @param {Factory} factory
   * @param {(value: unknown) => void} store
   */
  async #fly(key, flight, factory, store) {
    try {
      const value = await factory(key, { signal: flight.controller.signal });
      if (this.#land(key, flight)) store(value);
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
