/**
 * Leases at the server that were asked for, until it is known who has them, or that are in use:
 * claims and locks.
 *
 * Knows scripts by entries. Invariant: a lease that nobody has the use of is given up, as far as a
 * server can be told; else it ends by itself.
 */
'use strict';

/** @typedef {import('../server/script.js').Script} Script */
/**
 * @typedef {object} Lease
 * @property {string} id
 * @property {(string | Buffer)[]} given to the script that takes it
 * @property {Script} end the script that ends it
 */
/**
 * @typedef {object} Standing
 * @property {() => void} giveUp
 * @property {() => void} closed tells who uses it that it was given up with the store
 */

class Leases {
  #entries;
  /** Those that may stand, by their ids. @type {Map<string, Standing>} */
  #standing = new Map();

  /** @param {InstanceType<typeof import('../server/entries.js').FleetEntries>} entries */
  constructor(entries) {
    this.#entries = entries;
  }

  /**
   * What a script gives that takes a lease. It may stand then: whoever asks forgets or ends it.
   *
   * @param {Script} script
   * @param {string} string
   * @param {Lease} lease
   * @param {import('../near/near.js').Sight} [sight]
   * @returns {Promise<any>}
   */
  async ask(script, string, { id, given, end }, sight) {
    let isSent = false;
    const words = () => {
      isSent = true;
      return given;
    };
    const giveUp = () => {
      // Behind what takes it.
      if (isSent) this.#entries.run(end, string, [id, '0']).catch(() => {});
    };
    this.#standing.set(id, { giveUp, closed: () => {} });
    try {
      return await this.#entries.run(script, string, words, sight);
    } catch (error) {
      // Only the answer may be lost.
      this.end(id);
      throw error;
    }
  }

  /** @param {string} id of a lease that does not stand, or is somebody else's affair */
  forget(id) {
    this.#standing.delete(id);
  }

  /** @param {string} id of a lease that is of no use any more */
  end(id) {
    const standing = this.#standing.get(id);
    this.#standing.delete(id);
    standing?.giveUp();
  }

  /**
   * Somebody has the use of a lease.
   *
   * @param {string} id
   * @param {() => void} closed told when it is given up, for the store is closed
   */
  use(id, closed) {
    const standing = this.#standing.get(id);
    if (standing !== undefined) standing.closed = closed;
  }

  /** Gives up all of them, while a server can still be told. */
  close() {
    const all = [...this.#standing];
    for (const [id] of all) this.end(id);
    for (const [, { closed }] of all) closed();
  }
}

module.exports = { Leases };
