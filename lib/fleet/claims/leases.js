/**
 * Leases at the server that were asked for, until it is known who has them: claims and locks.
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

class Leases {
  #entries;
  /** How each that may stand is given up, by its id. @type {Map<string, () => void>} */
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
    this.#standing.set(id, () => {
      // Behind what takes it.
      if (isSent) this.#entries.run(end, string, [id, '0']).catch(() => {});
    });
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
    const giveUp = this.#standing.get(id);
    this.#standing.delete(id);
    giveUp?.();
  }

  /** Gives up all of them, while a server can still be told. */
  close() {
    for (const id of [...this.#standing.keys()]) this.end(id);
  }
}

module.exports = { Leases };
