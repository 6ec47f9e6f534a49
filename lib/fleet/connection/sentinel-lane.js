/**
 * What is done at the master of a client of sentinels: once, and in the order in which it came.
 *
 * By itself that client does it again when its connection was lost, done or not. And of two calls
 * of one moment it lets the second wait until nobody uses the connection that the first has got,
 * which is never while others come. Knows no command. Invariant: only what a server has refused is
 * done again, and who comes later is not sooner.
 */
'use strict';

/** How a server refuses what only a master does. */
const REFUSED = /^READONLY/;
/** Ends the attempts of the client, which tries again after errors alone. */
const NOT_AGAIN = Symbol('not again');

/** By client. @type {WeakMap<object, Lane>} */
const lanes = new WeakMap();

/** @typedef {(node: any) => Promise<unknown>} Act what is done by a client of the master */
/**
 * @typedef {object} Call
 * @property {Act} act
 * @property {(answer: unknown) => void} resolve
 * @property {(reason: unknown) => void} reject
 */

class Lane {
  #client;
  /** Calls that have a connection, which those share that come meanwhile. */
  #underWay = 0;
  /** Whether the first of them still waits for it. */
  #isAsking = false;
  /** Who has come since. @type {Call[]} */
  #waiting = [];

  /** @param {any} client */
  constructor(client) {
    this.#client = client;
  }

  /**
   * That of a client, whoever has it: all of its users are in one order.
   *
   * @param {any} client
   */
  static of(client) {
    const self = client._self ?? client;
    const lane = lanes.get(self) ?? new Lane(self);
    lanes.set(self, lane);
    return lane;
  }

  /**
   * What comes of this.
   *
   * @param {Act} act
   * @returns {Promise<unknown>}
   */
  run(act) {
    return new Promise((resolve, reject) => this.#begin({ act, resolve, reject }));
  }

  /** @param {Call} call */
  #begin(call) {
    if (this.#isAsking) {
      this.#waiting.push(call);
      return;
    }
    let isFirst = this.#underWay === 0;
    this.#isAsking = isFirst;
    const begun = () => {
      for (const next of waiting()) this.#begin(next);
    };
    const waiting = () => {
      if (!isFirst) return [];
      isFirst = false;
      this.#isAsking = false;
      return this.#waiting.splice(0);
    };
    const { act, resolve, reject } = call;
    const failed = (/** @type {unknown} */ reason) => {
      reject(reason);
      // Without an attempt: there is no connection, for those who wait for it neither.
      for (const next of waiting()) next.reject(reason);
    };
    this.#client._execute(false, this.#attempts(act, begun, reject)).then(resolve, failed);
  }

  /**
   * An attempt, which the client may call again.
   *
   * @param {Act} act
   * @param {() => void} begun
   * @param {(reason: unknown) => void} failed
   */
  #attempts(act, begun, failed) {
    let isOver = false;
    return async (/** @type {any} */ node) => {
      if (isOver) throw NOT_AGAIN;
      this.#underWay += 1;
      try {
        const answer = act(node);
        begun();
        return await answer;
      } catch (error) {
        const { message = '' } = /** @type {{ message?: string }} */ (error);
        isOver = !REFUSED.test(message);
        // The client looks for its connection now: nobody has to wait for that.
        if (isOver) failed(error);
        throw error;
      } finally {
        this.#underWay -= 1;
      }
    };
  }
}

module.exports = { Lane };
