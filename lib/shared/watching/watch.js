/**
 * A watch of a shared store: what the native core notes for it, taken in order, until it ends.
 *
 * Knows no listener and no value. A thread of the native core reads what everybody writes down and
 * keeps what this watch wants in a queue of its own, which has an end: then there is an overflow in
 * it. Invariant: nothing is taken once the watch has ended, and no process is kept alive by one,
 * unless that is asked for.
 */
'use strict';

const { clearInterval, setInterval } = require('node:timers');
const { Waiting } = require('../../native/contract.js');
const errors = require('../../errors/errors.js');
const failures = require('../../native/failures.js');
const native = require('../../native/loader.js');
const { MAX_DELAY_MS, outside } = require('../../native/timers.js');

/** Changes that are taken at a time: between two of these others have their turn. */
const BATCH = 256;
/** Values of each change in what is taken. */
const FIELDS = 5;

/** @typedef {InstanceType<typeof import('../opening/handle.js').Handle>} Handle */
/** @typedef {import('../../arguments/watched.js').Wanted} Wanted */
/** @typedef {import('../../arguments/watched.js').How} How */

/**
 * A change as it was noted.
 *
 * @typedef {object} Noted
 * @property {number} change a `Change`
 * @property {boolean} isOwn whether this thread made it
 * @property {string} key
 * @property {number} kind of the value
 * @property {unknown} value
 */

class Watch {
  isOpen = true;
  #handle;
  #ticket;
  #ended;
  /** @type {NodeJS.Timeout | undefined} */
  #keeper;

  /**
   * @param {Handle} handle of an open store
   * @param {Wanted} wanted
   * @param {boolean} keepAlive
   * @param {{ ring: () => void, ended: () => void }} hooks `ring`: there is something to take
   */
  constructor(handle, { string, by, space }, keepAlive, { ring, ended }) {
    this.#handle = handle;
    this.#ended = ended;
    this.#ticket = native.watchChanges(handle.id, string, by, ring, space.prefix.length);
    if (this.#ticket < 0) throw failures.sharedFailure(this.#ticket, handle.name);
    if (this.#ticket === Waiting.OVER) throw errors.noThread(handle.name);
    if (keepAlive) this.#keeper = outside(() => setInterval(() => {}, MAX_DELAY_MS));
  }

  /**
   * What comes next, and whether there is more.
   *
   * @returns {{ noted: Noted[], hasMore: boolean }}
   */
  take() {
    if (!this.isOpen) return { noted: [], hasMore: false };
    const [hasMore, ...fields] = native.takeChanges(this.#handle.id, this.#ticket, BATCH);
    /** @type {Noted[]} */
    const noted = [];
    for (let at = 0; at + FIELDS - 1 <= fields.length; at += FIELDS) {
      noted.push({
        change: /** @type {number} */ (fields[at]),
        isOwn: fields[at + 1] === true,
        key: /** @type {string} */ (fields[at + 2]),
        kind: /** @type {number} */ (fields[at + 3]),
        value: fields[at + 4],
      });
    }
    return { noted, hasMore: hasMore === true };
  }

  /** Ends it. Before the store is closed. */
  end() {
    if (!this.isOpen) return;
    this.isOpen = false;
    clearInterval(this.#keeper);
    native.endWatch(this.#handle.id, this.#ticket);
    this.#ended();
  }
}

module.exports = { Watch };
